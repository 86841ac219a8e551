package io.jenkins.plugins.proxmox.pve.exec;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.exec.ExecState.Phase;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.model.GuestProcess;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/** The output of a command in a guest: reads its files in chunks, logs whole lines, and says what it leaves out. */
final class CommandOutput {

    /**
     * Bytes of one chunk. The agent needs 5 seconds, its limit, for somewhat more than 2 MB of output (PVE::QMPClient).
     */
    private static final int CHUNK = 256 * 1024;

    /**
     * How much of an output is read, in bytes.
     *
     * @param log from its beginning to the log
     * @param endOfLog from the end of a longer one to the log, in addition
     * @param result of the standard output as the result
     */
    record Limits(long log, long endOfLog, int result) {
        static final Limits USUAL = new Limits(32L * 1024 * 1024, 64L * 1024, 16 * 1024 * 1024);
    }

    private final ShortCalls calls;
    private final Consumer<String> log;
    private final Consumer<List<String>> lines;
    private final Limits limits;
    private final ByteArrayOutputStream result = new ByteArrayOutputStream();

    /** How much standard output there was when the first part of it was read; null until then. */
    @CheckForNull
    private Long stdoutSize;

    CommandOutput(ShortCalls calls, Consumer<String> log, Consumer<List<String>> lines, Limits limits) {
        this.limits = limits;
        this.calls = calls;
        this.log = log;
        this.lines = lines;
    }

    /** The state of the command and the next chunk of its output; null if the answer is not there yet. */
    @CheckForNull
    GuestReport report(ExecState state) throws ProxmoxException, GuestException {
        boolean full = state.offset() >= limits.log() && state.phase() == Phase.RUN;
        return read(state, state.offset(), full ? 0 : CHUNK, Wrapper.LOG);
    }

    @CheckForNull
    private GuestReport read(ExecState state, long offset, int most, String file)
            throws ProxmoxException, GuestException {
        GuestCall call = Wrapper.of(state.windows()).read(state.id(), offset, most, file);
        GuestProcess answer = calls.ask(state.guest().location(), call);
        return answer == null ? null : GuestReport.of(answer);
    }

    /** Whether more whole lines may be waiting. */
    boolean hasMore(ExecState state, GuestReport report) {
        return report.chunk().length == CHUNK && state.offset() < limits.log();
    }

    /** Logs the chunk of the report, as far as its lines are whole. */
    @NonNull
    ExecState logged(ExecState state, GuestReport report) {
        long offset = state.offset();
        boolean draining = state.phase() == Phase.DRAIN;
        long size = draining ? Math.min(state.drainTo(), report.size()) : report.size();
        if (draining && offset >= limits.log() && size - offset > limits.endOfLog()) {
            long from = size - limits.endOfLog();
            log.accept(Texts.of("exec.output-left-out", from - offset, size, offset));
            return state.logged(from);
        }
        byte[] chunk = report.chunk();
        OutputLines next = OutputLines.of(chunk, draining && offset + chunk.length >= size);
        if (next.bytes() == 0 && chunk.length == CHUNK) {
            next = OutputLines.ofLongLine(chunk);
        }
        if (!next.lines().isEmpty()) {
            lines.accept(next.lines());
        }
        return state.logged(offset + next.bytes());
    }

    /** Whether a part of the standard output was already read. */
    boolean hasStdout() {
        return result.size() > 0;
    }

    /** The whole standard output, once it is read; null until then. */
    @CheckForNull
    String stdout(ExecState state) throws ProxmoxException, GuestException {
        GuestReport report = read(state, result.size(), CHUNK, Wrapper.STDOUT);
        if (report == null) {
            return null;
        }
        if (stdoutSize == null) {
            // a process that the command has left behind may go on writing
            stdoutSize = report.size();
        }
        result.writeBytes(report.chunk());
        boolean whole = result.size() >= stdoutSize || report.chunk().length == 0;
        if (!whole && result.size() < limits.result()) {
            return null;
        }
        if (!whole) {
            log.accept(Texts.of("exec.stdout-truncated", stdoutSize, result.size()));
        }
        return result.toString(StandardCharsets.UTF_8);
    }
}
