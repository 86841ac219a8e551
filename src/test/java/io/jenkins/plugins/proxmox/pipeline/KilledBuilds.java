package io.jenkins.plugins.proxmox.pipeline;

import io.jenkins.plugins.proxmox.ConfiguredProxmox;
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
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/**
 * Builds that run while the process of their controller is killed and started again: for each kind of step one in each
 * state of its operation, on each of some servers. The simulated servers live on meanwhile.
 */
final class KilledBuilds implements AutoCloseable {

    /** Where the operation is when the controller is killed. */
    enum State {
        /** The request has arrived, its answer has not. */
        REQUEST,
        /** The task runs. */
        AWAIT,
        /** The task has ended, and the guest was not yet looked at. */
        CONFIRM
    }

    /** What a build does with a guest of its own. */
    interface Kind {

        String name();

        int ordinal();

        /** The call of the step, without its server. */
        String call(int vmid);

        /** The whole script, with that call and its server. It says "changed true" if all went as it is to go. */
        default String script(String call) {
            return "def end = " + call + "\necho \"changed ${end.changed}\"";
        }

        /** Makes the guest. */
        void prepare(Side side, int vmid);

        /** Whether it is tried there. */
        default boolean isFor(Side side) {
            return true;
        }

        /** The requests that begin the operation during which the controller is killed; by default any that writes. */
        default Predicate<ReceivedRequest> request(int vmid) {
            return writing(vmid);
        }

        /** Brings the build to that operation. */
        default void bring(Side side, int vmid) throws Exception {
            // the first one
        }

        /** Whether the guest is looked at once more after the task. */
        default boolean isConfirmed() {
            return true;
        }

        /** The guests whose tasks are to end afterwards. */
        default List<Integer> guests(int vmid) {
            return List.of(vmid);
        }

        /** Checks how the guest is in the end, and what was asked of the server. */
        void assertEnd(String task, Side side, int vmid);
    }

    /** A server of one generation, with guests of one type. Nothing there ends by itself. */
    static final class Side {

        private final ConfiguredProxmox lab;
        private final Generation generation;
        private final String type;

        Side(Generation generation, String type) {
            this.lab = ConfiguredProxmox.unconfigured(generation);
            this.generation = generation;
            this.type = type;
            lab.proxmox.cluster().timing(Duration.ofHours(1), Duration.ofMillis(100), Duration.ZERO);
            lab.proxmox.access().role("builder", "Datastore.AllocateSpace,SDN.Use");
            lab.proxmox.access().grant("/storage", "jenkins@pve", "builder");
            lab.proxmox.access().grant("/sdn", "jenkins@pve", "builder");
        }

        boolean isOfContainers() {
            return type.equals("lxc");
        }

        SimulatedCluster cluster() {
            return lab.proxmox.cluster();
        }

        SimulatedGuest add(int vmid) {
            return isOfContainers()
                    ? cluster().container(vmid, "pve1", "guest-" + vmid)
                    : cluster().vm(vmid, "pve1", "guest-" + vmid);
        }

        /** The types of the tasks of that guest so far. */
        List<String> tasks(int vmid) {
            return cluster().taskTypes(vmid);
        }

        /** Types of tasks by what they do, such as {@code qmclone} of {@code clone}. */
        List<String> types(List<String> tasks) {
            return tasks.stream()
                    .map(each -> (isOfContainers() ? "vz" : "qm") + each)
                    .toList();
        }

        /** How many requests were to change that guest. */
        long writes(int vmid) {
            return count(writing(vmid));
        }

        long count(Predicate<ReceivedRequest> which) {
            return lab.proxmox.requests().stream().filter(which).count();
        }

        void inject(Predicate<ReceivedRequest> when, Fault fault) {
            lab.proxmox.inject(when, fault);
        }

        private Known known(State state) {
            String byName = lab.proxmox.address();
            String byNumber = byName.replace("localhost", "127.0.0.1");
            String addresses =
                    switch (state) {
                        case REQUEST -> byName;
                        case AWAIT -> byNumber;
                        case CONFIRM -> byName + ", " + byNumber;
                    };
            return new Known(this + "-" + state, addresses, lab.fingerprint(), lab.example.ciSecret());
        }

        @Override
        public String toString() {
            return type + "-" + generation;
        }
    }

    /**
     * A server in the configuration. Each state has one with addresses of its own: what is held for one must not hold up
     * the exchanges of another.
     */
    private record Known(String name, String address, String fingerprint, String secret) implements Serializable {}

    private record Job(String name, String script) implements Serializable {}

    /** One build. */
    private record Task(Side side, State state, Kind kind) {

        int vmid() {
            return 300 + 10 * state.ordinal() + kind.ordinal();
        }

