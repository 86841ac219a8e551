package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Actions on a guest while another task is at work on it, such as a shutdown that the guest ignores. */
@ParameterizedClass
@EnumSource(Generation.class)
class BusyGuestTest {

    private static final GuestLocation VM = new GuestLocation("pve1", GuestType.QEMU, 108);
    private static final GuestLocation CT = new GuestLocation("pve1", GuestType.LXC, 208);

    @AutoClose
    private final Trial trial;

    /** Of {@code ops@pve!night}. */
    @AutoClose
    private final ProxmoxClient others;

    BusyGuestTest(Generation generation) {
        trial = new Trial(generation);
        trial.cluster().timing(Duration.ofMillis(50), Duration.ofMillis(50), Duration.ofMillis(50));
        trial.cluster().container(208, "pve1", "stubborn-ct").running().ignoresShutdown();
        var access = trial.proxmox.access();
        access.user("ops@pve");
        access.grant("/vms", "ops@pve", "PVEVMAdmin");
        String secret = access.token("ops@pve!night", false);
        others = new ProxmoxClient(trial.example.settings(ExampleCluster.token("ops@pve!night", secret)));
    }

    /** A shutdown that goes on for longer than a test. */
    private static Upid shutDown(ProxmoxClient by, GuestLocation guest) throws Exception {
        return by.power(guest, PowerAction.SHUTDOWN, Map.of("timeout", "600"));
    }

    private static GuestLocation location(int vmid) {
        return vmid == 108 ? VM : CT;
    }

