package io.jenkins.plugins.proxmox.pve.simulator;

import static io.jenkins.plugins.proxmox.pve.simulator.ProvisionedCluster.NODE;
import static io.jenkins.plugins.proxmox.pve.simulator.ProvisionedCluster.TEMPLATE;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.proxmox.pve.simulator.WireClient.Reply;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clones of the simulated server are made and refused as those that were recorded. */
class CloneRoutesTest {

    private ProvisionedCluster pve;
    private WireClient builder;

    private void start(Generation generation) {
        pve = new ProvisionedCluster(generation);
        builder = pve.builder;
    }

    @AfterEach
    void stop() {
        pve.close();
    }

    private Reply cloneTemplate(String parameters) {
        return builder.post(TEMPLATE + "/clone", parameters);
    }

    @ParameterizedTest
    @EnumSource
    void aFreeVmidIsToldButNotReserved(Generation generation) {
        start(generation);

        assertThat(builder.get("/cluster/nextid").data().asText(), is("100"));
        assertThat(builder.get("/cluster/nextid").data().asText(), is("100"));
        assertThat(builder.get("/cluster/nextid?vmid=599").data().asText(), is("599"));
        assertThat(builder.get("/cluster/nextid?vmid=590").error("vmid"), is("VM 590 already exists"));
        assertThat(
                builder.get("/cluster/nextid?vmid=99").error("vmid"),
                is("invalid format - value does not look like a valid VM ID\n"));
    }

    @ParameterizedTest
    @EnumSource
    void aCloneIsThereAtOnceAndLockedUntilItIsWhole(Generation generation) {
        start(generation);
        pve.cluster.taskTakes("qmclone", Duration.ofSeconds(20));

        Reply clone = cloneTemplate("newid=501&name=w2-full&description=made&full=1");
        String upid = clone.data().asText();
        assertThat(upid, containsString(":qmclone:590:builder@pve!ci:"));
        JsonNode config = builder.get(NODE + "/qemu/501/config").data();
        assertThat(config.path("description").asText(), is(" qmclone temporary file"));
        assertThat(config.path("lock").asText(), is("clone"));
        assertThat(config.has("scsi0"), is(false));
        JsonNode status = builder.get(NODE + "/qemu/501/status/current").data();
        assertThat(status.path("name").asText(), is("VM 501"));
        assertThat(status.path("lock").asText(), is("clone"));
        assertThat(pve.cluster.guest(590).lock(), is(nullValue()));
        assertThat(builder.get("/cluster/nextid?vmid=501").status(), is(400));
        assertThat(cloneTemplate("newid=501").reason(), is("unable to create VM 501: config file already exists"));
        assertThat(
                builder.endOf(builder.post(NODE + "/qemu/501/status/start", "")),
                is("can't lock file '/var/lock/qemu-server/lock-501.conf' - got timeout"));
        assertThat(
                builder.put(NODE + "/qemu/501/config", "cores=2").reason(),
                is(
                        generation == Generation.V9
                                ? "VM is locked (clone)"
                                : "can't lock file '/var/lock/qemu-server/lock-501.conf' - got timeout"));
        pve.cluster.endTasks(590);

        assertThat(builder.endOf(clone), is("OK"));
        SimulatedGuest made = pve.cluster.guest(501);
        assertThat(made.configured("name"), is("w2-full"));
        assertThat(made.configured("description"), is("made"));
        assertThat(made.configured("tags"), is("golden"));
        assertThat(made.configured("scsi0"), is("local:501/vm-501-disk-0.qcow2,size=8G"));
        assertThat(made.configured("net0"), not(is(pve.cluster.guest(590).configured("net0"))));
        assertThat(builder.logOf(clone), hasItem("transferred 4.0 GiB of 8.0 GiB (50.00%)"));
        assertThat(builder.endOf(builder.post(NODE + "/qemu/501/status/start", "")), is("OK"));
    }

    @ParameterizedTest
    @EnumSource
    void theLogTellsHowFarItIs(Generation generation) {
        start(generation);
        pve.cluster.taskTakes("qmclone", Duration.ofSeconds(20));

        Reply clone = cloneTemplate("newid=501&full=1");
        assertThat(String.join("\n", builder.logOf(clone)), not(containsString("100.00%")));
        pve.cluster.endTasks(590);
        assertThat(builder.endOf(clone), is("OK"));

        assertThat(String.join("\n", builder.logOf(clone)), containsString("transferred 8.0 GiB of 8.0 GiB (100.00%)"));
        assertThat(
                builder.logOf(clone).get(0),
                startsWith(generation == Generation.V9 ? "creating a clone of VM 590" : "create full clone of drive"));
    }

