package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.ErrorAnswer;
import io.jenkins.plugins.proxmox.pve.client.Failures;
import io.jenkins.plugins.proxmox.pve.fuzz.Fuzzed;
import io.jenkins.plugins.proxmox.pve.fuzz.HostileText;
import io.jenkins.plugins.proxmox.pve.fuzz.PosixShell;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Provide;

class DiagnosisPropertiesTest {

    private static final List<RequiredPrivilege> NEEDS = List.of(
            new RequiredPrivilege("/vms/100", List.of("VM.PowerMgmt")),
            new RequiredPrivilege("/sdn/zones/localnetwork/lan", List.of("SDN.Use")));

    /** The tags of the page itself. */
    private static final Pattern TAG = Pattern.compile("</?(?:div|p|b|code|ul|ol|li|pre|a)(?: [a-z]+=\"[^\"<>]*\")*>");

    @Provide
    Arbitrary<String> words() {
        return HostileText.near(
                "errors", "(/vms/100, ", "VM.Audit", "|", ")", "'", "pool '", "token '", "only root", "<b>", "$(id)");
    }

    @Provide
    Arbitrary<String> longWords() {
        return HostileText.repeated("(/vms/100, ", "VM.Audit|", ")", "pool '", "token '", "user '", "' access", "<b>");
    }

    @Provide
    Arbitrary<Integer> statuses() {
        return Arbitraries.of(400, 401, 403, 500, 501, 595, 302);
    }

    @Provide
    Arbitrary<String> identities() {
        return HostileText.near("identities");
    }

    @Fuzzed
    void everyFailureIsExplainedWithoutMarkupOfTheServer(
            @ForAll("statuses") int status,
            @ForAll("words") String reason,
            @ForAll("words") String message,
            @ForAll("identities") String identity) {
        ErrorAnswer answer = new ErrorAnswer(
                "pve1:8006",
                "POST",
                "/nodes/pve1/qemu/100/status/start",
                status,
                reason,
                message,
                Map.of(message, reason),
                null,
                null,
                null);
        ProxmoxException failure =
                status == 302 ? Failures.stranger(answer, "an answer") : Failures.answer(identity, answer);
        Diagnosis diagnosis = new FailureExplainer().explain(failure, NEEDS);
        assertThat(diagnosis.causes().isEmpty(), is(false));
        assertThat(HostileText.isPlain(diagnosis.summary()), is(true));
        assertThat(HostileText.isPlain(diagnosis.toPlainText().replace("\n", "")), is(true));
        String shown = TAG.matcher(diagnosis.toHtml()).replaceAll("");
        assertThat(shown, shown.matches("[^<>\"']*"), is(true));
        assertThat(HostileText.isPlain(shown.replace("\n", "")), is(true));
    }

    @Fuzzed(inputs = Fuzzed.LONG)
    void longRefusalsAreExplainedAtOnce(@ForAll("longWords") String text) {
        for (int status : new int[] {401, 403, 500, 302}) {
            everyFailureIsExplainedWithoutMarkupOfTheServer(status, text, text, text);
        }
    }

    @Provide
    Arbitrary<List<String>> values() {
        return HostileText.of("'", "\"", "\\", "$(id)", "`id`", "jenkins@pve!ci", "/vms/100", "-rf", "~", "=", "#")
                .list()
                .ofMinSize(50)
                .ofMaxSize(200);
    }

    /** One process for many words: starting it takes longer than reading them. */
    @Fuzzed(inputs = 20)
    void aShellReadsAQuotedValueAsOneWord(@ForAll("values") List<String> values) {
        assertThat(
                PosixShell.words(values.stream().map(ShellQuoting::quote).toList()),
                is(values.stream().map(SafeText::line).toList()));
    }

    @Fuzzed
    void noComplaintRepeatsWhatWasTyped(@ForAll("identities") String text) {
        String typed = "7d0c" + text;
        TokenInputCheck.complaintAboutId(typed)
                .ifPresent(complaint -> assertThat(complaint, not(containsString("7d0c"))));
        TokenInputCheck.complaintAboutSecret(typed)
                .ifPresent(complaint -> assertThat(complaint, not(containsString("7d0c"))));
    }
}
