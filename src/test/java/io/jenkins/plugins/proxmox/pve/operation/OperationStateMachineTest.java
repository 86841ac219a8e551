package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesRegex;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each action does to a guest in each state. */
@ParameterizedClass
@EnumSource(Generation.class)
class OperationStateMachineTest {

    /** A guest in a state, as the rows of the tables name it. */
    private enum Subject {
        VM_STOPPED,
        VM_RUNNING,
        VM_PAUSED,
        VM_HIBERNATED,
        VM_TEMPLATE,
        VM_OUT_OF_SPACE,
        VM_BROKEN,
        VM_PANICKED,
        VM_AT_WATCHDOG,
        VM_NOT_BEGUN,
        VM_HELD_BY_BACKUP,
        CT_STOPPED,
        CT_RUNNING;

        int in(SimulatedCluster cluster) {
            int vmid = 120 + ordinal();
            switch (this) {
                case VM_STOPPED -> cluster.vm(vmid, "pve1", "subject");
                case VM_RUNNING -> cluster.vm(vmid, "pve1", "subject").running();
                case VM_PAUSED -> cluster.vm(vmid, "pve1", "subject").paused();
                case VM_HIBERNATED -> cluster.vm(vmid, "pve1", "subject").locked("suspended");
                case VM_TEMPLATE -> cluster.vm(vmid, "pve1", "subject").template();
                case VM_OUT_OF_SPACE -> cluster.vm(vmid, "pve1", "subject").halted("io-error");
                case VM_BROKEN -> cluster.vm(vmid, "pve1", "subject").halted("internal-error");
                case VM_PANICKED -> cluster.vm(vmid, "pve1", "subject").halted("guest-panicked");
                case VM_AT_WATCHDOG -> cluster.vm(vmid, "pve1", "subject").halted("watchdog");
                case VM_NOT_BEGUN -> cluster.vm(vmid, "pve1", "subject").halted("prelaunch");
                case VM_HELD_BY_BACKUP -> cluster.vm(vmid, "pve1", "subject").heldByBackup();
                case CT_STOPPED -> cluster.container(vmid, "pve1", "subject");
                case CT_RUNNING -> cluster.container(vmid, "pve1", "subject").running();
            }
            return vmid;
        }
    }

    @AutoClose
    private final Trial trial;

