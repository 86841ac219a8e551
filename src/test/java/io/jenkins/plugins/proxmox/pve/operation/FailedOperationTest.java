package io.jenkins.plugins.proxmox.pve.operation;

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
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.client.TicketLogin;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
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

    private String failureOf(OperationRequest request) {
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
                        + "The task continues in Proxmox VE: \\1"));
    }

    @Test
    void sendsNothingWhenTheTimeIsOverBefore() throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.START, 100);
        OperationState found = Trial.until(Phase.REQUEST, operation, OperationState.begin());
        OperationState late = begunBefore(found, Duration.ofHours(1));
        assertThrows(GuestException.class, () -> operation.advance(late));
        assertThat(trial.proxmox.writes(), is(empty()));
    }

    @Test
    void succeedsLateWhenAllEndedWellWhileNobodyLooked() throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.START, 100);
        OperationState asked = Trial.until(Phase.AWAIT_TASK, operation, OperationState.begin());
        Trial.finish(operation, asked);
        OperationState end = Trial.finish(operation, begunBefore(asked, Duration.ofHours(1)));
        assertThat(end.status(), is("running"));
        assertThat(end.changed(), is(true));
    }

    static OperationState begunBefore(OperationState state, Duration age) {
        Instant begun = Instant.now().minus(age);
        return new OperationState(
                state.phase(),
                begun,
                begun,
                state.before(),
                state.guest(),
                state.upid(),
                state.target(),
                state.changed(),
                state.history(),
                state.availability());
    }

    @Test
    void doesNotTakeATaskThatEndedWellForARunningGuest() throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.START, 100, Duration.ofHours(1));
        OperationState confirming = Trial.until(Phase.CONFIRM, operation, OperationState.begin());
        trial.client.power(confirming.guest().location(), PowerAction.STOP, Map.of());
        Eventually.holds(
                "the guest is stopped", () -> !trial.cluster().guest(100).isRunning());
        assertThat("not yet", operation.advance(confirming).phase(), is(Phase.CONFIRM));
        OperationState waited = begunBefore(confirming, Duration.ofSeconds(21));
        var failure = assertThrows(GuestException.class, () -> operation.advance(waited));
        assertThat(
                failure.getMessage(),
                containsString("succeeded, but VM 100 (build-agent) is stopped, not running. Check its log"));
    }

    @Test
    void givesAGuestTimeToComeUpAfterAReboot() throws Exception {
        trial.cluster().timing(Duration.ofMillis(50), Duration.ZERO, Duration.ofHours(1));
        OperationStateMachine operation = trial.operation(PowerAction.REBOOT, 101, Duration.ofHours(1));
        OperationState confirming = Trial.until(Phase.CONFIRM, operation, OperationState.begin());
        OperationState waited = begunBefore(confirming, Duration.ofSeconds(120));
        assertThat("its start may take that long", operation.advance(waited).phase(), is(Phase.CONFIRM));
        OperationState tooLong = begunBefore(confirming, Duration.ofSeconds(181));
        var failure = assertThrows(GuestException.class, () -> operation.advance(tooLong));
        assertThat(failure.getMessage(), containsString("and the logs of later tasks of the guest, on node pve1"));
    }

    @Test
    void tellsWhyTheContainerDidNotComeUpAfterAReboot() {
        trial.cluster().container(250, "pve1", "no-way-back").running().failsToStart("startup for container failed");
        String failure = failureOf(trial.request(PowerAction.REBOOT, 250));
        assertThat(
                failure,
                matchesRegex("Could not reboot CT 250 .* task UPID:\\S+ failed: startup for container failed\\..*"));
    }

    @Test
    void passesOnWhyHighAvailabilityTakesNoRequest() {
        trial.cluster().vm(151, "pve1", "in-error").inHaState("error");
        String failure = failureOf(trial.request(PowerAction.START, 151));
        assertThat(failure, containsString("failed: command 'ha-manager set vm:151 --state started' failed"));
        assertThat(
                failure, containsString("Its log: service 'vm:151' in error state, must be disabled and fixed first"));
    }

    @Test
    void endsWhenHighAvailabilityGivesUpTheStart() {
        trial.cluster().vm(152, "pve1", "hopeless").highlyAvailable().failsToStart("no such volume");
        String failure = failureOf(trial.request(PowerAction.START, 152).within(Duration.ofMinutes(5)));
        assertThat(
                failure,
                allOf(
                        containsString("The HA manager could not start VM 152 (hopeless) and left it in state error"),
                        containsString("ha-manager set vm:152 --state disabled")));
    }

    @Test
    void doesNotLetHighAvailabilityFailAtALock() {
        trial.cluster()
                .vm(153, "pve1", "in-ha-backup")
                .highlyAvailable()
                .locked("backup")
                .running();
        String failure = failureOf(trial.request(PowerAction.STOP, 153));
        assertThat(
                failure,
                is(
                        "Cannot stop VM 153 (in-ha-backup): it is locked (backup). The HA manager would fail because of "
                                + "the lock and leave the guest in state error. Try again when the backup is over, or set "
                                + "waitForLock: true. If no task is working on the guest any more, see the log for how to release the lock."));
        assertThat(trial.proxmox.writes(), is(empty()));
    }

    @Test
    void namesTheTaskOfWhatWasNotReachedAfterIt() throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.START, 104);
        OperationState confirming = Trial.until(Phase.CONFIRM, operation, OperationState.begin());
        trial.cluster().timing(Duration.ofHours(1), Duration.ofHours(1), Duration.ZERO);
        var failure = assertThrows(
                GuestException.class, () -> operation.advance(begunBefore(confirming, Duration.ofMinutes(1))));
        assertThat(
                failure.getMessage(),
                matchesRegex(".* still waiting for VM 104 \\(database\\), still stopped after its task\\. "
                        + "The HA manager has not acted on the request\\. Usually someone has disarmed HA, its services "
                        + "are not running, or the cluster has no quorum; ha-manager status shows which\\. "
                        + "Its task: UPID:\\S+:hastart:104:\\S+"));
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
        OperationStateMachine operation = trial.operation(PowerAction.START, 105);
        OperationState waiting = Trial.until(Phase.AWAIT_TASK, operation, OperationState.begin());
        trial.proxmox.access().deleteToken("jenkins@pve!ci");
        assertThat("the node may have just come back", operation.advance(waiting), is(waiting));
        assertThat(operation.pause(waiting), is(Duration.ofSeconds(5)));
        trial.clock.pass(Duration.ofMinutes(1));
        assertThrows(AuthenticationFailedException.class, () -> operation.advance(waiting));
    }

    @Test
    void waitsOnWhenANodeThatHasJustComeBackRefusesItsToken() throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.START, 100);
        OperationState waiting = Trial.until(Phase.AWAIT_TASK, operation, OperationState.begin());
        trial.proxmox.inject(request -> true, new Fault.Refuse(401, "Authentication failed!"));
        assertThat(operation.advance(waiting), is(waiting));
        assertThat(
                trial.log.get(trial.log.size() - 1),
                allOf(containsString("Still waiting for task"), containsString("401 Authentication failed!")));
        assertThat(Trial.finish(operation, waiting).status(), is("running"));
        assertThat(trial.log, hasItem("Proxmox VE answers again"));
    }

    /** Directories lock accounts after a few wrong passwords. */
    @Test
    void triesAPasswordThatIsRefusedOnceInHalfAMinute() throws Exception {
        TicketLogin login = new TicketLogin("jenkins@pve", ExampleCluster.JENKINS_PASSWORD);
        try (ProxmoxClient client = trial.clock.client(trial.example.settings(login))) {
            OperationStateMachine operation =
                    new OperationStateMachine(client, trial.request(PowerAction.START, 100), trial.log::add);
            OperationState waiting = Trial.until(Phase.AWAIT_TASK, operation, OperationState.begin());
            trial.proxmox.access().endAllTickets();
            trial.proxmox.access().disable("jenkins@pve");
            assertThat(operation.advance(waiting), is(waiting));
            assertThat(operation.pause(waiting), is(Duration.ofSeconds(30)));
        }
    }

    @Test
    void saysThatTheTokenWasRefusedWhenTheTimeIsOverBeforeItsMinute() throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.START, 105);
        OperationState waiting = Trial.until(Phase.AWAIT_TASK, operation, OperationState.begin());
        trial.proxmox.access().deleteToken("jenkins@pve!ci");
        OperationState late = begunBefore(waiting, Duration.ofHours(1));
        assertThrows(AuthenticationFailedException.class, () -> operation.advance(late));
    }

    @Test
    void waitsOnWhenAServiceOfTheClusterIsRestarted() throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.START, 100);
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
        OperationStateMachine operation = trial.operation(PowerAction.START, 100);
        OperationState waiting = Trial.until(Phase.AWAIT_TASK, operation, OperationState.begin());
        OperationState lost =
                waiting.withTask(Upid.parse("UPID:pve1:00000001:00000001:6B049232:qmstart:100:jenkins@pve!ci:"));
        var rejected = assertThrows(RequestRejectedException.class, () -> operation.advance(lost));
        assertThat(rejected.failure().errors().get("upid"), is("no such task"));
    }
}
