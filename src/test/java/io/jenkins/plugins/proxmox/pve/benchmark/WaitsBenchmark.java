package io.jenkins.plugins.proxmox.pve.benchmark;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.task.TaskWatcher;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * What waiting costs and how soon the end is noticed: the shared watcher beside a plain loop that keeps a thread for
 * each wait and asks after 1, 2, 4, 5, 5 … seconds. Tasks take 2 to 30 seconds, the same ones for both.
 */
final class WaitsBenchmark {

    private static final String USER = "jenkins@pve!ci";

    /**
     * One line of the table.
     *
     * @param p50 milliseconds from the end of a task to the end of the wait, as are {@code p95} and {@code max}
     * @param requestsPerSecond the most on one node within any second
     */
    record Row(
            String name,
            int waits,
            int nodes,
            long p50,
            long p95,
            long max,
            int requests,
            long requestsPerSecond,
            int threads,
            long heapPerWait) {}

    private record Task(Upid upid, long end) {}

    /** How one waits. */
    private interface Waiting {
        void begin(ProxmoxClient client, Task task, Runnable ended);
    }

    private final int waits;
    private final int nodes;

    WaitsBenchmark(int waits, int nodes) {
        this.waits = waits;
        this.nodes = nodes;
    }

    Row shared() throws Exception {
        try (Footprint threads = new Footprint()) {
            ScheduledThreadPoolExecutor timer = threads.pool(1);
            ScheduledThreadPoolExecutor executor = threads.pool(4);
            TaskWatcher[] watcher = new TaskWatcher[1];
            return measure("shared watcher", (client, task, ended) -> {
                if (watcher[0] == null) {
                    watcher[0] =
                            new TaskWatcher(client, new WorkerThreads(executor, executor, timer), new NodeRateLimit());
                }
                watcher[0].watch(task.upid, line -> {}).thenRun(ended);
            });
        }
    }

    Row plain() throws Exception {
        return measure("plain loop", (client, task, ended) -> {
            Footprint.thread(() -> loop(client, task.upid, ended)).start();
        });
    }

    private static void loop(ProxmoxClient client, Upid task, Runnable ended) {
        try {
            for (int look = 0; ; look++) {
                PlainLoop.pause(look);
                if (!client.taskStatus(task).running()) {
                    ended.run();
                    return;
                }
            }
        } catch (ProxmoxException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Row measure(String name, Waiting waiting) throws IOException, InterruptedException {
        try (SimulatedProxmox proxmox = SimulatedProxmox.start(Generation.V9);
                ProxmoxClient client =
                        new ProxmoxClient(ExampleCluster.in(proxmox).settings())) {
            warmUp(proxmox, client, waiting);
            proxmox.forgetRequests();
            List<Task> tasks = tasks(proxmox);
            Delays delays = new Delays(waits);
            long heapBefore = Footprint.heap();
            for (Task task : tasks) {
                waiting.begin(client, task, () -> delays.since(task.end));
            }
            TimeUnit.MILLISECONDS.sleep(700);
            int threads = Footprint.threads();
            long heapPerWait = Math.max(0, Footprint.heap() - heapBefore) / waits;
            delays.await(Duration.ofMinutes(2));
            List<ReceivedRequest> looks = proxmox.requests().stream()
                    .filter(request -> request.path().contains("/tasks"))
                    .toList();
            return new Row(
                    name,
                    waits,
                    nodes,
                    delays.median(),
                    delays.within(0.95),
                    delays.within(1),
                    looks.size(),
                    mostPerSecond(looks, nodes),
                    threads,
                    heapPerWait);
        }
    }

    /** Connections and classes are there before anything is measured. */
    private void warmUp(SimulatedProxmox proxmox, ProxmoxClient client, Waiting waiting) throws InterruptedException {
        int count = Math.max(8, nodes);
        CountDownLatch all = new CountDownLatch(count);
        for (int i = 0; i < count; i++) {
            String node = "pve" + (i % nodes + 1);
            proxmox.cluster().node(node, true);
            String upid = proxmox.cluster().task(node, USER, Duration.ofMillis(500), "OK");
            waiting.begin(client, new Task(Upid.parse(upid), 0), all::countDown);
        }
        all.await();
    }

    private List<Task> tasks(SimulatedProxmox proxmox) {
        Random random = new Random(4711);
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < waits; i++) {
            String node = "pve" + (i % nodes + 1);
            proxmox.cluster().node(node, true);
            Duration takes = Duration.ofMillis(2000 + random.nextInt(28_000));
            long now = System.nanoTime();
            Upid upid = Upid.parse(proxmox.cluster().task(node, USER, takes, "OK"));
            tasks.add(new Task(upid, now + takes.toNanos()));
        }
        return tasks;
    }

    /** The most requests to one of so many nodes within any second. */
    static long mostPerSecond(List<ReceivedRequest> looks, int nodes) {
        long most = 0;
        for (int node = 1; node <= nodes; node++) {
            String prefix = "/nodes/pve" + node + "/";
            long[] times = looks.stream()
                    .filter(request -> request.path().startsWith(prefix))
                    .mapToLong(ReceivedRequest::nanos)
                    .sorted()
                    .toArray();
            for (int first = 0, last = 0; last < times.length; last++) {
                while (times[last] - times[first] >= TimeUnit.SECONDS.toNanos(1)) {
                    first++;
                }
                most = Math.max(most, last - first + 1L);
            }
        }
        return most;
    }
}
