package io.jenkins.plugins.proxmox.pve.fuzz;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The {@code sh} of this machine. */
public final class PosixShell {

    private PosixShell() {}

    /** The words that the shell reads, of those written for it. */
    public static List<String> words(List<String> written) {
        // the script comes through a pipe, so that it may be long; NUL ends each word, because no word contains it
        String script = "words() { printf '%s\\0' \"$@\"; }\nwords " + String.join(" ", written) + "\n";
        try {
            Process shell = new ProcessBuilder("sh").redirectErrorStream(true).start();
            Thread writer = new Thread(() -> write(shell.getOutputStream(), script));
            writer.start();
            String answer = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            writer.join();
            return List.of(answer.substring(0, Math.max(0, answer.length() - 1)).split("\0", -1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void write(OutputStream input, String script) {
        try (input) {
            input.write(script.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