    @ParameterizedTest
    @EnumSource
    void aTemplateIsLinkedUnlessToldOtherwise(Generation generation) {
        start(generation);

        assertThat(builder.endOf(cloneTemplate("newid=501")), is("OK"));
        assertThat(
                pve.cluster.guest(501).configured("scsi0"),
                is("local:590/base-590-disk-0.qcow2/501/vm-501-disk-0.qcow2,size=8G"));
        assertThat(pve.cluster.guest(501).configured("name"), is("Copy-of-VM-w2-tmpl"));
        assertThat(
                builder.endOf(builder.delete(TEMPLATE)),
                is("base volume 'local:590/base-590-disk-0.qcow2' is still in use by linked cloned"));
        assertThat(
                builder.post(NODE + "/qemu/500/clone", "newid=502&full=0").reason(),
                is("Linked clone feature is not supported for 'local:500/vm-500-disk-0.qcow2' (scsi0)"));
        assertThat(
                cloneTemplate("newid=502&storage=local").reason(),
                is("parameter 'storage' not allowed for linked clones"));
    }

    @ParameterizedTest
    @EnumSource
    void ofTwoForOneVmidTheLaterWaitsInVain(Generation generation) {
        start(generation);
        pve.cluster.newGuestsAppearAfter(Duration.ofSeconds(20));
        pve.cluster.taskTakes("qmclone", Duration.ofSeconds(20));

        Reply first = cloneTemplate("newid=504&name=first");
        Reply second = cloneTemplate("newid=504&name=second");

        assertThat(builder.endOf(second), is("can't lock file '/var/lock/qemu-server/lock-504.conf' - got timeout"));
        pve.cluster.endTasks(590);
        assertThat(builder.endOf(first), is("OK"));
        assertThat(pve.cluster.guest(504).configured("name"), is("first"));
    }

    @ParameterizedTest
    @EnumSource
    void whatFailsOrIsEndedLeavesNothing(Generation generation) {
        start(generation);
        pve.cluster.storage("tiny").full();
        pve.cluster.taskTakes("qmclone", Duration.ofSeconds(20));

        Reply ended = cloneTemplate("newid=507&full=1");
        assertThat(builder.delete(NODE + "/tasks/" + ended.data().asText()).status(), is(200));
        assertThat(builder.endOf(ended), startsWith("clone failed: copy failed: command '/usr/bin/qemu-img convert"));
        assertThat(builder.endOf(ended), endsWith("failed: interrupted by signal"));
        assertThat(
                builder.get(NODE + "/qemu/507/config").reason(),
                is("Configuration file 'nodes/pve1/qemu-server/507.conf' does not exist"));

        pve.cluster.taskTakes("qmclone", Duration.ofMillis(40));
        Reply full = cloneTemplate("newid=516&full=1&storage=tiny");
        assertThat(builder.endOf(full), endsWith("failed: exit code 1"));
        assertThat(builder.logOf(full), hasItem(containsString("No space left on device")));
        assertThat(pve.cluster.guest(516), is(nullValue()));
        pve.cluster.guest(590).failsAt("qmclone", "clone failed: unable to activate storage");
        assertThat(builder.endOf(cloneTemplate("newid=516")), is("clone failed: unable to activate storage"));
        assertThat(builder.endOf(cloneTemplate("newid=516")), is("OK"));
    }

    @ParameterizedTest
    @EnumSource
    void whatCannotBeIsRefusedAtOnce(Generation generation) {
        start(generation);
        pve.cluster.storage("off").disabled();
        pve.cluster.storage("isoonly").holding("iso");

        assertThat(cloneTemplate("newid=500").reason(), is("unable to create VM 500: config file already exists"));
        assertThat(cloneTemplate("newid=501&full=1&storage=nosuch").reason(), is("storage 'nosuch' does not exist"));
        assertThat(cloneTemplate("newid=501&full=1&storage=off").reason(), is("storage 'off' is disabled"));
        assertThat(
                cloneTemplate("newid=501&full=1&storage=isoonly").error("storage"),
                is(generation == Generation.V9 ? "storage 'isoonly' does not support vm images" : ""));
        assertThat(
                cloneTemplate("newid=503&target=pve2").reason(),
                is("can't clone VM to node 'pve2' (VM uses local storage)"));
        assertThat(cloneTemplate("newid=503&target=nosuch").reason(), is("no such cluster node 'nosuch'"));
        assertThat(
                cloneTemplate("newid=503&pool=nosuch").toString(),
                is("403 Permission check failed (pool 'nosuch' does not exist)"));
        assertThat(
                cloneTemplate("newid=503&full=true").error("full"), is("type check ('boolean') failed - got 'true'"));
        assertThat(
                cloneTemplate("newid=503&name=a_b").error("name"),
                is("invalid format - value does not look like a valid DNS name\n"));
        assertThat(
                builder.post(NODE + "/qemu/999/clone", "newid=503").reason(),
                is("unable to find configuration file for VM 999 on node 'pve1'"));
        assertThat(cloneTemplate("newid=503&snapname=nope").reason(), is("snapshot 'nope' does not exist"));
    }

