package io.jenkins.plugins.proxmox.pve.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.hasToString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.NodeResource;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.model.ServerVersion;
import io.jenkins.plugins.proxmox.pve.model.TaskStatus;
import io.jenkins.plugins.proxmox.pve.model.TaskSummary;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Generation.class)
class ProxmoxClientTest {

    private static final GuestLocation VM_100 = new GuestLocation("pve1", GuestType.QEMU, 100);
    private static final GuestLocation VM_101 = new GuestLocation("pve1", GuestType.QEMU, 101);
    private static final GuestLocation CT_201 = new GuestLocation("pve1", GuestType.LXC, 201);

    private final Generation generation;

    @AutoClose
    private final SimulatedProxmox proxmox;

    private final ExampleCluster cluster;

    @AutoClose
    private final ProxmoxClient client;

    ProxmoxClientTest(Generation generation) {
        this.generation = generation;
        proxmox = SimulatedProxmox.start(generation);
        cluster = ExampleCluster.in(proxmox);
        client = new ProxmoxClient(cluster.settings());
    }

    @Test
    void readsTheVersion() throws Exception {
        ServerVersion version = client.version();
        assertThat(version.release(), is(generation == Generation.V8 ? "8.3" : "9.2"));
        assertThat(version.version(), startsWith(version.release()));
    }

    @Test
    void listsTheNodes() throws Exception {
        assertThat(client.nodes(), contains(node("pve1", true), node("pve2", false)));
    }

    private static NodeResource node(String name, boolean online) {
        return new NodeResource(name, online ? "online" : "offline", null);
    }

    @Test
    void listsTheGuestsOfTheCluster() throws Exception {
        Instant listed = client.guests().get(0).listedAt();
        assertThat(
                client.guests().stream().map(guest -> at(listed, guest)).toList(),
                hasItems(
                        new ListedGuest(VM_101, "web-1", "running", false, List.of(), null, null, null, null, listed),
                        new ListedGuest(
                                new GuestLocation("pve1", GuestType.QEMU, 900),
                                "debian-template",
                                "stopped",
                                true,
                                List.of(),
                                null,
                                null,
                                null,
                                null,
                                listed),
                        new ListedGuest(
                                new GuestLocation("pve2", GuestType.QEMU, 110),
                                "far-away",
                                "stopped",
                                false,
                                List.of(),
                                null,
                                null,
                                null,
                                null,
                                listed),
                        new ListedGuest(CT_201, "cache", "running", false, List.of(), null, null, null, null, listed)));
        assertThat(client.guests(), hasItem(hasToString("CT 201 (cache) on node pve1")));
    }

    private static ListedGuest at(Instant when, ListedGuest guest) {
        return new ListedGuest(
                guest.location(),
                guest.name(),
                guest.status(),
                guest.template(),
                List.of(),
                null,
                guest.lock(),
                guest.haState(),
                guest.pool(),
                when);
    }

    @Test
    void listsNoGuestForAnIdentityWithoutRights() throws Exception {
        try (ProxmoxClient limited = new ProxmoxClient(
                cluster.settings(ExampleCluster.token("jenkins@pve!limited", cluster.limitedSecret())))) {
            assertThat(limited.guests(), is(empty()));
            assertThat(limited.permissions().isEmpty(), is(true));
            assertThat(limited.version().release(), is(client.version().release()));
        }
    }

    @Test
    void readsTheStatusOfAVirtualMachine() throws Exception {
        GuestStatus status = client.status(VM_101);
        assertThat(status.guest(), is("VM 101 (web-1)"));
        assertThat(status.state(), is("running"));
        assertThat(status.memoryBytes(), is(340_000_000L));
        assertThat(status.maxMemoryBytes(), is(1_073_741_824L));
        assertThat(status.cpu(), is(0.0125));
        assertThat(status.pid(), is(greaterThan(0L)));
        assertThat(status.lock(), is(nullValue()));
        assertThat(status.haManaged(), is(false));
        assertThat(
                Duration.between(status.observedAt(), Instant.now()).abs().compareTo(Duration.ofSeconds(30)) < 0,
                is(true));
    }

    @Test
    void readsTheStatusOfAContainer() throws Exception {
        GuestStatus status = client.status(CT_201);
        assertThat(status.guest(), is("CT 201 (cache)"));
        assertThat(status.state(), is("running"));
        assertThat(status.qmpStatus(), is(""));
    }

    @Test
    void readsPauseLockAndHighAvailability() throws Exception {
        proxmox.cluster().vm(120, "pve1", "asleep").paused();
        assertThat(client.status(new GuestLocation("pve1", GuestType.QEMU, 120)).state(), is("paused"));
        assertThat(client.status(new GuestLocation("pve1", GuestType.QEMU, 103)).lock(), is("backup"));
        GuestStatus database = client.status(new GuestLocation("pve1", GuestType.QEMU, 104));
        assertThat(database.haManaged(), is(true));
        assertThat(database.haState(), is("stopped"));
    }

    @Test
    void startsAGuestAndFollowsItsTask() throws Exception {
        Upid task = client.power(VM_100, PowerAction.START, Map.of());
        assertThat(task.type(), is("qmstart"));
        assertThat(task.id(), is("100"));
        assertThat(task.user(), is("jenkins@pve!ci"));
        assertThat(client.taskStatus(task).running(), is(true));
        Eventually.holds("the task ends", () -> !client.taskStatus(task).running());
        assertThat(client.taskStatus(task).isSuccessful(), is(true));
        assertThat(client.taskLog(task, 0, 50), contains("TASK OK"));
        assertThat(client.status(VM_100).state(), is("running"));
    }

