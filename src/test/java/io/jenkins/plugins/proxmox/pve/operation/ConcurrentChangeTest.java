package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesRegex;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Others act on the same guest between our look and our request, or meanwhile. */
@ParameterizedClass
@EnumSource(Generation.class)
class ConcurrentChangeTest {

    @AutoClose
    private final Trial trial;

    private final ExecutorService builds = Executors.newFixedThreadPool(2);

    ConcurrentChangeTest(Generation generation) {
        trial = new Trial(generation);
        trial.cluster().node("pve3", true);
    }

    @AfterEach
    void stopBuilds() {
        builds.shutdownNow();
    }

    private OperationState aboutToAsk(OperationStateMachine operation) throws Exception {
        return Trial.until(Phase.REQUEST, operation, OperationState.begin());
    }

    @ParameterizedTest
    @CsvSource({
        "START,    100, VM 100 (build-agent)",
        "SHUTDOWN, 101, VM 101 (web-1)",
        "STOP,     101, VM 101 (web-1)",
        "REBOOT,   101, VM 101 (web-1)",
        "RESET,    101, VM 101 (web-1)",
        "SUSPEND,  101, VM 101 (web-1)",
        "START,    200, CT 200 (proxy)",
        "STOP,     201, CT 201 (cache)",
        "SHUTDOWN, 201, CT 201 (cache)",
        "REBOOT,   201, CT 201 (cache)"
    })
    void followsAGuestThatMigratedBetweenLookAndRequest(PowerAction action, int vmid, String guest) throws Exception {
        OperationStateMachine operation = trial.operation(action, vmid);
        OperationState request = aboutToAsk(operation);
        trial.cluster().guest(vmid).migrateTo("pve3");
        OperationState end = Trial.finish(operation, request);
        assertThat(end.guest().location().node(), is("pve3"));
        assertThat(end.changed(), is(true));
        assertThat(end.history().relocations(), is(1));
        assertThat(trial.log, hasItem(guest + " has moved to node pve3"));
        assertThat(trial.log.get(trial.log.size() - 1), containsString("on node pve3, confirmed"));
    }

    @Test
    void followsAGuestThatMigratesWhileItsEndStateIsAwaited() throws Exception {
        trial.cluster().timing(Duration.ofMillis(50), Duration.ofMillis(300), Duration.ZERO);
        OperationStateMachine operation = trial.operation(PowerAction.START, 104);
        OperationState confirming = Trial.until(Phase.CONFIRM, operation, OperationState.begin());
        trial.cluster().guest(104).migrateTo("pve3");
        OperationState end = Trial.finish(operation, confirming);
        assertThat(end.guest().location().node(), is("pve3"));
        assertThat(end.status(), is("running"));
    }

    @Test
    void followsAGuestThatLeavesTheNodeItWasLookedForOn() throws Exception {
        trial.cluster().timing(Duration.ofMillis(50), Duration.ofMillis(300), Duration.ZERO);
        OperationRequest onPve1 =
                OperationRequest.of(new GuestSelector(null, "database", "pve1"), new PowerOperation(PowerAction.START));
        OperationStateMachine operation = new OperationStateMachine(trial.client, onPve1, trial.log::add);
        OperationState confirming = Trial.until(Phase.CONFIRM, operation, OperationState.begin());
        trial.cluster().guest(104).migrateTo("pve3");
        OperationState end = Trial.finish(operation, confirming);
        assertThat(end.guest().location().node(), is("pve3"));
    }

