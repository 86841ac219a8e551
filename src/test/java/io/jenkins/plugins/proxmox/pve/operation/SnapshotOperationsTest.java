package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.diagnosis.Cause;
import io.jenkins.plugins.proxmox.pve.diagnosis.FailureExplainer;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotCollection;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotCreation;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotDeletion;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotRollback;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.model.Snapshot;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.HostShell;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Snapshots of virtual machines and containers, on both generations. */
@ParameterizedClass
@CsvSource({"V8, QEMU", "V8, LXC", "V9, QEMU", "V9, LXC"})
class SnapshotOperationsTest {

    private static final int VMID = 300;

    private static final String TOKEN = "ci@pve!jenkins";

    @AutoClose
    private final Trial trial;

    private final GuestType type;
    private final SimulatedGuest guest;

    SnapshotOperationsTest(Generation generation, GuestType type) {
        this.trial = new Trial(generation);
        this.type = type;
        this.guest = type == GuestType.LXC
                ? trial.cluster().container(VMID, "pve1", "desk")
                : trial.cluster().vm(VMID, "pve1", "desk");
    }

    @BeforeEach
    void isQuick() {
        trial.cluster().timing(Duration.ofMillis(40), Duration.ofMillis(20), Duration.ofMillis(20));
    }

    private String inWords() {
        return (type == GuestType.LXC ? "CT " : "VM ") + VMID + " (desk)";
    }

    private String task(String name) {
        return (type == GuestType.LXC ? "vz" : "qm") + name;
    }

    private OperationState run(GuestOperation operation) throws Exception {
        return trial.run(request(operation));
    }

    private static OperationRequest request(GuestOperation operation) {
        return OperationRequest.of(new GuestSelector(VMID, null, null), operation)
                .within(Duration.ofSeconds(30));
    }

    private static SnapshotCreation creation(String name) {
        return new SnapshotCreation(name, "", false, false);
    }

    private void assertRefused(GuestOperation operation, String message) {
        var refusal = assertThrows(GuestException.class, () -> run(operation));
        assertThat(refusal.getMessage(), containsString(message));
        assertThat(trial.proxmox.writes(), is(empty()));
    }

    @Test
    void createsASnapshotWithItsDescription() throws Exception {
        guest.running();
        OperationState end = run(new SnapshotCreation("clean", "before the tests\nof today", false, false));
        assertThat(end.changed(), is(true));
        assertThat(end.upid().type(), is(task("snapshot")));
        assertThat(guest.snapshots(), contains("clean"));
        Snapshot made = trial.client.snapshots().list(location()).stream()
                .filter(each -> each.name().equals("clean"))
                .findFirst()
                .orElseThrow();
        assertThat(made.description(), is("before the tests\nof today"));
        assertThat(made.withMemory(), is(false));
        assertThat(trial.log, hasItem(containsString("Requested snapshot of " + inWords())));
        assertThat(trial.log, hasItem(containsString(inWords() + " is running, with snapshot clean on node pve1")));
    }

    private GuestLocation location() {
        return new GuestLocation("pve1", type, VMID);
    }

    @Test
    void savesTheMemoryOfARunningMachineAndComesBackToItRunning() throws Exception {
        guest.running();
        if (type == GuestType.LXC) {
            assertRefused(
                    new SnapshotCreation("warm", "", true, false),
                    "Cannot create snapshot warm of " + inWords() + ": the memory of a container cannot be saved.");
            return;
        }
        run(new SnapshotCreation("warm", "", true, false));
        guest.stopped();
        OperationState end = run(new SnapshotRollback("warm", false, false));
        assertThat(end.status(), is("running"));
        assertThat(guest.isRunning(), is(true));
    }