    @Test
    void tellsAFailedTaskFromOneWithWarnings() throws Exception {
        TaskStatus failed = ended(new GuestLocation("pve1", GuestType.QEMU, 102));
        assertThat(failed.isSuccessful(), is(false));
        assertThat(failed.exitStatus(), is("start failed: QEMU exited with code 1"));
        TaskStatus warned = ended(new GuestLocation("pve1", GuestType.QEMU, 106));
        assertThat(warned.isSuccessful(), is(true));
        assertThat(warned.hasWarnings(), is(true));
    }

    private TaskStatus ended(GuestLocation guest) throws Exception {
        Upid task = client.power(guest, PowerAction.START, Map.of());
        Eventually.holds("the task ends", () -> !client.taskStatus(task).running());
        return client.taskStatus(task);
    }

    @Test
    void sendsThePowerActionsOfAContainer() throws Exception {
        Upid task = client.power(CT_201, PowerAction.SHUTDOWN, Map.of("timeout", "30"));
        assertThat(task.type(), is("vzshutdown"));
        ReceivedRequest request = proxmox.requests().get(0);
        assertThat(request, hasToString("POST /nodes/pve1/lxc/201/status/shutdown"));
        assertThat(request.parameters(), is(Map.of("timeout", "30")));
    }

    @Test
    void listsItsTasksForAGuestSinceAMoment() throws Exception {
        Instant before = client.status(VM_100).observedAt();
        Upid task = client.power(VM_100, PowerAction.START, Map.of());
        assertThat(client.tasks("pve1", 100, before), contains(new TaskSummary(task, new TaskStatus(true, ""))));
        Eventually.holds("the task ends", () -> !client.taskStatus(task).running());
        assertThat(client.tasks("pve1", 100, before), contains(new TaskSummary(task, new TaskStatus(false, "OK"))));
        assertThat(client.tasks("pve1", 101, before), is(empty()));
        assertThat(client.tasks("pve1", 100, before.plusSeconds(3600)), is(empty()));
    }

    @Test
    void readsItsPermissions() throws Exception {
        assertThat(client.permissions().ownPaths(), contains("/vms"));
        assertThat(client.permissions("/vms/100").on("/vms/100"), hasItems("VM.PowerMgmt", "VM.Audit"));
        assertThat(client.permissions("/storage/local").isEmpty(), is(true));
    }

    @Test
    void sendsTheTokenInOneHeaderAndNoCookie() throws Exception {
        client.power(VM_100, PowerAction.START, Map.of());
        client.status(VM_100);
        assertThat(proxmox.requests(), hasSize(2));
        for (ReceivedRequest request : proxmox.requests()) {
            assertThat(request.headers().get("authorization"), is("PVEAPIToken=jenkins@pve!ci=" + cluster.ciSecret()));
            assertThat(request.headers(), not(hasKey("cookie")));
            assertThat(request.headers(), not(hasKey("csrfpreventiontoken")));
        }
    }

    @Test
    void sendsBodiesOfKnownLengthWithoutAskingFirst() throws Exception {
        client.power(CT_201, PowerAction.REBOOT, Map.of("timeout", "30"));
        client.power(VM_100, PowerAction.START, Map.of());
        client.version();
        assertThat(proxmox.requests().get(0).headers().get("content-length"), is("10"));
        assertThat(proxmox.requests().get(1).headers().get("content-length"), is("0"));
        for (ReceivedRequest request : proxmox.requests()) {
            assertThat(request.headers(), not(hasKey("transfer-encoding")));
            assertThat(request.headers(), not(hasKey("expect")));
            assertThat(request.headers().get("accept"), is("application/json"));
        }
        assertThat("a GET has no body", proxmox.requests().get(2).headers(), not(hasKey("content-length")));
    }

    @Test
    void saysWhatWasWrongWithAParameter() {
        var rejected = assertThrows(
                RequestRejectedException.class,
                () -> client.power(CT_201, PowerAction.SHUTDOWN, Map.of("timeout", "soon")));
        assertThat(rejected.isWrongParameter(), is(true));
        assertThat(rejected.failure().errors(), is(Map.of("timeout", "type check ('integer') failed - got 'soon'")));
        assertThat(rejected.getMessage(), containsString("timeout: type check ('integer') failed"));
        assertThat(rejected.mayHaveBeenExecuted(), is(false));
    }

    @Test
    void recognisesAGuestThatDoesNotExist() {
        var rejected = assertThrows(
                RequestRejectedException.class, () -> client.status(new GuestLocation("pve1", GuestType.QEMU, 999)));
        assertThat(rejected.isNoSuchGuest(), is(true));
        assertThat(
                rejected.getMessage(),
                containsString("500 Configuration file 'nodes/pve1/qemu-server/999.conf' does not exist"));
    }

    @Test
    void recognisesANodeThatIsOff() {
        var off = assertThrows(
                NodeUnreachableException.class, () -> client.status(new GuestLocation("pve2", GuestType.QEMU, 110)));
        assertThat(off.getMessage(), containsString("node pve2 does not answer"));
        assertThat(off.getMessage(), containsString("595 Connection refused"));
    }

    @Test
    void knowsThatASilentNodeMayHaveActed() {
        proxmox.cluster().silence("pve1");
        var silent =
                assertThrows(NodeUnreachableException.class, () -> client.power(VM_100, PowerAction.START, Map.of()));
        assertThat(silent.mayHaveBeenExecuted(), is(true));
        assertThat(silent.failure().status(), is(596));
        var off = assertThrows(
                NodeUnreachableException.class,
                () -> client.power(new GuestLocation("pve2", GuestType.QEMU, 110), PowerAction.START, Map.of()));
        assertThat(off.mayHaveBeenExecuted(), is(false));
    }
}
