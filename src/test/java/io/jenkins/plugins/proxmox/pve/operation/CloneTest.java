package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.guest.CloneMark;
import io.jenkins.plugins.proxmox.pve.guest.CloneOperation;
import io.jenkins.plugins.proxmox.pve.guest.CloneSequence;
import io.jenkins.plugins.proxmox.pve.guest.CloneSettings;
import io.jenkins.plugins.proxmox.pve.guest.CloudInit;
import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.DiskSize;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.sequence.SequenceState;
import io.jenkins.plugins.proxmox.pve.sequence.WholeSequence;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clones of virtual machines and containers, on both generations. */
@ParameterizedClass
@CsvSource({"V8, QEMU", "V8, LXC", "V9, QEMU", "V9, LXC"})
class CloneTest {

    private static final int TEMPLATE = 9000;

    private static final CloneMark MARK =
            new CloneMark("c0ffee", "folder/job", 12, "https://ci/job/12/", "one", false, null, null);

    private static final CloudInit NO_CLOUD_INIT = new CloudInit(null, "", null, null);

    @AutoClose
    private final Trial trial;

    private final GuestType type;
    private final SimulatedGuest template;

    /** Those of a test, changed one by one. */
    private String name = "agent-1";

    private Integer vmid;
    private String targetNode;
    private String storage;
    private String pool;
    private Boolean full = true;
    private String snapshot;
    private CloneSettings.Hardware hardware = new CloneSettings.Hardware(null, null, null, NO_CLOUD_INIT);
    private boolean start;
    private boolean waitForLock;
    private Availability availability = Availability.RUNNING;

    CloneTest(Generation generation, GuestType type) {
        this.trial = new Trial(generation);
        this.type = type;
        this.template = (type == GuestType.LXC
                        ? trial.cluster().container(TEMPLATE, "pve1", "golden")
                        : trial.cluster().vm(TEMPLATE, "pve1", "golden"))
                .template()
                .configured("tags", "debian");
        trial.proxmox.access().role("Builder", "VM.Allocate,VM.Clone,Datastore.AllocateSpace,SDN.Use");
        for (String path : List.of("/storage", "/sdn")) {
            trial.proxmox.access().grant(path, "jenkins@pve", "Builder");
        }
    }

    @BeforeEach
    void isQuick() {
        trial.cluster().timing(Duration.ofMillis(40), Duration.ofMillis(20), Duration.ofMillis(20));
    }

    private CloneSettings settings(CloneMark mark) {
        SortedSet<String> tags = new TreeSet<>(List.of("CI"));
        return new CloneSettings(
                name, vmid, targetNode, storage, pool, full, snapshot, tags, "made for a test", mark, hardware);
    }

    private CloneSequence sequence() {
        return sequence(MARK, Duration.ofSeconds(30));
    }

    private CloneSequence sequence(CloneMark mark, Duration timeout) {
        CloneSettings settings = settings(mark);
        OperationRequest cloning = OperationRequest.of(
                        new GuestSelector(TEMPLATE, null, null), new CloneOperation(settings, start, availability))
                .within(timeout)
                .waitsForLock(waitForLock)
                .cancelsTask(true);
        return new CloneSequence(cloning, settings, start, availability);
    }

    private SequenceState run(CloneSequence sequence) throws Exception {
        return WholeSequence.of(trial.client, sequence, trial.log::add);
    }

    private SimulatedGuest made(SequenceState end) {
        return trial.cluster().guest(end.last().guest().location().vmid());
    }

    private String task(String name) {
        return (type == GuestType.LXC ? "vz" : "qm") + name;
    }

