package io.jenkins.plugins.proxmox.pve.simulator;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.proxmox.pve.simulator.WireClient.Reply;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The snapshots of the simulated server are as those that were recorded. */
class SnapshotRoutesTest {

    private static final String VM = "/nodes/pve1/qemu/517";
    private static final String CT = "/nodes/pve1/lxc/546";

    private SimulatedProxmox proxmox;
    private SimulatedGuest vm;
    private SimulatedGuest container;
    private WireClient ci;

    private void start(Generation generation) {
        proxmox = SimulatedProxmox.start(generation);
        vm = proxmox.cluster().vm(517, "pve1", "w2-snap");
        container = proxmox.cluster().container(546, "pve1", "w2-ctsnap");
        proxmox.cluster().timing(Duration.ofMillis(40), Duration.ofMillis(40), Duration.ofMillis(40));
        ci = as("builder@pve!ci", "PVEVMAdmin");
    }

    private WireClient as(String tokenId, String role) {
        String user = tokenId.substring(0, tokenId.indexOf('!'));
        proxmox.access().user(user);
        proxmox.access().grant("/vms", user, role);
        return new WireClient(proxmox, tokenId, proxmox.access().token(tokenId, false));
    }

    @AfterEach
    void stop() {
        proxmox.close();
    }

    private JsonNode entry(String guest, String name) {
        for (JsonNode each : ci.get(guest + "/snapshot").data()) {
            if (each.path("name").asText().equals(name)) {
                return each;
            }
        }
        throw new AssertionError("no entry " + name);
    }

    @ParameterizedTest
    @EnumSource
    void aSnapshotIsListedWithItsParentBeforeThePresentState(Generation generation) {
        start(generation);

        Reply one = ci.post(VM + "/snapshot", "snapname=one&description=first");
        assertThat(ci.endOf(one), is("OK"));
        assertThat(ci.endOf(ci.post(VM + "/snapshot", "snapname=two&vmstate=1")), is("OK"));

        assertThat(one.data().asText().split(":")[5], is("qmsnapshot"));
        assertThat(entry(VM, "one").path("description").asText(), is("first"));
        assertThat(entry(VM, "one").has("parent"), is(false));
        assertThat(entry(VM, "two").path("parent").asText(), is("one"));
        assertThat("memory of a stopped one", entry(VM, "two").path("vmstate").asInt(), is(0));
        assertThat(entry(VM, "current").path("parent").asText(), is("two"));
        assertThat(entry(VM, "current").path("running").asInt(), is(0));
        assertThat(vm.snapshots(), contains("one", "two"));
    }

    @ParameterizedTest
    @EnumSource
    void aContainerHasNoMemoryToKeep(Generation generation) {
        start(generation);
        container.running();

        assertThat(ci.endOf(ci.post(CT + "/snapshot", "snapname=one&description=d")), is("OK"));

        assertThat(entry(CT, "one").path("description").asText(), is("d\n"));
        assertThat(entry(CT, "one").has("vmstate"), is(false));
        assertThat(ci.post(CT + "/snapshot", "snapname=two&vmstate=0").status(), is(400));
        assertThat(
                ci.post(CT + "/snapshot", "snapname=vzdump").reason(),
                is("unable to use snapshot name 'vzdump' (reserved name)"));
    }

    @ParameterizedTest
    @EnumSource
    void namesAreRefusedAtOnceAndTakenOnesInTheTask(Generation generation) {
        start(generation);
        vm.snapshot("one");

        assertThat(
                ci.post(VM + "/snapshot", "snapname=a").error("snapname"),
                is("invalid format - invalid configuration ID 'a'\n"));
        assertThat(
                ci.post(VM + "/snapshot", "snapname=" + "b".repeat(41)).error("snapname"),
                is("value may only be 40 characters long"));
        assertThat(
                ci.post(VM + "/snapshot", "snapname=current").reason(),
                is("unable to use snapshot name 'current' (reserved name)"));
        assertThat(ci.endOf(ci.post(VM + "/snapshot", "snapname=one")), is("snapshot name 'one' already used"));
        assertThat(
                ci.post("/nodes/pve1/qemu/999/snapshot", "snapname=one").reason(),
                is("Configuration file 'nodes/pve1/qemu-server/999.conf' does not exist"));
    }

    @ParameterizedTest
    @EnumSource
    void twoAtOnceFindTheGuestLocked(Generation generation) {
        start(generation);
        proxmox.cluster().taskTakes("qmsnapshot", Duration.ofSeconds(20));

        Reply first = ci.post(VM + "/snapshot", "snapname=one");
        assertThat(ci.get(VM + "/status/current").data().path("lock").asText(), is("snapshot"));
        assertThat(ci.endOf(ci.post(VM + "/snapshot", "snapname=two")), is("VM is locked (snapshot)"));
        proxmox.cluster().endTasks(517);

        assertThat(ci.endOf(first), is("OK"));
        assertThat(vm.snapshots(), contains("one"));
        assertThat(vm.lock() == null, is(true));
    }

    @ParameterizedTest
    @EnumSource
    void someGuestsHaveNoSnapshots(Generation generation) {
        start(generation);

        vm.withoutSnapshots();
        assertThat(ci.endOf(ci.post(VM + "/snapshot", "snapname=one")), is("snapshot feature is not available"));
        container.locked("backup");
        assertThat(ci.endOf(ci.post(CT + "/snapshot", "snapname=one")), is("CT is locked (backup)"));
        vm.template();
        assertThat(
                ci.endOf(ci.post(VM + "/snapshot", "snapname=one")),
                is("you can't take a snapshot if it's a template"));
        vm.failsAt("qmdelsnapshot", "unable to open file");
        vm.snapshot("one");
        assertThat(ci.endOf(ci.delete(VM + "/snapshot/one")), is("unable to open file"));
    }

