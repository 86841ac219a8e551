package io.jenkins.plugins.proxmox.load;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import hudson.model.ParametersAction;
import hudson.model.ParametersDefinitionProperty;
import hudson.model.Result;
import hudson.model.StringParameterDefinition;
import hudson.model.StringParameterValue;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/**
 * Prints what 500 builds at once cost a controller with 1 GiB of heap, each of which clones a guest, starts it, waits for
 * its address, checks it and deletes it; and what the same builds cost with loops of curl instead of steps: {@code mvn
 * -Pload test}. The simulated cluster has a process of its own, on the same machine.
 *
 * <p>{@code -Dload.builds=50} is for fewer builds, {@code -Dload.minutes=5} for less patience.
 */
class LoadBenchmark {

    private static final int BUILDS = Integer.getInteger("load.builds", 500);

    private static final Duration PATIENCE = Duration.ofMinutes(Integer.getInteger("load.minutes", 15));

    private static final int NODES = 8;

    private static final int FIRST_TEMPLATE = 9001;

    /** How long a real server takes for an answer, roughly. */
    private static final Duration LATENCY = Duration.ofMillis(20);

    /** Builds have an identity of their own, which tells their requests from those for pages. */
    private static final String TOKEN = "jenkins@pve!builds";

    /** What the controller has to know of the server. */
    private record Lab(String address, String fingerprint, String secret, String secretOfBuilds)
            implements Serializable {}

    /** The builds: one job for each node, which clones the template there. */
    private record Plan(int builds, ArrayList<String> scripts) implements Serializable {}

    @RegisterExtension
    private final RealJenkinsExtension controller = new RealJenkinsExtension()
            .javaOptions("-Xmx1g", "-XX:ActiveProcessorCount=2")
            .withTimeout(7200);

    @TempDir
    private Path folder;

    private final ConfiguredProxmox lab = ConfiguredProxmox.unconfigured();

    @AfterEach
    void close() {
        lab.close();
    }

    @Test
    void steps() throws Throwable {
        measure("steps", "steps.groovy");
        assertThat("tasks", tasks(), is(onceForEachBuild("qmclone", "qmstart", "qmstop", "qmdestroy")));
    }

    private Map<String, Long> tasks() {
        Map<String, Long> tasks = new TreeMap<>();
        lab.proxmox
                .cluster()
                .allTasks()
                .forEach(task -> tasks.merge(task.type() + " " + task.exitStatus(), 1L, Long::sum));
        return tasks;
    }

    private static Map<String, Long> onceForEachBuild(String... types) {
        Map<String, Long> tasks = new TreeMap<>();
        for (String type : types) {
            tasks.put(type + " OK", (long) BUILDS);
        }
        return tasks;
    }

    @Test
    void curlLoops() throws Throwable {
        measure("curl loops", "curl-loops.groovy");
    }

    private void measure(String how, String script) throws Throwable {
        prepareCluster();
        Set<Integer> before = lab.proxmox.cluster().vmids();
        controller.startJenkins();
        controller.runRemotely(
                LoadBenchmark::configure,
                new Lab(
                        lab.proxmox.address(),
                        lab.fingerprint(),
                        lab.example.ciSecret(),
                        lab.proxmox.access().token(TOKEN, false)),
                script.equals("steps.groovy") ? 2 : BUILDS);
        try (PageTimes idle = pages().warmUp(3)) {
            for (int i = 0; i < 20; i++) {
                idle.round();
            }
            print("| builds | page | opened | p50 | p95 | longest |", "|---|---|---:|---:|---:|---:|");
            idle.table("none").forEach(System.out::println);
        }
        lab.proxmox.forgetRequests();
        PageTimes busy = pages().begin();
        long begun = System.nanoTime();
        controller.runRemotely(LoadBenchmark::begin, new Plan(BUILDS, scripts(script)));
        BuildCount.Count count = awaitEnd(how, begun);
        double seconds = (System.nanoTime() - begun) / 1e9;
        busy.close();
        ControllerGauge.Figures figures = controller.runRemotely(
                (JenkinsRule jenkins) -> ControllerGauge.here().read());
        busy.table(BUILDS + " with " + how).forEach(System.out::println);
        print(
                "",
                "| " + BUILDS
                        + " builds | at once | right | all over after | requests | per second | per node and second, mean"
                        + " | most in a second on a node | connections made | heap after collection, most | threads, most |"
                        + " of the plugin | longest queue for a server | queue of Jenkins | open files, most | CPU of the"
                        + " controller | collections |",
                "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
                row(how, seconds, count, figures));
        if (count.succeeded() != BUILDS) {
            controller.runRemotely(LoadBenchmark::printFailures);
        }
        assertThat("pages that could not be opened", busy.failures(), is(empty()));
        assertThat("builds that ended well", count.succeeded(), is(BUILDS));
        assertThat("guests that are left", lab.proxmox.cluster().vmids(), is(before));
    }

    private void prepareCluster() {
        var cluster = lab.proxmox.cluster();
        lab.proxmox.latency(LATENCY);
        lab.proxmox.access().role("builder", "Datastore.AllocateSpace,SDN.Use");
        lab.proxmox.access().grant("/storage", "jenkins@pve", "builder");
        lab.proxmox.access().grant("/sdn", "jenkins@pve", "builder");
        cluster.timing(Duration.ofSeconds(2), Duration.ofSeconds(5), Duration.ofSeconds(2));
        cluster.taskTakes("qmclone", Duration.ofSeconds(4));
        for (int i = 0; i < NODES; i++) {
            cluster.node("pve" + (i + 1), true);
            cluster.vm(FIRST_TEMPLATE + i, "pve" + (i + 1), "golden-" + i)
                    .template()
                    .agent()
                    .answersAfter(Duration.ofSeconds(20))
                    .addressesAfter(Duration.ofSeconds(2));
        }
    }

