package io.jenkins.plugins.proxmox.pve.diagnosis;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import java.util.ArrayList;
import java.util.List;

/** A diagnosis that is being written. */
final class Draft {

    @Nullable
    private final ProxmoxException failure;

    private final List<Finding> findings = new ArrayList<>();
    private final List<Cause> causes = new ArrayList<>();

    /** @param failure null when nothing was sent */
    Draft(@Nullable ProxmoxException failure) {
        this.failure = failure;
    }

    /** Notes a finding in the words of {@code finding.<key>}. */
    void found(Finding.Result result, String key, Facts facts) {
        found(result, key, facts, List.of());
    }

    /** The same with commands that change it. */
    void found(Finding.Result result, String key, Facts facts, List<String> commands) {
        findings.add(new Finding(result, Texts.sentence("finding." + key, facts), commands));
    }

    /** Notes the next likely cause in the words of {@code cause.<id>}, with further commands after its own. */
    void cause(String id, Facts facts, List<String> furtherCommands) {
        List<String> commands = new ArrayList<>(Texts.commands("cause." + id + ".commands", facts));
        commands.addAll(furtherCommands);
        causes.add(new Cause(
                id,
                Texts.sentence("cause." + id, facts),
                Texts.sentence("cause." + id + ".remedy", facts),
                commands,
                id));
    }

    /** Notes the next likely cause in the words of {@code cause.<id>}. */
    void cause(String id, Facts facts) {
        cause(id, facts, List.of());
    }

    /** The diagnosis under {@code headline.<key>}, which also names the cause when there is only one. */
    Diagnosis under(String key, Facts facts) {
        String headline = Texts.sentence("headline." + key, facts);
        return new Diagnosis(
                causes.size() == 1 ? headline + " " + causes.get(0).sentence() : headline,
                failure == null ? null : ServerWords.of(failure),
                findings,
                causes);
    }
}
