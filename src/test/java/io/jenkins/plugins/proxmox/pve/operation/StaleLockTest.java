package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
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
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Locks whose task no longer exists: what is said about them is done, command by command. */
@ParameterizedClass
@EnumSource(Generation.class)
class StaleLockTest {

    @AutoClose
    private final Trial trial;

    StaleLockTest(Generation generation) {
        trial = new Trial(generation);
        trial.cluster().node("pve3", true);
        trial.cluster().timing(Duration.ofMillis(50), Duration.ofMillis(100), Duration.ZERO);
    }

    private SimulatedGuest guest(int vmid, String lock) {
        SimulatedGuest guest = vmid < 200
                ? trial.cluster().vm(vmid, "pve3", "subject")
                : trial.cluster().container(vmid, "pve3", "subject");
        return guest.locked(lock);
    }

    private String failureOf(PowerAction action, int vmid) {
        return assertThrows(GuestException.class, () -> trial.run(action, vmid)).getMessage();
    }

    private List<String> commands() {
        return trial.log.stream()
                .filter(line -> line.startsWith("  "))
                .map(String::trim)
                .toList();
    }

    private String explanation() {
        return trial.log.stream()
                .filter(line -> line.startsWith("If no task is working on"))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            130 | backup          | A backup of several guests shows no VMID there.
            130 | create          | do not start it, but delete it afterwards with qm destroy 130.
            130 | clone           | do not start it, but delete it afterwards with qm destroy 130.
            130 | snapshot        | qm delsnapshot 130 NAME --force deletes it.
            130 | snapshot-delete | qm listsnapshot 130 shows its name
            130 | rollback        | roll back once more before you start the guest.
            130 | migrate         | First make sure that the guest does not run on another node.
            130 | suspending      | but only if none of these tasks is working on the guest.
            230 | backup          | A backup of several guests shows no VMID there.
            230 | create          | do not start it, but delete it afterwards with pct destroy 230.
            230 | snapshot-delete | pct listsnapshot 230 shows its name
            230 | disk            | but only if none of these tasks is working on the guest.
            """)
    void isReleasedByTheCommandsThatAreSaid(int vmid, String lock, String caution) throws Exception {
        guest(vmid, lock);
        assertThat(
                failureOf(PowerAction.START, vmid),
                endsWith("is locked (" + lock + "). Try again when the " + lock + " is over, or set waitForLock: true."
                        + " If no task is working on the guest any more, see the log for how to release the lock."));
        assertThat(
                explanation(), allOf(containsString("left its lock (" + lock + ") behind"), containsString(caution)));
        assertThat(commands(), contains(startsWith("pvesh get /nodes/pve3/tasks"), endsWith(" unlock " + vmid)));

        GuestCommands host = new GuestCommands(trial.cluster(), "pve3");
        assertThat("no task runs", host.run(commands().get(0)), is(""));
        host.run(commands().get(1));
        assertThat(trial.run(PowerAction.START, vmid).status(), is("running"));
    }

    @Test
    void isReleasedByUnmountingWhatWasMounted() throws Exception {
        guest(230, "mounted").running();
        failureOf(PowerAction.SHUTDOWN, 230);
        GuestCommands host = new GuestCommands(trial.cluster(), "pve3");
        commands().forEach(host::run);
        assertThat(commands(), hasItem("pct unmount 230"));
        assertThat(trial.run(PowerAction.SHUTDOWN, 230).status(), is("stopped"));
    }

    @Test
    void isReleasedWhereHighAvailabilityWouldFailAtIt() throws Exception {
        guest(130, "snapshot").highlyAvailable();
        failureOf(PowerAction.START, 130);
        assertThat(trial.proxmox.writes(), is(empty()));
        commands().forEach(new GuestCommands(trial.cluster(), "pve3")::run);
        assertThat(trial.run(PowerAction.START, 130).status(), is("running"));
    }

    @ParameterizedTest
    @CsvSource({"130, create, qm", "230, create, pct"})
    void letsAHalfMadeGuestBeDeleted(int vmid, String lock, String tool) {
        guest(vmid, lock);
        failureOf(PowerAction.START, vmid);
        GuestCommands host = new GuestCommands(trial.cluster(), "pve3");
        commands().forEach(host::run);
        String delete = tool + " destroy " + vmid;
        assertThat(explanation(), containsString(delete));
        host.run(delete);
        assertThat(failureOf(PowerAction.START, vmid), is("There is no guest " + vmid + " in the cluster."));
    }

    @Test
    void isToldFromOneWhoseTaskRuns() {
        guest(130, "backup");
        trial.cluster().task("pve3", "root@pam", Duration.ofHours(1), "OK");
        failureOf(PowerAction.START, 130);
        assertThat(
                new GuestCommands(trial.cluster(), "pve3").run(commands().get(0)),
                containsString("\"status\":\"RUNNING\""));
    }

    @Test
    void isToldOfOnceAfterAFewMinutesOfWaiting() throws Exception {
        guest(130, "backup");
        OperationRequest patient =
                trial.request(PowerAction.START, 130).waitsForLock(true).within(Duration.ofHours(2));
        OperationStateMachine operation = new OperationStateMachine(trial.client, patient, trial.log::add);
        OperationState waiting = Trial.until(Phase.FIND, operation, operation.advance(OperationState.begin()));
        while (waiting.history().waitsFor() == null) {
            waiting = operation.advance(waiting);
        }
        waiting = operation.advance(FailedOperationTest.begunBefore(waiting, Duration.ofMinutes(2)));
        assertThat(commands(), is(empty()));

        OperationState told = operation.advance(FailedOperationTest.begunBefore(waiting, Duration.ofMinutes(4)));
        assertThat(trial.log, hasItem("VM 130 (subject) has been locked (backup) for 4 minutes"));
        assertThat(commands(), contains(startsWith("pvesh get"), is("qm unlock 130")));
        assertThat("is saved, so that a restart knows", told.isToBeSavedAfter(waiting), is(true));

        trial.log.clear();
        OperationStateMachine restarted = new OperationStateMachine(trial.client, patient, trial.log::add);
        OperationState later = restarted.advance(told.resumed());
        assertThat(trial.log, is(empty()));
        assertThat(later.isToBeSavedAfter(told), is(false));
        trial.cluster().guest(130).locked(null);
        assertThat(Trial.finish(restarted, later).status(), is("running"));
    }

    @Test
    void isToldOfWhenTheTimeIsOverBefore() {
        guest(130, "backup");
        OperationRequest brief =
                trial.request(PowerAction.START, 130).waitsForLock(true).within(Duration.ofSeconds(1));
        var failure = assertThrows(GuestException.class, () -> trial.run(brief));
        assertThat(failure.getMessage(), not(containsString("set waitForLock")));
        assertThat(failure.getMessage(), endsWith("see the log for how to release the lock."));
        assertThat(commands(), contains(startsWith("pvesh get"), is("qm unlock 130")));
    }
}
