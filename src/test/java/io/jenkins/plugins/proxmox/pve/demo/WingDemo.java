package io.jenkins.plugins.proxmox.pve.demo;

import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestFinder;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.NodeResource;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.pve.operation.WholeOperation;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Shows the Proxmox wing at work without Jenkins: {@code mvn -f .ci/pve/pom.xml -Pdemo verify}.
 *
 * <p>The server is the simulated one of the tests, over real TLS on loopback; all else is the very code that the
 * Pipeline steps use. Ends with an exception when anything is not as it should be.
 */
public final class WingDemo {

    private static final PrintStream OUT = System.out;

    private final ExampleCluster cluster;

    private WingDemo(ExampleCluster cluster) {
        this.cluster = cluster;
    }

    /** Takes no arguments. */
    public static void main(String[] args) throws Exception {
        try (SimulatedProxmox proxmox = SimulatedProxmox.start(Generation.V9)) {
            proxmox.cluster().timing(Duration.ofSeconds(2), Duration.ofSeconds(3), Duration.ofSeconds(2));
            proxmox.delayUnauthorized(Duration.ofSeconds(3));
            new WingDemo(ExampleCluster.in(proxmox)).show();
        }
    }

    private void show() throws Exception {
        try (ProxmoxClient client = new ProxmoxClient(cluster.settings())) {
            title("A simulated Proxmox VE answers on https://"
                    + cluster.proxmox().address());
            showServer(client);

            title("proxmoxVm action: 'start', vmid: 100");
            expect("running", run(client, PowerAction.START, 100), true);
            title("proxmoxStatus vmid: 100");
            showStatus(client, 100);
            title("proxmoxVm action: 'start', vmid: 100, once more");
            expect("running", run(client, PowerAction.START, 100), false);
            title("proxmoxVm action: 'stop', vmid: 100");
            expect("stopped", run(client, PowerAction.STOP, 100), true);

            title("proxmoxVm action: 'start', vmid: 200, a container");
            expect("running", run(client, PowerAction.START, 200), true);
            title("proxmoxVm action: 'shutdown', vmid: 201, a container");
            expect("stopped", run(client, PowerAction.SHUTDOWN, 201), true);

            title("A guest that does not exist");
            expectFailure(GuestException.class, () -> run(client, PowerAction.START, 999));
            title("A guest that does not start");
            expectFailure(GuestException.class, () -> run(client, PowerAction.START, 102));
        }
        title("A token with a wrong secret");
        expectFailureAs("jenkins@pve!ci", "00000000-0000-0000-0000-000000000000", AuthenticationFailedException.class);
        title("A token with privilege separation and no rights of its own");
        expectFailureAs("jenkins@pve!limited", cluster.limitedSecret(), PermissionDeniedException.class);
        title("All as expected");
    }

    private static void showServer(ProxmoxClient client) throws Exception {
        line("version " + client.version().version() + ", asked as " + client.identity());
        line("nodes   "
                + client.nodes().stream()
                        .map((NodeResource node) -> node.name() + " " + node.status())
                        .collect(Collectors.joining(", ")));
        for (ListedGuest guest : client.guests()) {
            line(String.format(Locale.ROOT, "%-8s %s%s", guest.status(), guest, guest.template() ? ", template" : ""));
        }
    }

    private static void showStatus(ProxmoxClient client, int vmid) throws Exception {
        ListedGuest guest = new GuestFinder(client).find(new GuestSelector(vmid, null, null));
        GuestStatus status = client.status(guest.location());
        line(String.format(
                Locale.ROOT,
                "%s is %s, up %d s, %.1f %% CPU, %d of %d MiB",
                status.guest(),
                status.state(),
                status.uptimeSeconds(),
                100 * status.cpu(),
                status.memoryBytes() >> 20,
                status.maxMemoryBytes() >> 20));
    }

    private static OperationState run(ProxmoxClient client, PowerAction action, int vmid) throws Exception {
        OperationRequest request = OperationRequest.of(new GuestSelector(vmid, null, null), new PowerOperation(action))
                .within(Duration.ofMinutes(1));
        return WholeOperation.of(client, request, WingDemo::line);
    }

    private static void expect(String status, OperationState end, boolean changed) {
        if (!end.status().equals(status) || end.changed() != changed) {
            throw new IllegalStateException("expected " + status + ", but it ended as " + end);
        }
    }

    private interface Call {
        void run() throws Exception;
    }

    private void expectFailureAs(String tokenId, String secret, Class<? extends Exception> type) throws Exception {
        try (ProxmoxClient other = new ProxmoxClient(cluster.settings(ExampleCluster.token(tokenId, secret)))) {
            expectFailure(type, () -> run(other, PowerAction.START, 100));
        }
    }

    private static void expectFailure(Class<? extends Exception> type, Call call) throws Exception {
        try {
            call.run();
        } catch (Exception e) {
            if (!type.isInstance(e)) {
                throw e;
            }
            line("ERROR: " + e.getMessage());
            return;
        }
        throw new IllegalStateException("expected " + type.getSimpleName() + ", but all went well");
    }

    private static void title(String text) {
        OUT.println();
        OUT.println("== " + text);
    }

    private static void line(String text) {
        OUT.println("   " + text);
    }
}
