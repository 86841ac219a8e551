package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.guest.CloneMark;
import io.jenkins.plugins.proxmox.pve.guest.DeletionOperation;
import io.jenkins.plugins.proxmox.pve.guest.ExampleSigner;
import io.jenkins.plugins.proxmox.pve.guest.RemovalSequence;
import io.jenkins.plugins.proxmox.pve.guest.RemovalTerms;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.lookup.NoSuchGuestException;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.sequence.SequenceState;
import io.jenkins.plugins.proxmox.pve.sequence.WholeSequence;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/** The removal of virtual machines and containers, on both generations. */
@ParameterizedClass
@CsvSource({"V8, QEMU", "V8, LXC", "V9, QEMU", "V9, LXC"})
class DeletionTest {

    private static final int VMID = 300;

    private static final CloneMark.Signer SIGNER = new ExampleSigner("c0ffee");

    private static final CloneMark OURS =
            new CloneMark("c0ffee", "folder/job", 12, "", "one", false, null, null).signedBy(SIGNER);

    private static final CloneMark FOREIGN =
            new CloneMark("decaf", "other", 7, "https://other/job/7/", "two", false, null, null);

    @AutoClose
    private final Trial trial;

    private final GuestType type;
    private final SimulatedGuest guest;
    private GuestSelector selector = new GuestSelector(VMID, null, null);
    private boolean stop;
    private boolean force;
    private boolean purge;
    private boolean ignoresMissing;

    DeletionTest(Generation generation, GuestType type) {
        this.trial = new Trial(generation);
        this.type = type;
        this.guest = (type == GuestType.LXC
                        ? trial.cluster().container(VMID, "pve1", "agent-1")
                        : trial.cluster().vm(VMID, "pve1", "agent-1"))
                .configured("description", OURS.of(VMID).after("of a test"));
    }

    @BeforeEach
    void isQuick() {
        trial.cluster().timing(Duration.ofMillis(40), Duration.ofMillis(20), Duration.ofMillis(20));
    }

    private RemovalSequence sequence() {
        DeletionOperation operation = new DeletionOperation(RemovalTerms.named(SIGNER, force, ignoresMissing), purge);
        OperationRequest deletion = OperationRequest.of(selector, operation).within(Duration.ofSeconds(30));
        return new RemovalSequence(deletion, operation, stop);
    }

    private SequenceState run() throws Exception {
        return WholeSequence.of(trial.client, sequence(), trial.log::add);
    }

    private void assertRefused(String why) {
        var refusal = assertThrows(GuestException.class, this::run);
        String guestInWords = (type == GuestType.LXC ? "CT " : "VM ") + VMID + " (agent-1)";
        assertThat(refusal.getMessage(), containsString("Cannot delete " + guestInWords + ": " + why));
        assertThat(trial.proxmox.writes(), is(empty()));
        assertThat(trial.cluster().guest(VMID), is(notNullValue()));
    }

    private String task(String name) {
        return (type == GuestType.LXC ? "vz" : "qm") + name;
    }

    @Test
    void deletesAStoppedCloneOfThisController() throws Exception {
        SequenceState end = run();
        assertThat(end.changed(), is(true));
        assertThat(trial.cluster().guest(VMID), is(nullValue()));
        assertThat(trial.log, hasItem(containsString("is deleted, confirmed")));
    }

    @Test
    void stopsARunningCloneOnlyWhenThatIsWanted() throws Exception {
        guest.running();
        assertRefused("it is running. Set stop: true to stop it first");
        stop = true;
        assertThat(run().changed(), is(true));
        assertThat(trial.cluster().taskTypes(VMID), is(List.of(task("stop"), task("destroy"))));
    }

    @Test
    void refusesWhatIsNotItsOwnAndSaysWhatItIs() {
        stop = true;
        guest.running();
        guest.configured("description", FOREIGN.after(""));
        assertRefused("another Jenkins controller created it (other #7, https://other/job/7/). Set force: true");
        guest.configured("description", "a precious database");
        assertRefused("Jenkins did not create it, as its description shows. Set force: true");
        guest.configured("description", OURS.of(VMID).after("")).protectedFromDeletion();
        assertRefused("it is protected against deletion. Set force: true");
        guest.stopped().template();
        assertRefused("it is a template. Set force: true");
    }