    @Test
    void makesAMarkedGuestWithTheNextFreeVmid() throws Exception {
        hardware = new CloneSettings.Hardware(4, 2048, DiskSize.require("32G"), NO_CLOUD_INIT);
        start = true;
        SequenceState end = run(sequence());
        SimulatedGuest clone = made(end);
        assertThat(end.last().guest().location().vmid(), is(107));
        assertThat(end.last().guest().name(), is("agent-1"));
        assertThat(clone.isRunning(), is(true));
        assertThat(clone.configured("cores"), is("4"));
        assertThat(clone.configured("memory"), is("2048"));
        assertThat(clone.configured(type == GuestType.LXC ? "rootfs" : "scsi0"), endsWith("size=32G"));
        assertThat("tags of template, Jenkins and build", clone.configured("tags"), is("ci;debian;jenkins"));
        assertThat(clone.configured("description"), startsWith("made for a test"));
        assertThat(MARK.isSame(CloneMark.in(clone.configured("description"))), is(true));
        assertThat(trial.cluster().taskTypes(TEMPLATE), is(List.of(task("clone"))));
        assertThat(
                trial.log,
                hasItem(startsWith(type.label() + " 107 is a clone of " + type.label() + " 9000 (golden), confirmed")));
        List<String> writes = trial.proxmox.writes();
        assertThat(
                "set up before its first start",
                writes.get(1),
                is("PUT /nodes/pve1/" + type.apiName() + "/107/config"));
        assertThat(writes.get(writes.size() - 1), endsWith("/107/status/start"));
    }

    @Test
    void putsItsDisksOnTheStorageThatIsWanted() throws Exception {
        trial.cluster().storage("fast").holding("images,rootdir");
        storage = "fast";
        assertThat(made(run(sequence())).configured(disk()), startsWith("fast:107/"));
    }

    /** It moves there at the end of its task. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isMadeOnAnotherNodeAlsoWhenTheAnswerIsLost(boolean lost) throws Exception {
        trial.cluster().node("pve3", true);
        trial.cluster().storage("local").shared();
        targetNode = "pve3";
        start = true;
        if (lost) {
            trial.proxmox.inject(request -> request.path().endsWith("/clone"), new Fault.BreakAfter());
        }
        SequenceState end = run(sequence());
        assertThat(end.last().guest().location().node(), is("pve3"));
        assertThat(made(end).isRunning(), is(true));
        assertThat(trial.cluster().taskTypes(TEMPLATE), hasSize(1));
    }

    @Test
    void isMadeOfASnapshot() throws Exception {
        plainSourceWithSnapshot();
        assertThat(made(run(sequence())).configured(disk()), containsString("107/"));
    }

    @Test
    void takesTheVmidThatIsWantedOrSaysThatItIsTaken() throws Exception {
        vmid = 555;
        assertThat(run(sequence()).last().guest().location().vmid(), is(555));
        trial.proxmox.forgetRequests();
        CloneMark second = new CloneMark("c0ffee", "folder/job", 13, "", "two", false, null, null);
        var refusal = assertThrows(RequestRejectedException.class, () -> run(sequence(second, Duration.ofSeconds(30))));
        assertThat(refusal.getMessage(), containsString("555"));
        assertThat("the first clone stays", trial.cluster().guest(555), is(notNullValue()));
    }

    @Test
    void givesMachinesWhatCloudInitNeeds() throws Exception {
        hardware = new CloneSettings.Hardware(
                null,
                null,
                null,
                new CloudInit(
                        "jenkins",
                        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 ci@example.org\n\nssh-rsa AAAAB3NzaC1yc2EAAAADAQAB two",
                        "ip=dhcp",
                        "192.0.2.53"));
        if (type == GuestType.LXC) {
            assertRefused("containers have no cloud-init");
            return;
        }
        assertRefused("it has no cloud-init drive");
        template.configured("ide2", "local:9000/vm-9000-cloudinit.qcow2,media=cdrom");
        SimulatedGuest clone = made(run(sequence()));
        assertThat(clone.configured("ciuser"), is("jenkins"));
        assertThat(clone.configured("ipconfig0"), is("ip=dhcp"));
        assertThat(clone.configured("nameserver"), is("192.0.2.53"));
        assertThat(
                clone.configured("sshkeys"),
                is("ssh-ed25519%20AAAAC3NzaC1lZDI1NTE5%20ci%40example.org%0Assh-rsa%20AAAAB3NzaC1yc2EAAAADAQAB%20two"));
    }

    /** As people paste them: other line ends, plus signs, names that are not ASCII. */
    @Test
    void givesMachinesKeysAndAddressesOfAllKinds() throws Exception {
        assumeTrue(type == GuestType.QEMU, "containers have no cloud-init");
        template.configured("ide2", "local:9000/vm-9000-cloudinit.qcow2,media=cdrom");
        hardware = new CloneSettings.Hardware(
                null,
                null,
                null,
                new CloudInit(
                        null,
                        "ssh-ed25519 AAAAC3NzaC1+/ZDI1== J\u00f6rg \u20ac\r\nssh-rsa AAAAB3NzaC1yc2EA+B two\r\n",
                        "ip=192.0.2.10/24,gw=192.0.2.1,ip6=2001:db8::10/64,gw6=2001:db8::1",
                        "192.0.2.53 2001:db8::53"));
        SimulatedGuest clone = made(run(sequence()));
        assertThat(
                clone.configured("sshkeys"),
                is(
                        "ssh-ed25519%20AAAAC3NzaC1%2B%2FZDI1%3D%3D%20J%C3%B6rg%20%E2%82%AC%0Assh-rsa%20AAAAB3NzaC1yc2EA%2BB%20two"));
        assertThat(
                clone.configured("ipconfig0"), is("ip=192.0.2.10/24,gw=192.0.2.1,ip6=2001:db8::10/64,gw6=2001:db8::1"));
        assertThat(clone.configured("nameserver"), is("192.0.2.53 2001:db8::53"));
    }

