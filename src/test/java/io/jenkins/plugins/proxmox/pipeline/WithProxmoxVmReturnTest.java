package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.lease.Leases;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvnet.hudson.test.JenkinsRule;

/** The ways of a leased guest when something goes wrong on them: how long each takes, and when the plug is pulled. */
@WithOneJenkins
@ParameterizedClass
@EnumSource(Generation.class)
class WithProxmoxVmReturnTest {

    private static final Predicate<ReceivedRequest> LOOK_AT_TASK =
            request -> request.path().matches("/nodes/pve1/tasks/[^/]*shutdown[^/]*/status");

    private static final Predicate<ReceivedRequest> LIST =
            request -> request.path().equals("/cluster/resources");

    @Parameter
    private Generation generation;

    private final CountDownLatch over = new CountDownLatch(1);
    private JenkinsRule jenkins;
    private ConfiguredProxmox lab;
    private SimulatedCluster cluster;

    @BeforeEach
    void startServer(JenkinsRule rule) {
        jenkins = rule;
        lab = ConfiguredProxmox.start(generation);
        cluster = lab.proxmox.cluster();
    }

    @AfterEach
    void stopServer() {
        over.countDown();
        lab.close();
    }

    private WorkflowRun begin(String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return job.scheduleBuild2(0).waitForStart();
    }

    private WorkflowRun run(Result result, String script) throws Exception {
        return end(result, begin(script));
    }

    private WorkflowRun end(Result result, WorkflowRun run) throws Exception {
        return jenkins.assertBuildStatus(result, jenkins.waitForCompletion(run));
    }

    private void hangAtTheList() {
        for (int i = 0; i < 10; i++) {
            lab.proxmox.inject(LIST, new Fault.Hold(over));
        }
    }

    @ParameterizedTest
    @CsvSource({"100, qm", "200, vz"})
    void awaitsTheSameShutdownAfterARefusal(int vmid, String kind) throws Exception {
        cluster.guest(vmid).shutdownTakes(Duration.ofHours(1));
        lab.proxmox.inject(LOOK_AT_TASK, new Fault.Refuse(403, "Permission check failed (/nodes/pve1, Sys.Audit)"));
        WorkflowRun run = begin("withProxmoxVm(vmid: " + vmid + ") { }");
        jenkins.waitForMessage("Cannot follow the shutdown of the guest at the moment: ", run);
        cluster.endTasks(vmid);
        jenkins.assertLogNotContains("Stopping it instead", end(Result.SUCCESS, run));
        assertThat(cluster.taskTypes(vmid), is(List.of(kind + "start", kind + "shutdown")));
        assertFalse(cluster.guest(vmid).isRunning(), "it runs");
    }

    @Test
    void leavesAnOrderlyShutdownToHighAvailabilityAfterARefusal() throws Exception {
        cluster.timing(Duration.ofMillis(50), Duration.ofMillis(50), Duration.ZERO);
        PipelineGate gate = new PipelineGate();
        WorkflowRun run = begin("withProxmoxVm(vmid: 104) { " + gate + " }");
        gate.await(run);
        cluster.timing(Duration.ofMillis(50), Duration.ofSeconds(12), Duration.ZERO);
        gate.open();
        jenkins.waitForMessage("Requested shutdown of VM 104", run);
        lab.proxmox.inject(
                request -> request.path().endsWith("/104/status/current"),
                new Fault.Refuse(403, "Permission check failed (/vms/104, VM.Audit)"));
        jenkins.waitForMessage("Cannot follow the shutdown of the guest at the moment: ", run);
        end(Result.SUCCESS, run);
        assertThat(cluster.taskTypes(104), is(List.of("hastart", "qmstart", "hastop", "qmstop")));
    }

    @Test
    void awaitsTheSameShutdownWhenTheServerWasAwayUntilItsTimeWasOver() throws Exception {
        cluster.guest(100).shutdownTakes(Duration.ofHours(1));
        WorkflowRun run = begin("withProxmoxVm(vmid: 100, timeout: 24) { }");
        jenkins.waitForMessage("Requested shutdown of VM 100", run);
        lab.proxmox.stopListening();
        jenkins.waitForMessage("Cannot follow the shutdown of the guest at the moment: Timeout of ", run);
        cluster.endTasks(100);
        lab.proxmox.listenAgain();
        end(Result.SUCCESS, run);
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
    }

