package io.jenkins.plugins.proxmox.lease;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import hudson.model.FreeStyleProject;
import hudson.model.Job;
import hudson.tasks.Shell;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.freestyle.StartedGuestWrapper;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.flow.FlowDurabilityHint;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.properties.DurabilityHintJobProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/**
 * The process of the controller is killed in every state of a lease, whatever is borrowed and whoever borrows it, and
 * started again. Builds that can continue do so, the others are over; in the end, the cluster is as it was before, and
 * each request was sent once.
 */
class KilledLeaseTest {

    /** Where the lease is when the controller is killed. */
    private enum State {
        /** The guest is being looked at. */
        BEFORE_THE_ENTRY,
        /** The lease is in the list, and its first request does not reach the server. */
        BEFORE_THE_REQUEST,
        /** The request has arrived, its answer has not. */
        REQUESTED,
        /** The task of the first request runs. */
        STARTING,
        /** The guest is in use. */
        IN_USE,
        /** The first request of the way back has arrived, its answer has not. */
        RETURNING,
        /** The task of that request runs. */
        RETURN_BEGUN
    }

    /** What is borrowed. */
    private enum Form {
        MACHINE("vmid: %d", List.of("qmstart", "qmshutdown")),
        CONTAINER("vmid: %d", List.of("vzstart", "vzshutdown")),
        SNAPSHOT("vmid: %d, snapshot: 'clean', onExit: 'rollback'", List.of("qmrollback", "qmstart", "qmrollback")),
        CLONE("template: %d, vmid: %d", List.of("qmstart", "qmstop", "qmdestroy"));

        private final String parameters;

        /** Of the guest that is used, from beginning to end. */
        private final List<String> tasks;

        Form(String parameters, List<String> tasks) {
            this.parameters = parameters;
            this.tasks = tasks;
        }

        String beginning(int vmid) {
            return switch (this) {
                case MACHINE, CONTAINER -> "/" + vmid + "/status/start";
                case SNAPSHOT -> "/" + vmid + "/snapshot/clean/rollback";
                case CLONE -> "/" + template(vmid) + "/clone";
            };
        }

        String returning(int vmid) {
            return switch (this) {
                case MACHINE, CONTAINER -> "/" + vmid + "/status/shutdown";
                case SNAPSHOT -> "/" + vmid + "/snapshot/clean/rollback";
                case CLONE -> "/" + vmid + "/status/stop";
            };
        }
    }

    /** Who borrows it. */
    private enum Borrower {
        /** A Pipeline that survives everything. */
        DURABLE,
        /** A Pipeline with the durability <em>Performance-optimized</em>. */
        FAST,
        FREESTYLE
    }

    private record Build(State state, Form form, Borrower borrower) implements Serializable {

        int vmid() {
            return 1000 + 100 * state.ordinal() + 10 * form.ordinal() + borrower.ordinal();
        }

        String job() {
            return borrower + "-" + form + "-" + state;
        }

        String pipeline() {
            String parameters = form == Form.CLONE
                    ? form.parameters.formatted(template(vmid()), vmid())
                    : form.parameters.formatted(vmid());
            int seconds = state == State.IN_USE ? 20 : 0;
            return "withProxmoxVm(server: '%s', %s) { sleep %d }".formatted(server(), parameters, seconds);
        }

        /** Each kind of builds has servers of its own, which answer only a few requests of a controller at once. */
        String server() {
            return borrower + "-" + generation();
        }

        Generation generation() {
            Generation[] all = Generation.values();
            return all[state.ordinal() % all.length];
        }

        /** Whether the build goes on after the controller was killed. */
        boolean survives() {
            return borrower == Borrower.DURABLE;
        }
    }

    private static int template(int vmid) {
        return vmid + 5000;
    }

    private static List<Build> builds(State state) {
        List<Build> builds = new ArrayList<>();
        for (Borrower borrower : Borrower.values()) {
            for (Form form : Form.values()) {
                // containers differ from machines only in their paths, and their builds cost as much
                if (form != Form.CONTAINER || borrower == Borrower.DURABLE) {
                    builds.add(new Build(state, form, borrower));
                }
            }
        }
        return builds;
    }

    /** What the controller has to know of a server. */
    private record Known(String name, String address, String fingerprint, String secret) implements Serializable {}

    @RegisterExtension
    private final RealJenkinsExtension controller = new RealJenkinsExtension().withTimeout(900);

    /** By their names on the controller. */
    private final Map<String, ConfiguredProxmox> labs = new TreeMap<>();

    /** What each build finds. */
    private final Map<Build, List<String>> before = new HashMap<>();

    private final CountDownLatch over = new CountDownLatch(1);
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

    private ConfiguredProxmox lab(Build build) {
        return labs.get(build.server());
    }

    private SimulatedCluster cluster(Build build) {
        return lab(build).proxmox.cluster();
    }

