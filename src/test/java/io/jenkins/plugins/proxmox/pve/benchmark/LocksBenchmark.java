package io.jenkins.plugins.proxmox.pve.benchmark;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationRun;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.pve.operation.ServerConnection;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/**
 * What whole operations cost that wait until somebody else is done with their guests, here until a backup releases its
 * lock: beside a plain loop that keeps a thread for each wait and looks at the guest after 1, 2, 4, 5, 5 … seconds. Locks
 * are released one after the other within 20 seconds, the same ones for both.
 */
final class LocksBenchmark {

    private static final int FIRST = 1000;
    private static final int QUIET_SECONDS = 10;

    /**
     * One line of the table.
     *
     * @param requestsPerSecond while no lock is released
     * @param p50 milliseconds from the release of a lock until that is acted upon, as is {@code p95}
     */
    record Row(String name, int waits, double requestsPerSecond, long p50, long p95, int threads, long heapPerWait) {}

    /** How one waits for the lock of the guest with that VMID. */
    private interface Waiting {
        void begin(ProxmoxClient client, int vmid, IntConsumer released);
    }

    private final int waits;

    LocksBenchmark(int waits) {
        this.waits = waits;
    }

    Row operations() throws Exception {
        try (Footprint threads = new Footprint()) {
            ScheduledExecutorService pool = threads.pool(4);
            WorkerThreads workers = new WorkerThreads(pool, pool, threads.pool(1));
            Map<ProxmoxClient, ServerConnection> connections = new ConcurrentHashMap<>();
            return measure("operations", (client, vmid, released) -> {
                ServerConnection connection = connections.computeIfAbsent(
                        client, key -> ServerConnection.of(key, workers, new NodeRateLimit()));
                OperationRequest request = OperationRequest.of(
                                new GuestSelector(vmid, null, null), new PowerOperation(PowerAction.START))
                        .within(Duration.ofMinutes(5))
                        .waitsForLock(true);
                new OperationRun(
                                request,
                                OperationState.begin(),
                                workers,
                                () -> connection,
                                line -> {
                                    if (line.contains("no longer locked")) {
                                        released.accept(vmid);
                                    }
                                },
                                OperationRun.Progress.UNSAVED)
                        .begin();
            });
        }
    }

    Row plain() throws Exception {
        return measure(
                "plain loop",
                (client, vmid, released) ->
                        Footprint.thread(() -> loop(client, vmid, released)).start());
    }

    private static void loop(ProxmoxClient client, int vmid, IntConsumer released) {
        GuestLocation guest = new GuestLocation("pve1", GuestType.QEMU, vmid);
        try {
            for (int look = 0; ; look++) {
                if (client.status(guest).lock() == null) {
                    released.accept(vmid);
                    return;
                }
                PlainLoop.pause(look);
            }
        } catch (ProxmoxException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Row measure(String name, Waiting waiting) throws Exception {
        try (SimulatedProxmox proxmox = SimulatedProxmox.start(Generation.V9);
                ProxmoxClient client =
                        new ProxmoxClient(ExampleCluster.in(proxmox).settings())) {
            for (int vmid = FIRST; vmid < FIRST + waits; vmid++) {
                proxmox.cluster().vm(vmid, "pve1", "guest-" + vmid).locked("backup");
            }
            client.version();
            Map<Integer, Long> unlocked = new ConcurrentHashMap<>();
            Delays delays = new Delays(waits);
            long heapBefore = Footprint.heap();
            for (int vmid = FIRST; vmid < FIRST + waits; vmid++) {
                waiting.begin(client, vmid, which -> delays.since(unlocked.get(which)));
            }
            awaitFirstLooks(proxmox);
            int threads = Footprint.threads();
            // what the server has noted is not on the heap of who waits
            proxmox.forgetRequests();
            long heapPerWait = Math.max(0, Footprint.heap() - heapBefore) / waits;
            proxmox.forgetRequests();
            TimeUnit.SECONDS.sleep(QUIET_SECONDS);
            double requestsPerSecond = proxmox.requests().size() / (double) QUIET_SECONDS;
            release(proxmox, unlocked);
            delays.await(Duration.ofSeconds(30));
            return new Row(name, waits, requestsPerSecond, delays.median(), delays.within(0.95), threads, heapPerWait);
        }
    }

    private void awaitFirstLooks(SimulatedProxmox proxmox) throws Exception {
        Eventually.holds(
                "each was looked at",
                () -> proxmox.requests().stream()
                                .filter(request -> request.path().endsWith("/status/current"))
                                .count()
                        >= waits);
    }

    private void release(SimulatedProxmox proxmox, Map<Integer, Long> unlocked) throws InterruptedException {
        Random random = new Random(4711);
        long begun = System.nanoTime();
        long[] moments =
                random.longs(waits, 0, TimeUnit.SECONDS.toNanos(20)).sorted().toArray();
        for (int i = 0; i < waits; i++) {
            TimeUnit.NANOSECONDS.sleep(begun + moments[i] - System.nanoTime());
            unlocked.put(FIRST + i, System.nanoTime());
            proxmox.cluster().guest(FIRST + i).locked(null);
        }
    }
}
