package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.nio.charset.StandardCharsets;

/**
 * A process that the QEMU guest agent began ({@code agent/exec-status}). Only an ended one has output.
 *
 * @param exited whether it has ended
 * @param exitCode null while it runs, and when a signal ended it
 * @param stdout what it wrote to its standard output
 * @param stderr what it wrote to its standard error
 */
public record GuestProcess(boolean exited, @Nullable Integer exitCode, String stdout, String stderr) {

    /**
     * Reads an answer.
     *
     * @throws IllegalArgumentException when it is not the state of a process
     */
    @NonNull
    public static GuestProcess from(JsonNode json) {
        // PVE::API2::Qemu::Agent, exec-status: a boolean of JSON or a number, as the version has it
        JsonNode exited = json.path("exited");
        if (!exited.isBoolean() && !exited.canConvertToInt()) {
            throw new IllegalArgumentException(Texts.of("answer.no-field", "exited"));
        }
        JsonNode code = json.path("exitcode");
        return new GuestProcess(
                exited.asInt() != 0,
                code.canConvertToInt() ? code.asInt() : null,
                utf8(json.path("out-data").asText("")),
                utf8(json.path("err-data").asText("")));
    }

    /** Proxmox VE sends each byte as one character from U+0000 to U+00FF. */
    private static String utf8(String bytes) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /** Whether it ended well. */
    public boolean isSuccessful() {
        return exited && Integer.valueOf(0).equals(exitCode);
    }

    /** What it wrote about its failure, or else how it ended. */
    @NonNull
    public String complaint() {
        String words = stderr.isBlank() ? stdout : stderr;
        if (!words.isBlank()) {
            return words.strip();
        }
        return exitCode == null ? Texts.of("process.no-exit-code") : Texts.of("process.exit-code", exitCode);
    }
}
