package io.jenkins.plugins.proxmox.pve.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.access.GuestRight;
import io.jenkins.plugins.proxmox.pve.access.Permissions;
import io.jenkins.plugins.proxmox.pve.model.ClusterResources;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.NodeResource;
import io.jenkins.plugins.proxmox.pve.model.ResourceUsage;
import io.jenkins.plugins.proxmox.pve.model.SkippedEntries;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.LargeCluster;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What the list of the cluster tells about nodes and guests, and to whom. */
@ParameterizedClass
@EnumSource(Generation.class)
class ClusterResourcesTest {

    @AutoClose
    private final SimulatedProxmox proxmox;

    private final ExampleCluster cluster;

    ClusterResourcesTest(Generation generation) {
        proxmox = SimulatedProxmox.start(generation);
        cluster = ExampleCluster.in(proxmox);
    }

    private ClusterResources seenBy(String tokenId, String secret) throws Exception {
        try (ProxmoxClient client = new ProxmoxClient(cluster.settings(ExampleCluster.token(tokenId, secret)))) {
            return client.resources();
        }
    }

    private ClusterResources seenByCi() throws Exception {
        return seenBy("jenkins@pve!ci", cluster.ciSecret());
    }

    private static ListedGuest guest(ClusterResources resources, int vmid) {
        return resources.guests().stream()
                .filter(each -> each.location().vmid() == vmid)
                .findFirst()
                .orElseThrow();
    }

