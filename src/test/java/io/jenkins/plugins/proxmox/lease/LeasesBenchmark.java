package io.jenkins.plugins.proxmox.lease;

import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/**
 * Prints what it costs to put back what 300 builds had borrowed when the controller went down, beside a plain loop with a
 * thread for each guest: {@code mvn -Pbenchmark test}.
 */
@WithJenkins
class LeasesBenchmark {

    private static final int LEASES = 300;

    private static final int NODES = 5;

    private static final Duration SHUTDOWN = Duration.ofSeconds(5);

    private static final Duration BOUND = Duration.ofMinutes(5);

    private record Row(String name, double seconds, long threads, int requests, double perSecond, long most) {

        String text() {
            return String.format(
                    Locale.ROOT,
                    "| %d leases on %d nodes | %s | %.1f s | %d | %d | %.1f | %d |",
                    LEASES,
                    NODES,
                    name,
                    seconds,
                    threads,
                    requests,
                    perSecond,
                    most);
        }
    }

    @Test
    void measure(JenkinsRule jenkins) throws Exception {
        System.out.println("\n| after a restart of the controller | how | all back after | threads | requests "
                + "| per second | most in a second on a node |");
        System.out.println("|---|---|---:|---:|---:|---:|---:|");
        try (ConfiguredProxmox lab = prepared(ConfiguredProxmox.start())) {
            System.out.println(leases(lab).text());
        }
        try (ConfiguredProxmox lab = prepared(ConfiguredProxmox.unconfigured())) {
            System.out.println(plain(lab).text() + "\n");
        }
    }

    private static ConfiguredProxmox prepared(ConfiguredProxmox lab) {
        for (int i = 0; i < LEASES; i++) {
            String node = node(i);
            lab.proxmox.cluster().node(node, true);
            lab.proxmox.cluster().vm(1000 + i, node, "guest-" + i).running().shutdownTakes(SHUTDOWN);
        }
        return lab;
    }

    private static String node(int i) {
        return "pve" + (i % NODES + 1);
    }

    private static Row leases(ConfiguredProxmox lab) throws Exception {
        for (int i = 0; i < LEASES; i++) {
            Leases.get()
                    .put(ExampleLeases.inUse(i, node(i), lab.example.settings().addresses()))
                    .get();
        }
        Row row = measure("leases", lab, () -> {
            LeaseReturns.get().doRun();
            return null;
        });
        if (!Leases.get().all().isEmpty()) {
            throw new AssertionError("left: " + Leases.get().all());
        }
        return row;
    }

    private static Row plain(ConfiguredProxmox lab) throws Exception {
        try (ProxmoxClient client = new ProxmoxClient(lab.example.settings())) {
            return measure("plain loop", lab, () -> {
                for (int i = 0; i < LEASES; i++) {
                    GuestLocation guest = new GuestLocation(node(i), GuestType.QEMU, 1000 + i);
                    Thread thread = new Thread(() -> shutDown(client, guest), "Proxmox VE plain loop");
                    thread.setDaemon(true);
                    thread.start();
                }
                return null;
            });
        }
    }

    private static void shutDown(ProxmoxClient client, GuestLocation guest) {
        try {
            client.power(guest, PowerAction.SHUTDOWN, Map.of());
            while (client.status(guest).running()) {
                Thread.sleep(1000);
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static Row measure(String name, ConfiguredProxmox lab, Callable<?> begin) throws Exception {
        AtomicInteger threads = new AtomicInteger();
        lab.proxmox.forgetRequests();
        long begun = System.nanoTime();
        begin.call();
        while (IntStream.range(0, LEASES)
                .anyMatch(i -> lab.proxmox.cluster().guest(1000 + i).isRunning())) {
            threads.accumulateAndGet(threadsOfThePlugin(), Math::max);
            if (System.nanoTime() - begun > BOUND.toNanos()) {
                throw new AssertionError("not back within " + BOUND);
            }
            Thread.sleep(50);
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        Eventually.holds(
                "nothing is left to do",
                () -> name.equals("plain loop") || Leases.get().all().isEmpty());
        List<ReceivedRequest> requests = new ArrayList<>(lab.proxmox.requests());
        return new Row(name, seconds, threads.get(), requests.size(), requests.size() / seconds, most(requests));
    }

    private static int threadsOfThePlugin() {
        return (int) Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("Proxmox VE"))
                .count();
    }

    /** Only the questions about tasks, whose pace is limited by node. */
    private static long most(List<ReceivedRequest> requests) {
        return requests.stream()
                .filter(request -> request.path().contains("/tasks"))
                .collect(Collectors.groupingBy(
                        request -> request.path().split("/")[2] + " " + request.nanos() / 1_000_000_000L,
                        Collectors.counting()))
                .values()
                .stream()
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
    }
}
