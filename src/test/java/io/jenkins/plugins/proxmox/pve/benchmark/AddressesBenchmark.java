package io.jenkins.plugins.proxmox.pve.benchmark;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.lookup.AvailabilityProgress;
import io.jenkins.plugins.proxmox.pve.lookup.AvailabilityWatch;
import io.jenkins.plugins.proxmox.pve.lookup.GuestNetwork;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * What waiting for the addresses of many guests costs, and how soon they are known: the shared watch beside a plain
 * loop that keeps a thread for each guest and asks its agent after 1, 2, 4, 5, 5 … seconds. All guests are started at
 * once. Their agents answer after 10 to 130 seconds, and they have an address up to 3 seconds after that, the same for
 * both.
 */
final class AddressesBenchmark {

    /**
     * One line of the table.
     *
     * @param p50 milliseconds from the moment when the guest has its address to the end of the wait, as are {@code p95}
     *     and {@code max}
     * @param requestsPerSecond on average on a node, while somebody waits there
     * @param mostPerSecond on a node within any second
     */
    record Row(
            String name,
            int guests,
            int nodes,
            long p50,
            long p95,
            long max,
            int requests,
            double requestsPerSecond,
            long mostPerSecond,
            int threads) {}

    private record Booting(GuestLocation location, long address) {}

    private interface Waiting {
        void begin(ProxmoxClient client, Booting guest, Runnable ended);
    }

    private final int guests;
    private final int nodes;

    AddressesBenchmark(int guests, int nodes) {
        this.guests = guests;
        this.nodes = nodes;
    }

    Row shared() throws Exception {
        try (Footprint threads = new Footprint()) {
            ScheduledThreadPoolExecutor timer = threads.pool(1);
            ScheduledThreadPoolExecutor executor = threads.pool(4);
            ScheduledThreadPoolExecutor questions = threads.pool(12);
            AvailabilityWatch[] watch = new AvailabilityWatch[1];
            return measure("shared watch", (client, guest, ended) -> {
                if (watch[0] == null) {
                    watch[0] = new AvailabilityWatch(
                            client,
                            new WorkerThreads(executor, executor, timer),
                            new WorkerThreads(questions, executor, timer),
                            new NodeRateLimit());
                }
                watch[0].watch(guest.location, Availability.parse("ip"), AvailabilityProgress.NONE)
                        .end()
                        .thenRun(ended);
            });
        }
    }

    Row plain() throws Exception {
        return measure(
                "plain loop",
                (client, guest, ended) ->
                        Footprint.thread(() -> loop(client, guest, ended)).start());
    }

    private static void loop(ProxmoxClient client, Booting guest, Runnable ended) {
        try {
            for (int look = 0; ; look++) {
                PlainLoop.pause(look);
                if (hasAddress(client, guest.location)) {
                    ended.run();
                    return;
                }
            }
        } catch (ProxmoxException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean hasAddress(ProxmoxClient client, GuestLocation guest) throws ProxmoxException {
        try {
            return new GuestNetwork(client.agent().interfaces(guest)).ip() != null;
        } catch (RequestRejectedException e) {
            return false;
        }
    }

    private Row measure(String name, Waiting waiting) throws IOException, InterruptedException {
        try (SimulatedProxmox proxmox = SimulatedProxmox.start(Generation.V9);
                ProxmoxClient client =
                        new ProxmoxClient(ExampleCluster.in(proxmox).settings())) {
            client.agent().ping(new GuestLocation("pve1", GuestType.QEMU, 101));
            List<Booting> booting = boot(proxmox);
            proxmox.forgetRequests();
            Delays delays = new Delays(guests);
            long begun = System.nanoTime();
            for (Booting guest : booting) {
                waiting.begin(client, guest, () -> delays.since(guest.address));
            }
            TimeUnit.MILLISECONDS.sleep(700);
            int threads = Footprint.threads();
            delays.await(Duration.ofMinutes(5));
            double seconds = (System.nanoTime() - begun) / 1e9;
            List<ReceivedRequest> requests = proxmox.requests();
            return new Row(
                    name,
                    guests,
                    nodes,
                    delays.median(),
                    delays.within(0.95),
                    delays.within(1),
                    requests.size(),
                    requests.size() / seconds / nodes,
                    WaitsBenchmark.mostPerSecond(requests, nodes),
                    threads);
        }
    }

    private List<Booting> boot(SimulatedProxmox proxmox) {
        Random random = new Random(4711);
        List<Booting> booting = new ArrayList<>();
        for (int i = 0; i < guests; i++) {
            String node = "pve" + (i % nodes + 1);
            proxmox.cluster().node(node, true);
            int vmid = 1000 + i;
            Duration agent = Duration.ofMillis(10_000 + random.nextInt(120_000));
            Duration dhcp = Duration.ofMillis(random.nextInt(3_000));
            proxmox.cluster()
                    .vm(vmid, node, "guest-" + vmid)
                    .running()
                    .agent()
                    .answersAfter(agent)
                    .addressesAfter(dhcp);
            long address = System.nanoTime() + agent.plus(dhcp).toNanos();
            booting.add(new Booting(new GuestLocation(node, GuestType.QEMU, vmid), address));
        }
        return booting;
    }
}
