package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.GuestCommands;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** High availability that takes requests and does nothing, as Proxmox VE 9.2 can be told to. */
@ParameterizedClass
@EnumSource(Generation.class)
class DisarmedHighAvailabilityTest {

    private static final String USUALLY =
            "Usually someone has disarmed HA, its services are not running, or the cluster has no quorum";

    @AutoClose
    private final Trial trial;

    private final Generation generation;

    DisarmedHighAvailabilityTest(Generation generation) {
        this.generation = generation;
        trial = new Trial(generation);
        trial.cluster().timing(Duration.ofMillis(50), Duration.ofMillis(100), Duration.ZERO);
        trial.cluster().vm(130, "pve1", "running-in-ha").running().inHaState("started");
    }

    private void letTheIdentitySeeThat() {
        trial.proxmox.access().grant("/", "jenkins@pve", "PVEAuditor");
    }

    private OperationStateMachine patient(PowerAction action, int vmid) {
        return trial.operation(action, vmid, Duration.ofHours(1));
    }

    private static OperationState after(Duration time, OperationStateMachine operation, OperationState waiting)
            throws Exception {
        return operation.advance(FailedOperationTest.begunBefore(waiting, time));
    }

    private List<String> commands() {
        return trial.log.stream()
                .filter(line -> line.startsWith("  "))
                .map(String::trim)
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"START, 104, running", "STOP, 130, stopped"})
    void isNamedAsTheUsualReasonToTheOneWhoMayNotSeeIt(PowerAction action, int vmid, String status) throws Exception {
        trial.cluster().disarmHighAvailability(false);
        OperationStateMachine operation = patient(action, vmid);
        OperationState waiting = Trial.until(Phase.CONFIRM, operation, OperationState.begin());
        waiting = after(Duration.ofSeconds(60), operation, waiting);
        assertThat("that long it may take", commands(), is(empty()));

        OperationState told = after(Duration.ofSeconds(80), operation, waiting);
        assertThat(trial.log, hasItem(containsString("but has not acted on it for 80 s. " + USUALLY)));
        assertThat(commands(), contains("ha-manager status"));
        assertThat(
                new GuestCommands(trial.cluster(), "pve1").run(commands().get(0)),
                containsString("disarmed, resource mode: freeze"));
        assertThat("is saved, so that a restart knows", told.isToBeSavedAfter(waiting), is(true));
        OperationState later = operation.advance(told.resumed());
        assertThat("told once", commands().size(), is(1));

        trial.cluster().armHighAvailability();
        assertThat(Trial.finish(operation, later).status(), is(status));
    }

    @Test
    void isToldToTheOneWhoMaySeeIt() throws Exception {
        letTheIdentitySeeThat();
        trial.cluster().disarmHighAvailability(false);
        OperationStateMachine operation = patient(PowerAction.START, 104);
        OperationState waiting = Trial.until(Phase.CONFIRM, operation, OperationState.begin());
        OperationState told = after(Duration.ofSeconds(80), operation, waiting);
        if (generation == Generation.V8) {
            assertThat("it cannot be disarmed", commands(), contains("ha-manager status"));
            return;
        }
        assertThat(trial.log, hasItem(startsWith("HA is disarmed (resource mode freeze): the HA manager accepts")));
        assertThat(commands(), contains("ha-manager crm-command arm-ha"));
        var failure = assertThrows(GuestException.class, () -> after(Duration.ofHours(2), operation, told));
        assertThat(
                failure.getMessage(),
                containsString("HA is disarmed: the HA manager carries out requests, including this one if it was sent,"
                        + " only once HA is armed again (ha-manager crm-command arm-ha)."));
        commands().forEach(new GuestCommands(trial.cluster(), "pve1")::run);
        assertThat(Trial.finish(operation, told).status(), is("running"));
    }

    @Test
    void isToldSoonOfAGuestThatIsFrozen() throws Exception {
        trial.cluster().disarmHighAvailability(true);
        OperationStateMachine operation = patient(PowerAction.START, 104);
        OperationState waiting = Trial.until(Phase.CONFIRM, operation, OperationState.begin());
        after(Duration.ofSeconds(6), operation, waiting);
        assertThat(
                trial.log,
                hasItem(startsWith("The HA manager currently leaves VM 104 (database) alone (state freeze).")));
        assertThat(commands(), contains("ha-manager status"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isToldOfAGuestThatIsToBeStoppedAndIsFrozen(boolean maySee) throws Exception {
        if (maySee) {
            letTheIdentitySeeThat();
        }
        trial.cluster().disarmHighAvailability(true);
        OperationStateMachine operation = patient(PowerAction.STOP, 130);
        OperationState waiting = operation.advance(OperationState.begin());
        assertThat(waiting.waitsFor(), endsWith("(state freeze)"));
        OperationState told = after(Duration.ofSeconds(6), operation, waiting);
        assertThat(told.waitsFor(), is(waiting.waitsFor()));
        boolean isSeen = maySee && generation == Generation.V9;
        assertThat(commands(), contains(isSeen ? "ha-manager crm-command arm-ha" : "ha-manager status"));
        assertThat("forgotten if it were asked now", trial.proxmox.writes(), is(empty()));
        trial.cluster().armHighAvailability();
        assertThat(Trial.finish(operation, told).status(), is("stopped"));
    }

    @Test
    void isNamedInTheMessageOfATimeout() throws Exception {
        trial.cluster().disarmHighAvailability(false);
        OperationStateMachine operation = patient(PowerAction.START, 104);
        OperationState waiting = Trial.until(Phase.CONFIRM, operation, OperationState.begin());
        var failure = assertThrows(GuestException.class, () -> after(Duration.ofHours(2), operation, waiting));
        assertThat(
                failure.getMessage(),
                containsString("The HA manager has not acted on the request. " + USUALLY
                        + "; ha-manager status shows which."));
    }

    @Test
    void isNotBlamedForAGuestThatIsBeingStopped() throws Exception {
        OperationStateMachine operation = patient(PowerAction.SHUTDOWN, 130);
        trial.cluster().timing(Duration.ofMillis(50), Duration.ofHours(1), Duration.ZERO);
        OperationState waiting = Trial.until(Phase.CONFIRM, operation, OperationState.begin());
        OperationState later = after(Duration.ofMinutes(5), operation, waiting);
        assertThat("it obeys slowly", commands(), is(empty()));
        var failure = assertThrows(GuestException.class, () -> after(Duration.ofHours(2), operation, later));
        assertThat(failure.getMessage(), not(containsString(USUALLY)));
    }
}
