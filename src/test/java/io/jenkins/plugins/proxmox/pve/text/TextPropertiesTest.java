package io.jenkins.plugins.proxmox.pve.text;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.not;

import io.jenkins.plugins.proxmox.pve.fuzz.Fuzzed;
import io.jenkins.plugins.proxmox.pve.fuzz.HostileText;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Provide;

class TextPropertiesTest {

    @Provide
    Arbitrary<String> texts() {
        return HostileText.near("errors");
    }

    @Provide
    Arbitrary<String> longTexts() {
        return HostileText.repeated();
    }

    @Provide
    Arbitrary<String> secrets() {
        Arbitrary<String> printable = Arbitraries.strings()
                .withCharRange('!', '~')
                .withChars(' ', 'ä', '€')
                .ofMinLength(4)
                .ofMaxLength(12);
        return Arbitraries.oneOf(
                printable, Arbitraries.of("PVE:root@pam:6B049232::c2ln+/==", "pa\"ss\\wo/rd", "p&ss<w>'d", "a b+c%d"));
    }

    private static void checkSafety(String text) {
        String line = SafeText.singleLine(text);
        assertThat(line, HostileText.isPlain(line), is(true));
        assertThat(line.length(), is(lessThanOrEqualTo(501)));
        assertThat(SafeText.singleLine(line), is(line));

        String whole = SafeText.line(text);
        assertThat(whole, HostileText.isPlain(whole), is(true));
        assertThat(SafeText.line(whole), is(whole));

        String lines = SafeText.lines(text);
        assertThat(lines, HostileText.isPlain(lines.replace("\n", "")), is(true));
        assertThat(lines.length(), is(lessThanOrEqualTo(4001)));
        assertThat(SafeText.lines(lines), is(lines));

        String trimmed = SafeText.trimmed(text);
        assertThat(text, containsString(trimmed));
        assertThat(SafeText.trimmed(trimmed), is(trimmed));

        SafeText.utf8OfLatin1(text);
    }

    @Fuzzed
    void anyTextBecomesSafe(@ForAll("texts") String text) {
        checkSafety(text);
    }

    @Fuzzed(inputs = Fuzzed.LONG)
    void anyLongTextBecomesSafe(@ForAll("longTexts") String text) {
        checkSafety(text);
    }

    @Fuzzed
    void readsBackReasonPhrasesInUtf8(@ForAll("texts") String text) {
        String phrase = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        // half a character has no bytes
        Assume.that(text.codePoints().noneMatch(c -> Character.getType(c) == Character.SURROGATE));
        assertThat(SafeText.utf8OfLatin1(phrase), is(text));
    }

    @Fuzzed(inputs = 3000)
    void leavesNoSecretBehindInWhateverFormItComesBack(
            @ForAll("secrets") String secret, @ForAll("secrets") String other, @ForAll("texts") String around) {
        // a text that has the secret in it anyway, as a single asterisk may, says nothing about it
        Assume.that(!around.contains(secret) && !"********".contains(secret));
        for (String form : forms(secret)) {
            String clean = new Redaction(secret, other).of(around + form + around);
            for (String each : forms(secret)) {
                assertThat(form, clean, not(containsString(each)));
            }
        }
    }

    /** As headers, forms, JSON, pages and logs repeat it. */
    private static List<String> forms(String secret) {
        String encoded = URLEncoder.encode(secret, StandardCharsets.UTF_8);
        return List.of(
                secret,
                encoded,
                encoded.replace("+", "%20"),
                lowerCaseEscapes(encoded),
                secret.replace("\\", "\\\\").replace("\"", "\\\""),
                secret.replace("\\", "\\\\").replace("\"", "\\\"").replace("/", "\\/"),
                secret.replace("&", "&amp;")
                        .replace("<", "&lt;")
                        .replace(">", "&gt;")
                        .replace("\"", "&quot;")
                        .replace("'", "&#39;"),
                new String(secret.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
    }

    private static String lowerCaseEscapes(String encoded) {
        StringBuilder lower = new StringBuilder(encoded);
        for (int i = encoded.indexOf('%'); i >= 0; i = encoded.indexOf('%', i + 1)) {
            lower.replace(i, i + 3, encoded.substring(i, i + 3).toLowerCase(Locale.ROOT));
        }
        return lower.toString();
    }

    @Provide
    Arbitrary<List<String>> values() {
        return Combinators.combine(texts(), texts()).as(List::of);
    }

    @Fuzzed
    void putsValuesIntoMessagesAsTheyAre(@ForAll("values") List<String> values) {
        String message = Texts.of("failure", values.get(0), values.get(1), "{2}", 500, "");
        assertThat(message, containsString(values.get(0)));
        assertThat(message, containsString(values.get(1)));
        assertThat(message, containsString("{2}"));
    }
}