    /** Otherwise the state of the guest would be discarded, and the guest would stay off. */
    @Test
    void isNotTakenBackByOneWhoCouldNotStartItAfterwards() throws Exception {
        guest.running().snapshot("clean");
        var access = trial.proxmox.access();
        access.user("ci@pve");
        access.role("Rollback", "VM.Audit,VM.Snapshot.Rollback");
        access.grant("/vms/" + VMID, "ci@pve", "Rollback");
        OperationRequest rollback = request(new SnapshotRollback("clean", false, true));
        try (ProxmoxClient client = new ProxmoxClient(
                ExampleCluster.settings(trial.proxmox, ExampleCluster.token(TOKEN, access.token(TOKEN, false))))) {
            var refusal = assertThrows(
                    PermissionDeniedException.Foreseen.class,
                    () -> WholeOperation.of(client, rollback, trial.log::add));
            assertThat(refusal.getMessage(), containsString("ci@pve!jenkins lacks VM.PowerMgmt on /vms/300"));
            assertThat(trial.proxmox.writes(), is(empty()));
            assertThat(guest.isRunning(), is(true));
            new AdvisedRun(trial, client).followAdvice(rollback);
            WholeOperation.of(client, rollback, trial.log::add);
        }
    }

    @Test
    void savesNoMemoryOfAStoppedMachine() {
        guest.stopped();
        assertRefused(
                new SnapshotCreation("warm", "", true, false),
                type == GuestType.LXC ? "the memory of a container cannot be saved" : "it is stopped, so it has no");
    }

    @Test
    void refusesANameThatIsTakenUnlessItIsToBeKept() throws Exception {
        guest.snapshot("clean");
        assertRefused(creation("clean"), "it already has a snapshot clean.");
        OperationState end = run(new SnapshotCreation("clean", "", false, true));
        assertThat(end.changed(), is(false));
        assertThat(trial.proxmox.writes(), is(empty()));
        assertThat(trial.log, hasItem(inWords() + ": it already has snapshot clean, nothing to do"));
    }

    @Test
    void refusesWhatProxmoxVeWouldRefuse() {
        String reserved = type == GuestType.LXC ? "vzdump" : "pending";
        assertRefused(creation(reserved), "Proxmox VE uses the name " + reserved + " itself");
        guest.template();
        assertRefused(creation("clean"), "it is a template, which has no snapshots.");
    }

    @Test
    void tellsWhyATaskFailed() {
        guest.withoutSnapshots();
        var failure = assertThrows(GuestException.class, () -> run(creation("clean")));
        assertThat(
                failure.getMessage(),
                containsString("Could not create snapshot clean of " + inWords() + " on node pve1: task UPID:"));
        assertThat(failure.getMessage(), containsString("snapshot feature is not available"));
        assertThat(guest.snapshots(), is(empty()));
    }

    @Test
    void takesTheGuestBackAndConfirmsIt() throws Exception {
        guest.running().configured("cores", "1");
        run(creation("clean"));
        guest.configured("cores", "4");
        trial.proxmox.forgetRequests();
        OperationState end = run(new SnapshotRollback("clean", false, false));
        assertThat(end.changed(), is(true));
        assertThat(end.status(), is("stopped"));
        assertThat(guest.configured("cores"), is("1"));
        assertThat(trial.log, hasItem(containsString(inWords() + " is stopped, back at snapshot clean on node pve1")));
        assertThat(trial.proxmox.writes(), hasSize(1));
    }

    @Test
    void doesNotTakeAGuestBackToWhatIsNotThere() throws Exception {
        assertRefused(
                new SnapshotRollback("clean", false, false),
                "Cannot roll back " + inWords() + " to snapshot clean: it has no snapshot clean, and no other one.");
        guest.snapshot("one").snapshot("two");
        assertRefused(new SnapshotRollback("clean", false, false), "it has no snapshot clean, only one, two.");
        assertThat(run(new SnapshotRollback("clean", true, false)).changed(), is(false));
        assertThat(trial.log, hasItem(inWords() + ": it has no snapshot clean, nothing to do"));
        assertThat(trial.proxmox.writes(), is(empty()));
    }