    /** Somebody has cloned the clone, or restored its backup, and its description came along. */
    @Test
    void refusesTheCopyOfAClone() throws Exception {
        stop = true;
        guest.running().configured("description", OURS.of(107).after(""));
        assertRefused("it is a copy of guest 107, a clone that Jenkins made (folder/job #12), and not a clone itself.");
        force = true;
        assertThat(run().changed(), is(true));
    }

    /** Whoever may edit notes can read those of a clone and write the same into others. */
    @Test
    void refusesAMarkThatSomebodyHasWritten() {
        stop = true;
        guest.running();
        CloneMark genuine = OURS.of(107);
        for (CloneMark forged : List.of(
                new CloneMark("c0ffee", "folder/job", 12, "", "one", false, null, VMID),
                new CloneMark("c0ffee", "folder/job", 12, "", "one", false, null, VMID, genuine.signature()),
                new CloneMark(
                        "c0ffee",
                        "folder/job",
                        12,
                        "",
                        "two",
                        true,
                        null,
                        VMID,
                        OURS.of(VMID).signature()),
                new CloneMark("c0ffee", "folder/job", 12, "", "one", true, null, VMID)
                        .signedBy(new ExampleSigner("decaf"))
                        .of(VMID))) {
            guest.configured("description", forged.after(""));
            assertRefused("its description has a mark (folder/job #12) that this Jenkins controller has not signed");
        }
    }

    @Test
    void deletesAnythingByForce() throws Exception {
        force = true;
        stop = true;
        guest.running().configured("description", "a precious database").protectedFromDeletion();
        assertThat(run().changed(), is(true));
        assertThat(trial.cluster().guest(VMID), is(nullValue()));
    }

    @Test
    void cannotDeleteWhatIsNotThereUnlessThatIsFine() throws Exception {
        trial.cluster().remove(VMID);
        assertThrows(NoSuchGuestException.class, this::run);
        ignoresMissing = true;
        stop = true;
        force = true;
        assertThat(run().changed(), is(false));
        assertThat(trial.log, hasItem("There is no guest 300 in the cluster. Nothing to do"));
        assertThat(trial.proxmox.writes(), is(empty()));
    }

    private ProxmoxClient somebody(String path, String privileges) throws Exception {
        var access = trial.proxmox.access();
        access.user("ci@pve");
        access.role("Some", privileges);
        access.grant(path, "ci@pve", "Some");
        return new ProxmoxClient(ExampleCluster.settings(
                trial.proxmox, ExampleCluster.token("ci@pve!jenkins", access.token("ci@pve!jenkins", false))));
    }

    /** Proxmox VE answers 403 to one who has no rights there, whether the guest exists or not. */
    @Test
    void isDoneForOneWhoWouldNotSeeTheMissingGuest() throws Exception {
        ignoresMissing = true;
        stop = true;
        trial.cluster().pool("ci");
        try (ProxmoxClient client = somebody("/pool/ci", "VM.Audit,VM.Allocate,VM.PowerMgmt")) {
            assertThrows(PermissionDeniedException.class, () -> WholeSequence.of(client, sequence(), trial.log::add));
            trial.cluster().remove(VMID);
            assertThat(WholeSequence.of(client, sequence(), trial.log::add).changed(), is(false));
            assertThat(trial.log, hasItem("There is no guest 300 in the cluster. Nothing to do"));
        }
    }

    @Test
    void doesNotTakeAGuestForMissingThatItMayNotSee() throws Exception {
        ignoresMissing = true;
        selector = new GuestSelector(null, "agent-1", null);
        try (ProxmoxClient client = somebody("/storage", "Datastore.Audit")) {
            var failure =
                    assertThrows(GuestException.class, () -> WholeSequence.of(client, sequence(), trial.log::add));
            assertThat(failure.getMessage(), containsString("ci@pve!jenkins sees no guest at all"));
        }
    }