    @Test
    void looksAgainForAGuestThatIsListedWhereItIsNot() throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.START, 100);
        OperationState confirming = Trial.until(Phase.CONFIRM, operation, OperationState.begin());
        trial.proxmox.inject(
                request -> request.path().endsWith("/status/current"),
                new Fault.AnswerAfter(500, "Configuration file 'nodes/pve1/qemu-server/100.conf' does not exist"));
        assertThat("on its way", operation.advance(confirming).phase(), is(Phase.CONFIRM));
        assertThat(Trial.finish(operation, confirming).status(), is("running"));
    }

    @Test
    void saysThatTheGuestIsGone() throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.START, 100);
        OperationState request = aboutToAsk(operation);
        trial.cluster().remove(100);
        var failure = assertThrows(GuestException.class, () -> Trial.finish(operation, request));
        assertThat(failure.getMessage(), is("There is no guest 100 in the cluster."));
    }

    @ParameterizedTest
    @CsvSource({"START, 100", "START, 200", "STOP, 101", "STOP, 201", "SHUTDOWN, 201"})
    void isContentWhenAnotherBroughtTheGuestThere(PowerAction action, int vmid) throws Exception {
        OperationStateMachine ours = trial.operation(action, vmid);
        OperationState request = aboutToAsk(ours);
        OperationState theirs = trial.run(action, vmid);
        OperationState end = Trial.finish(ours, request);
        assertThat(end.status(), is(theirs.status()));
        assertThat(
                trial.log,
                hasItem(endsWith(
                        action == PowerAction.START
                                ? "is running because of another request"
                                : vmid < 200 ? "ended: OK" : "is stopped because of another request")));
    }

    @Test
    void startsTheSameGuestTwiceAtOnce() throws Exception {
        trial.cluster().guest(105).startTakes(Duration.ofMillis(900));
        List<OperationStateMachine> operations = new ArrayList<>();
        List<OperationState> requests = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            operations.add(trial.operation(PowerAction.START, 105));
            requests.add(aboutToAsk(operations.get(i)));
        }
        List<Future<OperationState>> ends = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            OperationStateMachine operation = operations.get(i);
            OperationState request = requests.get(i);
            ends.add(builds.submit(() -> Trial.finish(operation, request)));
        }
        List<OperationState> ended = List.of(ends.get(0).get(), ends.get(1).get());
        assertThat(ended.stream().map(OperationState::status).toList(), everyItem(is("running")));
        assertThat(
                "one of them did it",
                ended.stream().map(OperationState::changed).toList(),
                containsInAnyOrder(true, false));
        assertThat(
                trial.log,
                hasItem(
                        matchesRegex(
                                "Another task is working on VM 105 \\(slow\\)\\. Jenkins waits and tries again later\\. "
                                        + "Task qmstart, started by jenkins@pve!ci, is still running: UPID:\\S+:qmstart:105:\\S+")));
    }

    /** As a migration does, whose lock of the file lasts as long as itself. */
    @Test
    void namesTheLockOfTheTaskThatWasAtWork() {
        trial.cluster().timing(Duration.ofMillis(50), Duration.ZERO, Duration.ZERO);
        trial.cluster().vm(150, "pve1", "moving").running().busy(true).locked("migrate");
        var failure = assertThrows(GuestException.class, () -> trial.run(PowerAction.STOP, 150));
        assertThat(failure.getMessage(), containsString("it is locked (migrate)"));
        assertThat(trial.cluster().taskTypes(150), contains("qmstop"));
    }

    /** As the move of a disk does, of which nothing else tells. */
    @Test
    void asksAgainOnlyAfterAWhileWhenAnotherTaskWasAtWork() throws Exception {
        trial.cluster().timing(Duration.ofMillis(50), Duration.ZERO, Duration.ZERO);
        trial.cluster().vm(151, "pve1", "disk-moves").running().busy(true);
        OperationStateMachine operation = trial.operation(PowerAction.STOP, 151, Duration.ofHours(1));
        OperationState asked = Trial.until(Phase.AWAIT_TASK, operation, OperationState.begin());
        OperationState waiting = Trial.until(Phase.FIND, operation, asked);
        for (int i = 0; i < 3; i++) {
            waiting = operation.advance(waiting);
        }
        assertThat(waiting.waitsFor(), is("waiting until another task has finished with VM 151 (disk-moves)"));
        assertThat(trial.cluster().taskTypes(151), contains("qmstop"));
        trial.cluster().guest(151).busy(false);
        OperationState later = FailedOperationTest.begunBefore(waiting, Duration.ofSeconds(10));
        assertThat(Trial.finish(operation, later).status(), is("stopped"));
        assertThat(trial.cluster().taskTypes(151), contains("qmstop", "qmstop"));
    }

    @Test
    void givesUpAskingWhenAnotherTaskStaysAtWork() throws Exception {
        trial.cluster().timing(Duration.ofMillis(50), Duration.ZERO, Duration.ZERO);
        trial.cluster().vm(152, "pve1", "disk-moves").running().busy(true);
        OperationStateMachine operation = trial.operation(PowerAction.STOP, 152, Duration.ofHours(2));
        var failure = assertThrows(GuestException.class, () -> {
            for (OperationState state = OperationState.begin(); ; state = operation.advance(state)) {
                if (state.phase() == Phase.FIND && state.guest() != null) {
                    state = FailedOperationTest.begunBefore(state, Duration.ofHours(1));
                }
            }
        });
        assertThat(failure.getMessage(), containsString("can't lock file"));
        assertThat(trial.cluster().taskTypes(152), hasSize(6));
    }

    @Test
    void followsAGuestThatHighAvailabilityBringsUpElsewhereAfterItsNodeDied() throws Exception {
        trial.cluster().timing(Duration.ofMillis(50), Duration.ofMillis(300), Duration.ZERO);
        OperationStateMachine operation = trial.operation(PowerAction.START, 104);
        OperationState confirming = Trial.until(Phase.CONFIRM, operation, OperationState.begin());
        trial.cluster().node("pve1", false);
        assertThat("not yet elsewhere", operation.advance(confirming), is(confirming));
        trial.cluster().guest(104).migrateTo("pve3");
        OperationState end = Trial.finish(operation, confirming);
        assertThat(end.guest().location().node(), is("pve3"));
        assertThat(end.status(), is("running"));
    }

    @Test
    void endsWhenTheGuestIsStoppedWhileItsRebootIsAwaited() throws Exception {
        trial.cluster().timing(Duration.ofMillis(50), Duration.ZERO, Duration.ofHours(1));
        OperationRequest reboot = trial.request(PowerAction.REBOOT, 101).within(Duration.ofSeconds(2));
        var failure = assertThrows(GuestException.class, () -> trial.run(reboot));
        assertThat(failure.getMessage(), containsString("State reached: stopped"));
        Eventually.holds("it is down", () -> !trial.cluster().guest(101).isRunning());
        assertThat(trial.cluster().taskTypes(101), contains("qmreboot"));
    }
}