        Job job() {
            return new Job(toString(), kind.script(kind.call(vmid()) + ", server: '" + side + "-" + state + "'"));
        }

        @Override
        public String toString() {
            return side + "-" + state + "-" + kind.name();
        }
    }

    private final List<Side> sides;
    private final List<Task> tasks = new ArrayList<>();
    private final CountDownLatch killed = new CountDownLatch(1);
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

    KilledBuilds(List<Side> sides, Kind... kinds) {
        this.sides = sides;
        for (Side side : sides) {
            for (State state : State.values()) {
                for (Kind kind : kinds) {
                    if (kind.isFor(side)) {
                        tasks.add(new Task(side, state, kind));
                    }
                }
            }
        }
    }

    /** Machines on the one generation, containers on the other. */
    static List<Side> bothGenerations() {
        return List.of(new Side(Generation.V9, "qemu"), new Side(Generation.V8, "lxc"));
    }

    /** Starts the builds, kills the controller, starts it again, and checks how the builds and their guests end. */
    void run(RealJenkinsExtension controller) throws Throwable {
        for (Task task : tasks) {
            task.kind.prepare(task.side, task.vmid());
            if (task.state == State.REQUEST) {
                task.side.lab.proxmox.inject(task.kind.request(task.vmid()), new Fault.HoldAnswer(killed));
            }
        }
        ArrayList<Known> known = new ArrayList<>();
        for (State state : State.values()) {
            sides.forEach(side -> known.add(side.known(state)));
        }
        ArrayList<Job> jobs = new ArrayList<>(tasks.stream().map(Task::job).toList());
        controller.startJenkins();
        controller.runRemotely(KilledBuilds::startBuilds, known, jobs);
        for (Task task : tasks) {
            task.kind.bring(task.side, task.vmid());
        }
        for (Task task : tasks) {
            Eventually.holds(task + " was asked", () -> task.side.count(task.kind.request(task.vmid())) > 0);
            Eventually.holds(
                    task + " has a task", () -> !task.side.tasks(task.vmid()).isEmpty());
            if (task.state == State.CONFIRM && task.kind.isConfirmed()) {
                hold(task.side, task.vmid());
            }
        }
        controller.stopJenkinsForcibly();
        killed.countDown();
        clock.scheduleAtFixedRate(this::endTasks, 1, 1, TimeUnit.SECONDS);
        controller.startJenkins();
        controller.runRemotely(KilledBuilds::awaitBuilds, jobs);
        tasks.forEach(task -> task.kind.assertEnd(task.toString(), task.side, task.vmid()));
    }

    /** Ends the task of the operation, and keeps from the controller how the guest is then. */
    private void hold(Side side, int vmid) throws Exception {
        Predicate<ReceivedRequest> looks = request -> request.path().endsWith("/" + vmid + "/status/current");
        long before = side.count(looks);
        side.lab.proxmox.inject(looks, new Fault.Hold(killed));
        side.cluster().endTasks(vmid);
        Eventually.holds(vmid + " is looked at after its task", () -> side.count(looks) > before);
    }

    /** Requests to change that guest. */
    static Predicate<ReceivedRequest> writing(int vmid) {
        return request -> request.isWrite() && (request.path() + "/").contains("/" + vmid + "/");
    }

    private void endTasks() {
        for (Task task : tasks) {
            task.kind.guests(task.vmid()).forEach(vmid -> task.side.cluster().endTasks(vmid));
        }
    }

    private static void startBuilds(JenkinsRule jenkins, ArrayList<Known> servers, ArrayList<Job> jobs)
            throws Throwable {
        List<ProxmoxServer> configured = new ArrayList<>();
        for (Known each : servers) {
            ConfiguredProxmox.add(ConfiguredProxmox.token(each.name, "jenkins@pve!ci", each.secret));
            ProxmoxServer server = new ProxmoxServer(each.name, each.address);
            server.setCredentialsId(each.name);
            server.setFingerprint(each.fingerprint);
            configured.add(server);
        }
        ProxmoxConfiguration.get().setServers(configured);
        for (Job each : jobs) {
            WorkflowJob job = jenkins.createProject(WorkflowJob.class, each.name);
            job.setDefinition(new CpsFlowDefinition(each.script, true));
            job.scheduleBuild2(0).waitForStart();
        }
    }

    private static void awaitBuilds(JenkinsRule jenkins, ArrayList<Job> jobs) throws Throwable {
        for (Job each : jobs) {
            var build = jenkins.jenkins
                    .getItemByFullName(each.name, WorkflowJob.class)
                    .getBuildByNumber(1);
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(build));
            jenkins.assertLogContains("changed true", build);
        }
    }

    @Override
    public void close() {
        killed.countDown();
        clock.shutdownNow();
        sides.forEach(side -> side.lab.close());
    }
}