    @Test
    void doesNotTakeAGuestForMissingWhoseNameIsNotKnown() {
        ignoresMissing = true;
        selector = new GuestSelector(null, "far-away", null);
        trial.cluster().guest(110).withoutStatistics();
        var failure = assertThrows(GuestException.class, this::run);
        assertThat(failure.getMessage(), containsString("For 1 more, the cluster currently knows no name"));
    }

    @Test
    void purgesWhenThatIsWanted() throws Exception {
        guest.inHaState("stopped");
        assertThat(assertThrows(Exception.class, this::run).getMessage(), containsString("purge"));
        purge = true;
        assertThat(run().changed(), is(true));
        assertThat(trial.cluster().guest(VMID), is(nullValue()));
    }

    @Test
    void doesNotStopWhatItCouldNotDelete() throws Exception {
        stop = true;
        guest.running().inHaState("started");
        assertRefused("it is managed by HA. Set purge: true to remove it from the HA resources as well");
        assertThat(guest.isRunning(), is(true));
        trial.cluster().remove(VMID);
        SimulatedGuest plain = (type == GuestType.LXC
                        ? trial.cluster().container(VMID, "pve1", "agent-1")
                        : trial.cluster().vm(VMID, "pve1", "agent-1"))
                .configured("description", OURS.of(VMID).after(""))
                .running();
        try (ProxmoxClient client = somebody("/vms/" + VMID, "VM.Audit,VM.PowerMgmt")) {
            var refusal = assertThrows(
                    PermissionDeniedException.Foreseen.class,
                    () -> WholeSequence.of(client, sequence(), trial.log::add));
            assertThat(
                    refusal.getMessage(),
                    is("ci@pve!jenkins lacks VM.Allocate on /vms/300, which a later request of this operation needs, so"
                            + " nothing was sent. Grant a role with VM.Allocate on /vms/300 to the token, and to its user if"
                            + " the token has privilege separation."));
        }
        assertThat(trial.proxmox.writes(), is(empty()));
        assertThat(plain.isRunning(), is(true));
    }

    /** The protection is taken off by a request of its own. */
    @Test
    void leavesTheProtectionOfWhatItCouldNotDelete() throws Exception {
        force = true;
        guest.protectedFromDeletion();
        try (ProxmoxClient client = somebody("/vms/" + VMID, "VM.Audit,VM.Config.Options")) {
            assertThrows(
                    PermissionDeniedException.Foreseen.class,
                    () -> WholeSequence.of(client, sequence(), trial.log::add));
        }
        assertThat(guest.configured("protection"), is("1"));
    }

    /** The list of its node has lost the task; meanwhile somebody else has taken the VMID. */
    @Test
    void isNotSentAgainForAnotherGuest() throws Exception {
        OperationRequest deletion = sequence().next(List.of());
        OperationStateMachine first = new OperationStateMachine(trial.client, deletion, trial.log::add);
        OperationState saved = Trial.until(Phase.REQUEST, first, OperationState.begin());
        guest.configured("description", "a precious database");
        OperationStateMachine next = new OperationStateMachine(trial.client, deletion, trial.log::add);
        var refusal = assertThrows(GuestException.class, () -> Trial.finish(next, saved.resumed()));
        assertThat(refusal.getMessage(), containsString("Jenkins did not create it"));
        assertThat(trial.proxmox.writes(), is(empty()));
    }

    /** A clone whose token may not see it any more is not gone. */
    @Test
    void isNotConfirmedByAGuestThatIsHidden() throws Exception {
        try (ProxmoxClient client = somebody("/vms/" + VMID, "VM.Audit,VM.Allocate")) {
            OperationRequest deletion = sequence().next(List.of());
            OperationStateMachine first = new OperationStateMachine(client, deletion, trial.log::add);
            OperationState saved = Trial.until(Phase.REQUEST, first, OperationState.begin());
            trial.proxmox.access().revoke("/vms/" + VMID, "ci@pve");
            OperationStateMachine next = new OperationStateMachine(client, deletion, trial.log::add);
            assertThrows(PermissionDeniedException.class, () -> Trial.finish(next, saved.resumed()));
        }
        assertThat(trial.cluster().guest(VMID), is(notNullValue()));
    }

