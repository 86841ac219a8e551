package io.jenkins.plugins.proxmox.pve.text;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Makes text of a server or a person fit for a log line or an error message: text from outside must neither break the
 * line nor smuggle in control characters, some of which a build log interprets.
 */
public final class SafeText {

    private static final Pattern BLANKS = Pattern.compile("\\s+");

    private static final String WITHOUT_WIDTH = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff";

    private static final int LONGEST_LINE = 500;
    private static final int LONGEST_TEXT = 4000;

    private SafeText() {}

    /** {@code text} on one line of at most 500 characters, control characters replaced by blanks. */
    @NonNull
    public static String singleLine(String text) {
        String line = BLANKS.matcher(withoutControls(text)).replaceAll(" ").strip();
        return cut(line, LONGEST_LINE);
    }

    /**
     * {@code text} without what files and clipboards leave at its ends: blanks, line breaks, and invisible characters
     * such as a byte order mark.
     */
    @NonNull
    public static String trimmed(String text) {
        int[] characters = text.codePoints().toArray();
        int start = 0;
        int end = characters.length;
        while (start < end && isBlank(characters[start])) {
            start++;
        }
        while (start < end && isBlank(characters[end - 1])) {
            end--;
        }
        return new String(characters, start, end - start);
    }

    /**
     * Whether it is any kind of blank, a line break, or has no width: a joiner, a direction mark, a byte order mark.
     */
    public static boolean isBlank(int character) {
        return Character.isWhitespace(character)
                || Character.isSpaceChar(character)
                || WITHOUT_WIDTH.indexOf(character) >= 0;
    }

    /** The text of an answer's field as a {@linkplain #singleLine single line}; null when it is missing or empty. */
    @Nullable
    public static String singleLineOrNull(JsonNode field) {
        String text = singleLine(field.asText(""));
        return text.isEmpty() ? null : text;
    }

    /** {@code text} on one line of any length, control characters and line breaks replaced by blanks. */
    @NonNull
    public static String line(String text) {
        return withoutControls(text).strip();
    }

    /** {@code text} with a full stop, unless it already ends like a sentence, as many errors of Proxmox VE do. */
    @NonNull
    public static String sentence(String text) {
        return text.endsWith(".") || text.endsWith("!") || text.endsWith("?") ? text : text + ".";
    }

    /** {@code text} with its lines kept, at most 4000 characters, other control characters replaced by blanks. */
    @NonNull
    public static String lines(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.lines().forEach(line -> clean.append(withoutControls(line)).append('\n'));
        return cut(clean.toString().strip(), LONGEST_TEXT);
    }

    private static String cut(String text, int longest) {
        if (text.length() <= longest) {
            return text;
        }
        boolean withinCharacter = Character.isHighSurrogate(text.charAt(longest - 1));
        return text.substring(0, withinCharacter ? longest - 1 : longest) + "…";
    }

    /**
     * A reason phrase as the server meant it. HTTP reads header bytes as ISO-8859-1, but Proxmox VE sends UTF-8 when an
     * error quotes a name with non-ASCII letters.
     */
    @NonNull
    public static String utf8OfLatin1(String phrase) {
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
                .map(c -> isControl(c) ? ' ' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static boolean isControl(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    // among them the characters that reverse the direction of writing
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    // half a character
                    Character.SURROGATE -> true;
            default -> false;
        };
    }
}
