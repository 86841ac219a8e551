package io.jenkins.plugins.proxmox.pve.exec;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.diagnosis.Cause;
import io.jenkins.plugins.proxmox.pve.diagnosis.Diagnosis;
import io.jenkins.plugins.proxmox.pve.diagnosis.FailureExplainer;
import io.jenkins.plugins.proxmox.pve.simulator.AccessControl;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.HostShell;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever follows the explanation of a 403 has given what a command needs on that version, and nothing else. */
@ParameterizedClass
@EnumSource(Generation.class)
class ExecRightsTest {

    private static final String USER = "weak@pve";
    private static final String TOKEN = "weak@pve!ci";

    private final Generation generation;

    @AutoClose
    private final ExecTrial trial;

    ExecRightsTest(Generation generation) {
        this.generation = generation;
        this.trial = new ExecTrial(generation);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "VM.Audit", "VM.Audit,VM.PowerMgmt"})
    void letsTheCommandRunAtTheSecondAttempt(String before) throws Exception {
        AccessControl access = trial.proxmox.access();
        access.user(USER);
        String secret = access.token(TOKEN, true);
        if (!before.isEmpty()) {
            access.role("Before", before);
            access.grant("/vms/101", USER, "Before");
            access.grant("/vms/101", TOKEN, "Before");
        }
        try (ProxmoxClient weak = new ProxmoxClient(trial.example.settings(ExampleCluster.token(TOKEN, secret)))) {
            trial.connection = trial.connected(weak);
            ExecRun refused = trial.run(ExecTrial.request(ExecTrial.sh("echo done")));
            Throwable failure = ExecTrial.failure(refused);
            assertThat(failure, is(instanceOf(PermissionDeniedException.class)));
            List<String> commands =
                    commands(new FailureExplainer(weak).explain((PermissionDeniedException) failure, refused.needs()));
            assertThat(commands, is(not(empty())));
            assertThat(
                    commands,
                    hasItem(
                            generation == Generation.V9
                                    ? "pveum role add JenkinsExec --privs 'VM.Audit VM.GuestAgent.Unrestricted'"
                                    : "pveum role add JenkinsExec8 --privs 'VM.Audit VM.Monitor'"));
            new HostShell(access).paste(commands);
            trial.result(ExecTrial.request(ExecTrial.sh("echo done")));
            assertThat(trial.output, is(List.of("done")));
        }
    }

    private static List<String> commands(Diagnosis diagnosis) {
        return diagnosis.causes().stream()
                .map(Cause::commands)
                .flatMap(List::stream)
                .toList();
    }
}
