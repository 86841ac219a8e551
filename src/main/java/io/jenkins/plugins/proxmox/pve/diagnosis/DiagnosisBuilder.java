package io.jenkins.plugins.proxmox.pve.diagnosis;

import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import java.util.ArrayList;
import java.util.List;

/** Collects the findings and causes of a diagnosis. */
final class DiagnosisBuilder {

    private final ProxmoxException failure;
    private final List<Evidence> findings = new ArrayList<>();
    private final List<Cause> causes = new ArrayList<>();

    DiagnosisBuilder(ProxmoxException failure) {
        this.failure = failure;
    }

    /** Adds the finding {@code finding.<key>}. */
    void found(Evidence.Result result, String key, MessageArguments facts) {
        found(result, key, facts, List.of());
    }

    /** Adds the finding {@code finding.<key>} with commands that fix it. */
    void found(Evidence.Result result, String key, MessageArguments facts, List<String> commands) {
        findings.add(new Evidence(result, DiagnosisTexts.sentence("finding." + key, facts), commands));
    }

    /** Adds {@code cause.<id>} as the next likely cause, with further commands after its own. */
    void cause(String id, MessageArguments facts, List<String> furtherCommands) {
        List<String> commands = new ArrayList<>(DiagnosisTexts.commands("cause." + id + ".commands", facts));
        commands.addAll(furtherCommands);
        causes.add(new Cause(
                id,
                DiagnosisTexts.sentence("cause." + id, facts),
                DiagnosisTexts.sentence("cause." + id + ".remedy", facts),
                commands,
                id));
    }

    /** Adds {@code cause.<id>} as the next likely cause. */
    void cause(String id, MessageArguments facts) {
        cause(id, facts, List.of());
    }

    /** The diagnosis with {@code headline.<key>}, followed by the cause if there is only one. */
    Diagnosis under(String key, MessageArguments facts) {
        String headline = DiagnosisTexts.sentence("headline." + key, facts);
        return new Diagnosis(
                causes.size() == 1 ? headline + " " + causes.get(0).sentence() : headline,
                ServerQuote.of(failure),
                findings,
                causes);
    }
}