    OperationStateMachineTest(Generation generation) {
        trial = new Trial(generation);
        trial.cluster().timing(Duration.ofMillis(50), Duration.ofMillis(200), Duration.ofMillis(100));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            VM_STOPPED,    START,    running, qmstart
            VM_HIBERNATED, START,    running, qmstart
            VM_RUNNING,    STOP,     stopped, qmstop
            VM_PAUSED,     STOP,     stopped, qmstop
            VM_RUNNING,    SHUTDOWN, stopped, qmshutdown
            VM_RUNNING,    REBOOT,   running, qmreboot
            VM_RUNNING,    RESET,    running, qmreset
            VM_RUNNING,    SUSPEND,  paused,  qmpause
            VM_PAUSED,     RESUME,   running, qmresume
            VM_HIBERNATED, RESUME,   running, qmresume
            VM_OUT_OF_SPACE,   RESUME, running, qmresume
            VM_OUT_OF_SPACE,   STOP,   stopped, qmstop
            VM_BROKEN,         STOP,   stopped, qmstop
            VM_PANICKED,       STOP,   stopped, qmstop
            VM_AT_WATCHDOG,    RESUME, running, qmresume
            VM_NOT_BEGUN,      RESUME, running, qmresume
            VM_HELD_BY_BACKUP, START,  running, qmstart
            VM_HELD_BY_BACKUP, RESUME, running, qmresume
            CT_STOPPED,    START,    running, vzstart
            CT_RUNNING,    STOP,     stopped, vzstop
            CT_RUNNING,    SHUTDOWN, stopped, vzshutdown
            CT_RUNNING,    REBOOT,   running, vzreboot
            CT_RUNNING,    SUSPEND,  stopped, vzsuspend
            CT_STOPPED,    RESUME,   running, vzresume
            """)
    void bringsAGuestWhereItIsWanted(Subject subject, PowerAction action, String status, String task) throws Exception {
        int vmid = subject.in(trial.cluster());
        OperationState end = trial.run(action, vmid);
        assertThat(end.status(), is(status));
        assertThat(end.changed(), is(true));
        assertThat(end.upid().type(), is(task));
        assertThat(trial.proxmox.writes(), contains(endsWith(vmid + "/status/" + action)));
        assertThat(trial.log.get(trial.log.size() - 1), containsString(" is " + status + " on node pve1, confirmed"));
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            VM_RUNNING, START,    running
            VM_STOPPED, STOP,     stopped
            VM_STOPPED, SHUTDOWN, stopped
            VM_PAUSED,  SUSPEND,  paused
            VM_RUNNING, RESUME,   running
            VM_HELD_BY_BACKUP, STOP,     stopped
            VM_HELD_BY_BACKUP, SHUTDOWN, stopped
            CT_RUNNING, START,    running
            CT_STOPPED, STOP,     stopped
            CT_STOPPED, SHUTDOWN, stopped
            CT_RUNNING, RESUME,   running
            """)
    void sendsNothingWhenTheGuestIsThereAlready(Subject subject, PowerAction action, String status) throws Exception {
        OperationState end = trial.run(action, subject.in(trial.cluster()));
        assertThat(end.status(), is(status));
        assertThat(end.changed(), is(false));
        assertThat(end.upid(), is(nullValue()));
        assertThat(trial.proxmox.writes(), is(empty()));
        assertThat(trial.log, hasItem(endsWith("is already " + status + ", nothing to do")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            CT_RUNNING  | RESET   | containers have no reset. Use reboot
            CT_STOPPED  | RESET   | containers have no reset. Use reboot
            VM_TEMPLATE | START   | it is a template. Clone it and start the clone
            VM_PAUSED   | START   | it is paused, not stopped. Use resume
            VM_STOPPED  | REBOOT  | it is stopped. Use start first
            VM_STOPPED  | RESET   | it is stopped. Use start first
            VM_STOPPED  | SUSPEND | it is stopped. Use start first
            VM_STOPPED  | RESUME  | it is stopped, not suspended. Use start
            VM_OUT_OF_SPACE | START    | it is halted because it could not read or write a disk (io-error), most often because the storage is full. Free space there and use resume, or use stop
            VM_OUT_OF_SPACE | SHUTDOWN | it is halted because it could not read or write a disk (io-error), most often because the storage is full. Free space there and use resume, or use stop
            VM_BROKEN       | START    | it has crashed and is halted (internal-error). Use reset and then resume, or stop and then start
            VM_BROKEN       | RESUME   | it has crashed and is halted (internal-error). Use reset and then resume, or stop and then start
            VM_PANICKED     | START    | it has crashed and is halted (guest-panicked). Use reset and then resume, or stop and then start
            VM_PANICKED     | RESUME   | it has crashed and is halted (guest-panicked). Use reset and then resume, or stop and then start
            VM_PANICKED     | REBOOT   | it has crashed and is halted (guest-panicked). Use reset and then resume, or stop and then start
            VM_AT_WATCHDOG  | START    | it is halted (watchdog). Use resume, or reset and then resume, or stop
            VM_AT_WATCHDOG  | SUSPEND  | it is halted (watchdog). Use resume, or reset and then resume, or stop
            VM_HELD_BY_BACKUP | REBOOT  | it is stopped. Use start first
            VM_HELD_BY_BACKUP | SUSPEND | it is stopped. Use start first
            CT_STOPPED  | REBOOT  | it is stopped. Use start first
            CT_STOPPED  | SUSPEND | it is stopped. Use start first
            """)
    void saysWhatStandsInTheWayAndSendsNothing(Subject subject, PowerAction action, String obstacle) {
        int vmid = subject.in(trial.cluster());
        var refusal = assertThrows(GuestException.class, () -> trial.run(action, vmid));
        assertThat(refusal.getMessage(), startsWith("Cannot " + action + " "));
        assertThat(refusal.getMessage(), containsString(vmid + " (subject): " + obstacle + "."));
        assertThat(trial.proxmox.writes(), is(empty()));
    }

    @Test
    void logsOneLineForEachThingThatHappens() throws Exception {
        trial.run(PowerAction.START, 100);
        String upid = "UPID:pve1:\\S+:qmstart:100:jenkins@pve!ci:";
        assertThat(
                trial.log,
                contains(
                        is("VM 100 (build-agent) is on node pve1, stopped"),
                        matchesRegex("Requested start of VM 100 \\(build-agent\\): " + upid),
                        is("Task qmstart ended: OK"),
                        matchesRegex(
                                "VM 100 \\(build-agent\\) is running on node pve1, confirmed after \\d+\\.\\d s")));
    }

    @Test
    void givesAGuestThatIsToObeyLessTimeThanItTakesItself() throws Exception {
        trial.run(PowerAction.SHUTDOWN, 101);
        trial.run(PowerAction.REBOOT, 201);
        trial.run(PowerAction.START, 100);
        assertThat(timeoutsSent(), contains("28", "28", "none"));
    }

    private List<String> timeoutsSent() {
        return trial.proxmox.requests().stream()
                .filter(request -> request.isWrite())
                .map(request -> request.parameters().getOrDefault("timeout", "none"))
                .toList();
    }

    @Test
    void confirmsARebootOnlyWhenTheGuestCameUpAgain() throws Exception {
        trial.cluster().timing(Duration.ofMillis(50), Duration.ZERO, Duration.ofMillis(700));
        OperationState end = trial.run(PowerAction.REBOOT, 101);
        assertThat(end.status(), is("running"));
        assertThat(
                "another process than before",
                end.guest().pid(),
                is(not(end.before().pid())));
        assertThat(trial.cluster().guest(101).isRunning(), is(true));
    }

    @Test
    void confirmsAGuestUnderHighAvailabilityOnlyWhenItReallyRuns() throws Exception {
        trial.cluster().timing(Duration.ofMillis(50), Duration.ofMillis(700), Duration.ZERO);
        OperationState started = trial.run(PowerAction.START, 104);
        assertThat(started.upid().type(), is("hastart"));
        assertThat(started.status(), is("running"));
        assertThat(trial.cluster().guest(104).isRunning(), is(true));
        assertThat(trial.log.get(0), is("VM 104 (database) is on node pve1, stopped, managed by HA"));

        OperationState stopped = trial.run(PowerAction.STOP, 104);
        assertThat(stopped.upid().type(), is("hastop"));
        assertThat(trial.cluster().guest(104).isRunning(), is(false));
    }

    @Test
    void doesNotTakeAGuestForStoppedThatHighAvailabilityIsStarting() throws Exception {
        trial.cluster().vm(140, "pve1", "coming").inHaState("started");
        OperationState end = trial.run(PowerAction.STOP, 140);
        assertThat(end.upid().type(), is("hastop"));
        assertThat(end.changed(), is(true));
    }

    @Test
    void doesNotTakeAGuestForStartedThatHighAvailabilityIsStopping() throws Exception {
        trial.cluster().vm(141, "pve1", "going").running().inHaState("request_stop");
        OperationState end = trial.run(PowerAction.START, 141);
        assertThat(end.upid().type(), is("hastart"));
        assertThat(end.status(), is("running"));
    }

    /** Asked in these states, high availability says that it will and forgets it (PVE::HA::Manager). */
    @ParameterizedTest
    @ValueSource(strings = {"migrate", "relocate", "request_start_balance", "freeze", "recovery"})
    void asksHighAvailabilityToStopAGuestOnlyWhenItHasDoneWithIt(String haState) throws Exception {
        var guest = trial.cluster().vm(142, "pve1", "moving").running().inHaState(haState);
        OperationStateMachine operation = trial.operation(PowerAction.STOP, 142);
        OperationState waiting = operation.advance(operation.advance(OperationState.begin()));
        assertThat(
                waiting.waitsFor(),
                is("waiting until the HA manager has finished with VM 142 (moving) (state " + haState + ")"));
        assertThat(trial.proxmox.writes(), is(empty()));
        guest.inHaState("started");
        OperationState end = Trial.finish(operation, waiting);
        assertThat(end.upid().type(), is("hastop"));
        assertThat(trial.cluster().guest(142).isRunning(), is(false));
        assertThat(
                trial.log,
                hasItem("The HA manager is busy with VM 142 (moving) (state " + haState
                        + "); waiting until it has finished"));
    }

    @ParameterizedTest
    @CsvSource({"false, started, STOP, hastop", "true, request_stop, START, hastart"})
    void asksForAContainerOnlyWhenHighAvailabilityHasDoneWithIt(
            boolean running, String haState, PowerAction action, String task) throws Exception {
        var guest = trial.cluster().container(241, "pve1", "in-between").inHaState(haState);
        if (running) {
            guest.running();
        }
        OperationStateMachine operation = trial.operation(action, 241);
        OperationState waiting = operation.advance(OperationState.begin());
        assertThat(waiting.phase(), is(OperationState.Phase.FIND));
        assertThat(trial.proxmox.writes(), is(empty()));
        if (running) {
            trial.cluster().container(241, "pve1", "in-between").inHaState("stopped");
        } else {
            guest.running();
        }
        assertThat(Trial.finish(operation, waiting).upid().type(), is(task));
    }

    @Test
    void doesNotTakeAGuestForStartedThatIsAboutToBeDown() {
        trial.cluster().vm(143, "pve1", "falling-asleep").running().locked("suspending");
        var refusal = assertThrows(GuestException.class, () -> trial.run(PowerAction.START, 143));
        assertThat(refusal.getMessage(), containsString("VM is locked (suspending)"));
    }

    @Test
    void givesAGuestNoMoreTimeThanIsLeftAfterWaiting() throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.SHUTDOWN, 101, Duration.ofSeconds(100));
        OperationState request = Trial.until(OperationState.Phase.REQUEST, operation, OperationState.begin());
        operation.advance(FailedOperationTest.begunBefore(request, Duration.ofSeconds(60)));
        assertThat(timeoutsSent(), contains("38"));
    }

    @Test
    void returnsWithTheTaskWhenNothingIsToBeAwaited() throws Exception {
        OperationState end = trial.run(OperationRequest.of(
                        new GuestSelector(null, "build-agent", "pve1"), new PowerOperation(PowerAction.START))
                .awaited(false));
        assertThat(end.upid(), is(notNullValue()));
        assertThat(end.changed(), is(true));
        assertThat(trial.client.taskStatus(end.upid()).running(), is(true));
    }
}
