package io.jenkins.plugins.proxmox.pve.guest;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesRegex;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.NodeUnreachableException;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.PowerAction;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.client.Upid;
import io.jenkins.plugins.proxmox.pve.guest.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Operations that do not end as wanted, and what they say about it. */
@ParameterizedClass
@EnumSource(Generation.class)
class FailedOperationTest {

    @AutoClose
    private final Trial trial;

    FailedOperationTest(Generation generation) {
        trial = new Trial(generation);
    }

    private String failureOf(PowerRequest request) {
        return assertThrows(GuestException.class, () -> trial.run(request)).getMessage();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            102 | VM 102 (broken)       | start failed: QEMU exited with code 1
            103 | VM 103 (in-backup)    | VM is locked (backup)
            202 | CT 202 (broken-ct)    | command 'systemctl start pve-container@202' failed: exit code 1
            203 | CT 203 (ct-in-backup) | CT is locked (backup)
            """)
    void carriesTheTextOfTheTaskAndItsUpid(int vmid, String guest, String text) {
        String failure = failureOf(trial.request(PowerAction.START, vmid));
        assertThat(failure, containsString("Could not start " + guest + " on node pve1: task UPID:pve1:"));
        assertThat(failure, matchesRegex(".*:" + vmid + ":jenkins@pve!ci: failed: \\Q" + text + "\\E\\..*"));
        assertThat(trial.proxmox.writes(), hasSize(1));
    }

    @Test
    void saysThatTheGuestIsLockedBeforeItAsks() {
        failureOf(trial.request(PowerAction.START, 103));
        assertThat(trial.log.get(0), is("VM 103 (in-backup) is on node pve1, stopped, locked (backup)"));
    }

    @Test
    void succeedsWithWarningsAndTellsThem() throws Exception {
        OperationState end = trial.run(PowerAction.START, 106);
        assertThat(end.status(), is("running"));
        assertThat(trial.log, hasItem("Task qmstart ended: WARNINGS: 1"));
        assertThat(trial.log, hasItem("  WARN: could not set polling interval for ballooning"));
    }

    @Test
    void leavesItToProxmoxToSayThatAGuestIgnoresAShutdown() {
        String failure = failureOf(trial.request(PowerAction.SHUTDOWN, 108).within(Duration.ofSeconds(4)));
        assertThat(
                failure,
                allOf(
                        containsString("Could not shutdown VM 108 (stubborn)"),
                        containsString("VM quit/powerdown failed")));
        assertThat(trial.cluster().guest(108).isRunning(), is(true));
    }

    @Test
    void saysWhatWasReachedWhenTheTimeIsOver() {
        String failure = failureOf(trial.request(PowerAction.START, 105).within(Duration.ofSeconds(1)));
        assertThat(
                failure,
                matchesRegex("Timeout of 1 s: could not start VM 105 \\(slow\\) in that time\\. "
                        + "State reached: stopped, still waiting for task (UPID:\\S+) of VM 105 \\(slow\\)\\. "
                        + "The task goes on in Proxmox VE: \\1"));
    }

    @Test
    void sendsNothingWhenTheTimeIsOverBefore() throws Exception {
        GuestOperation operation = trial.operation(PowerAction.START, 100);
        OperationState found = Trial.until(Phase.REQUEST, operation, OperationState.begin());
        OperationState late = begunBefore(found, Duration.ofHours(1));
        assertThrows(GuestException.class, () -> operation.advance(late));
        assertThat(trial.proxmox.writes(), is(empty()));
    }

    @Test
    void succeedsLateWhenAllEndedWellWhileNobodyLooked() throws Exception {
        GuestOperation operation = trial.operation(PowerAction.START, 100);
        OperationState asked = Trial.until(Phase.AWAIT_TASK, operation, OperationState.begin());
        Trial.finish(operation, asked);
        OperationState end = Trial.finish(operation, begunBefore(asked, Duration.ofHours(1)));
        assertThat(end.status(), is("running"));
        assertThat(end.changed(), is(true));
    }

    private static OperationState begunBefore(OperationState state, Duration age) {
        Instant begun = Instant.now().minus(age);
        return new OperationState(
                state.phase(),
                begun,
                begun,
                state.before(),
                state.guest(),
                state.upid(),
                state.changed(),
                state.relocations(),
                state.lock());
    }

    @Test
    void doesNotTakeATaskThatEndedWellForARunningGuest() throws Exception {
        GuestOperation operation = trial.operation(PowerAction.START, 100, Duration.ofHours(1));
        OperationState confirming = Trial.until(Phase.CONFIRM, operation, OperationState.begin());
        trial.client.power(confirming.guest().location(), PowerAction.STOP, Map.of());
        Eventually.holds(
                "the guest is stopped", () -> !trial.cluster().guest(100).isRunning());
        assertThat("not yet", operation.advance(confirming).phase(), is(Phase.CONFIRM));
        OperationState waited = begunBefore(confirming, Duration.ofSeconds(21));
        var failure = assertThrows(GuestException.class, () -> operation.advance(waited));
        assertThat(
                failure.getMessage(),
                containsString("ended well, but VM 100 (build-agent) is stopped and not running. Look at its log"));
    }

    @Test
    void namesTheRightThatIsMissing() {
        trial.proxmox.access().revoke("/vms", "jenkins@pve");
        trial.proxmox.access().grant("/vms", "jenkins@pve", "PVEAuditor");
        var denied = assertThrows(PermissionDeniedException.class, () -> trial.run(PowerAction.START, 100));
        assertThat(denied.aclPath(), is("/vms/100"));
        assertThat(denied.privileges(), contains("VM.PowerMgmt"));
        assertThat(trial.cluster().taskTypes(100), is(empty()));
    }

    @Test
    void namesTheNodeThatIsOff() {
        var off = assertThrows(NodeUnreachableException.class, () -> trial.run(PowerAction.START, 110));
        assertThat(off.getMessage(), containsString("The Proxmox VE node pve2 does not answer"));
        assertThat(trial.cluster().taskTypes(110), is(empty()));
    }

    @Test
    void passesOnWhyProxmoxRefusesARequest() {
        trial.cluster().vm(150, "pve1", "asleep").paused();
        var rejected = assertThrows(RequestRejectedException.class, () -> trial.run(PowerAction.SHUTDOWN, 150));
        assertThat(rejected.getMessage(), containsString("VM is paused - cannot shutdown"));
    }

    @Test
    void stopsWaitingWhenItsTokenIsTakenAway() throws Exception {
        GuestOperation operation = trial.operation(PowerAction.START, 105);
        OperationState waiting = Trial.until(Phase.AWAIT_TASK, operation, OperationState.begin());
        trial.proxmox.access().deleteToken("jenkins@pve!ci");
        assertThrows(AuthenticationFailedException.class, () -> operation.advance(waiting));
    }

    @Test
    void waitsOnWhenAServiceOfTheClusterIsRestarted() throws Exception {
        GuestOperation operation = trial.operation(PowerAction.START, 100);
        OperationState waiting = Trial.until(Phase.AWAIT_TASK, operation, OperationState.begin());
        String text = "ipcc_send_rec[1] failed: Connection refused";
        trial.proxmox.inject(request -> true, new Fault.Answer(500, text, "application/json", "{\"data\":null}"));
        assertThat(operation.advance(waiting), is(waiting));
        assertThat(trial.log.get(trial.log.size() - 1), containsString(text));
        assertThat(Trial.finish(operation, waiting).status(), is("running"));
        assertThat(trial.log, hasItem("Proxmox VE answers again"));
    }

    @Test
    void stopsWaitingForATaskThatProxmoxDoesNotKnow() throws Exception {
        GuestOperation operation = trial.operation(PowerAction.START, 100);
        OperationState waiting = Trial.until(Phase.AWAIT_TASK, operation, OperationState.begin());
        OperationState lost =
                waiting.withTask(Upid.parse("UPID:pve1:00000001:00000001:6B049232:qmstart:100:jenkins@pve!ci:"));
        var rejected = assertThrows(RequestRejectedException.class, () -> operation.advance(lost));
        assertThat(rejected.failure().errors().get("upid"), is("no such task"));
    }
}