    @ParameterizedTest
    @EnumSource
    void childrenOfADeletedOneGoToItsParent(Generation generation) {
        start(generation);
        vm.snapshot("one").snapshot("two").snapshot("three");

        assertThat(ci.endOf(ci.delete(VM + "/snapshot/two")), is("OK"));
        assertThat(ci.endOf(ci.delete(VM + "/snapshot/three")), is("OK"));
        assertThat(ci.endOf(ci.delete(VM + "/snapshot/nope")), is("snapshot 'nope' does not exist"));

        assertThat(entry(VM, "current").path("parent").asText(), is("one"));
        assertThat(ci.endOf(ci.delete(VM + "/snapshot/one")), is("OK"));
        assertThat(vm.snapshots(), empty());
    }

    @ParameterizedTest
    @EnumSource
    void aRollbackStopsTheGuestUnlessMemoryIsKept(Generation generation) {
        start(generation);
        vm.running().configured("cores", "2").configured("description", "old");
        vm.snapshot("cold").snapshotWithMemory("warm");
        vm.configured("cores", "4").configured("description", "new");

        assertThat(ci.endOf(ci.post(VM + "/snapshot/warm/rollback", "start=0")), is("OK"));
        assertThat(proxmox.cluster().guest(517).isRunning(), is(true));
        assertThat(ci.endOf(ci.post(VM + "/snapshot/cold/rollback", "")), is("OK"));

        assertThat(proxmox.cluster().guest(517).isRunning(), is(false));
        assertThat(vm.configured("cores"), is("2"));
        assertThat("a rollback leaves it", vm.configured("description"), is("new"));
        assertThat(entry(VM, "current").path("parent").asText(), is("cold"));
        assertThat(ci.endOf(ci.post(VM + "/snapshot/nope/rollback", "")), is("snapshot 'nope' does not exist"));
    }

    @ParameterizedTest
    @EnumSource
    void aSecondTaskStartsTheGuestAfterARollback(Generation generation) {
        start(generation);
        container.snapshot("clean");

        assertThat(ci.endOf(ci.post(CT + "/snapshot/clean/rollback", "start=1")), is("OK"));

        ci.get(CT + "/status/current");
        assertThat(proxmox.cluster().taskTypes(546), contains("vzrollback", "vzstart"));
    }

    @ParameterizedTest
    @EnumSource
    void rightsAreAskedForInTheWordsOfTheServer(Generation generation) {
        start(generation);
        vm.snapshot("clean");
        proxmox.access().role("Rollback", "VM.Snapshot.Rollback");
        WireClient rollbackOnly = as("w2@pve!rollbackonly", "Rollback");

        assertThat(
                rollbackOnly.post(VM + "/snapshot", "snapname=one").reason(),
                is("Permission check failed (/vms/517, VM.Snapshot)"));
        assertThat(rollbackOnly.get(VM + "/snapshot").reason(), is("Permission check failed (/vms/517, VM.Audit)"));
        assertThat(rollbackOnly.endOf(rollbackOnly.post(VM + "/snapshot/clean/rollback", "")), is("OK"));
        assertThat(rollbackOnly.get(VM + "/snapshot/clean/config").status(), is(200));
        assertThat(
                rollbackOnly.post(VM + "/snapshot/clean/rollback", "start=1").reason(),
                is(generation == Generation.V9 ? "Permission check failed (/vms/517, VM.PowerMgmt)" : "OK"));
        WireClient auditor = as("auditor@pve!ci", "PVEAuditor");
        assertThat(
                auditor.post(VM + "/snapshot/clean/rollback", "").reason(),
                is("Permission check failed (/vms/517, VM.Snapshot|VM.Snapshot.Rollback)"));
    }

    @ParameterizedTest
    @EnumSource
    void theDescriptionCanBeChanged(Generation generation) {
        start(generation);
        vm.snapshot("clean");

        assertThat(
                ci.put(VM + "/snapshot/clean/config", "description=edited")
                        .data()
                        .isNull(),
                is(true));

        assertThat(
                ci.get(VM + "/snapshot/clean/config").data().path("description").asText(), is("edited"));
        assertThat(ci.get(VM + "/snapshot/nope/config").reason(), is("snapshot 'nope' does not exist"));
    }

    @ParameterizedTest
    @EnumSource
    void whatIsEndedHalfWayIsUndoneOrLeavesALock(Generation generation) {
        start(generation);
        vm.snapshot("clean").running();
        proxmox.cluster().taskTakes("qmsnapshot", Duration.ofSeconds(20));
        proxmox.cluster().taskTakes("qmrollback", Duration.ofSeconds(20));

        Reply snapshot = ci.post(VM + "/snapshot", "snapname=one");
        proxmox.cluster().cancelTasks(517);
        assertThat(ci.endOf(snapshot), is("interrupted by signal"));
        assertThat(vm.lock() == null, is(true));

        Reply rollback = ci.post(VM + "/snapshot/clean/rollback", "");
        proxmox.cluster().cancelTasks(517);
        assertThat(ci.endOf(rollback), is("interrupted by signal"));
        assertThat(vm.lock(), is("rollback"));
        assertThat(ci.logOf(rollback), hasItem("TASK ERROR: interrupted by signal"));
    }
}
