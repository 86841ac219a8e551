package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.NonNull;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * What a server or a person wrote, made fit for a log line or an error message: a text from outside must neither
 * break the line nor smuggle control characters (a build log interprets some of them).
 */
final class Text {

    private static final int LONGEST_LINE = 500;

    private Text() {}

    /** {@code text} on one line of at most 500 characters, control characters replaced by blanks. */
    @NonNull
    static String singleLine(String text) {
        String line = withoutControls(text).replaceAll("\\s+", " ").strip();
        return line.length() <= LONGEST_LINE ? line : line.substring(0, LONGEST_LINE) + "…";
    }

    /** {@code text} with a full stop, unless it ends like a sentence already, as many errors of Proxmox VE do. */
    @NonNull
    static String sentence(String text) {
        return text.endsWith(".") || text.endsWith("!") || text.endsWith("?") ? text : text + ".";
    }

    /** {@code text} with its lines kept, other control characters replaced by blanks, stripped. */
    @NonNull
    static String lines(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.lines().forEach(line -> clean.append(withoutControls(line)).append('\n'));
        return clean.toString().strip();
    }

    /**
     * A reason phrase as the server meant it. HTTP reads header bytes as ISO-8859-1; Proxmox VE sends UTF-8 there
     * when an error names something with other letters.
     */
    @NonNull
    static String utf8OfLatin1(String phrase) {
        if (phrase.chars().allMatch(c -> c < 128) || phrase.chars().anyMatch(c -> c > 255)) {
            return phrase;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(phrase.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException e) {
            return phrase;
        }
    }

    private static String withoutControls(String text) {
        return text.codePoints()
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? ' ' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
