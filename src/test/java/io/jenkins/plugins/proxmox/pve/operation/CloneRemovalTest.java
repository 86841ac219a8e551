package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.guest.CloneMark;
import io.jenkins.plugins.proxmox.pve.guest.CloneOperation;
import io.jenkins.plugins.proxmox.pve.guest.CloneSequence;
import io.jenkins.plugins.proxmox.pve.guest.CloneSettings;
import io.jenkins.plugins.proxmox.pve.guest.CloudInit;
import io.jenkins.plugins.proxmox.pve.guest.ExampleSigner;
import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.sequence.WholeSequence;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of the clone of a build that failed or is over: it goes, and nothing else does. */
@ParameterizedClass
@CsvSource({"V8, QEMU", "V8, LXC", "V9, QEMU", "V9, LXC"})
class CloneRemovalTest {

    private static final int TEMPLATE = 9000;

    private static final int VMID = 107;

    private static final CloneMark.Signer SIGNER = new ExampleSigner("c0ffee");

    private static final CloneMark MARK =
            new CloneMark("c0ffee", "folder/job", 12, "", "one", true, null, null).signedBy(SIGNER);

    @AutoClose
    private final Trial trial;

    private final GuestType type;

    private Integer vmid;
    private String pool;
    private boolean cancelsTask = true;

    CloneRemovalTest(Generation generation, GuestType type) {
        this.trial = new Trial(generation);
        this.type = type;
        guest(TEMPLATE, "golden").template();
        trial.proxmox.access().role("Builder", "VM.Allocate,VM.Clone,Datastore.AllocateSpace,SDN.Use");
        for (String path : List.of("/storage", "/sdn")) {
            trial.proxmox.access().grant(path, "jenkins@pve", "Builder");
        }
    }

    @BeforeEach
    void isQuick() {
        trial.cluster().timing(Duration.ofMillis(40), Duration.ofMillis(20), Duration.ofMillis(20));
    }

    private SimulatedGuest guest(int number, String name) {
        return type == GuestType.LXC
                ? trial.cluster().container(number, "pve1", name)
                : trial.cluster().vm(number, "pve1", name);
    }

    private SimulatedGuest clone(CloneMark mark) {
        return guest(VMID, "agent-1").running().configured("description", mark.after("for a test"));
    }

    private CloneSequence sequence() {
        CloneSettings settings = new CloneSettings(
                null,
                vmid,
                null,
                null,
                pool,
                true,
                null,
                new TreeSet<>(),
                "",
                MARK,
                new CloneSettings.Hardware(null, null, null, new CloudInit(null, "", null, null)));
        OperationRequest cloning = OperationRequest.of(
                        new GuestSelector(TEMPLATE, null, null),
                        new CloneOperation(settings, false, Availability.RUNNING))
                .within(Duration.ofSeconds(30))
                .cancelsTask(cancelsTask);
        return new CloneSequence(cloning, settings, false, Availability.RUNNING);
    }

    private void remove(boolean isSetUp) throws Exception {
        List<OperationState> done = new ArrayList<>();
        OperationRequest next = sequence().removal(VMID, isSetUp, 0);
        while (next != null) {
            done.add(trial.run(next));
            next = sequence().removal(VMID, isSetUp, done.size());
        }
    }

    private void assertKept(SimulatedGuest guest) {
        assertThat(trial.proxmox.writes(), is(empty()));
        assertThat(trial.cluster().guest(VMID), is(guest));
        assertThat(guest.isRunning(), is(true));
    }

    private void assertRefused(SimulatedGuest clone, String why) {
        var refusal = assertThrows(GuestException.class, () -> remove(true));
        assertThat(refusal.getMessage(), containsString(why));
        assertKept(clone);
    }

    @Test
    void removesTheCloneAndNothingElseWithItsVmid() throws Exception {
        clone(MARK.of(VMID));
        remove(true);
        assertThat(trial.cluster().guest(VMID), is(nullValue()));
        trial.proxmox.forgetRequests();
        CloneMark foreign = new CloneMark("decaf", "other", 7, "", "two", true, null, VMID);
        for (CloneMark other : List.of(foreign, MARK.of(999))) {
            SimulatedGuest guest = clone(other);
            remove(true);
            assertKept(guest);
        }
        assertThat(trial.log, hasItem(containsString("it is not the clone to be removed, nothing to do")));
    }

    /** Without its mark, nobody would ever find it again. */
    @Test
    void doesNotTakeTheCloneForAnotherGuestWhoseNotesWereEdited() {
        assertRefused(clone(MARK).configured("description", "mine now"), "no longer has the mark of this build");
        CloneMark edited = new CloneMark("c0ffee", "my/job", 12, "", "one", true, null, VMID);
        assertRefused(clone(edited), "no longer has the mark of this build");
    }

    @Test
    void leavesAGuestWithoutMarkAloneWhereNoCloneMayHaveBeenMade() throws Exception {
        SimulatedGuest other = clone(MARK).configured("description", "somebody else was faster");
        remove(false);
        assertKept(other);
    }

