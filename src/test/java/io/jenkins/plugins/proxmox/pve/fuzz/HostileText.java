package io.jenkins.plugins.proxmox.pve.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Shrinkable;
import net.jqwik.api.ShrinkingDistance;

/** Texts as people mistype and servers invent them. */
public final class HostileText {

    /** The most that a parser must take in one piece. */
    private static final int LONGEST = 64 * 1024;

    /** What logs, terminals, shells, browsers, URLs and regular expressions interpret. */
    private static final String[] NASTY = {
        "\0",
        "\t",
        "\n",
        "\r",
        "\r\n",
        "\u001b",
        "\u001b[8mha:",
        "\u001b[0m",
        "\u007f",
        "\u0085",
        "\u009b",
        "\u00a0",
        "\u00ad",
        "\u200b",
        "\u200d",
        "\u200e",
        "\u202e",
        "\u2028",
        "\u2029",
        "\u2066",
        "\ufeff",
        "\ufffd",
        "\ud83d",
        "\ude00",
        "\ud83d\ude00",
        "\u0130",
        "\u0131",
        "\u017f",
        "\u00df",
        "\uff0f",
        "\uff0e",
        "\uff20",
        "\u3002",
        "\uff11",
        " ",
        "  ",
        "'",
        "\"",
        "`",
        "\\",
        "/",
        "//",
        "../",
        "..",
        ".",
        ",",
        ";",
        ":",
        "|",
        "&",
        "&&",
        "$",
        "$(id)",
        "#",
        "?",
        "*",
        "**",
        "!",
        "@",
        "%",
        "%2e",
        "%00",
        "+",
        "=",
        "-",
        "_",
        "~",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "<",
        ">",
        "<script>",
        "&lt;",
        "0",
        "1",
        "-1",
        "00",
        "65536",
        "99999999999999999999",
        "1e999",
        "{0}",
        "''",
        "\u00e4",
        "\u00c3\u00a4",
        "\u20ac"
    };

    private HostileText() {}

    /** Short texts out of the given words and nasty characters. */
    public static Arbitrary<String> of(String... words) {
        return text(random -> pieces(random, random.nextInt(9), words));
    }

    /** Lines of the corpus of that name, unchanged or edited in a few places, and texts out of the given words. */
    public static Arbitrary<String> near(String corpus, String... words) {
        List<String> lines = corpus(corpus);
        return text(random -> random.nextInt(4) == 0
                ? pieces(random, random.nextInt(9), words)
                : edited(random, lines.get(random.nextInt(lines.size())), words));
    }

    /** The texts, unchanged or edited in a few places. */
    public static Arbitrary<String> edited(List<String> texts, String... words) {
        return text(random -> edited(random, texts.get(random.nextInt(texts.size())), words));
    }

    /** Up to 64 KiB of one piece repeated, between a beginning and an end: what a bad regular expression explodes on. */
    public static Arbitrary<String> repeated(String... words) {
        return text(random -> {
            String before = pieces(random, random.nextInt(3), words);
            String middle = pieces(random, 1 + random.nextInt(2), words);
            String after = pieces(random, random.nextInt(3), words);
            int room = LONGEST - before.length() - after.length();
            return before + middle.repeat(room / Math.max(1, middle.length())) + after;
        });
    }

    /** An arbitrary of texts that shrink by losing characters. */
    static Arbitrary<String> text(Function<Random, String> generator) {
        return Arbitraries.fromGenerator(random -> new ShrinkableText(generator.apply(random)));
    }

    private record ShrinkableText(String value) implements Shrinkable<String> {

        @Override
        public Stream<Shrinkable<String>> shrink() {
            return IntStream.iterate(value.length(), part -> part > 0, part -> part / 2)
                    .boxed()
                    .flatMap(part -> IntStream.iterate(0, from -> from < value.length(), from -> from + part)
                            .mapToObj(from -> new ShrinkableText(value.substring(0, from)
                                    + value.substring(Math.min(value.length(), from + part)))));
        }

        @Override
        public ShrinkingDistance distance() {
            return ShrinkingDistance.of(value.length());
        }
    }

    private static String pieces(Random random, int count, String... words) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(piece(random, words));
        }
        return text.toString();
    }

    /** One of the given words, something nasty, or a few characters of any kind. */
    private static String piece(Random random, String... words) {
        int kind = random.nextInt(20);
        if (kind < 9 && words.length > 0) {
            return words[random.nextInt(words.length)];
        }
        if (kind < 15) {
            return NASTY[random.nextInt(NASTY.length)];
        }
        StringBuilder text = new StringBuilder();
        for (int length = 1 + random.nextInt(3); length > 0; length--) {
            text.appendCodePoint(kind < 19 ? random.nextInt(0x80) : random.nextInt(Character.MAX_CODE_POINT + 1));
        }
        return text.toString();
    }

    static String edited(Random random, String text, String... words) {
        String changed = text;
        for (int edits = random.nextInt(5); edits > 0; edits--) {
            int from = random.nextInt(changed.length() + 1);
            int to = Math.min(changed.length(), from + random.nextInt(12));
            String before = changed.substring(0, from);
            changed = switch (random.nextInt(7)) {
                case 0 -> before + changed.substring(to);
                case 1 -> before + piece(random, words) + changed.substring(to);
                case 2 -> before + changed.substring(from, to).repeat(3) + changed.substring(to);
                case 3 -> random.nextInt(3) == 0 ? before : changed;
                case 4 -> random.nextInt(3) == 0 ? changed.toUpperCase(Locale.ROOT) : changed;
                default -> before + piece(random, words) + changed.substring(from);
            };
        }
        return changed;
    }

    /** The lines of a corpus; a backslash begins an escape of Java. */
    public static List<String> corpus(String name) {
        try (InputStream file = HostileText.class.getResourceAsStream(name + ".txt")) {
            return new String(file.readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> !line.isEmpty())
                    .map(String::translateEscapes)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether a log or page may show the text as it is: no control character, no reversed writing, no half character. */
    public static boolean isPlain(String text) {
        return text.codePoints().noneMatch(c -> switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> true;
            default -> false;
        });
    }

    /** Returns the message of a refusal after it has checked that people can read it. */
    public static String wordsOf(Exception refusal) {
        String words = String.valueOf(refusal.getMessage());
        if (refusal.getMessage() == null || words.isBlank() || !isPlain(words) || words.length() > 5000) {
            throw new AssertionError("not a message for people: " + words, refusal);
        }
        return words;
    }
}