    @ParameterizedTest
    @EnumSource
    void sharedStorageLetsACloneGoToAnotherNode(Generation generation) {
        start(generation);
        pve.cluster.storage("ceph").shared();
        pve.cluster.guest(590).onStorage("ceph");

        assertThat(builder.endOf(cloneTemplate("newid=501&target=pve2")), is("OK"));

        assertThat(builder.get("/nodes/pve2/qemu/501/status/current").status(), is(200));
    }

    @ParameterizedTest
    @EnumSource
    void rightsAreAskedForInTheOrderOfTheServer(Generation generation) {
        start(generation);
        pve.cluster.pool("ci");
        pve.access.role("Clone", "VM.Clone,VM.Audit");
        pve.access.role("Allocate", "VM.Allocate");
        WireClient token = pve.as("w2@pve!clone");

        assertThat(refusal(token, ""), is("Permission check failed (/vms/590, VM.Clone)"));
        pve.access.grant("/vms/590", "w2@pve", "Clone");
        assertThat(refusal(token, ""), is("Permission check failed"));
        pve.access.grant("/pool/ci", "w2@pve", "PVEPoolAdmin");
        assertThat(refusal(token, "&pool=ci"), is("Permission check failed"));
        pve.access.grant("/pool/ci", "w2@pve", "Allocate");
        assertThat(refusal(token, "&pool=ci"), is("Permission check failed (/storage/local, Datastore.AllocateSpace)"));
        pve.access.grant("/storage", "w2@pve", "PVEDatastoreUser");
        assertThat(refusal(token, "&pool=ci"), is("Permission check failed (/sdn/zones/localnetwork/vmbr0, SDN.Use)"));
        pve.access.grant("/sdn/zones/localnetwork", "w2@pve", "PVESDNUser");
        Reply clone = token.post(TEMPLATE + "/clone", "newid=531&pool=ci");

        assertThat(token.endOf(clone), is("OK"));
        assertThat(pve.cluster.poolOf(531), is("ci"));
    }

    private static String refusal(WireClient token, String more) {
        return token.post(TEMPLATE + "/clone", "newid=531" + more).reason();
    }

    @ParameterizedTest
    @EnumSource
    void containersAreCopiedUnderLocksInBothFiles(Generation generation) {
        start(generation);
        pve.cluster.taskTakes("vzclone", Duration.ofSeconds(20));
        String source = NODE + "/lxc/202";

        Reply clone = builder.post(source + "/clone", "newid=540&hostname=w2-ct&description=made");
        assertThat(pve.cluster.guest(540).lock(), is("create"));
        assertThat(pve.cluster.guest(202).lock(), is("disk"));
        JsonNode config = builder.get(NODE + "/lxc/540/config").data();
        assertThat(config.path("hostname").asText(), is("w2-ct"));
        assertThat(config.has("rootfs"), is(false));
        assertThat(builder.post(source + "/clone", "newid=541").reason(), is("CT is locked (disk)"));
        pve.cluster.endTasks(202);

        assertThat(builder.endOf(clone), is("OK"));
        assertThat(pve.cluster.guest(540).lock(), is(nullValue()));
        assertThat(pve.cluster.guest(202).lock(), is(nullValue()));
        assertThat(pve.cluster.guest(540).configured("rootfs"), is("local:540/vm-540-disk-0.raw,size=8G"));
        assertThat(builder.post(source + "/clone", "newid=201").reason(), is("CT 201 already exists on node 'pve1'"));
        assertThat(builder.post(source + "/clone", "newid=541&name=x").status(), is(400));
        assertThat(
                builder.post(source + "/clone", "newid=541&full=0").reason(),
                is("Linked clone feature for 'local:202/vm-202-disk-0.raw' is not available"));
        assertThat(
                builder.post(NODE + "/lxc/201/clone", "newid=541").reason(),
                is(
                        generation == Generation.V9
                                ? "Full clone of a running container is only possible from a snapshot"
                                : "Cannot do full clones on a running container without snapshots"));
    }
}
