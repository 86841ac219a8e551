package io.jenkins.plugins.proxmox.pve.threads;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.pve.Eventually;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The threads of the plugin are shared in a way that leaves each server its own. */
class ConcurrencyLimitsTest {

    private static final int HANGING = 20;

    private final ConcurrencyLimits<String> lanes = new ConcurrencyLimits<>(ProxmoxThreads.pool(), 2);
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger hanging = new AtomicInteger();

    @AfterEach
    void letGo() {
        release.countDown();
    }

    private void hang() {
        hanging.incrementAndGet();
        try {
            release.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void runs(Executor lane) throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        lane.execute(() -> done.complete(null));
        done.get(10, TimeUnit.SECONDS);
    }

    @Test
    void leaveAHealthyServerItsThreadsHoweverManyOthersHang() throws Exception {
        for (int server = 0; server < HANGING; server++) {
            for (int task = 0; task < 5; task++) {
                lanes.of("hanging-" + server).execute(this::hang);
            }
        }
        runs(lanes.of("healthy"));
        Eventually.holds("each hanging one has its two threads", () -> hanging.get() == 2 * HANGING);
        release.countDown();
        Eventually.holds("what waited has run", () -> hanging.get() == 5 * HANGING);
    }

    @Test
    void runTheTasksOfALaneInTheirOrder() throws Exception {
        Executor one = new ConcurrencyLimit(ProxmoxThreads.pool(), 1);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            int number = i;
            one.execute(() -> order.add(number));
        }
        runs(one);
        assertThat(order, is(order.stream().sorted().toList()));
        assertThat(order.size(), is(100));
    }

    @Test
    void goOnAfterATaskThatFails() throws Exception {
        Executor one = new ConcurrencyLimit(ProxmoxThreads.pool(), 1);
        one.execute(() -> {
            throw new IllegalStateException("simulated defect");
        });
        runs(one);
    }

    @Test
    void giveTheirThreadsBackWhenTheExecutorTakesNothing() throws Exception {
        List<Executor> executors = new ArrayList<>(List.of(task -> {
            throw new IllegalStateException("takes nothing");
        }));
        Executor one = new ConcurrencyLimit(task -> executors.get(0).execute(task), 1);
        try {
            one.execute(() -> {});
        } catch (IllegalStateException refused) {
            executors.set(0, ProxmoxThreads.pool());
        }
        runs(one);
    }

    @Test
    void runInThreadsThatDoNotKeepTheProcessAlive() throws Exception {
        CompletableFuture<Boolean> daemon = new CompletableFuture<>();
        ProxmoxThreads.pool()
                .execute(() -> daemon.complete(Thread.currentThread().isDaemon()));
        assertThat(daemon.get(10, TimeUnit.SECONDS), is(true));
    }
}