    @Test
    void theClusterIsAsBeforeWhereverTheControllerWas() throws Throwable {
        try {
            controller.startJenkins();
            for (Borrower borrower : Borrower.values()) {
                for (Generation generation : Generation.values()) {
                    add(borrower + "-" + generation, ConfiguredProxmox.unconfigured(generation));
                }
            }
            for (State state : State.values()) {
                killIn(state);
                for (Build build : builds(state)) {
                    assertThatAllIsAsBefore(build);
                }
            }
        } finally {
            over.countDown();
            clock.shutdownNow();
            labs.values().forEach(ConfiguredProxmox::close);
        }
    }

    private void add(String name, ConfiguredProxmox lab) throws Throwable {
        labs.put(name, lab);
        // nothing ends by itself
        lab.proxmox.cluster().timing(Duration.ofHours(1), Duration.ofMillis(100), Duration.ZERO);
        lab.proxmox.access().role("builder", "Datastore.AllocateSpace,SDN.Use");
        lab.proxmox.access().grant("/storage", "jenkins@pve", "builder");
        lab.proxmox.access().grant("/sdn", "jenkins@pve", "builder");
        controller.runRemotely(
                KilledLeaseTest::configure,
                new Known(name, lab.proxmox.address(), lab.fingerprint(), lab.example.ciSecret()));
    }

    private void killIn(State state) throws Throwable {
        CountDownLatch killed = new CountDownLatch(1);
        for (Build build : builds(state)) {
            add(build, cluster(build));
            before.put(build, present(build));
            hold(build, killed);
        }
        for (Build build : builds(state)) {
            controller.runRemotely(KilledLeaseTest::begin, build);
        }
        for (Build build : builds(state)) {
            untilReached(build, cluster(build));
        }
        controller.stopJenkinsForcibly();
        killed.countDown();
        var ending = clock.scheduleAtFixedRate(() -> endTasks(state), 500, 500, TimeUnit.MILLISECONDS);
        controller.startJenkins();
        controller.runRemotely(KilledLeaseTest::awaitEnd, state);
        ending.cancel(false);
    }

    private static void add(Build build, SimulatedCluster cluster) {
        String name = "guest-" + build.vmid();
        switch (build.form) {
            case MACHINE -> cluster.vm(build.vmid(), "pve1", name);
            case CONTAINER -> cluster.container(build.vmid(), "pve1", name);
            case SNAPSHOT -> cluster.vm(build.vmid(), "pve1", name).snapshot("clean");
            case CLONE ->
                cluster.vm(template(build.vmid()), "pve1", "golden-" + build.vmid())
                        .template();
        }
    }

    private void hold(Build build, CountDownLatch killed) {
        String beginning = build.form.beginning(build.vmid());
        int seen = build.form == Form.CLONE ? template(build.vmid()) : build.vmid();
        switch (build.state) {
            case BEFORE_THE_ENTRY -> inject(build, "/" + seen + "/status/current", new Fault.Hold(over));
            case BEFORE_THE_REQUEST -> inject(build, beginning, new Fault.Hold(over));
            case REQUESTED -> inject(build, beginning, new Fault.HoldAnswer(killed));
            case STARTING, IN_USE, RETURN_BEGUN -> {
                // by their own time
            }
            case RETURNING -> {
                if (build.form != Form.SNAPSHOT) {
                    inject(build, build.form.returning(build.vmid()), new Fault.HoldAnswer(killed));
                }
            }
        }
    }

    private void inject(Build build, String path, Fault fault) {
        lab(build).proxmox.inject(endingWith(path), fault);
    }

    private static Predicate<ReceivedRequest> endingWith(String path) {
        return request -> request.path().endsWith(path);
    }

    private void untilReached(Build build, SimulatedCluster cluster) throws Exception {
        String path = build.state == State.BEFORE_THE_ENTRY
                ? "/" + (build.form == Form.CLONE ? template(build.vmid()) : build.vmid()) + "/status/current"
                : build.form.beginning(build.vmid());
        Eventually.holds(
                build + " has begun",
                () -> lab(build).proxmox.requests().stream()
                        .anyMatch(request -> request.path().endsWith(path)));
        if (build.state == State.STARTING) {
            Eventually.holds(build + " has its task", () -> isStarting(build, cluster));
        }
        if (build.state.compareTo(State.IN_USE) >= 0) {
            Eventually.holds(build + " is in use, or further", () -> {
                endTasks(build, cluster);
                List<String> tasks = cluster.taskTypes(build.vmid());
                return build.state == State.IN_USE
                        ? tasks.contains(startTask(build))
                                && cluster.guest(build.vmid()).isRunning()
                        : tasks.size() >= (build.form == Form.SNAPSHOT ? 3 : 2);
            });
        }
    }

    private boolean isStarting(Build build, SimulatedCluster cluster) {
        int of = build.form == Form.CLONE ? template(build.vmid()) : build.vmid();
        // several waits on a node share their requests
        return !cluster.taskTypes(of).isEmpty()
                && lab(build).proxmox.requests().stream()
                        .anyMatch(request -> request.path().contains("/tasks"));
    }

    private static String startTask(Build build) {
        return build.form == Form.CONTAINER ? "vzstart" : "qmstart";
    }

    private void endTasks(State state) {
        builds(state).forEach(build -> endTasks(build, cluster(build)));
    }

