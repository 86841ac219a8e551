package io.jenkins.plugins.proxmox.pve.simulator;

import static io.jenkins.plugins.proxmox.pve.simulator.ProvisionedCluster.NODE;
import static io.jenkins.plugins.proxmox.pve.simulator.ProvisionedCluster.TEMPLATE;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.proxmox.pve.simulator.WireClient.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Deletion, pools and the lists of a node are as they were recorded. */
class ProvisioningRoutesTest {

    private static final String VM = NODE + "/qemu/500";

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

    private static List<String> each(JsonNode list, String key) {
        List<String> values = new ArrayList<>();
        list.forEach(entry -> values.add(entry.path(key).asText()));
        return values;
    }

    @ParameterizedTest
    @EnumSource
    void aDeletedGuestTakesItsPoolAndItsRightsAlong(Generation generation) {
        start(generation);
        pve.cluster.pool("ci", 500);
        pve.access.role("Owner", "VM.Allocate,VM.Audit");
        WireClient owner = pve.as("w2@pve!onlyvm", "/vms/500", "Owner");

        Reply deleted = owner.delete(VM + "?purge=1&destroy-unreferenced-disks=1");
        assertThat(owner.endOf(deleted), is("OK"));

        assertThat(
                builder.get(VM + "/status/current").reason(),
                is("Configuration file 'nodes/pve1/qemu-server/500.conf' does not exist"));
        assertThat(owner.get(VM + "/status/current").reason(), is("Permission check failed (/vms/500, VM.Audit)"));
        assertThat(pve.cluster.poolOf(500), is(nullValue()));
        assertThat(owner.logOf(deleted).get(0), is("purging VM 500 from related configurations.."));
        assertThat(builder.get("/cluster/nextid?vmid=500").data().asText(), is("500"));
        assertThat(builder.delete(VM).status(), is(500));
    }

    @ParameterizedTest
    @EnumSource
    void whatRunsOrIsProtectedStays(Generation generation) {
        start(generation);
        SimulatedGuest vm = pve.cluster.guest(500).running();

        assertThat(builder.delete(VM).reason(), is("VM 500 is running - destroy failed"));
        assertThat(builder.delete(VM + "?force=1").status(), is(400));
        vm.stopped().protectedFromDeletion();
        assertThat(builder.delete(VM).reason(), is("can't remove VM 500 - protection mode enabled"));
        vm.configured("protection", "0").highlyAvailable();
        assertThat(
                builder.delete(VM).reason(),
                is("unable to remove VM 500 - used in HA resources and purge parameter not set."));
        vm.locked("backup");
        assertThat(builder.endOf(builder.delete(VM + "?purge=1")), is("VM is locked (backup)"));
        vm.locked("suspended");
        assertThat(builder.endOf(builder.delete(VM + "?purge=1")), is("OK"));
    }

    @ParameterizedTest
    @EnumSource
    void aRunningContainerIsStoppedOnlyByForce(Generation generation) {
        start(generation);
        String container = NODE + "/lxc/201";

        assertThat(builder.delete(container).reason(), is("unable to destroy CT 201 - container is running"));
        pve.cluster.guest(202).locked("backup");
        assertThat(builder.delete(NODE + "/lxc/202").reason(), is("CT is locked (backup)"));
        Reply forced = builder.delete(container + "?force=1");
        assertThat(builder.endOf(forced), is("OK"));
        assertThat(builder.logOf(forced).get(0), is("forced to stop CT 201 before destroying!"));
    }

    @ParameterizedTest
    @EnumSource
    void ofTwoDeletionsTheLaterFindsNothing(Generation generation) {
        start(generation);
        Duration longEnough = Duration.ofSeconds(1);
        pve.cluster.timing(longEnough, longEnough, longEnough);

        Reply first = builder.delete(VM);
        Reply second = builder.delete(VM);

        assertThat(builder.endOf(first), is("OK"));
        assertThat(builder.endOf(second), is("Configuration file 'nodes/pve1/qemu-server/500.conf' does not exist"));
    }

    @ParameterizedTest
    @EnumSource
    void aPoolGivesItsMembersItsRights(Generation generation) {
        start(generation);
        pve.cluster.pool("ci", 500, 202);
        WireClient member = pve.as("pooled@pve!ci", "/pool/ci", "PVEVMUser");
        WireClient auditor = pve.as("auditor@pve!ci", "/", "PVEAuditor");

        assertThat(member.get(VM + "/status/current").status(), is(200));
        assertThat(member.get("/pools").data().size(), is(0));
        assertThat(each(member.get("/pools?poolid=ci").data().get(0).path("members"), "vmid"), contains("202", "500"));
        assertThat(member.get("/pools/ci").reason(), is("Permission check failed (/pool/ci, Pool.Audit)"));
        assertThat(each(auditor.get("/pools").data(), "poolid"), contains("ci"));
        assertThat(auditor.get("/pools/nosuch").reason(), is("pool 'nosuch' does not exist"));
        assertThat(poolOf(auditor), is("ci"));
        assertThat("without Pool.Audit", poolOf(member), is(""));
    }

