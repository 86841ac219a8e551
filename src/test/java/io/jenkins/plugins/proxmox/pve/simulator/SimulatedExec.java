package io.jenkins.plugins.proxmox.pve.simulator;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The programs in a virtual machine. They really run, on this computer, with a directory for temporary files that stands
 * for the guest's. As with the real agent (QEMU, qga/commands.c), an end is told once, and only when nothing holds the
 * outputs of the program any more.
 */
public final class SimulatedExec {

    /** More than that, and the agent does not answer within 5 seconds. */
    private static final int MOST_OUTPUT = 2_500_000;

    private static final int LAST_ATTEMPT = 40;

    private static final class Running {

        private final Process process;
        private final Output out;
        private final Output err;

        Running(Process process) {
            this.process = process;
            this.out = new Output(process.getInputStream());
            this.err = new Output(process.getErrorStream());
        }

        boolean isOver() {
            return !process.isAlive() && !out.isAlive() && !err.isAlive();
        }
    }

    private static final class Output extends Thread {

        private final InputStream from;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Output(InputStream from) {
            this.from = from;
            setDaemon(true);
            start();
        }

        @Override
        public void run() {
            try {
                from.transferTo(bytes);
            } catch (IOException e) {
                // it was killed
            }
        }
    }

    private final int vmid;
    private final Map<Long, Running> processes = new ConcurrentHashMap<>();
    private final List<List<String>> begun = new CopyOnWriteArrayList<>();
    private volatile boolean blocked;
    private volatile Function<List<String>, String> stand;
    private Path directory;

    SimulatedExec(int vmid) {
        this.vmid = vmid;
    }

    /** The configuration of the agent in the guest forbids programs. */
    public SimulatedExec blocked() {
        blocked = true;
        return this;
    }

    /** Nothing runs; what a program would write to its standard output is made from its command instead. */
    public SimulatedExec answeredBy(Function<List<String>, String> program) {
        stand = program;
        return this;
    }

    /** The commands of all programs that were begun. */
    public List<List<String>> begun() {
        return List.copyOf(begun);
    }

    /** The directory for temporary files in the guest. */
    public synchronized Path temporaryFiles() {
        if (directory == null) {
            try {
                directory = Files.createTempDirectory("guest-" + vmid + "-");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return directory;
    }

    /** What is in the directory for temporary files, at any depth. */
    public List<String> files() throws IOException {
        try (Stream<Path> files = Files.walk(temporaryFiles())) {
            return files.skip(1)
                    .map(file -> temporaryFiles().relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    /** The agent is started anew, and has forgotten what it began. */
    public void restartAgent() {
        processes.clear();
    }

    /** The guest is reset: nothing runs any more, and it has booted anew. */
    public void reboot() throws IOException {
        killAll();
        processes.clear();
        for (String file : files()) {
            if (file.endsWith("/boot")) {
                Files.writeString(temporaryFiles().resolve(file), "another boot");
            }
        }
    }

    /** The temporary files of the guest are gone, as after it was rolled back to a snapshot. */
    public void rollBack() throws IOException {
        killAll();
        processes.clear();
        removeFiles();
    }

    /** Ends all that was begun, with a signal that nothing can catch. */
    public void killAll() throws IOException {
        for (String file : files()) {
            if (file.endsWith("/pid")) {
                long pid = Long.parseLong(
                        Files.readString(temporaryFiles().resolve(file)).strip());
                ProcessHandle.of(pid).ifPresent(SimulatedExec::killTree);
            }
        }
    }

    private static void killTree(ProcessHandle process) {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
    }

    private void removeFiles() throws IOException {
        try (Stream<Path> files = Files.walk(temporaryFiles())) {
            for (Path file : files.skip(1).sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    void close() {
        synchronized (this) {
            if (directory == null) {
                return;
            }
        }
        for (int attempt = 1; !isRemoved(attempt == LAST_ATTEMPT); attempt++) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    /** What is just being killed may still write. */
    private boolean isRemoved(boolean certainly) {
        try {
            killAll();
            removeFiles();
            Files.delete(directory);
            return true;
        } catch (IOException e) {
            if (certainly) {
                throw new UncheckedIOException(e);
            }
            return false;
        }
    }

    /** Begins a program as {@code exec} does. */
    long begin(Generation generation, List<String> command, String input) {
        if (blocked) {
            throw Refusal.of(500, "Agent error: Command guest-exec has been disabled");
        }
        if (command.stream().anyMatch(argument -> argument.chars().anyMatch(c -> c > 0xff))) {
            throw timeout(generation, "guest-exec");
        }
        begun.add(command);
        try {
            ProcessBuilder builder = new ProcessBuilder(stand == null ? command : List.of("/bin/cat"));
            builder.directory(temporaryFiles().toFile());
            builder.environment().keySet().retainAll(List.of("PATH"));
            builder.environment().put("TMPDIR", temporaryFiles().toString());
            Process process = builder.start();
            feed(process, stand == null ? input : stand.apply(command));
            processes.put(process.pid(), new Running(process));
            return process.pid();
        } catch (IOException missing) {
            // the text of the agent holds characters that break the answer
            throw Refusal.bare(596, "Broken pipe");
        }
    }

    private static void feed(Process process, String input) {
        Thread thread = new Thread(() -> {
            try (OutputStream standardInput = process.getOutputStream()) {
                standardInput.write(input.getBytes(StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
                // it does not want it
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private Refusal timeout(Generation generation, String command) {
        String kind = generation == Generation.V8 ? "qmp" : "qga";
        return Refusal.of(500, "VM " + vmid + " " + kind + " command '" + command + "' failed - got timeout");
    }

    /** As {@code exec-status} answers. */
    ObjectNode status(Generation generation, long pid) {
        Running running = processes.get(pid);
        if (running == null) {
            throw Refusal.of(500, "Agent error: Invalid parameter 'pid'");
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (!running.isOver()) {
            return json.put("exited", 0);
        }
        processes.remove(pid);
        if (running.out.bytes.size() + running.err.bytes.size() > MOST_OUTPUT) {
            throw timeout(generation, "guest-exec-status");
        }
        int code = running.process.exitValue();
        json.put("exited", 1).put(code > 128 ? "signal" : "exitcode", code > 128 ? code - 128 : code);
        put(json, "out", running.out.bytes);
        put(json, "err", running.err.bytes);
        return json;
    }

    /** Each byte is one character. */
    private static void put(ObjectNode json, String name, ByteArrayOutputStream bytes) {
        if (bytes.size() > 0) {
            json.put(name + "-data", bytes.toString(StandardCharsets.ISO_8859_1))
                    .put(name + "-truncated", 0);
        }
    }
}