    private void assertRefused(String why) {
        var refusal = assertThrows(GuestException.class, () -> run(sequence()));
        assertThat(refusal.getMessage(), containsString(why));
        assertThat(trial.proxmox.writes(), is(empty()));
    }

    @Test
    void refusesWhatProxmoxVeWouldRefuse() {
        snapshot = "clean";
        assertRefused("it has no snapshot clean");
        snapshot = null;
        full = false;
        trial.cluster().remove(TEMPLATE);
        SimulatedGuest plain = type == GuestType.LXC
                ? trial.cluster().container(TEMPLATE, "pve1", "plain")
                : trial.cluster().vm(TEMPLATE, "pve1", "plain");
        assertRefused("a linked clone needs a template or a snapshot");
        if (type == GuestType.LXC) {
            full = true;
            plain.running();
            assertRefused("a running container can only be cloned from a snapshot");
        }
    }

    @Test
    void drawsAnotherVmidWhenSomebodyElseWasFaster() throws Exception {
        String said = type == GuestType.LXC
                ? "CT 107 already exists on node 'pve1'"
                : "unable to create VM 107: config file already exists";
        trial.proxmox.inject(request -> request.path().endsWith("/clone"), new Fault.Refuse(500, said));
        assertThat(run(sequence()).last().guest().location().vmid(), is(109));
        assertThat(trial.log, hasItem("Someone else has taken VMID 107; drawing another one"));
    }

    /** The same, where the server has waited for the file before it answered. */
    @Test
    void drawsAnotherVmidWhenItsFileIsLocked() throws Exception {
        trial.proxmox.inject(
                request -> request.path().endsWith("/clone"),
                new Fault.Refuse(
                        500,
                        "can't lock file '/var/lock/"
                                + (type == GuestType.LXC ? "lxc/pve-config-107.lock" : "qemu-server/lock-107.conf")
                                + "' - got timeout"));
        assertThat(run(sequence()).last().guest().location().vmid(), is(109));
        assertThat(trial.log, hasItem("Someone else has taken VMID 107; drawing another one"));
        assertThat(trial.log, not(hasItem(containsString("answer to the request was lost"))));
    }

