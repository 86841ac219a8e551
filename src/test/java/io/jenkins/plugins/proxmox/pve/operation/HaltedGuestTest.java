package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.guest.OnExit;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Guests whose process runs while they stand still: after an error, or while somebody else is starting them. */
@ParameterizedClass
@EnumSource(Generation.class)
class HaltedGuestTest {

    @AutoClose
    private final Trial trial;

    HaltedGuestTest(Generation generation) {
        trial = new Trial(generation);
        trial.cluster().timing(Duration.ofMillis(50), Duration.ofMillis(200), Duration.ofMillis(100));
    }

    private SimulatedGuest vm(String qmpStatus) {
        return trial.cluster().vm(130, "pve1", "subject").halted(qmpStatus);
    }

    private String failureOf(PowerAction action, int vmid) {
        return assertThrows(GuestException.class, () -> trial.run(action, vmid)).getMessage();
    }

    private OperationState waiting(OperationStateMachine operation) throws Exception {
        OperationState waiting = operation.advance(OperationState.begin());
        assertThat(waiting.phase(), is(Phase.FIND));
        assertThat(operation.advance(waiting).phase(), is(Phase.FIND));
        assertThat(trial.proxmox.writes(), is(empty()));
        return waiting;
    }

    @ParameterizedTest
    @CsvSource({"START, 100, start", "REBOOT, 101, reboot"})
    void doesNotTakeAGuestForRunningThatHaltsAsSoonAsItIsStarted(PowerAction action, int vmid, String verb) {
        trial.cluster().guest(vmid).haltsAfterStart("io-error");
        assertThat(
                failureOf(action, vmid),
                containsString(" succeeded, but it is halted because it could not read or write a disk (io-error),"
                        + " most often because the storage is full. Free space there and use resume, or use stop."));
        assertThat(trial.proxmox.writes(), contains(endsWith("/status/" + verb)));
    }

    @Test
    void doesNotTakeAGuestForRunningThatHighAvailabilityStartsAndThatHalts() {
        trial.cluster().guest(104).haltsAfterStart("internal-error");
        assertThat(failureOf(PowerAction.START, 104), containsString("but it has crashed and is halted"));
    }

