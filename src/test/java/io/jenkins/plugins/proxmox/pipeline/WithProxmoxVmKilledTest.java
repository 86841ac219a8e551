package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/**
 * The process of the controller is killed in every state of a leased guest, and started again: the body runs to its
 * end, the guest is started once and put back once.
 */
class WithProxmoxVmKilledTest {

    /** Where the step is when the controller is killed. */
    private enum State {
        /** The request to start has arrived, its answer has not. */
        STARTING,
        /** The start's task runs. */
        STARTED,
        /** The body runs. */
        IN_USE,
        /** The request to shut down has arrived, its answer has not. */
        RETURNING,
        /** The shutdown's task runs. */
        RETURNED;

        int vmid(boolean container) {
            return 400 + 10 * ordinal() + (container ? 1 : 0);
        }

        /** Of the two kinds. */
        List<Integer> vmids() {
            return List.of(vmid(false), vmid(true));
        }
    }

    /** What the controller has to know of the server. */
    private record Lab(String address, String fingerprint, String secret) implements Serializable {}

    @RegisterExtension
    private final RealJenkinsExtension controller = new RealJenkinsExtension().withTimeout(900);

    private final ConfiguredProxmox lab = ConfiguredProxmox.unconfigured();
    private final SimulatedCluster cluster = lab.proxmox.cluster();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

    @Test
    void aGuestIsPutBackWhereverTheControllerWas() throws Throwable {
        try {
            // nothing ends by itself
            cluster.timing(Duration.ofHours(1), Duration.ofMillis(100), Duration.ZERO);
            Lab known = new Lab(lab.proxmox.address(), lab.fingerprint(), lab.example.ciSecret());
            controller.startJenkins();
            controller.runRemotely(WithProxmoxVmKilledTest::configure, known);
            for (State state : State.values()) {
                killIn(state);
                controller.runRemotely(WithProxmoxVmKilledTest::awaitBuilds, state);
                assertThat(state + " VM", cluster.taskTypes(state.vmid(false)), is(List.of("qmstart", "qmshutdown")));
                assertThat(state + " CT", cluster.taskTypes(state.vmid(true)), is(List.of("vzstart", "vzshutdown")));
            }
        } finally {
            clock.shutdownNow();
            lab.close();
        }
    }

    private void killIn(State state) throws Throwable {
        cluster.vm(state.vmid(false), "pve1", "guest-" + state.vmid(false));
        cluster.container(state.vmid(true), "pve1", "guest-" + state.vmid(true));
        CountDownLatch killed = new CountDownLatch(1);
        for (int vmid : state.vmids()) {
            if (state == State.STARTING) {
                lab.proxmox.inject(endingWith("/" + vmid + "/status/start"), new Fault.HoldAnswer(killed));
            } else if (state == State.RETURNING) {
                lab.proxmox.inject(endingWith("/" + vmid + "/status/shutdown"), new Fault.HoldAnswer(killed));
            }
        }
        controller.runRemotely(WithProxmoxVmKilledTest::startBuilds, state);
        untilReached(state);
        controller.stopJenkinsForcibly();
        killed.countDown();
        clock.scheduleAtFixedRate(() -> state.vmids().forEach(cluster::endTasks), 1, 1, TimeUnit.SECONDS);
        controller.startJenkins();
    }

    private static Predicate<ReceivedRequest> endingWith(String path) {
        return request -> request.path().endsWith(path);
    }

    private static void configure(JenkinsRule jenkins, Lab lab) {
        ConfiguredProxmox.add(ConfiguredProxmox.token("ci", "jenkins@pve!ci", lab.secret));
        ProxmoxServer server = new ProxmoxServer("lab", lab.address);
        server.setCredentialsId("ci");
        server.setFingerprint(lab.fingerprint);
        ProxmoxConfiguration.get().setServers(List.of(server));
    }

    private static void startBuilds(JenkinsRule jenkins, State state) throws Throwable {
        for (int vmid : state.vmids()) {
            WorkflowJob job = jenkins.createProject(WorkflowJob.class, "leases-" + vmid);
            // long enough to be killed in it where that is wanted
            int seconds = state == State.IN_USE ? 8 : 0;
            job.setDefinition(new CpsFlowDefinition(
                    "withProxmoxVm(vmid: " + vmid + ") { sleep " + seconds
                            + "\necho \"worked with ${env.PROXMOX_GUEST_NAME}\" }",
                    true));
            job.scheduleBuild2(0).waitForStart();
        }
    }

    private void untilReached(State state) throws Throwable {
        untilTasks(state, 1);
        if (state == State.STARTING) {
            return;
        }
        if (state == State.STARTED) {
            controller.runRemotely(WithProxmoxVmKilledTest::awaitLine, state, "Requested start of ");
            return;
        }
        Eventually.holds("the guests run", () -> {
            state.vmids().forEach(cluster::endTasks);
            return state.vmids().stream().allMatch(vmid -> cluster.guest(vmid).isRunning());
        });
        if (state == State.IN_USE) {
            controller.runRemotely(WithProxmoxVmKilledTest::awaitLine, state, "Sleeping for 8 s");
            return;
        }
        untilTasks(state, 2);
        if (state == State.RETURNED) {
            controller.runRemotely(WithProxmoxVmKilledTest::awaitLine, state, "Requested shutdown of ");
        }
    }

    private void untilTasks(State state, int number) throws Exception {
        for (int vmid : state.vmids()) {
            Eventually.holds(
                    vmid + " has " + number + " tasks",
                    () -> cluster.taskTypes(vmid).size() == number);
        }
    }

    private static void awaitLine(JenkinsRule jenkins, State state, String line) throws Throwable {
        for (int vmid : state.vmids()) {
            jenkins.waitForMessage(
                    line,
                    jenkins.jenkins
                            .getItemByFullName("leases-" + vmid, WorkflowJob.class)
                            .getBuildByNumber(1));
        }
    }

    private static void awaitBuilds(JenkinsRule jenkins, State state) throws Throwable {
        for (int vmid : state.vmids()) {
            var build = jenkins.jenkins
                    .getItemByFullName("leases-" + vmid, WorkflowJob.class)
                    .getBuildByNumber(1);
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(build));
            jenkins.assertLogContains("worked with guest-" + vmid, build);
        }
    }
}