    @Test
    void leavesWhatSomebodyHasMadeOfTheClone() {
        assertRefused(clone(MARK.of(VMID)).protectedFromDeletion(), "somebody has protected the clone");
        assertRefused(clone(MARK.of(VMID)).inHaState("started"), "somebody has added the clone to the HA resources");
        SimulatedGuest template = clone(MARK.of(VMID)).stopped().template();
        var refusal = assertThrows(GuestException.class, () -> remove(true));
        assertThat(refusal.getMessage(), containsString("somebody has made a template of the clone"));
        assertThat(trial.cluster().guest(VMID), is(template));
        assertThat(trial.proxmox.writes(), is(empty()));
    }

    /** The clone has it from its template, and was not set up yet. */
    @Test
    void removesAHalfMadeCloneInSpiteOfItsProtection() throws Exception {
        clone(MARK.of(VMID)).protectedFromDeletion();
        remove(false);
        assertThat(trial.cluster().guest(VMID), is(nullValue()));
    }

    @Test
    void doesNotWaitForTheCloneOfSomebodyElseWithTheWantedVmid() {
        vmid = 555;
        SimulatedGuest theirs = guest(555, "of-another").locked(type == GuestType.LXC ? "create" : "clone");
        assertThrows(RequestRejectedException.class, () -> WholeSequence.of(trial.client, sequence(), trial.log::add));
        assertThat(trial.log, not(hasItem(containsString("is locked"))));
        assertThat(trial.log, not(hasItem(containsString("not the clone"))));
        assertThat(trial.cluster().guest(555), is(theirs));
    }

    /** As docs/guests.md recommends it: the clone comes under the rights on its pool at the end of its task. */
    private ProxmoxClient onlyOfThePool() throws Exception {
        pool = "ci";
        trial.cluster().pool("ci");
        var access = trial.proxmox.access();
        access.user("ci@pve");
        access.role("Template", "VM.Audit,VM.Clone");
        access.role("Clones", "VM.Allocate,VM.Audit,VM.Config.Options,VM.PowerMgmt");
        access.grant("/vms/" + TEMPLATE, "ci@pve", "Template");
        access.grant("/pool/ci", "ci@pve", "Clones");
        access.grant("/storage", "ci@pve", "Builder");
        access.grant("/sdn", "ci@pve", "Builder");
        return new ProxmoxClient(ExampleCluster.settings(
                trial.proxmox, ExampleCluster.token("ci@pve!jenkins", access.token("ci@pve!jenkins", false))));
    }

    @Test
    void isDoneAfterACopyThatFailedForOneWithRightsOnThePoolOnly() throws Exception {
        trial.cluster().storage("local").full();
        try (ProxmoxClient client = onlyOfThePool()) {
            var failure =
                    assertThrows(GuestException.class, () -> WholeSequence.of(client, sequence(), trial.log::add));
            assertThat(failure.getMessage(), containsString("Could not clone "));
        }
        assertThat(trial.log, hasItem("There is no guest 107 in the cluster. Nothing to do"));
        assertThat(trial.cluster().guest(VMID), is(nullValue()));
    }

    @Test
    void removesAnAbortedCloneForOneWithRightsOnThePoolOnly() throws Exception {
        trial.cluster().taskTakes(task(), Duration.ofHours(1));
        try (ProxmoxClient client = onlyOfThePool()) {
            abort(client);
        }
        assertThat(trial.cluster().guest(VMID), is(nullValue()));
    }

    /** Nobody sees it meanwhile but those with rights on all guests. */
    @Test
    void waitsUntilACloneIsVisibleWhoseTaskGoesOn() throws Exception {
        cancelsTask = false;
        trial.cluster().taskTakes(task(), Duration.ofSeconds(3));
        try (ProxmoxClient client = onlyOfThePool()) {
            abort(client);
        }
        assertThat(
                trial.log,
                hasItem("guest 107 exists, but ci@pve!jenkins may not see it, as while it is being cloned into a pool;"
                        + " waiting until it is complete or gone"));
        assertThat(trial.cluster().guest(VMID), is(nullValue()));
        assertThat(trial.cluster().taskTypes(VMID), is(List.of(type == GuestType.LXC ? "vzdestroy" : "qmdestroy")));
    }

    @Test
    void doesNotTakeACloneForGoneThatItMayNotSeeAnyMore() throws Exception {
        try (ProxmoxClient client = onlyOfThePool()) {
            WholeSequence.of(client, sequence(), trial.log::add);
            trial.proxmox.access().revoke("/pool/ci", "ci@pve");
            assertThrows(
                    PermissionDeniedException.class,
                    () -> WholeOperation.of(client, sequence().removal(VMID, true, 0), trial.log::add));
        }
        assertThat(trial.cluster().guest(VMID), is(notNullValue()));
    }

    private String task() {
        return type == GuestType.LXC ? "vzclone" : "qmclone";
    }

    /** Aborts the clone once it is half made, and does what is to be done then. */
    private void abort(ProxmoxClient client) throws Exception {
        ScheduledExecutorService threads = Executors.newScheduledThreadPool(3);
        try {
            CloneSequence sequence = sequence();
            OperationRun run = WholeOperation.run(client, sequence.next(List.of()), trial.log::add, threads);
            run.begin();
            Eventually.holds(
                    "the clone is half made",
                    () -> trial.cluster().guest(VMID) != null && run.state().upid() != null);
            run.abort();
            List<OperationState> undone = new ArrayList<>();
            OperationRequest next = sequence.undo(List.of(), run.state(), undone);
            while (next != null) {
                undone.add(WholeOperation.of(client, next, trial.log::add));
                next = sequence.undo(List.of(), run.state(), undone);
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