    @Test
    void runsAgainOnceThereIsSpaceAndItIsResumed() throws Exception {
        vm("io-error").haltsAfterStart("io-error");
        assertThat(
                failureOf(PowerAction.RESUME, 130),
                containsString("Could not resume VM 130 (subject): task UPID:pve1:"));
        trial.cluster().guest(130).haltsAfterStart(null);
        assertThat(trial.run(PowerAction.RESUME, 130).status(), is("running"));
        assertThat(trial.run(PowerAction.START, 130).changed(), is(false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"io-error", "internal-error", "guest-panicked", "watchdog", "debug", "paused"})
    void runsAgainAfterResetAndResume(String qmpStatus) throws Exception {
        vm(qmpStatus);
        assertThat(trial.run(PowerAction.RESET, 130).changed(), is(true));
        assertThat(trial.log, hasItem("VM 130 (subject) is not running yet. If nobody is starting it, use resume."));
        assertThat(trial.run(PowerAction.RESUME, 130).status(), is("running"));
        assertThat(trial.run(PowerAction.START, 130).changed(), is(false));
    }

    @ParameterizedTest
    @CsvSource({"stopped, stop", "running, resume", "paused, suspend"})
    void isNotPutBackByAShutdownThatItCannotHear(String found, String action) throws Exception {
        vm("io-error");
        var now = trial.client.status(new GuestLocation("pve1", GuestType.QEMU, 130));
        assertThat(OnExit.RESTORE.action(found, now).map(PowerAction::apiName), is(Optional.of(action)));
        assertThat(OnExit.STOP.action(found, now), is(Optional.of(PowerAction.STOP)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"internal-error", "guest-panicked"})
    void runsAgainAfterStopAndStart(String qmpStatus) throws Exception {
        vm(qmpStatus);
        trial.run(PowerAction.STOP, 130);
        assertThat(trial.run(PowerAction.START, 130).status(), is("running"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"prelaunch", "inmigrate", "restore-vm"})
    void looksOnWhileSomebodyElseStartsTheGuest(String qmpStatus) throws Exception {
        vm(qmpStatus);
        OperationStateMachine operation = trial.operation(PowerAction.START, 130);
        OperationState waiting = waiting(operation);
        assertThat(
                waiting.waitsFor(),
                is("waiting until VM 130 (subject), which someone else is starting, is running (" + qmpStatus + ")"));
        trial.cluster().guest(130).running();
        OperationState end = Trial.finish(operation, waiting);
        assertThat(end.changed(), is(false));
        assertThat(trial.proxmox.writes(), is(empty()));
        assertThat(trial.log, hasItem("VM 130 (subject) is running because of another request"));
    }

    @Test
    void startsTheGuestItselfWhenTheStartOfAnotherFailed() throws Exception {
        vm("prelaunch");
        OperationStateMachine operation = trial.operation(PowerAction.START, 130);
        OperationState waiting = waiting(operation);
        trial.cluster().guest(130).stopped();
        OperationState end = Trial.finish(operation, waiting);
        assertThat(end.status(), is("running"));
        assertThat(end.changed(), is(true));
    }

    @Test
    void failsWhenTheStartOfAnotherEndsInAnError() throws Exception {
        vm("inmigrate");
        OperationStateMachine operation = trial.operation(PowerAction.START, 130);
        OperationState waiting = waiting(operation);
        trial.cluster().guest(130).halted("guest-panicked");
        var failure = assertThrows(GuestException.class, () -> Trial.finish(operation, waiting));
        assertThat(failure.getMessage(), containsString("it has crashed and is halted (guest-panicked)"));
    }

    @Test
    void looksOnWhenTheStartOfAnotherWasFaster() throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.START, 100);
        OperationState request = Trial.until(Phase.REQUEST, operation, OperationState.begin());
        trial.cluster().guest(100).halted("prelaunch");
        OperationState waiting = Trial.until(Phase.FIND, operation, Trial.until(Phase.AWAIT_TASK, operation, request));
        assertThat(waiting.waitsFor(), containsString("which someone else is starting"));
        trial.cluster().guest(100).running();
        assertThat(Trial.finish(operation, waiting).changed(), is(false));
    }

    @Test
    void saysHowToEndItWhenNobodyStartsTheGuestAfterAll() {
        vm("prelaunch");
        OperationRequest start = trial.request(PowerAction.START, 130).within(Duration.ofSeconds(1));
        var failure = assertThrows(GuestException.class, () -> trial.run(start));
        assertThat(
                failure.getMessage(),
                is("Timeout of 1 s: could not start VM 130 (subject) in that time. State reached: running (prelaunch),"
                        + " still waiting until VM 130 (subject), which someone else is starting, is running (prelaunch)."
                        + " VM 130 (subject) is not running yet. If nobody is starting it, use resume."));
    }

    @ParameterizedTest
    @CsvSource({"START, save-vm, running", "START, shutdown, stopped", "SUSPEND, finish-migrate, running"})
    void waitsUntilWhatPassesIsOver(PowerAction action, String qmpStatus, String after) throws Exception {
        vm(qmpStatus);
        OperationStateMachine operation = trial.operation(action, 130);
        OperationState waiting = waiting(operation);
        assertThat(waiting.waitsFor(), is("waiting until VM 130 (subject) is no longer halted (" + qmpStatus + ")"));
        if (after.equals("running")) {
            trial.cluster().guest(130).running();
        } else {
            trial.cluster().guest(130).stopped();
        }
        assertThat(Trial.finish(operation, waiting).status(), is(action == PowerAction.START ? "running" : "paused"));
    }
}