    /** The next clone of another controller gets the lowest free VMID, which is the one that was just given up. */
    @Test
    void isConfirmedThoughSomebodyElseHasTheVmidByNow() throws Exception {
        OperationRequest deletion = sequence().next(List.of());
        OperationStateMachine run = new OperationStateMachine(trial.client, deletion, trial.log::add);
        OperationState deleted = Trial.until(Phase.CONFIRM, run, OperationState.begin());
        trial.cluster().vm(VMID, "pve1", "of-another");
        assertThat(Trial.finish(run, deleted).changed(), is(true));
    }

    @Test
    void isSentOnceWhenTheAnswerIsLost() throws Exception {
        trial.proxmox.inject(request -> request.method().equals("DELETE"), new Fault.BreakAfter());
        assertThat(run().changed(), is(true));
        assertThat(trial.cluster().taskTypes(VMID), is(List.of(task("destroy"))));
    }

    @Test
    void goesOnInAnotherProcessFromEachPhase() throws Exception {
        for (Phase phase : new Phase[] {Phase.REQUEST, Phase.AWAIT_TASK, Phase.CONFIRM}) {
            trial.proxmox.forgetRequests();
            if (trial.cluster().guest(VMID) == null) {
                SimulatedGuest again = type == GuestType.LXC
                        ? trial.cluster().container(VMID, "pve1", "agent-1")
                        : trial.cluster().vm(VMID, "pve1", "agent-1");
                again.configured("description", OURS.of(VMID).after(""));
            }
            OperationRequest deletion = sequence().next(List.of());
            OperationStateMachine first = new OperationStateMachine(trial.client, deletion, trial.log::add);
            OperationState saved = Trial.until(phase, first, OperationState.begin());
            if (phase == Phase.REQUEST) {
                // sent, but the process died before the answer was saved
                first.advance(saved);
            }
            OperationStateMachine next = new OperationStateMachine(trial.client, deletion, trial.log::add);
            OperationState end = Trial.finish(next, saved.resumed());
            assertThat(phase.toString(), trial.proxmox.writes().size(), is(1));
            assertThat(end.changed(), is(true));
            assertThat(trial.cluster().guest(VMID), is(nullValue()));
        }
    }

    /** With the guest go the rights on it; what is gone is gone all the same. */
    @Test
    void isConfirmedByAnIdentityWhoseRightsGoWithTheGuest() throws Exception {
        String token = "ci@pve!jenkins";
        var access = trial.proxmox.access();
        access.user("ci@pve");
        access.role("Deleter", "VM.Audit,VM.Allocate");
        access.grant("/vms/" + VMID, "ci@pve", "Deleter");
        try (ProxmoxClient client = new ProxmoxClient(
                ExampleCluster.settings(trial.proxmox, ExampleCluster.token(token, access.token(token, false))))) {
            assertThat(WholeSequence.of(client, sequence(), trial.log::add).changed(), is(true));
        }
    }

    @Test
    void passesAfterTheAdviceOfItsExplanation() throws Exception {
        stop = true;
        guest.running();
        String token = "ci@pve!jenkins";
        var access = trial.proxmox.access();
        access.user("ci@pve");
        access.role("JenkinsAudit", "VM.Audit");
        access.grant("/vms/" + VMID, "ci@pve", "JenkinsAudit");
        access.grant("/vms/" + VMID, token, "JenkinsAudit");
        try (ProxmoxClient client = new ProxmoxClient(
                ExampleCluster.settings(trial.proxmox, ExampleCluster.token(token, access.token(token, true))))) {
            new AdvisedRun(trial, client).followAdvice(sequence().next(List.of()));
            assertThat(WholeSequence.of(client, sequence(), trial.log::add).changed(), is(true));
        }
    }
}
