package io.jenkins.plugins.proxmox.growth;

import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.build.GuestTimeline;
import io.jenkins.plugins.proxmox.load.ControllerGauge;
import io.jenkins.plugins.proxmox.load.PageTimes;
import io.jenkins.plugins.proxmox.pve.simulator.LargeCluster;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import io.jenkins.plugins.proxmox.server.SharedLanes;
import java.io.File;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/**
 * Prints what becomes of the controller with a large cluster, with a build that does 10,000 things, and with a
 * configuration that is saved as often as in a month: {@code mvn -Pgrowth test}.
 */
class GrowthBenchmark {

    private static final int OPERATIONS = Integer.getInteger("growth.operations", 10_000);

    private static final int SAVES = Integer.getInteger("growth.saves", 6000);

    private static final int NODES = 8;

    private static final int BRANCHES = 50;

    /** What the controller has to know of the server. */
    private record Lab(String address, String fingerprint, String secret) implements Serializable {}

    @RegisterExtension
    private final RealJenkinsExtension controller =
            new RealJenkinsExtension().javaOptions("-Xmx1g").withTimeout(0);

    private final ConfiguredProxmox lab = ConfiguredProxmox.unconfigured();

    @AfterEach
    void close() {
        lab.close();
    }

    private void start() throws Throwable {
        controller.startJenkins();
        controller.runRemotely(
                GrowthBenchmark::configure, new Lab(lab.proxmox.address(), lab.fingerprint(), lab.example.ciSecret()));
    }

    private static void configure(JenkinsRule jenkins, Lab lab) {
        ConfiguredProxmox.add(ConfiguredProxmox.token("ci", "jenkins@pve!ci", lab.secret));
        ProxmoxConfiguration.get().setServers(List.of(server(lab, 4010)));
        ControllerGauge.here().start();
    }

    /** The settings of the server; different for each number up to 60,000. */
    private static ProxmoxServer server(Lab lab, int number) {
        ProxmoxServer server = new ProxmoxServer("lab", lab.address);
        server.setCredentialsId("ci");
        server.setFingerprint(lab.fingerprint);
        server.setConnectTimeout(1 + number % 100);
        server.setResponseTimeout(1 + number / 100);
        return server;
    }

    private ControllerGauge.Figures figures() throws Throwable {
        return controller.runRemotely(
                (JenkinsRule jenkins) -> ControllerGauge.here().read());
    }

    @Test
    void guests() throws Throwable {
        start();
        System.out.println("\n| guests | page | opened | p50 | p95 | longest |\n|---|---|---:|---:|---:|---:|");
        List<String> sizes = new ArrayList<>();
        measureGuests(14, 2, sizes);
        LargeCluster.in(lab.proxmox, 10_000, 60);
        measureGuests(10_014, 60, sizes);
        System.out.println("\n| guests | data of the overview | heap after collection, most"
                + " | now | threads, most |\n|---|---:|---:|---:|---:|");
        sizes.forEach(System.out::println);
    }

    private void measureGuests(int guests, int nodes, List<String> sizes) throws Throwable {
        String what = String.format(Locale.ROOT, "%,d on %d nodes", guests, nodes);
        try (PageTimes pages = new PageTimes(controller.getUrl())
                .overview("lab")
                .testConnection(Map.of(
                        "name", "lab",
                        "addresses", lab.proxmox.address(),
                        "credentialsId", "ci",
                        "fingerprint", lab.fingerprint(),
                        "caCertificates", "",
                        "verificationOff", "false",
                        "connectTimeout", "10",
                        "responseTimeout", "40"))) {
            pages.warmUp(2);
            for (int i = 0; i < 8; i++) {
                // so that the view is taken anew
                TimeUnit.SECONDS.sleep(11);
                pages.round();
            }
            pages.table(what).forEach(System.out::println);
            if (!pages.failures().isEmpty()) {
                throw new AssertionError(pages.failures());
            }
            ControllerGauge.Figures figures = figures();
            sizes.add(String.format(
                    Locale.ROOT,
                    "| %s | %d KiB | %d MiB | %d MiB | %d |",
                    what,
                    pages.get("manage/proxmox-ve/server?name=lab").length() / 1024,
                    figures.heapPeakMib(),
                    figures.heapNowMib(),
                    figures.threadsPeak()));
        }
    }

    @Test
    void operations() throws Throwable {
        lab.proxmox.cluster().timing(Duration.ofMillis(100), Duration.ZERO, Duration.ZERO);
        for (int i = 0; i < BRANCHES; i++) {
            String node = "pve" + (1 + i % NODES);
            lab.proxmox.cluster().node(node, true);
            lab.proxmox.cluster().vm(1000 + i, node, "guest-" + i);
        }
        start();
        System.out.println("\n| operations in one build | over after | log | `build.xml` | entries kept | dropped"
                + " | folder of the build | page of the build | its timeline | heap after collection, most | now"
                + " | threads, most | of the plugin | written |"
                + "\n|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        for (int operations : new int[] {OPERATIONS / 10, OPERATIONS}) {
            System.out.println(measureOperations(operations));
        }
    }