    private static NodeResource node(ClusterResources resources, String name) {
        return resources.nodes().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void showsNodesAndGuestsOutOfOneAnswer() throws Exception {
        ClusterResources seen = seenByCi();
        assertThat(seen.nodes().stream().map(NodeResource::name).toList(), containsInAnyOrder("pve1", "pve2"));
        assertThat(seen.guests(), hasSize(14));
        assertThat(proxmox.requests(), hasSize(1));
    }

    @Test
    void showsFiguresOfANodeOnlyWithSysAudit() throws Exception {
        assertThat(node(seenByCi(), "pve1"), is(new NodeResource("pve1", "online", null)));
        NodeResource audited = node(seenBy("auditor@pve!ci", cluster.auditorSecret()), "pve1");
        assertThat(audited.usage(), is(new ResourceUsage(0.05, 8, 4_000_000_000L, 16_000_000_000L, 86_400)));
    }

    @Test
    void showsAnOfflineNodeWithoutFigures() throws Exception {
        NodeResource off = node(seenBy("auditor@pve!ci", cluster.auditorSecret()), "pve2");
        assertThat(off, is(new NodeResource("pve2", "offline", null)));
        assertThat(off.isOnline(), is(false));
    }

    @Test
    void leavesOutStoragesAndAllElseButPools() throws Exception {
        proxmox.inject(
                request -> true,
                new Fault.Answer(
                        200,
                        "OK",
                        "application/json",
                        "{\"data\":[{\"type\":\"storage\",\"id\":\"storage/a\"},"
                                + "{\"type\":\"network\",\"network\":\"localnetwork\",\"node\":\"pve1\"},{\"type\":\"pool\"},"
                                + "{\"type\":\"pool\",\"id\":\"/pool/ci\",\"pool\":\"ci\"},"
                                + "{\"type\":\"sdn\",\"sdn\":\"zone\"},{\"type\":\"something-new\"},{}]}"));
        SkippedEntries unnamed = new SkippedEntries(List.of("{} (no type in it)"));
        assertThat(seenByCi(), is(new ClusterResources(List.of(), List.of(), List.of("ci"), unnamed)));
    }

    @Test
    void showsTagsAndLock() throws Exception {
        proxmox.cluster().guest(101).tagged("ci;test");
        ClusterResources seen = seenByCi();
        assertThat(guest(seen, 101).tags(), contains("ci", "test"));
        assertThat(guest(seen, 101).lock(), is(nullValue()));
        assertThat(guest(seen, 103).lock(), is("backup"));
        assertThat(guest(seen, 103).tags(), is(empty()));
        assertThat(guest(seen, 104).haState(), is("stopped"));
    }

    @Test
    void showsWhatARunningGuestUses() throws Exception {
        ResourceUsage usage = guest(seenByCi(), 101).usage();
        assertThat(usage, is(notNullValue()));
        assertThat(usage.cpu(), is(0.0125));
        assertThat(usage.memoryBytes(), is(340_000_000L));
        assertThat(usage.maxMemoryBytes(), is(1_073_741_824L));
    }

    @Test
    void showsAGuestOfWhichTheClusterKnowsNothing() throws Exception {
        proxmox.cluster().guest(110).withoutStatistics();
        ListedGuest forgotten = guest(seenByCi(), 110);
        assertThat(forgotten.status(), is("unknown"));
        assertThat(forgotten.name(), is(""));
        assertThat(forgotten.usage(), is(nullValue()));
    }

    @Test
    void showsNoGuestToATokenWithoutRights() throws Exception {
        ClusterResources seen = seenBy("jenkins@pve!limited", cluster.limitedSecret());
        assertThat(seen.guests(), is(empty()));
        assertThat(seen.nodes(), hasSize(2));
    }

    @Test
    void keepsHostileTextsOnOneLine() throws Exception {
        proxmox.cluster()
                .vm(120, "pve1", "evil\n\u001b[31mname")
                .tagged("a\u0007;<b>")
                .locked("lo\nck");
        ListedGuest evil = guest(seenByCi(), 120);
        assertThat(evil.name(), not(containsString("\n")));
        assertThat(evil.name(), not(containsString("\u001b")));
        assertThat(evil.lock(), is("lo ck"));
        assertThat(evil.tags(), contains("a", "<b>"));
    }

    @Test
    void doesNotTakeAnotherKindOfAnswer() throws Exception {
        proxmox.inject(request -> true, new Fault.Answer(200, "OK", "application/json", "{\"data\":{}}"));
        assertThrows(NotProxmoxException.class, this::seenByCi);
    }

    @Test
    void readsTwoThousandGuests() throws Exception {
        LargeCluster.in(proxmox, 2_000);
        ClusterResources seen = seenByCi();
        assertThat(seen.guests(), hasSize(2_014));
        assertThat(seen.guests().stream().filter(each -> !each.tags().isEmpty()).count(), is(2_000L));
        assertThat(seen.guests().stream().filter(each -> each.lock() != null).count(), is(greaterThan(15L)));
    }

    @Test
    void tellsWhatAnIdentityMayDoWithAGuest() throws Exception {
        GuestLocation vm = new GuestLocation("pve1", GuestType.QEMU, 100);
        GuestLocation otherVm = new GuestLocation("pve1", GuestType.QEMU, 101);
        GuestLocation container = new GuestLocation("pve1", GuestType.LXC, 200);
        Permissions ci = permissions("jenkins@pve!ci", cluster.ciSecret());
        Permissions operator = permissions("jenkins@pve!operator", cluster.operatorSecret());
        Permissions auditor = permissions("auditor@pve!ci", cluster.auditorSecret());
        // they need space on a storage and a network, too
        assertThat(GuestRight.of(ci, vm), not(hasItem(GuestRight.HIBERNATE)));
        assertThat(GuestRight.of(ci, vm), not(hasItem(GuestRight.CLONE)));
        proxmox.access().role("Builder", "Datastore.AllocateSpace,SDN.Use");
        proxmox.access().grant("/storage", "jenkins@pve", "Builder");
        proxmox.access().grant("/sdn", "jenkins@pve", "Builder");
        Permissions builder = permissions("jenkins@pve!ci", cluster.ciSecret());
        assertThat(GuestRight.of(builder, vm), containsInAnyOrder(GuestRight.values()));
        assertThat(GuestRight.of(ci, container), not(hasItem(GuestRight.AGENT)));
        assertThat(GuestRight.of(operator, vm), hasItems(GuestRight.SEE, GuestRight.POWER));
        assertThat(GuestRight.of(operator, vm), not(hasItem(GuestRight.DELETE)));
        assertThat(GuestRight.of(operator, otherVm), is(empty()));
        assertThat(GuestRight.of(auditor, container), contains(GuestRight.SEE));
    }

    private Permissions permissions(String tokenId, String secret) throws Exception {
        try (ProxmoxClient client = new ProxmoxClient(cluster.settings(ExampleCluster.token(tokenId, secret)))) {
            return client.permissions();
        }
    }
}