    private ArrayList<String> scripts(String resource) throws IOException {
        Path ca = Files.writeString(folder.resolve("pve-root-ca.pem"), lab.proxmox.caPem());
        String text;
        try (InputStream in = LoadBenchmark.class.getResourceAsStream(resource)) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        ArrayList<String> scripts = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            scripts.add(text.replace("@TEMPLATE@", String.valueOf(FIRST_TEMPLATE + i))
                    .replace("@NODE@", "pve" + (i + 1))
                    .replace("@ADDRESS@", lab.proxmox.address())
                    .replace("@CA@", ca.toString()));
        }
        return scripts;
    }

    private PageTimes pages() throws IOException {
        return new PageTimes(controller.getUrl())
                .page("a job", "job/load-0/")
                .overview("lab")
                .testConnection(Map.of(
                        "name", "lab",
                        "addresses", lab.proxmox.address(),
                        "credentialsId", "ci",
                        "fingerprint", lab.fingerprint(),
                        "caCertificates", "",
                        "verificationOff", "false",
                        "connectTimeout", "10",
                        "responseTimeout", "40"));
    }

    private BuildCount.Count awaitEnd(String how, long begun) throws Throwable {
        for (int look = 0; ; look++) {
            BuildCount.Count count = controller.runRemotely((JenkinsRule jenkins) -> BuildCount.now());
            if (count.ended() == BUILDS || System.nanoTime() - begun > PATIENCE.toNanos()) {
                return count;
            }
            if (look % 15 == 0) {
                System.out.println(how + ": " + count + ", requests "
                        + requestsOfBuilds().size() + ", connections " + lab.proxmox.openConnections());
            }
            TimeUnit.SECONDS.sleep(1);
        }
    }

    private String row(String how, double seconds, BuildCount.Count count, ControllerGauge.Figures figures) {
        List<ReceivedRequest> requests = requestsOfBuilds();
        Map<String, Long> perNodeAndSecond = requests.stream()
                .filter(request -> request.path().startsWith("/nodes/"))
                .collect(Collectors.groupingBy(
                        request -> request.path().split("/")[2] + " " + request.nanos() / 1_000_000_000L,
                        Collectors.counting()));
        long most = perNodeAndSecond.values().stream()
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
        long onNodes =
                perNodeAndSecond.values().stream().mapToLong(Long::longValue).sum();
        return String.format(
                Locale.ROOT,
                "| %s | %d | %d | %.0f s | %d | %.0f | %.1f | %d | %d | %d MiB | %d | %d | %d | %d | %d | %.0f s | %.1f s |",
                how,
                count.mostAtOnce(),
                count.succeeded(),
                seconds,
                requests.size(),
                requests.size() / seconds,
                onNodes / seconds / NODES,
                most,
                requests.stream().map(ReceivedRequest::connection).distinct().count(),
                figures.heapPeakMib(),
                figures.threadsPeak(),
                figures.pluginThreadsPeak(),
                figures.lanesPeak(),
                figures.queuePeak(),
                figures.filesPeak(),
                figures.cpuSeconds(),
                figures.collectionSeconds());
    }

    private List<ReceivedRequest> requestsOfBuilds() {
        return lab.proxmox.requests().stream()
                .filter(request ->
                        String.valueOf(request.headers().get("authorization")).contains(TOKEN + "="))
                .toList();
    }

    private static void print(String... lines) {
        for (String line : lines) {
            System.out.println(line);
        }
    }

    private static void configure(JenkinsRule jenkins, Lab lab, int executors) throws Exception {
        ConfiguredProxmox.add(ConfiguredProxmox.token("ci", "jenkins@pve!ci", lab.secret));
        ConfiguredProxmox.add(ConfiguredProxmox.token("builds", TOKEN, lab.secretOfBuilds));
        ProxmoxServer server = new ProxmoxServer("lab", lab.address);
        server.setCredentialsId("ci");
        server.setFingerprint(lab.fingerprint);
        ProxmoxConfiguration.get().setServers(List.of(server));
        jenkins.jenkins.setNumExecutors(executors);
        for (int i = 0; i < NODES; i++) {
            WorkflowJob job = jenkins.createProject(WorkflowJob.class, "load-" + i);
            job.addProperty(new ParametersDefinitionProperty(new StringParameterDefinition("NUMBER", "0")));
        }
        BuildCount.begin();
    }

    private static void begin(JenkinsRule jenkins, Plan plan) throws Exception {
        for (int i = 0; i < NODES; i++) {
            jenkins.jenkins
                    .getItemByFullName("load-" + i, WorkflowJob.class)
                    .setDefinition(new CpsFlowDefinition(plan.scripts.get(i), true));
        }
        ControllerGauge.here().start();
        for (int i = 0; i < plan.builds; i++) {
            jenkins.jenkins
                    .getItemByFullName("load-" + i % NODES, WorkflowJob.class)
                    .scheduleBuild2(0, new ParametersAction(new StringParameterValue("NUMBER", String.valueOf(i))));
        }
    }

    private static void printFailures(JenkinsRule jenkins) throws Exception {
        int printed = 0;
        for (WorkflowJob job : jenkins.jenkins.allItems(WorkflowJob.class)) {
            for (WorkflowRun run : job.getBuilds()) {
                if (!Result.SUCCESS.equals(run.getResult()) && printed++ < 5) {
                    System.out.println(run + ": " + run.getResult() + "\n" + JenkinsRule.getLog(run));
                }
            }
        }
    }
}
