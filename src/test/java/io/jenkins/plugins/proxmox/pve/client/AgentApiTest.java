package io.jenkins.plugins.proxmox.pve.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.model.GuestInterface;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Generation.class)
class AgentApiTest {

    private static final GuestLocation VM_100 = new GuestLocation("pve1", GuestType.QEMU, 100);
    private static final GuestLocation VM_101 = new GuestLocation("pve1", GuestType.QEMU, 101);
    private static final GuestLocation CT_200 = new GuestLocation("pve1", GuestType.LXC, 200);
    private static final GuestLocation CT_201 = new GuestLocation("pve1", GuestType.LXC, 201);

    private final Generation generation;

    @AutoClose
    private final SimulatedProxmox proxmox;

    private final ExampleCluster cluster;

    @AutoClose
    private final ProxmoxClient client;

    AgentApiTest(Generation generation) {
        this.generation = generation;
        proxmox = SimulatedProxmox.start(generation);
        cluster = ExampleCluster.in(proxmox);
        proxmox.cluster().agentTimeout(Duration.ofMillis(20));
        client = new ProxmoxClient(cluster.settings());
    }

    private static List<String> shown(List<GuestInterface> interfaces) {
        return interfaces.stream()
                .map(each -> each.name() + " " + each.addresses())
                .toList();
    }

    @Test
    void asksTheAgentOfAVm() throws Exception {
        client.agent().ping(VM_101);
        assertThat(client.agent().system(VM_101).name(), is("Debian GNU/Linux 12 (bookworm)"));
        assertThat(client.agent().system(VM_101).isWindows(), is(false));
        proxmox.cluster().guest(101).agent().windows();
        assertThat(client.agent().system(VM_101).isWindows(), is(true));
    }

    @Test
    void readsTheInterfacesOfAVm() throws Exception {
        proxmox.cluster()
                .guest(101)
                .agent()
                .has("docker0", "172.17.0.1/16")
                .obtains("eth0", "192.0.2.101/24", "2001:db8::101/64");
        assertThat(
                shown(client.agent().interfaces(VM_101)),
                contains(
                        "lo [127.0.0.1/8, ::1/128]",
                        "docker0 [172.17.0.1/16]",
                        "eth0 [192.0.2.101/24, 2001:db8::101/64]"));
        assertThat(client.agent().interfaces(VM_101).get(0).macAddress(), is("00:00:00:00:00:00"));
    }

    @Test
    void readsTheInterfacesOfAContainer() throws Exception {
        proxmox.cluster().guest(201).agent().obtains("eth0", "192.0.2.200/24", "192.0.2.201/24", "2001:db8::201/64");
        // before 9 only one address of a kind is told
        assertThat(
                shown(client.agent().interfaces(CT_201)),
                contains(
                        "lo [127.0.0.1/8, ::1/128]",
                        generation == Generation.V8
                                ? "eth0 [192.0.2.201/24, 2001:db8::201/64]"
                                : "eth0 [192.0.2.200/24, 192.0.2.201/24, 2001:db8::201/64]"));
    }

    @Test
    void findsNoInterfacesOfAContainerThatIsStoppedOrMissing() throws Exception {
        assertThat(client.agent().interfaces(CT_200), is(empty()));
        assertThat(client.agent().interfaces(new GuestLocation("pve1", GuestType.LXC, 999)), is(empty()));
    }

    @Test
    void findsNoAddressBeforeTheGuestHasOne() throws Exception {
        proxmox.cluster().guest(101).agent().addressesAfter(Duration.ofHours(1));
        assertThat(
                shown(client.agent().interfaces(VM_101)), contains("lo [127.0.0.1/8, ::1/128]", "eth0 [fe80::1/64]"));
    }

    @Test
    void leavesOutWhatIsNoAddress() throws Exception {
        proxmox.inject(
                request -> request.path().endsWith("/network-get-interfaces"),
                new Fault.AnswerInstead(new Fault.Answer(
                        200,
                        "OK",
                        "application/json;charset=UTF-8",
                        "{\"data\":{\"result\":[{\"name\":\"a\",\"ip-addresses\":[{\"ip-address\":\"x\"},"
                                + "{\"ip-address\":\"FE80::1%5\",\"prefix\":64}]},{\"name\":\"b\"}]}}",
                        Map.of("Server", "pve-api-daemon/3.0"))));
        List<GuestInterface> interfaces = client.agent().interfaces(VM_101);
        assertThat(shown(interfaces), contains("a [fe80::1/64]", "b []"));
    }

    @Test
    void tellsWhyAnAgentDoesNotAnswer() {
        RequestRejectedException stopped = rejected(() -> client.agent().ping(VM_100));
        assertThat(stopped.failure().serverSaid().strip(), is("VM 100 is not running"));
        assertThat(stopped.isGuestNotRunning(), is(true));

        proxmox.cluster().guest(101).agent().answersAfter(Duration.ofHours(1));
        RequestRejectedException silent = rejected(() -> client.agent().interfaces(VM_101));
        assertThat(silent.failure().serverSaid().strip(), is("QEMU guest agent is not running"));
        assertThat(silent.isAgentSilent(), is(true));
        assertThat(silent.isGuestNotRunning(), is(false));

        proxmox.cluster().guest(101).agent().notConfigured();
        RequestRejectedException missing = rejected(() -> client.agent().ping(VM_101));
        assertThat(missing.failure().serverSaid().strip(), is("No QEMU guest agent configured"));
        assertThat(missing.isAgentNotConfigured(), is(true));
        assertThat(missing.isAgentSilent(), is(false));

        RequestRejectedException noGuest =
                rejected(() -> client.agent().ping(new GuestLocation("pve1", GuestType.QEMU, 999)));
        assertThat(noGuest.isNoSuchGuest(), is(true));
    }

    private static RequestRejectedException rejected(Executable call) {
        return assertThrows(RequestRejectedException.class, call);
    }

    @Test
    void isSilentWhileTheGuestIsPaused() {
        proxmox.cluster().guest(101).paused();
        assertThat(rejected(() -> client.agent().ping(VM_101)).isAgentSilent(), is(true));
    }

    @Test
    void isRefusedWithoutTheRight() throws Exception {
        proxmox.access().role("Watcher", "VM.Audit");
        proxmox.access().user("watcher@pve");
        proxmox.access().grant("/vms", "watcher@pve", "Watcher");
        String secret = proxmox.access().token("watcher@pve!ci", false);
        try (ProxmoxClient watcher =
                new ProxmoxClient(cluster.settings(ExampleCluster.token("watcher@pve!ci", secret)))) {
            PermissionDeniedException denied = assertThrows(
                    PermissionDeniedException.class, () -> watcher.agent().ping(VM_101));
            assertThat(denied.aclPath(), is("/vms/101"));
            assertThat(
                    denied.privileges(),
                    generation == Generation.V8
                            ? contains("VM.Monitor")
                            : contains("VM.GuestAgent.Audit", "VM.GuestAgent.Unrestricted"));
            assertThat(watcher.agent().interfaces(CT_201).size(), is(2));
        }
    }
}
