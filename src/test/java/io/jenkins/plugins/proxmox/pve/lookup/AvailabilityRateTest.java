package io.jenkins.plugins.proxmox.pve.lookup;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How often a node is asked while many of its guests boot at once. */
class AvailabilityRateTest {

    private static final int GUESTS = 20;

    private static final int MOST_PER_SECOND = 3;

    /** A second, without what two requests may differ in their way to the server. */
    private static final long SECOND = TimeUnit.MILLISECONDS.toNanos(950);

    @ParameterizedTest
    @EnumSource(Generation.class)
    void asksANodeThreeTimesASecondAtMost(Generation generation) throws Exception {
        ScheduledExecutorService threads = Executors.newScheduledThreadPool(3);
        ScheduledExecutorService slow = Executors.newScheduledThreadPool(2);
        CountDownLatch busy = new CountDownLatch(1);
        try (SimulatedProxmox proxmox = SimulatedProxmox.start(generation);
                ProxmoxClient client =
                        new ProxmoxClient(ExampleCluster.in(proxmox).settings())) {
            proxmox.cluster().agentTimeout(Duration.ofMillis(300));
            client.guests();
            proxmox.forgetRequests();
            AvailabilityWatch watch = new AvailabilityWatch(
                    client,
                    new WorkerThreads(threads, threads, threads),
                    new WorkerThreads(slow, slow, threads),
                    new NodeRateLimit());
            // others keep the threads for questions busy at first
            slow.execute(() -> await(busy));
            slow.execute(() -> await(busy));
            threads.schedule(busy::countDown, 2, TimeUnit.SECONDS);
            List<CompletableFuture<?>> ends = new ArrayList<>();
            for (int i = 0; i < GUESTS; i++) {
                int vmid = 1000 + i;
                proxmox.cluster()
                        .vm(vmid, "pve1", "guest-" + vmid)
                        .running()
                        .agent()
                        .answersAfter(Duration.ofMillis(1000 + 200L * i))
                        .addressesAfter(Duration.ofMillis(300));
                ends.add(watch.watch(
                                new GuestLocation("pve1", GuestType.QEMU, vmid),
                                Availability.parse("ip"),
                                AvailabilityProgress.NONE)
                        .end());
            }
            long begun = System.nanoTime();
            CompletableFuture.allOf(ends.toArray(new CompletableFuture<?>[0])).get(60, TimeUnit.SECONDS);
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
            assertThat("requests in a second", most(proxmox.requests()), is(lessThanOrEqualTo(MOST_PER_SECOND)));
            assertThat("seconds until all addresses are known", seconds, is(lessThan(45L)));
        } finally {
            busy.countDown();
            threads.shutdownNow();
            slow.shutdownNow();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int most(List<ReceivedRequest> requests) {
        long[] times = requests.stream()
                .filter(request -> request.path().startsWith("/nodes/pve1/"))
                .mapToLong(ReceivedRequest::nanos)
                .sorted()
                .toArray();
        int most = 0;
        int first = 0;
        for (int last = 0; last < times.length; last++) {
            while (times[last] - times[first] >= SECOND) {
                first++;
            }
            most = Math.max(most, last - first + 1);
        }
        return most;
    }
}