    private String measureOperations(int operations) throws Throwable {
        controller.runRemotely((JenkinsRule jenkins) -> ControllerGauge.here().start());
        long written = written();
        long begun = System.nanoTime();
        String name = "does-" + operations;
        controller.runRemotely(GrowthBenchmark::build, name, operations / BRANCHES / 2);
        while (controller.runRemotely(GrowthBenchmark::isBuilding, name)) {
            TimeUnit.SECONDS.sleep(1);
            lab.proxmox.forgetRequests();
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        // records are written at most five seconds later
        TimeUnit.SECONDS.sleep(6);
        long much = written() - written;
        Path folder = controller.getHome().toPath().resolve("jobs/" + name + "/builds/1");
        long page = time("job/" + name + "/1/");
        long timeline = time("job/" + name + "/1/proxmox-ve/");
        ControllerGauge.Figures figures = figures();
        return String.format(
                Locale.ROOT,
                "| %,d | %.0f s | %d KiB | %d KiB | %s | %d KiB | %d ms | %d ms | %d MiB | %d MiB | %d | %d | %d MiB |",
                operations,
                seconds,
                Files.size(folder.resolve("log")) / 1024,
                Files.size(folder.resolve("build.xml")) / 1024,
                controller.runRemotely(GrowthBenchmark::entries, name),
                size(folder) / 1024,
                page,
                timeline,
                figures.heapPeakMib(),
                figures.heapNowMib(),
                figures.threadsPeak(),
                figures.pluginThreadsPeak(),
                much >> 20);
    }

    /** Bytes that the process of the controller has written so far. */
    private long written() throws Throwable {
        return Files.readAllLines(Path.of("/proc/" + controller.getProcess().pid() + "/io")).stream()
                .filter(line -> line.startsWith("wchar: "))
                .mapToLong(line -> Long.parseLong(line.substring("wchar: ".length())))
                .sum();
    }

    private static long size(Path folder) throws Exception {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.map(Path::toFile)
                    .filter(File::isFile)
                    .mapToLong(File::length)
                    .sum();
        }
    }

    private long time(String address) throws Exception {
        try (PageTimes pages = new PageTimes(controller.getUrl())) {
            pages.get(address);
            long begun = System.nanoTime();
            pages.get(address);
            return (System.nanoTime() - begun) / 1_000_000;
        }
    }

    private static void build(JenkinsRule jenkins, String name, int rounds) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class, name);
        job.setDefinition(new CpsFlowDefinition(
                "def branches = [:]\n"
                        + "for (int b = 0; b < " + BRANCHES + "; b++) {\n"
                        + "  int vmid = 1000 + b\n"
                        + "  branches[\"guest ${vmid}\".toString()] = {\n"
                        + "    for (int i = 0; i < " + rounds + "; i++) {\n"
                        + "      proxmoxVm action: 'start', vmid: vmid\n"
                        + "      proxmoxVm action: 'stop', vmid: vmid\n"
                        + "    }\n"
                        + "  }\n"
                        + "}\n"
                        + "parallel branches\n",
                true));
        job.scheduleBuild2(0).waitForStart();
    }

    private static boolean isBuilding(JenkinsRule jenkins, String name) throws Exception {
        WorkflowRun run =
                jenkins.jenkins.getItemByFullName(name, WorkflowJob.class).getBuildByNumber(1);
        if (!run.isBuilding()) {
            jenkins.assertBuildStatusSuccess(run);
        }
        return run.isBuilding();
    }

    private static String entries(JenkinsRule jenkins, String name) {
        GuestTimeline timeline = jenkins.jenkins
                .getItemByFullName(name, WorkflowJob.class)
                .getBuildByNumber(1)
                .getAction(GuestTimeline.class);
        return timeline.getEntries().size() + " | " + timeline.getDropped();
    }

    @Test
    void saves() throws Throwable {
        start();
        Lab known = new Lab(lab.proxmox.address(), lab.fingerprint(), lab.example.ciSecret());
        System.out.println("\n| configurations saved | in | connections kept | at the server | secrets remembered"
                + " | open files | threads | heap after a full collection |"
                + "\n|---:|---:|---:|---:|---:|---:|---:|---:|");
        int saved = 0;
        long begun = System.nanoTime();
        System.out.println(stateAfter(saved, begun));
        for (int step :
                new int[] {SAVES / 30, SAVES / 30, SAVES / 10 - SAVES / 15, SAVES / 2 - SAVES / 10, SAVES / 2}) {
            controller.runRemotely(GrowthBenchmark::save, known, saved, step);
            saved += step;
            System.out.println(stateAfter(saved, begun));
        }
        TimeUnit.MINUTES.sleep(2);
        System.out.println(stateAfter(saved, begun));
    }

    private String stateAfter(int saves, long begun) throws Throwable {
        ControllerGauge.Figures figures = figures();
        return String.format(
                Locale.ROOT,
                "| %,d | %.0f s | %s | %d | %s | %d | %d | %d MiB |",
                saves,
                (System.nanoTime() - begun) / 1e9,
                controller.runRemotely((JenkinsRule jenkins) -> String.valueOf(SharedLanes.connections())),
                lab.proxmox.openConnections(),
                controller.runRemotely((JenkinsRule jenkins) -> String.valueOf(SharedLanes.credentials())),
                figures.filesNow(),
                figures.threadsNow(),
                figures.heapNowMib());
    }

    /** Somebody saves the configuration, changed each time, and a build uses it. */
    private static void save(JenkinsRule jenkins, Lab lab, int before, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            ProxmoxConfiguration.get().setServers(List.of(server(lab, 2000 + before + i)));
            SharedLanes.ask(ProxmoxConfiguration.get().getServers().get(0));
        }
    }
}