    private static String poolOf(WireClient client) {
        for (JsonNode guest : client.get("/cluster/resources?type=vm").data()) {
            if (guest.path("vmid").asInt() == 500) {
                return guest.path("pool").asText();
            }
        }
        throw new AssertionError("not listed");
    }

    @ParameterizedTest
    @EnumSource
    void guestsGoIntoAPoolWithRightsOnBoth(Generation generation) {
        start(generation);
        pve.cluster.pool("ci");
        pve.cluster.pool("other", 202);
        WireClient manager = pve.as("pools@pve!ci", "/pool", "PVEPoolAdmin");

        assertThat(
                builder.put("/pools", "poolid=ci&vms=500").reason(),
                is("Permission check failed (/pool/ci, Pool.Allocate)"));
        assertThat(
                manager.put("/pools", "poolid=ci&vms=500").reason(),
                is("update pools failed: 403 Permission check failed (/vms/500, Permissions.Modify|VM.Allocate)"));
        pve.access.grant("/pool", "builder@pve", "PVEPoolAdmin");
        assertThat(builder.put("/pools", "poolid=ci&vms=500").status(), is(200));
        assertThat(
                builder.put("/pools", "poolid=ci&vms=202").reason(),
                is("update pools failed: VM 202 belongs already to pool 'other' and 'allow-move' is not set"));
        assertThat(builder.put("/pools", "poolid=ci&vms=202&allow-move=1").status(), is(200));
        assertThat(builder.put("/pools", "poolid=ci&vms=500&delete=1").status(), is(200));
        assertThat(pve.cluster.poolOf(500), is(nullValue()));
        assertThat(pve.cluster.poolOf(202), is("ci"));
    }

    @ParameterizedTest
    @EnumSource
    void aNodeListsItsGuestsWithWhatTheyTransferred(Generation generation) {
        start(generation);
        pve.cluster.guest(500).running().transfers(1_000_000, 2_000_000);

        JsonNode list = builder.get(NODE + "/qemu").data();
        assertThat(each(list, "vmid"), contains("500", "590"));
        assertThat(list.get(1).path("template").asInt(), is(1));
        assertThat(list.get(0).has("ha"), is(false));
        long before = list.get(0).path("netin").asLong();
        LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        while (builder.get(NODE + "/qemu").data().get(0).path("netin").asLong() <= before) {
            Thread.onSpinWait();
        }
        assertThat(builder.get(NODE + "/qemu").data().get(0).path("netout").asLong(), greaterThan(before));
        assertThat(each(builder.get(NODE + "/lxc").data(), "name"), contains("cache", "ct"));
        assertThat(each(pve.as("nobody@pve!ci").get(NODE + "/qemu").data(), "vmid"), empty());
    }

    @ParameterizedTest
    @EnumSource
    void aNewGuestIsNamelessInTheListAtFirst(Generation generation) {
        start(generation);
        pve.cluster.taskTakes("qmclone", Duration.ofSeconds(20));

        Reply clone = builder.post(TEMPLATE + "/clone", "newid=501&name=new");
        assertThat(listed(501).path("status").asText(), is("unknown"));
        assertThat(listed(501).has("name"), is(false));
        assertThat(listed(501).path("lock").asText(), is("clone"));
        pve.cluster.endTasks(590);

        assertThat(builder.endOf(clone), is("OK"));
        assertThat(listed(501).path("name").asText(), is("new"));
    }

    private JsonNode listed(int vmid) {
        for (JsonNode guest : builder.get("/cluster/resources?type=vm").data()) {
            if (guest.path("vmid").asInt() == vmid) {
                return guest;
            }
        }
        throw new AssertionError("not listed");
    }

    @ParameterizedTest
    @EnumSource
    void aLogIsReadInParts(Generation generation) {
        start(generation);
        pve.cluster.taskTakes("qmclone", Duration.ofMillis(40));

        Reply clone = builder.post(TEMPLATE + "/clone", "newid=501&full=1");
        assertThat(builder.endOf(clone), is("OK"));
        String log = NODE + "/tasks/" + clone.data().asText() + "/log";
        int all = builder.logOf(clone).size();

        Reply part = builder.get(log + "?start=2&limit=3");
        assertThat(each(part.data(), "n"), contains("3", "4", "5"));
        assertThat(part.body().path("total").asInt(), is(all));
        assertThat(builder.get(log + "?start=500").data().size(), is(0));
        assertThat(builder.get(log + "?start=-1").error("start"), is("value must have a minimum value of 0"));
    }
}
