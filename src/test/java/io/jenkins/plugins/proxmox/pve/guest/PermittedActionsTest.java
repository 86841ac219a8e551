package io.jenkins.plugins.proxmox.pve.guest;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.simulator.AccessControl;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What an identity may do with a guest, and what it lacks for the rest. */
@ParameterizedClass
@EnumSource(Generation.class)
class PermittedActionsTest {

    private static final String USER = "ci@pve";
    private static final GuestLocation TEMPLATE = new GuestLocation("pve1", GuestType.QEMU, 9000);

    @AutoClose
    private final SimulatedProxmox proxmox;

    private final AccessControl access;

    @AutoClose
    private final ProxmoxClient client;

    PermittedActionsTest(Generation generation) throws IOException {
        proxmox = SimulatedProxmox.start(generation);
        proxmox.cluster()
                .vm(9000, "pve1", "golden")
                .configured("scsi0", "tank:9000/base,size=8G")
                .configured("net0", "virtio=AA,bridge=vmbr0")
                .template();
        access = proxmox.access();
        access.user(USER);
        access.role("See", "VM.Audit");
        access.role("Template", "VM.Audit,VM.Clone");
        access.role("Space", "Datastore.AllocateSpace");
        access.role("Network", "SDN.Use");
        access.role("New", "VM.Allocate,VM.Audit,VM.Config.Options");
        access.grant("/vms/9000", USER, "Template");
        client = new ProxmoxClient(ExampleCluster.settings(
                proxmox, ExampleCluster.token(USER + "!jenkins", access.token(USER + "!jenkins", false))));
    }

    private PermittedActions permitted() throws ProxmoxException {
        return PermittedActions.of(client, TEMPLATE);
    }

    private List<String> missing(String action) throws ProxmoxException {
        return permitted().missing().get(action).stream()
                .map(PermittedActionsTest::inShort)
                .toList();
    }

    private static String inShort(RequiredPrivilege need) {
        return String.join("|", need.anyOf()) + " on " + need.aclPath();
    }

    private void giveAllForClonesBut(String place) {
        access.grant("/storage/tank", USER, "Space");
        access.grant("/sdn/zones/localnetwork/vmbr0", USER, "Network");
        access.grant(place, USER, "New");
    }

    @Test
    void namesEachPrivilegeAndPathThatACloneLacks() throws Exception {
        assertThat(
                missing("clone"),
                is(List.of(
                        "Datastore.AllocateSpace on /storage/tank",
                        "SDN.Use on /sdn/zones/localnetwork/vmbr0",
                        "VM.Allocate on /vms",
                        "VM.Audit on /vms",
                        "VM.Config.Options on /vms")));
        assertThat(permitted().names(), is(empty()));
        assertThat(permitted().clonePaths(), is(empty()));
    }

    @Test
    void permitsClonesIntoAPoolAlone() throws Exception {
        access.pool("ci");
        giveAllForClonesBut("/pool/ci");
        assertThat(permitted().names(), is(List.of("clone")));
        assertThat(permitted().clonePaths(), is(List.of("/pool/ci")));
    }

    @Test
    void permitsClonesWithOneVmidAlone() throws Exception {
        giveAllForClonesBut("/vms/123");
        assertThat(permitted().clonePaths(), is(List.of("/vms/123")));
    }

    /** What is given on a guest that exists is no place for another one. */
    @Test
    void permitsClonesAnywhere() throws Exception {
        access.pool("ci", 9000);
        giveAllForClonesBut("/vms");
        access.grant("/vms/9000", USER, "New");
        access.grant("/vms/9000", USER, "Template");
        access.grant("/pool/ci", USER, "See");
        assertThat(permitted().clonePaths(), is(List.of("/vms")));
    }

    /** The name of a network does not show its zone, so any zone with the right counts. */
    @ParameterizedTest
    @CsvSource({
        "vmbr0, /sdn/zones/localnetwork/vmbr0, true",
        "vmbr0, /sdn/zones/zone1, false",
        "tenant1, /sdn/zones/localnetwork/tenant1, true",
        "tenant1, /sdn/zones/zone1/tenant1, true",
        "tenant1, /sdn/zones/zone1, true",
        "tenant1, /sdn/zones/zone1/tenant2, false",
    })
    void permitsWhatMayBeAVirtualNetwork(String network, String path, boolean permitted) throws Exception {
        proxmox.cluster().guest(9000).configured("net0", "virtio=AA,bridge=" + network);
        access.grant("/storage/tank", USER, "Space");
        access.grant("/vms", USER, "New");
        access.grant(path, USER, "Network");
        assertThat(permitted().names().contains("clone"), is(permitted));
    }

    @Test
    void saysWhatIsMissingInThePoolWhereLeastIs() throws Exception {
        access.pool("ci");
        giveAllForClonesBut("/pool/ci");
        access.revoke("/storage/tank", USER);
        assertThat(missing("clone"), is(List.of("Datastore.AllocateSpace on /storage/tank")));
    }

    @Test
    void knowsOfDeletionHibernationAndSnapshots() throws Exception {
        assertThat(missing("delete"), is(List.of("VM.Allocate on /vms/9000")));
        assertThat(missing("snapshot"), is(List.of("VM.Snapshot on /vms/9000")));
        assertThat(missing("rollback"), is(List.of("VM.Snapshot.Rollback|VM.Snapshot on /vms/9000")));
        assertThat(
                missing("hibernate"),
                is(List.of(
                        "VM.PowerMgmt on /vms/9000",
                        "VM.Config.Disk on /vms/9000",
                        "Datastore.AllocateSpace on /storage/tank")));
        access.grant("/vms/9000", USER, "PVEVMAdmin");
        assertThat(permitted().names(), hasItem("delete"));
        assertThat(permitted().names(), not(hasItem("hibernate")));
        access.grant("/storage/tank", USER, "Space");
        assertThat(permitted().names(), hasItem("hibernate"));
    }

    @Test
    void knowsOfContainers() throws Exception {
        proxmox.cluster().container(300, "pve1", "ct").configured("rootfs", "tank:300/disk,size=8G");
        access.grant("/vms/300", USER, "PVEVMAdmin");
        PermittedActions permitted = PermittedActions.of(client, new GuestLocation("pve1", GuestType.LXC, 300));
        assertThat(permitted.missing().containsKey("hibernate"), is(false));
        assertThat(permitted.names(), hasItem("delete"));
        assertThat(permitted.names(), not(hasItem("clone")));
    }
}