    @Test
    void deletesASnapshotAndKeepsItsChildren() throws Exception {
        guest.snapshot("one").snapshot("two").snapshot("three");
        OperationState end = run(new SnapshotDeletion("two", false));
        assertThat(end.changed(), is(true));
        assertThat(guest.snapshots(), containsInAnyOrder("one", "three"));
        assertThat(trial.log, hasItem(containsString("Requested deletion of snapshot two of " + inWords())));
        assertGone("two");
        assertThat(run(new SnapshotDeletion("two", true)).changed(), is(false));
    }

    /** The old one may be the only good state of the guest. */
    @Test
    void keepsTheOldSnapshotWhenTheNewOneIsImpossible() {
        guest.snapshot("clean");
        String why = type == GuestType.LXC
                ? "the memory of a container cannot be saved"
                : "it is stopped, so it has no memory to save";
        assertRefused(
                SnapshotDeletion.before(new SnapshotCollection.Addition("clean", true)),
                "Cannot replace snapshot clean of " + inWords() + ": " + why);
        guest.withoutSnapshots();
        assertRefused(
                SnapshotDeletion.before(new SnapshotCollection.Addition("clean", false)),
                "on a storage that makes no snapshots");
        assertThat(guest.snapshots(), contains("clean"));
    }

    @Test
    void replacesASnapshotThatCanBeMadeAgain() throws Exception {
        guest.snapshot("clean").snapshot("two");
        assertThat(
                run(SnapshotDeletion.before(new SnapshotCollection.Addition("clean", false)))
                        .changed(),
                is(true));
        assertThat(guest.snapshots(), contains("two"));
        assertThat(
                run(SnapshotDeletion.before(new SnapshotCollection.Addition("clean", false)))
                        .changed(),
                is(false));
    }