    /** Both requests were answered with a task; ours waits in vain for the file of the other. */
    @Test
    void drawsAnotherVmidWhenItsTaskLosesTheRace() throws Exception {
        template.failsAt(
                task("clone"),
                "can't lock file '/var/lock/"
                        + (type == GuestType.LXC ? "lxc/pve-config-107.lock" : "qemu-server/lock-107.conf")
                        + "' - got timeout");
        SequenceState end = run(sequence());
        assertThat(end.last().guest().location().vmid(), is(109));
        assertThat(MARK.isSame(CloneMark.in(made(end).configured("description"))), is(true));
    }

    /** Others clone the same container meanwhile. */
    @Test
    void keepsItsVmidWhileItWaitsForALock() throws Exception {
        String lock = type == GuestType.LXC ? "CT is locked (disk)" : "VM is locked (backup)";
        Predicate<ReceivedRequest> cloning = request -> request.path().endsWith("/clone");
        trial.proxmox.inject(cloning, new Fault.Refuse(500, lock));
        waitForLock = true;
        assertThat(run(sequence()).last().guest().location().vmid(), is(107));
        assertThat(
                trial.proxmox.requests().stream()
                        .filter(request -> request.path().equals("/cluster/nextid"))
                        .toList(),
                hasSize(1));
    }

    @Test
    void makesALinkedCloneOfATemplate() throws Exception {
        trial.cluster().storage("local").clonesContainers();
        full = false;
        SimulatedGuest clone = made(run(sequence()));
        assertThat(clone.configured(disk()), containsString("9000/"));
    }

    /** As on LVM-thin and RBD. */
    @Test
    void makesALinkedCloneOfASnapshotWhereTheStorageCan() throws Exception {
        plainSourceWithSnapshot();
        trial.cluster().storage("local").clonesSnapshots();
        full = false;
        SimulatedGuest clone = made(run(sequence()));
        assertThat(clone.configured(disk()), containsString("9000/"));
    }

    private void plainSourceWithSnapshot() {
        trial.cluster().remove(TEMPLATE);
        SimulatedGuest plain = type == GuestType.LXC
                ? trial.cluster().container(TEMPLATE, "pve1", "plain")
                : trial.cluster().vm(TEMPLATE, "pve1", "plain");
        plain.snapshot("clean");
        snapshot = "clean";
    }

    private String disk() {
        return type == GuestType.LXC ? "rootfs" : "scsi0";
    }

    /** The advice is followed. */
    @Test
    void saysThatAFullCloneWorksWhereALinkedOneDoesNot() throws Exception {
        plainSourceWithSnapshot();
        full = false;
        var refusal = assertThrows(GuestException.class, () -> run(sequence()));
        assertThat(refusal.getMessage(), containsString("Linked clone feature"));
        assertThat(refusal.getMessage(), endsWith("Set full: true."));
        full = true;
        assertThat(made(run(sequence())).configured(disk()), not(containsString("9000/")));
    }

    @Test
    void saysSoOfTheDefaultForAContainerTemplateToo() throws Exception {
        assumeTrue(type == GuestType.LXC, "a machine's template on a directory can be cloned linked");
        full = null;
        var refusal = assertThrows(GuestException.class, () -> run(sequence()));
        assertThat(refusal.getMessage(), endsWith("Set full: true."));
    }

    @Test
    void leavesNothingBehindWhenTheCopyFails() {
        trial.cluster().storage("local").full();
        var failure = assertThrows(GuestException.class, () -> run(sequence()));
        assertThat(failure.getMessage(), startsWith("Could not clone "));
        assertThat(trial.cluster().guest(107), is(nullValue()));
        assertThat(
                "that it is gone is said once",
                trial.log.stream()
                        .filter(line -> line.startsWith("There is no guest 107"))
                        .toList(),
                hasSize(1));
    }

