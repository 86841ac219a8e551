package io.jenkins.plugins.proxmox.pve.exec;

import edu.umd.cs.findbugs.annotations.Nullable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The scripts for guests with a POSIX shell: Linux and BSD. They are arguments of {@code /bin/sh -c}. */
final class PosixWrapper implements Wrapper {

    @Override
    public String payload(GuestCommand command) {
        return Wrapper.encoded(commandFile(command)) + "\n" + Wrapper.encoded(command.input()) + "\n";
    }

    /** A script that becomes the command. */
    private static String commandFile(GuestCommand command) {
        StringBuilder file = new StringBuilder();
        command.environment()
                .forEach((name, value) -> file.append("export ")
                        .append(name)
                        .append('=')
                        .append(quoted(value))
                        .append('\n'));
        List<String> program = new ArrayList<>(command.arguments());
        if (command.script() != null) {
            program.addAll(command.shell().isEmpty() ? List.of("/bin/sh", "-c") : command.shell());
            program.add(command.script());
        }
        // exec runs a program even where the shell has a command of the same name
        return file.append("exec ")
                .append(program.stream().map(PosixWrapper::quoted).collect(Collectors.joining(" ")))
                .append('\n')
                .toString();
    }

    /** The text as one word for a shell. */
    static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    private static GuestCall call(String script, @Nullable String input, String id, Object... arguments) {
        List<String> command = new ArrayList<>(
                List.of("/bin/sh", "-c", Wrapper.script("common.sh") + Wrapper.script(script), "jenkins-exec", id));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return new GuestCall(command, input);
    }

    @Override
    public GuestCall store(String id, int number, String piece) {
        return call("store.sh", piece, id, String.format("%04d", number));
    }

    @Override
    public GuestCall start(String id, int pieces, @Nullable String payload, boolean apart) {
        return call("start.sh", payload, id, pieces, apart ? "apart" : "together", Wrapper.script("run.sh"));
    }

    @Override
    public GuestCall read(String id, long offset, int most, String file) {
        return call("read.sh", null, id, offset, most, file);
    }

    @Override
    public GuestCall end(String id) {
        return call("end.sh", null, id);
    }

    @Override
    public GuestCall remove(String id, boolean keepMarker) {
        return call("remove.sh", null, id, keepMarker ? "keep" : "all");
    }
}
