package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A guest that does not obey is told apart from everything else at which a shutdown fails. */
@ParameterizedClass
@EnumSource(Generation.class)
class IgnoredShutdownTest {

    @AutoClose
    private final Trial trial;

    IgnoredShutdownTest(Generation generation) {
        trial = new Trial(generation);
        trial.cluster().container(208, "pve1", "stubborn-ct").running().ignoresShutdown();
    }

    private OperationState asked(OperationStateMachine operation) throws Exception {
        return Trial.until(Phase.AWAIT_TASK, operation, OperationState.begin());
    }

    private static GuestException end(OperationStateMachine operation, OperationState from) {
        return assertThrows(GuestException.class, () -> Trial.finish(operation, from));
    }

    @ParameterizedTest
    @CsvSource({"108, VM quit/powerdown failed", "208, container did not stop"})
    void isToldByTheTaskThatWaitedForTheGuest(int vmid, String text) throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.SHUTDOWN, vmid, Duration.ofMinutes(5));
        OperationState asked = asked(operation);
        trial.cluster().endTasks(vmid);
        GuestException failure = end(operation, asked);
        assertThat(failure, is(instanceOf(ShutdownIgnoredException.class)));
        assertThat(failure.getMessage(), containsString(text));
    }

    @ParameterizedTest
    @CsvSource({"108", "208"})
    void isSeenWhenTheTimeIsOver(int vmid) throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.SHUTDOWN, vmid, Duration.ofMinutes(5));
        GuestException failure = end(operation, FailedOperationTest.begunBefore(asked(operation), Duration.ofHours(1)));
        assertThat(failure, is(instanceOf(ShutdownIgnoredException.class)));
        assertThat(failure.getMessage(), startsWith("Timeout of 300 s: could not shutdown "));
    }

    @Test
    void isSeenUnderHighAvailabilityWhenTheTimeIsOver() throws Exception {
        trial.cluster().vm(150, "pve1", "kept-up").running().inHaState("started");
        trial.cluster().timing(Duration.ofMillis(50), Duration.ofHours(1), Duration.ZERO);
        OperationStateMachine operation = trial.operation(PowerAction.SHUTDOWN, 150);
        OperationState confirming = Trial.until(Phase.CONFIRM, operation, OperationState.begin());
        GuestException failure = end(operation, FailedOperationTest.begunBefore(confirming, Duration.ofHours(1)));
        assertThat(failure, is(instanceOf(ShutdownIgnoredException.class)));
    }

    @Test
    void isNotConcludedFromAServerThatDoesNotAnswer() throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.SHUTDOWN, 108, Duration.ofMinutes(5));
        OperationState asked = asked(operation);
        trial.proxmox.stopListening();
        GuestException failure = end(operation, FailedOperationTest.begunBefore(asked, Duration.ofHours(1)));
        assertThat(failure, is(instanceOf(OperationTimeoutException.class)));
    }

    @ParameterizedTest
    @CsvSource({"108", "208"})
    void isNotConcludedFromATaskThatSomebodyCancelled(int vmid) throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.SHUTDOWN, vmid, Duration.ofMinutes(5));
        OperationState asked = asked(operation);
        trial.client.cancelTask(asked.upid());
        GuestException failure = end(operation, asked);
        assertThat(failure, is(not(instanceOf(ShutdownIgnoredException.class))));
        assertThat(failure.getMessage(), containsString("failed: interrupted by signal"));
    }

    @Test
    void isNotConcludedFromALock() {
        trial.cluster().guest(108).locked("backup");
        GuestException failure = assertThrows(GuestException.class, () -> trial.run(PowerAction.SHUTDOWN, 108));
        assertThat(failure, is(not(instanceOf(ShutdownIgnoredException.class))));
    }

    @Test
    void isNotSaidOfAReboot() throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.REBOOT, 108, Duration.ofMinutes(5));
        OperationState asked = asked(operation);
        trial.cluster().endTasks(108);
        GuestException failure = end(operation, asked);
        assertThat(failure, is(not(instanceOf(ShutdownIgnoredException.class))));
        assertThat(failure.getMessage(), containsString("VM quit/powerdown failed - got timeout"));
    }
}
