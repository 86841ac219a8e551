package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import io.jenkins.plugins.proxmox.pve.client.ErrorAnswer;
import io.jenkins.plugins.proxmox.pve.client.Failures;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

/** The same diagnosis for a log and for a form. */
class RenderingTest {

    private static final Diagnosis EXAMPLE = new Diagnosis(
            "Proxmox VE at pve1:8006 does not accept jenkins@pve!ci.",
            new ServerQuote(401, "Authentication failed!", null),
            List.of(
                    new Evidence(Evidence.Result.OK, "The realm pve exists on the server."),
                    new Evidence(Evidence.Result.NOT_OK, "It is late."),
                    new Evidence(Evidence.Result.UNKNOWN, "Who knows?")),
            List.of(
                    new Cause("a", "It is a.", "Do a.", List.of("pveum a", "pveum 'b c'"), "a"),
                    new Cause("b", "It is b.", "Do b.", List.of(), "b")));

    @Test
    void writesForALog() {
        assertThat(EXAMPLE.toPlainText(), is("""
            Proxmox VE at pve1:8006 does not accept jenkins@pve!ci.
              The server said: 401 Authentication failed!
              What was checked:
                [ok] The realm pve exists on the server.
                [no] It is late.
                [ ?] Who knows?
              Possible causes, most likely first:
                1. It is a.
                  Do a.
                      pveum a
                      pveum 'b c'
                  More: PAGE#a
                2. It is b.
                  Do b.
                  More: PAGE#b
            """.replace("PAGE", Diagnosis.PAGE)));
    }

    @Test
    void writesForAForm() {
        assertThat(
                EXAMPLE.toHtml(),
                is(("<div class=\"proxmox-diagnosis\">"
                                + "<p><b>Proxmox VE at pve1:8006 does not accept jenkins@pve!ci.</b></p>"
                                + "<p><code>The server said: 401 Authentication failed!</code></p>"
                                + "<p>What was checked:</p>"
                                + "<ul><li class=\"proxmox-ok\">✓ The realm pve exists on the server.</li>"
                                + "<li class=\"proxmox-not-ok\">✗ It is late.</li>"
                                + "<li class=\"proxmox-unknown\">? Who knows?</li></ul>"
                                + "<p>Possible causes, most likely first:</p>"
                                + "<ol><li><p>It is a.</p><p>Do a.</p><pre>pveum a\npveum &#39;b c&#39;</pre>LINKa</li>"
                                + "<li><p>It is b.</p><p>Do b.</p>LINKb</li></ol></div>")
                        .replaceAll(
                                "LINK([ab])",
                                "<p><a href=\"PAGE#$1\" rel=\"noopener noreferrer\" target=\"_blank\">PAGE#$1</a></p>")
                        .replace("PAGE", Diagnosis.PAGE)));
    }

    private static Diagnosis explain(int status, String reason, String message) {
        var failure =
                new ErrorAnswer("pve1:8006", "GET", "/version", status, reason, message, Map.of(), null, null, null);
        return new FailureExplainer().explain(Failures.answer("jenkins@pve!ci", failure));
    }

    @Test
    void quotesTheMessageWhereItSaysMoreThanTheReasonPhrase() {
        assertThat(
                explain(500, "first line", "first line\nsecond line").toPlainText(),
                containsString("  The server said: 500 first line\n  In its message: first line second line\n"));
        assertThat(explain(500, "the same", "the same\n").toPlainText(), not(containsString("In its message")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<script>alert(1)</script>",
                "\"><img src=x onerror=alert(1)>",
                "' onmouseover='alert(1)",
                "&lt;script&gt;",
                "{0} {1,number} '{'",
                "\u001b[8mha:AAAA\u001b[0m",
                "it's {",
                "half a character \ud83d, \udc00",
                "a\r\nb\u0000\u0007\u0085\u2028c\u202ed"
            })
    void interpretsNothingOfAHostileServer(String hostile) throws Exception {
        for (int status : new int[] {401, 403, 500, 501, 595}) {
            Diagnosis diagnosis = explain(status, hostile, hostile);
            assertInert(diagnosis);
            assertThat(
                    diagnosis.toPlainText().replaceAll("\\s+", " "),
                    containsString(SafeText.line(hostile).replaceAll("\\s+", " ")));
        }
        assertInert(explain(403, "Permission check failed (/" + hostile + ", VM.Audit)", null));
        assertInert(new Diagnosis(
                hostile,
                new ServerQuote(401, hostile, hostile),
                List.of(new Evidence(Evidence.Result.OK, hostile)),
                List.of(new Cause(hostile, hostile, hostile, List.of(hostile), hostile))));
    }

    /** Nothing of what is shown is markup or control. */
    static void assertInert(Diagnosis diagnosis) throws Exception {
        for (String rendering : new String[] {diagnosis.toHtml(), diagnosis.toPlainText()}) {
            assertThat(
                    rendering
                            .codePoints()
                            .filter(c -> c != '\n')
                            .anyMatch(c -> Character.isISOControl(c)
                                    || Character.getType(c) == Character.FORMAT
                                    || Character.getType(c) == Character.LINE_SEPARATOR),
                    is(false));
        }
        Document page = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(diagnosis.toHtml())));
        for (String element : new String[] {"script", "img"}) {
            assertThat(page.getElementsByTagName(element).getLength(), is(0));
        }
        assertThat(diagnosis.toHtml(), not(containsString(" onmouseover='")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"jenkins@pve", "/vms/100", "pve1:8006", "https://pve1:8006/api2/json"})
    void leavesWhatTheShellLeavesAlone(String word) {
        assertThat(ShellQuoting.quote(word), is(word));
    }

    @Test
    void quotesWhatTheShellWouldInterpret() {
        assertThat(ShellQuoting.quote("jenkins@pve!ci"), is("'jenkins@pve!ci'"));
        assertThat(ShellQuoting.quote("a b"), is("'a b'"));
        assertThat(ShellQuoting.quote("$(reboot)"), is("'$(reboot)'"));
        assertThat(ShellQuoting.quote("it's"), is("'it'\\''s'"));
        assertThat(ShellQuoting.quote(""), is("''"));
        assertThat(ShellQuoting.quote("a\nreboot"), is("'a reboot'"));
        assertThat(ShellQuoting.quote("~root"), is("'~root'"));
    }
}