    @Test
    void removesTheCloneWhenItCannotBeSetUp() {
        // the disk cannot be made smaller
        hardware = new CloneSettings.Hardware(null, null, DiskSize.require("1G"), NO_CLOUD_INIT);
        var failure = assertThrows(GuestException.class, () -> run(sequence()));
        assertThat(failure.getMessage(), containsString("does not make disks smaller"));
        assertThat(trial.cluster().guest(107), is(nullValue()));
        assertThat(trial.cluster().taskTypes(107), is(List.of(task("destroy"))));
    }

    @Test
    void removesTheCloneWhenItDoesNotStart() {
        start = true;
        trial.proxmox.inject(
                request -> request.path().endsWith("/status/start"), new Fault.Refuse(500, "no such bridge"));
        assertThrows(RequestRejectedException.class, () -> run(sequence()));
        assertThat(trial.cluster().guest(107), is(nullValue()));
    }

    @Test
    void endsItsTaskWhenTheTimeIsOver() throws Exception {
        trial.cluster().taskTakes(task("clone"), Duration.ofHours(1));
        var failure = assertThrows(GuestException.class, () -> run(sequence(MARK, Duration.ofSeconds(2))));
        assertThat(failure.getMessage(), startsWith("Timeout of 2 s: could not clone "));
        Eventually.holds("the half-made clone goes", () -> trial.cluster().guest(107) == null);
        assertThat(trial.log, hasItem(containsString("was cancelled")));
    }

