package io.jenkins.plugins.proxmox.lease;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** What happens while a guest is put back. Keeps the beginning of a long text, also if nobody is there to read it. */
final class ReturnLog implements TaskListener {
    private static final long serialVersionUID = 1L;

    private static final int MOST_BYTES = 16_384;

    private final transient ByteArrayOutputStream text = new ByteArrayOutputStream();

    private final transient PrintStream stream;

    /**
     * @param reader receives all as well; null if there is none
     */
    ReturnLog(@CheckForNull TaskListener reader) {
        OutputStream all = reader == null ? OutputStream.nullOutputStream() : reader.getLogger();
        stream = new PrintStream(new Copy(all), true, StandardCharsets.UTF_8);
    }

    private final class Copy extends FilterOutputStream {

        Copy(OutputStream all) {
            super(all);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            if (text.size() < MOST_BYTES) {
                text.write(bytes, offset, length);
            }
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void close() throws IOException {
            // it belongs to the build
            flush();
        }
    }

    @NonNull
    @Override
    public PrintStream getLogger() {
        return stream;
    }

    /** The lines, without the prefix that tells them from others in the log of a build. */
    @NonNull
    String text() {
        return text.toString(StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.startsWith(BuildConsole.PREFIX) ? line.substring(BuildConsole.PREFIX.length()) : line)
                .collect(Collectors.joining("\n"))
                .strip();
    }
}
