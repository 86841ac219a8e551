package io.jenkins.plugins.proxmox.lease;

import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.load.ControllerGauge;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/**
 * Prints what a long list of leases costs: the size of the file, the time to write it for one more lease, the time to read
 * it at the start, and how long Jenkins takes to put everything back: {@code mvn -Pgrowth test}.
 */
class LeasesGrowthBenchmark {

    private static final int NODES = 8;

    private static final Duration PATIENCE = Duration.ofMinutes(8);

    /** What the controller has to know of the server. */
    private record Lab(String address, String fingerprint, String secret) implements Serializable {}

    @RegisterExtension
    private final RealJenkinsExtension controller =
            new RealJenkinsExtension().javaOptions("-Xmx1g").withTimeout(0);

    @Test
    void measure() throws Throwable {
        try (ConfiguredProxmox lab = ConfiguredProxmox.unconfigured()) {
            lab.proxmox.cluster().timing(Duration.ofSeconds(2), Duration.ZERO, Duration.ZERO);
            controller.startJenkins();
            controller.runRemotely(
                    LeasesGrowthBenchmark::configure,
                    new Lab(lab.proxmox.address(), lab.fingerprint(), lab.example.ciSecret()));
            System.out.println("| leases | file | write for one more, p50 | p95 | 100 more at once | read |");
            System.out.println("|---:|---:|---:|---:|---:|---:|");
            for (int leases : new int[] {0, 10, 100, 1000}) {
                System.out.println(writes(leases, lab.proxmox.address()));
            }
            controller.stopJenkins();
            System.out.println(
                    "\n| leases at the start | Jenkins is up after | all are back after | threads of the plugin"
                            + " | heap after collection, most | requests | left in the file |");
            System.out.println("|---:|---:|---:|---:|---:|---:|---:|");
            for (int leases : new int[] {0, 1000}) {
                System.out.println(start(lab, leases));
            }
        }
    }

    private String start(ConfiguredProxmox lab, int leases) throws Throwable {
        Path file = controller.getHome().toPath().resolve("proxmox-ve-leases.json");
        List<LeaseEntry> entries = new ArrayList<>();
        for (int i = 0; i < leases; i++) {
            String node = "pve" + (1 + i % NODES);
            lab.proxmox.cluster().node(node, true);
            lab.proxmox.cluster().vm(1000 + i, node, "guest-" + i).running().shutdownTakes(Duration.ofSeconds(5));
            entries.add(entry(i, lab.proxmox.address()));
        }
        new LeaseFile(file).write(entries);
        lab.proxmox.forgetRequests();
        long begun = System.nanoTime();
        controller.startJenkins();
        double up = (System.nanoTime() - begun) / 1e9;
        controller.runRemotely((JenkinsRule jenkins) -> ControllerGauge.here().start());
        while (controller.runRemotely(
                        (JenkinsRule jenkins) -> Leases.get().all().size())
                > 0) {
            if (System.nanoTime() - begun > PATIENCE.toNanos()) {
                throw new AssertionError("not back");
            }
            Thread.sleep(200);
        }
        double back = (System.nanoTime() - begun) / 1e9;
        ControllerGauge.Figures figures = controller.runRemotely(
                (JenkinsRule jenkins) -> ControllerGauge.here().read());
        controller.stopJenkins();
        return String.format(
                Locale.ROOT,
                "| %d | %.1f s | %.1f s | %d | %d MiB | %d | %d bytes |",
                leases,
                up,
                back,
                figures.pluginThreadsPeak(),
                figures.heapPeakMib(),
                lab.requests(),
                Files.size(file));
    }

    private static void configure(JenkinsRule jenkins, Lab lab) {
        ConfiguredProxmox.add(ConfiguredProxmox.token("ci", "jenkins@pve!ci", lab.secret));
        ProxmoxServer server = new ProxmoxServer("lab", lab.address);
        server.setCredentialsId("ci");
        server.setFingerprint(lab.fingerprint);
        ProxmoxConfiguration.get().setServers(List.of(server));
    }

    /** A list of its own, on the same disk as the one of the controller. */
    private String writes(int count, String address) throws Exception {
        Path file = controller.getHome().toPath().resolve("measured-leases.json");
        Files.deleteIfExists(file);
        Leases leases = new Leases(file);
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(leases.put(entry(i, address)));
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(1, TimeUnit.MINUTES);
        long[] nanos = new long[60];
        for (int i = 0; i < nanos.length; i++) {
            long begun = System.nanoTime();
            leases.put(entry(100_000, address)).get(1, TimeUnit.MINUTES);
            nanos[i] = System.nanoTime() - begun;
            leases.remove("lease-100000").get(1, TimeUnit.MINUTES);
        }
        // the first ones compile what the others use
        long[] warm = Arrays.copyOfRange(nanos, 20, nanos.length);
        Arrays.sort(warm);
        long together = System.nanoTime();
        all.clear();
        for (int i = 0; i < 100; i++) {
            all.add(leases.put(entry(200_000 + i, address)));
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(1, TimeUnit.MINUTES);
        together = System.nanoTime() - together;
        for (int i = 0; i < 100; i++) {
            leases.remove("lease-" + (200_000 + i)).get(1, TimeUnit.MINUTES);
        }
        long read = System.nanoTime();
        if (new Leases(file).all().size() != count) {
            throw new AssertionError("not all were read");
        }
        read = System.nanoTime() - read;
        return String.format(
                Locale.ROOT,
                "| %d | %d KiB | %.1f ms | %.1f ms | %.1f ms | %.1f ms |",
                count,
                Files.size(file) / 1024,
                warm[warm.length / 2] / 1e6,
                warm[(int) (warm.length * 0.95)] / 1e6,
                together / 1e6,
                read / 1e6);
    }

    private static LeaseEntry entry(int i, String address) {
        return ExampleLeases.inUse(i, "pve" + (i % NODES + 1), ServerAddress.parseAll(address));
    }
}