    @Test
    void leavesAGuestWhoseShutdownSomebodyCancelled() throws Exception {
        cluster.guest(100).shutdownTakes(Duration.ofHours(1));
        WorkflowRun run = begin("withProxmoxVm(vmid: 100) { }");
        jenkins.waitForMessage("Requested shutdown of VM 100", run);
        cluster.cancelTasks(100);
        end(Result.FAILURE, run);
        jenkins.assertLogContains("ERROR: VM 100 (build-agent) was not put back as it was found: ", run);
        jenkins.assertLogContains("failed: interrupted by signal", run);
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
    }

    /** Proxmox VE waits for a container longer than there is time: its task still has the lock of the container. */
    @Test
    void stopsAContainerThatIsSeenRunningWhenTheTimeOfItsShutdownIsOver() throws Exception {
        cluster.guest(200).ignoresShutdown();
        WorkflowRun run = run(Result.SUCCESS, "withProxmoxVm(vmid: 200, timeout: 9) { }");
        jenkins.assertLogContains("Timeout of ", run);
        jenkins.assertLogContains("Stopping it instead", run);
        assertThat(cluster.taskTypes(200), is(List.of("vzstart", "vzshutdown", "vzstop")));
        assertFalse(cluster.guest(200).isRunning(), "it runs");
    }

    @Test
    void limitsTheFirstLook() throws Exception {
        hangAtTheList();
        WorkflowRun run = run(Result.FAILURE, "withProxmoxVm(vmid: 100, timeout: 3) { echo 'in it' }");
        jenkins.assertLogContains(
                "ERROR: Timeout of 3 s: Proxmox VE did not report the state of guest 100 in that time.", run);
        jenkins.assertLogNotContains("in it", run);
        assertThat(lab.proxmox.writes(), is(List.of()));
    }

    @Test
    void countsTheFirstLookIntoTheTimeForTheStart() throws Exception {
        lab.proxmox.inject(LIST, new Fault.Delay(Duration.ofSeconds(4)));
        WorkflowRun run = run(Result.FAILURE, "withProxmoxVm(vmid: 105, timeout: 6, onExit: 'leave') { }");
        jenkins.assertLogContains("ERROR: Timeout of 6 s: could not start VM 105 (slow) in that time.", run);
        assertThat("milliseconds, though 4 s were spent before", run.getDuration(), is(lessThan(9_500L)));
    }

    @Test
    void limitsTheLooksOfTheReturn() throws Exception {
        PipelineGate gate = new PipelineGate();
        WorkflowRun run = begin("withProxmoxVm(vmid: 100, timeout: 6) { " + gate + " }");
        gate.await(run);
        hangAtTheList();
        gate.open();
        end(Result.FAILURE, run);
        jenkins.assertLogContains(
                "ERROR: VM 100 (build-agent) was not put back as it was found: "
                        + "Timeout of 6 s: Proxmox VE did not report the state of VM 100 (build-agent) in that time.",
                run);
        assertTrue(cluster.guest(100).isRunning(), "it does not run");
    }

    @Test
    void tellsThatAGuestMayStillComeUpWhoseStartDoesNotEnd() throws Exception {
        WorkflowRun run = run(Result.FAILURE, "withProxmoxVm(vmid: 105, timeout: 3) { }");
        jenkins.assertLogContains("ERROR: Timeout of 3 s: could not start VM 105 (slow) in that time.", run);
        jenkins.assertLogContains(
                "VM 105 (slow) may still start: the task that starts it did not end in time. Check task UPID:pve1:",
                run);
        assertThat("milliseconds", run.getDuration(), is(lessThan(15_000L)));
    }

    @Test
    void endsAtOnceWhenAbortedOnceMoreBetweenTwoOperationsAndPutsTheGuestBackLater() throws Exception {
        cluster.guest(100).shutdownTakes(Duration.ofHours(1));
        lab.proxmox.inject(LOOK_AT_TASK, new Fault.Refuse(403, "Permission check failed (/nodes/pve1, Sys.Audit)"));
        WorkflowRun run = begin("withProxmoxVm(vmid: 100) { error 'the tests are red' }");
        jenkins.waitForMessage("Cannot follow the shutdown of the guest at the moment: ", run);
        run.doStop();
        jenkins.waitForMessage("Aborted while putting the guest back.", run);
        run.getExecutor().interrupt();
        jenkins.waitForCompletion(run);
        jenkins.assertLogContains("Aborted again: the build ends now.", run);
        assertTrue(cluster.guest(100).isRunning(), "it does not run");
        cluster.endTasks(100);
        Eventually.holds("the guest is back", () -> Leases.get().all().isEmpty());
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
        assertFalse(cluster.guest(100).isRunning(), "it runs");
    }
}