    private void assertGone(String name) {
        trial.proxmox.forgetRequests();
        assertRefused(new SnapshotDeletion(name, false), "it has no snapshot " + name + ", only one, three.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"snapshot", "rollback", "delsnapshot"})
    void isSentOnceWhenItsAnswerIsLost(String kind) throws Exception {
        GuestOperation operation = operation(kind);
        guest.running();
        trial.proxmox.inject(ReceivedRequest::isWrite, new Fault.BreakAfter());
        OperationState end = run(operation);
        assertThat(end.changed(), is(true));
        assertThat(trial.proxmox.writes(), hasSize(1));
        assertThat(trial.cluster().taskTypes(VMID), contains(task(kind)));
    }

    @Test
    void isSentAgainWhenItDidNotArrive() throws Exception {
        assumeTrue(
                type == GuestType.LXC && trial.proxmox.generation() == Generation.V9,
                "once is enough, it takes its time");
        trial.proxmox.inject(ReceivedRequest::isWrite, new Fault.BreakBefore());
        assertThat(run(creation("clean")).changed(), is(true));
        assertThat(trial.cluster().taskTypes(VMID), contains(task("snapshot")));
    }

    private GuestOperation operation(String kind) {
        return switch (kind) {
            case "snapshot" -> creation("clean");
            case "rollback", "rollback and start" -> {
                guest.snapshot("clean");
                yield new SnapshotRollback("clean", false, kind.endsWith("start"));
            }
            default -> {
                guest.snapshot("clean");
                yield new SnapshotDeletion("clean", false);
            }
        };
    }

    /** The saved state of each phase leads another process to the same end with one write. */
    @ParameterizedTest
    @ValueSource(strings = {"snapshot", "rollback", "delsnapshot"})
    void goesOnInAnotherProcessFromEachPhase(String kind) throws Exception {
        OperationRequest request = request(operation(kind));
        for (Phase phase : new Phase[] {Phase.REQUEST, Phase.AWAIT_TASK, Phase.CONFIRM}) {
            trial.proxmox.forgetRequests();
            OperationStateMachine first = new OperationStateMachine(trial.client, request, trial.log::add);
            OperationState saved = Trial.until(phase, first, OperationState.begin());
            if (phase == Phase.REQUEST) {
                // sent, but the process died before the answer was saved
                first.advance(saved);
            }
            OperationStateMachine next = new OperationStateMachine(trial.client, request, trial.log::add);
            OperationState end = Trial.finish(next, saved.resumed());
            assertThat(phase + " of " + kind, trial.proxmox.writes(), hasSize(1));
            assertThat(end.changed(), is(true));
            reset(kind);
        }
    }

    private void reset(String kind) throws Exception {
        if (kind.equals("snapshot")) {
            run(new SnapshotDeletion("clean", false));
        } else if (kind.equals("delsnapshot")) {
            guest.snapshot("clean");
        }
    }

    @Test
    void waitsForALockWhenThatIsWanted() throws Exception {
        guest.running().locked("backup");
        CompletableFuture<OperationState> end = CompletableFuture.supplyAsync(() -> {
            try {
                return trial.run(request(creation("clean")).waitsForLock(true));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        Eventually.holds(
                "the wait for the lock",
                () -> trial.log.stream().anyMatch(line -> line.contains("is locked (backup)")));
        assertThat(trial.proxmox.writes(), is(empty()));
        guest.locked(null);
        assertThat(end.get().changed(), is(true));
    }

    @Test
    void tellsALockOtherwise() {
        guest.running().locked("backup");
        var failure = assertThrows(GuestException.class, () -> run(creation("clean")));
        assertThat(failure.getMessage(), containsString("is locked (backup)"));
        assertThat(failure.getMessage(), containsString("waitForLock: true"));
    }

    /** Whoever only sees the guest learns all that is needed at once. */
    @ParameterizedTest
    @CsvSource({
        "snapshot, JenkinsSnapshot, VM.Audit VM.Snapshot",
        "rollback, JenkinsRollback, VM.Audit VM.Snapshot.Rollback",
        "rollback and start, JenkinsRollbackStart, VM.Audit VM.PowerMgmt VM.Snapshot.Rollback",
        "delsnapshot, JenkinsSnapshot, VM.Audit VM.Snapshot"
    })
    void passesAfterTheAdviceOfItsExplanation(String kind, String role, String privileges) throws Exception {
        GuestOperation operation = operation(kind);
        guest.running();
        var access = trial.proxmox.access();
        access.user("ci@pve");
        access.role("JenkinsAudit", "VM.Audit");
        access.grant("/vms/" + VMID, "ci@pve", "JenkinsAudit");
        access.grant("/vms/" + VMID, TOKEN, "JenkinsAudit");
        try (ProxmoxClient client = new ProxmoxClient(
                ExampleCluster.settings(trial.proxmox, ExampleCluster.token(TOKEN, access.token(TOKEN, true))))) {
            var refusal = assertThrows(
                    ProxmoxException.class, () -> WholeOperation.of(client, request(operation), trial.log::add));
            List<String> commands = new FailureExplainer(client)
                    .explain(refusal, operation.needs(VMID, GuestConfig.UNKNOWN)).causes().stream()
                            .map(Cause::commands)
                            .flatMap(List::stream)
                            .toList();
            assertThat(commands, hasItem("pveum role add " + role + " --privs '" + privileges + "'"));
            assertThat(
                    commands, hasItem("pveum acl modify /vms/" + VMID + " --tokens '" + TOKEN + "' --roles " + role));
            new HostShell(access).paste(commands);
            assertThat(
                    WholeOperation.of(client, request(operation), trial.log::add)
                            .changed(),
                    is(true));
            if (kind.endsWith("start")) {
                assertThat(
                        WholeOperation.of(client, request(new PowerOperation(PowerAction.START)), trial.log::add)
                                .status(),
                        is("running"));
            }
        }
    }
}