    /** Found by its mark, whatever else is being cloned at the same time. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isMadeOnceWhenTheAnswerIsLost(boolean arrived) throws Exception {
        assumeTrue(arrived || trial.proxmox.generation() == Generation.V9, "once is enough, it takes its time");
        trial.proxmox.inject(
                request -> request.path().endsWith("/clone"),
                arrived ? new Fault.BreakAfter() : new Fault.BreakBefore());
        SequenceState end = run(sequence());
        assertThat(trial.cluster().taskTypes(TEMPLATE), hasSize(1));
        assertThat(MARK.isSame(CloneMark.in(made(end).configured("description"))), is(true));
        assertThat(end.changed(), is(true));
    }

    @Test
    void goesOnInAnotherProcessFromEachPhase() throws Exception {
        for (Phase phase : new Phase[] {Phase.REQUEST, Phase.AWAIT_TASK, Phase.CONFIRM}) {
            trial.proxmox.forgetRequests();
            OperationRequest cloning = sequence().next(List.of());
            OperationStateMachine first = new OperationStateMachine(trial.client, cloning, trial.log::add);
            OperationState saved = Trial.until(phase, first, OperationState.begin());
            if (phase == Phase.REQUEST) {
                // sent, but the process died before the answer was saved
                first.advance(saved);
            }
            OperationStateMachine next = new OperationStateMachine(trial.client, cloning, trial.log::add);
            OperationState end = Trial.finish(next, saved.resumed());
            assertThat(phase.toString(), trial.proxmox.writes(), hasSize(1));
            assertThat(
                    MARK.isSame(CloneMark.in(trial.cluster().guest(end.target()).configured("description"))), is(true));
            trial.cluster().remove(end.target());
        }
    }

    @Test
    void tellsHowFarItIs() throws Exception {
        assumeTrue(type == GuestType.QEMU, "the log of a container's clone has no percentage");
        assumeTrue(trial.proxmox.generation() == Generation.V9, "once is enough, it takes its time");
        trial.cluster().taskTakes("qmclone", Duration.ofSeconds(12));
        run(sequence());
        assertThat(
                trial.log.stream()
                        .filter(line -> line.matches("qmclone: [0-9.]+ %"))
                        .toList(),
                hasSize(1));
    }

    /** All that is missing is told at once, and the commands that are told make the clone pass. */
    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "false, true"})
    void passesAfterTheAdviceOfItsExplanation(boolean inPool, boolean wantedVmid) throws Exception {
        pool = inPool ? "ci" : null;
        vmid = wantedVmid ? (Integer) 555 : null;
        trial.cluster().pool("ci");
        start = true;
        hardware = new CloneSettings.Hardware(2, 1024, DiskSize.require("64G"), NO_CLOUD_INIT);
        String token = "ci@pve!jenkins";
        var access = trial.proxmox.access();
        access.user("ci@pve");
        access.role("JenkinsAudit", "VM.Audit");
        access.role("JenkinsClone", "VM.Audit,VM.Clone");
        // without the right to clone, the server names it; with it, it does not say that it misses the right to the
        // VMID
        String role = inPool ? "JenkinsAudit" : "JenkinsClone";
        access.grant("/vms/" + TEMPLATE, "ci@pve", role);
        access.grant("/vms/" + TEMPLATE, token, role);
        try (ProxmoxClient client = new ProxmoxClient(
                ExampleCluster.settings(trial.proxmox, ExampleCluster.token(token, access.token(token, true))))) {
            AdvisedRun advised = new AdvisedRun(trial, client);
            CloneSequence sequence = sequence();
            advised.followAdvice(sequence.next(List.of()));
            SequenceState end = WholeSequence.of(client, sequence, trial.log::add);
            assertThat(made(end).isRunning(), is(true));
        }
    }

    /** The configuration of the guest does not tell a virtual network from a bridge; the refusal names its zone. */
    @Test
    void passesAfterTheAdviceWhereItsNetworkIsVirtual() throws Exception {
        trial.cluster().virtualNetwork("tenant1", "zone1");
        template.configured("net0", template.configured("net0").replace("vmbr0", "tenant1"));
        String user = "ci@pve";
        var access = trial.proxmox.access();
        access.user(user);
        access.grant("/vms", user, "PVEVMAdmin");
        access.grant("/storage", user, "Builder");
        try (ProxmoxClient client = new ProxmoxClient(ExampleCluster.settings(
                trial.proxmox, ExampleCluster.token(user + "!jenkins", access.token(user + "!jenkins", false))))) {
            CloneSequence sequence = sequence();
            List<String> advice = new AdvisedRun(trial, client).followAdvice(sequence.next(List.of()));
            assertThat(advice, hasItem(startsWith("pveum acl modify /sdn/zones/zone1/tenant1 --")));
            assertThat(advice, not(hasItem(containsString("localnetwork"))));
            SimulatedGuest clone = made(WholeSequence.of(client, sequence, trial.log::add));
            assertThat(MARK.isSame(CloneMark.in(clone.configured("description"))), is(true));
        }
    }

    /** Proxmox VE answers 403, even to root@pam; with no right on any VMID, it does not even name the pool. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void saysThatThePoolDoesNotExist(boolean onAnyVmid) throws Exception {
        pool = "nosuch";
        String user = "ci@pve";
        var access = trial.proxmox.access();
        access.user(user);
        access.role("Cloner", "VM.Audit,VM.Clone" + (onAnyVmid ? ",VM.Allocate" : ""));
        access.grant("/vms", user, "Cloner");
        try (ProxmoxClient client = new ProxmoxClient(ExampleCluster.settings(
                trial.proxmox, ExampleCluster.token(user + "!jenkins", access.token(user + "!jenkins", false))))) {
            AdvisedRun advised = new AdvisedRun(trial, client);
            assertThat(
                    advised.followAdvice(sequence().next(List.of())),
                    is(List.of("pveum pool list", "pveum pool add nosuch")));
        }
    }

    @Test
    void waitsUntilTheCloneHasAnAddress() throws Exception {
        start = true;
        availability = Availability.parse("ip");
        SequenceState end = run(sequence());
        assertThat(end.last().availability().network().ip(), is("192.0.2.108"));
    }

    @Test
    void doesNotMakeACloneThatWillNeverAnswer() {
        start = true;
        availability = Availability.parse("agent");
        if (type == GuestType.LXC) {
            assertRefused("containers have no QEMU guest agent");
        } else {
            template.agent().notConfigured();
            assertRefused("its guest agent is not enabled, which waitFor: 'agent' needs");
        }
    }
}
