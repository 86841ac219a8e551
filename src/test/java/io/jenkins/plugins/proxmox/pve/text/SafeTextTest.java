package io.jenkins.plugins.proxmox.pve.text;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafeTextTest {

    @Test
    void keepsOneLineWithoutControlCharacters() {
        assertThat(SafeText.singleLine(" one\r\ntwo\u001b[31m\u0000 three\u202e "), is("one two [31m three"));
    }

    @Test
    void keepsALongLineWholeWhereThatMatters() {
        assertThat(SafeText.line(" " + "x".repeat(600) + "\n"), is("x".repeat(600)));
    }

    @Test
    void takesOutWhatMightBeInterpreted() {
        for (String hidden :
                new String[] {"\u2028", "\u2029", "\u0085", "\u009b", "\u202e", "\u2066", "\ufeff", "\ud83d"}) {
            assertThat(SafeText.line("a" + hidden + "b"), is("a b"));
            assertThat(SafeText.singleLine("a" + hidden + "b"), is("a b"));
            assertThat(SafeText.lines("a" + hidden + "b"), is("a b"));
        }
        assertThat(SafeText.line("\ud83d\ude00"), is("\ud83d\ude00"));
    }

    @Test
    void cutsALineThatIsTooLong() {
        assertThat(SafeText.singleLine("x".repeat(600)), is("x".repeat(500) + "…"));
        assertThat(
                "between characters",
                SafeText.singleLine("x".repeat(499) + "\ud83d\ude00".repeat(9)),
                is("x".repeat(499) + "…"));
    }

    @Test
    void cutsATextThatIsTooLong() {
        assertThat(SafeText.lines("x\n".repeat(9000)).length(), is(4001));
    }

    @Test
    void keepsTheLinesOfATextThatHasSeveral() {
        assertThat(SafeText.lines("one\r\ntwo\u0007\n"), is("one\ntwo"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a b", "a b\n", "\r\n\ta b\u00a0", "\ufeffa b\u200b", "\u200ea b\u2028\u3000", " \u2060a b "})
    void trimsWhatFilesAndClipboardsLeaveAtTheEnds(String text) {
        assertThat(SafeText.trimmed(text), is("a b"));
    }

    @Test
    void trimsWhatIsOnlyBlankToNothing() {
        assertThat(SafeText.trimmed(""), is(""));
        assertThat(SafeText.trimmed(" \u00a0\r\n"), is(""));
    }

    @Test
    void endsASentenceOnce() {
        assertThat(SafeText.sentence("locked"), is("locked."));
        assertThat(SafeText.sentence("locked."), is("locked."));
        assertThat(SafeText.sentence("Authentication failed!"), is("Authentication failed!"));
    }

    @Test
    void readsAReasonPhraseAsTheUtf8ThatProxmoxSends() {
        String asHeaderBytes = new String("Gerät fehlt".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        assertThat(SafeText.utf8OfLatin1(asHeaderBytes), is("Gerät fehlt"));
        assertThat(SafeText.utf8OfLatin1("Ger\u00e4t fehlt"), is("Gerät fehlt"));
        assertThat(SafeText.utf8OfLatin1("plain"), is("plain"));
    }
}