    private List<Map<String, String>> parametersOf(String action) {
        return trial.proxmox.requests().stream()
                .filter(request -> request.path().endsWith("/status/" + action))
                .map(request -> request.parameters())
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"108, qm, VM quit/powerdown failed", "208, vz, unexpected status"})
    void stopsAGuestThatIgnoresTheShutdownOfTheSameToken(int vmid, String kind, String overruled) throws Exception {
        Upid shutdown = shutDown(trial.client, location(vmid));
        OperationState end = trial.run(PowerAction.STOP, vmid);
        assertThat(end.status(), is("stopped"));
        assertThat(end.changed(), is(true));
        assertThat(trial.cluster().taskTypes(vmid), contains(kind + "shutdown", kind + "stop"));
        assertThat(trial.client.taskStatus(shutdown).exitStatus(), is(overruled));
        assertThat(
                trial.client.taskLog(end.upid(), 0, 10), hasItem("overruled " + kind + "shutdown tasks: " + shutdown));
    }

    @ParameterizedTest
    @CsvSource({"108", "208"})
    void takesAGuestForShutDownWhoseShutdownWasOverruled(int vmid) throws Exception {
        OperationStateMachine shutdown = trial.operation(PowerAction.SHUTDOWN, vmid);
        OperationState awaited = Trial.until(Phase.AWAIT_TASK, shutdown, OperationState.begin());
        trial.cluster().timing(Duration.ofSeconds(1), Duration.ZERO, Duration.ZERO);
        trial.client.power(location(vmid), PowerAction.STOP, Map.of("overrule-shutdown", "1"));
        OperationState end = Trial.finish(shutdown, awaited);
        assertThat(end.status(), is("stopped"));
        assertThat("another stopped it", end.changed(), is(false));
        assertThat(parametersOf("shutdown").size(), is(1));
    }

    @Test
    void doesNotAskHighAvailabilityToOverruleAShutdown() throws Exception {
        trial.cluster().vm(150, "pve1", "kept-up").running().inHaState("started");
        assertThat(trial.run(PowerAction.STOP, 150).status(), is("stopped"));
        assertThat(parametersOf("stop"), contains(Map.of()));
    }

    @Test
    void stopsAGuestThatHighAvailabilityHasJustTakenOver() throws Exception {
        OperationStateMachine stop = trial.operation(PowerAction.STOP, 101);
        OperationState request = Trial.until(Phase.REQUEST, stop, OperationState.begin());
        trial.cluster().guest(101).inHaState("started");
        OperationState end = Trial.finish(stop, request);
        assertThat(end.upid().type(), is("hastop"));
        assertThat(trial.cluster().taskTypes(101), contains("hastop", "qmstop"));
    }

    @ParameterizedTest
    @CsvSource({"101", "201"})
    void stopsAGuestOfAServerThatCannotOverruleShutdowns(int vmid) throws Exception {
        trial.cluster().forgetOverruleShutdown();
        assertThat(trial.run(PowerAction.STOP, vmid).status(), is("stopped"));
        assertThat(parametersOf("stop"), contains(Map.of("overrule-shutdown", "1"), Map.of()));
    }

    @ParameterizedTest
    @CsvSource({"108, VM 108 (stubborn)", "208, CT 208 (stubborn-ct)"})
    void namesTheTaskOfAnotherThatIsInTheWayOfAStop(int vmid, String guest) throws Exception {
        trial.proxmox.access().grant("/nodes/pve1", "jenkins@pve", "PVEAuditor");
        Upid theirs = shutDown(others, location(vmid));
        String named = "Task " + theirs.type() + ", started by ops@pve!night, is still running: " + theirs;
        var failure = assertThrows(
                OperationTimeoutException.class,
                () -> trial.run(trial.request(PowerAction.STOP, vmid).within(Duration.ofSeconds(2))));
        assertThat(
                trial.log,
                hasItem("Another task is working on " + guest + ". Jenkins waits and tries again later. " + named));
        assertThat(failure.getMessage(), endsWith(named));
        assertThat(trial.client.taskStatus(theirs).running(), is(true));
    }

    @Test
    void namesTheCommandThatShowsATaskWhichTheTokenMayNotSee() throws Exception {
        Upid theirs = shutDown(others, VM);
        var failure = assertThrows(
                OperationTimeoutException.class,
                () -> trial.run(trial.request(PowerAction.STOP, 108).within(Duration.ofSeconds(2))));
        assertThat(
                failure.getMessage(),
                endsWith("Proxmox VE does not show this task to jenkins@pve!ci: someone else started it, or "
                        + "it has just ended. To see it, run on a node of the cluster: "
                        + "pvesh get /nodes/pve1/tasks --source active --vmid 108"));
        assertThat(failure.getMessage(), not(containsString(theirs.text())));
    }

    @Test
    void namesTheTaskThatStayedInTheWayWhenItGivesUpAsking() throws Exception {
        trial.proxmox.access().grant("/nodes/pve1", "jenkins@pve", "PVEAuditor");
        Upid theirs = shutDown(others, VM);
        OperationStateMachine stop = trial.operation(PowerAction.STOP, 108, Duration.ofHours(2));
        var failure = assertThrows(GuestException.class, () -> {
            for (OperationState state = OperationState.begin(); ; state = stop.advance(state)) {
                if (state.phase() == Phase.FIND && state.guest() != null) {
                    state = FailedOperationTest.begunBefore(state, Duration.ofHours(1));
                }
            }
        });
        assertThat(failure.getMessage(), containsString("can't lock file '/var/lock/qemu-server/lock-108.conf'"));
        assertThat(failure.getMessage(), endsWith("is still running: " + theirs));
    }

    /** Only a stop is meant to overrule; what was asked for first comes first. */
    @ParameterizedTest
    @EnumSource(
            value = PowerAction.class,
            names = {"SHUTDOWN", "REBOOT", "RESET", "SUSPEND"})
    void waitsForAShutdownThatWasAskedForBefore(PowerAction action) throws Exception {
        Upid before = shutDown(trial.client, VM);
        OperationStateMachine operation = trial.operation(action, 108);
        OperationState asked = Trial.until(Phase.AWAIT_TASK, operation, OperationState.begin());
        OperationState waiting = Trial.until(Phase.FIND, operation, asked);
        assertThat(waiting.waitsFor(), is("waiting until another task has finished with VM 108 (stubborn)"));
        assertThat(
                trial.log,
                hasItems(endsWith("Task qmshutdown, started by jenkins@pve!ci, is still running: " + before)));
        assertThat(trial.client.taskStatus(before).running(), is(true));
    }

    /** As Proxmox VE gives the lock to a task that waits for it when the one before ends in time. */
    @Test
    void shutsAGuestDownTwiceAtOnce() throws Exception {
        OperationState first =
                Trial.until(Phase.AWAIT_TASK, trial.operation(PowerAction.SHUTDOWN, 101), OperationState.begin());
        OperationState end = trial.run(PowerAction.SHUTDOWN, 101);
        assertThat(end.status(), is("stopped"));
        assertThat(trial.client.taskStatus(first.upid()).exitStatus(), is("OK"));
    }
}