    private static void endTasks(Build build, SimulatedCluster cluster) {
        cluster.endTasks(build.vmid());
        cluster.endTasks(template(build.vmid()));
    }

    private void assertThatAllIsAsBefore(Build build) {
        SimulatedCluster cluster = cluster(build);
        List<String> tasks = cluster.taskTypes(build.vmid());
        assertThat(build + " leaves everything as it was", present(build), is(before.get(build)));
        boolean wasUsed = build.survives() || build.state.compareTo(State.REQUESTED) >= 0;
        if (!wasUsed) {
            assertThat(build.toString(), tasks, is(List.of()));
        } else if (build.survives() || build.state.compareTo(State.IN_USE) >= 0) {
            assertThat(build.toString(), tasks, is(build.form.tasks));
        } else {
            // the way back begins where the start was interrupted
            assertThat(build + ": " + tasks, isPartOf(tasks, build.form.tasks), is(true));
        }
        if (build.form == Form.CLONE) {
            List<String> once = wasUsed ? List.of("qmclone") : List.of();
            assertThat(build + " clones", cluster.taskTypes(template(build.vmid())), is(once));
        }
    }

    /** Whether some were left out, but none was carried out more often, or in another order. */
    private static boolean isPartOf(List<String> tasks, List<String> all) {
        Iterator<String> rest = all.iterator();
        return tasks.stream().allMatch(task -> {
            while (rest.hasNext()) {
                if (rest.next().equals(task)) {
                    return true;
                }
            }
            return false;
        });
    }

    /** The guest, and the template if there is one, in words. */
    private List<String> present(Build build) {
        return IntStream.of(build.vmid(), template(build.vmid()))
                .mapToObj(vmid -> present(cluster(build), vmid))
                .toList();
    }

    private static String present(SimulatedCluster cluster, int vmid) {
        SimulatedGuest guest = cluster.guest(vmid);
        return guest == null
                ? vmid + " does not exist"
                : vmid + (guest.isRunning() ? " runs" : " is stopped") + ", lock " + guest.lock() + ", snapshots "
                        + guest.snapshots() + ", pool " + cluster.poolOf(vmid) + ", tags " + guest.configured("tags")
                        + ", notes " + guest.configured("description") + ", cores " + guest.configured("cores");
    }

    private static void configure(JenkinsRule jenkins, Known lab) throws Exception {
        jenkins.jenkins.setNumExecutors(20);
        ConfiguredProxmox.add(ConfiguredProxmox.token("ci-" + lab.name, "jenkins@pve!ci", lab.secret));
        ProxmoxServer server = new ProxmoxServer(lab.name, lab.address);
        server.setCredentialsId("ci-" + lab.name);
        server.setFingerprint(lab.fingerprint);
        List<ProxmoxServer> servers = new ArrayList<>(ProxmoxConfiguration.get().getServers());
        servers.add(server);
        ProxmoxConfiguration.get().setServers(servers);
    }

    private static void begin(JenkinsRule jenkins, Build build) throws Throwable {
        if (build.borrower == Borrower.FREESTYLE) {
            FreeStyleProject job = jenkins.createFreeStyleProject(build.job());
            StartedGuestWrapper wrapper = new StartedGuestWrapper();
            wrapper.setServer(build.server());
            wrapper.setVmid(String.valueOf(build.vmid()));
            if (build.form == Form.CLONE) {
                wrapper.setTemplate(String.valueOf(template(build.vmid())));
            } else if (build.form == Form.SNAPSHOT) {
                wrapper.setSnapshot("clean");
                wrapper.setOnExit("rollback");
            }
            job.getBuildWrappersList().add(wrapper);
            job.getBuildersList().add(new Shell(build.state == State.IN_USE ? "sleep 20" : "true"));
            job.scheduleBuild2(0).waitForStart();
            return;
        }
        WorkflowJob job = jenkins.createProject(WorkflowJob.class, build.job());
        job.setDefinition(new CpsFlowDefinition(build.pipeline(), true));
        if (build.borrower == Borrower.FAST) {
            job.addProperty(new DurabilityHintJobProperty(FlowDurabilityHint.PERFORMANCE_OPTIMIZED));
        }
        job.scheduleBuild2(0).waitForStart();
    }

    private static void awaitEnd(JenkinsRule jenkins, State state) throws Throwable {
        for (Build build : builds(state)) {
            var run = jenkins.jenkins.getItemByFullName(build.job(), Job.class).getBuildByNumber(1);
            if (run != null) {
                // Jenkins knows nothing of a freestyle build that it has not written yet
                jenkins.waitForCompletion(run);
            }
        }
        untilEverythingIsBack();
        for (Build build : builds(state)) {
            if (build.survives()) {
                jenkins.assertBuildStatusSuccess(jenkins.jenkins
                        .getItemByFullName(build.job(), WorkflowJob.class)
                        .getBuildByNumber(1));
            }
        }
    }

    /** Looking for a request that never arrived takes longer than anything else. */
    private static void untilEverythingIsBack() throws Exception {
        Eventually.holds(
                () -> "everything is back: " + Leases.get().all(),
                Duration.ofMinutes(3),
                () -> Leases.get().all().isEmpty());
    }
}
