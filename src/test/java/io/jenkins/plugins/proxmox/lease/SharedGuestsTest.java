package io.jenkins.plugins.proxmox.lease;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertFalse;

import hudson.model.FreeStyleBuild;
import hudson.model.FreeStyleProject;
import hudson.model.Result;
import hudson.model.Run;
import hudson.tasks.Shell;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.freestyle.StartedGuestWrapper;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.test.steps.SemaphoreStep;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/** Builds that use the same guest at the same time. */
@WithJenkins
class SharedGuestsTest {

    private JenkinsRule jenkins;
    private ConfiguredProxmox lab;
    private SimulatedCluster cluster;

    @BeforeEach
    void startServer(JenkinsRule rule) {
        jenkins = rule;
        lab = ConfiguredProxmox.start();
        cluster = lab.proxmox.cluster();
    }

    @AfterEach
    void stopServer() {
        lab.close();
    }

    private WorkflowRun begin(String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return job.scheduleBuild2(0).waitForStart();
    }

    @ParameterizedTest
    @CsvSource({
        "restore, restore, 100, 'qmstart, qmshutdown'",
        "stop,    restore, 100, 'qmstart, qmstop'",
        "restore, stop,    100, 'qmstart, qmstop'",
        "stop,    leave,   101, 'qmstop'",
        "leave,   restore, 100, 'qmstart, qmshutdown'",
        "leave,   leave,   100, 'qmstart'"
    })
    void theLastBuildDoesWhatAnyOfThemWants(String first, String last, int vmid, String tasks) throws Exception {
        WorkflowRun one = begin("withProxmoxVm(vmid: " + vmid + ", onExit: '" + first + "') { semaphore 'one' }");
        SemaphoreStep.waitForStart("one/1", one);
        WorkflowRun two = begin("withProxmoxVm(vmid: " + vmid + ", onExit: '" + last + "') { semaphore 'two' }");
        SemaphoreStep.waitForStart("two/1", two);
        SemaphoreStep.success("one/1", null);
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(one));
        jenkins.assertLogContains("is still in use by " + two.getParent().getName() + " #1", one);
        assertThat(cluster.guest(vmid).isRunning(), is(true));
        SemaphoreStep.success("two/1", null);
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(two));
        assertThat(cluster.taskTypes(vmid), is(List.of(tasks.split(", "))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"times out", "is aborted", "is terminated", "is killed"})
    void theGuestGoesBackAlsoIfTheLastBuildNeverGetsIt(String how) throws Exception {
        cluster.guest(100).agent().notInstalled();
        WorkflowRun one = begin("withProxmoxVm(vmid: 100) { semaphore 'one' }");
        SemaphoreStep.waitForStart("one/1", one);
        int timeout = how.equals("times out") ? 10 : 300;
        WorkflowRun two =
                begin("withProxmoxVm(vmid: 100, waitFor: 'agent', timeout: " + timeout + ") { echo 'in it' }");
        Eventually.holds(
                "it waits for the agent",
                () -> Leases.get().all().stream()
                        .anyMatch(entry -> entry.lease().operation().phase() == OperationState.Phase.AVAILABLE));
        SemaphoreStep.success("one/1", null);
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(one));
        if (how.equals("is aborted")) {
            two.doStop();
        } else if (how.equals("is terminated")) {
            two.doTerm();
        } else if (how.equals("is killed")) {
            two.doKill();
        }
        jenkins.waitForCompletion(two);
        Eventually.holds("everything is back", () -> Leases.get().all().isEmpty());
        jenkins.assertLogNotContains("in it", two);
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
    }

    /** The last one out may not roll back, but does so in the name of the other one. */
    @Test
    void theGuestGoesBackWithTheCredentialsOfWhoWantsThat() throws Exception {
        cluster.guest(100).snapshot("clean");
        lab.proxmox.access().role("Power", "VM.Audit,VM.PowerMgmt");
        lab.proxmox.access().user("power@pve");
        String secret = lab.proxmox.access().token("power@pve!ci", false);
        lab.proxmox.access().grant("/vms", "power@pve", "Power");
        ConfiguredProxmox.add(ConfiguredProxmox.token("power", "power@pve!ci", secret));
        WorkflowRun one = begin("withProxmoxVm(vmid: 100, snapshot: 'clean', onExit: 'rollback') { semaphore 'one' }");
        SemaphoreStep.waitForStart("one/1", one);
        WorkflowRun two = begin("withProxmoxVm(vmid: 100, credentialsId: 'power') { semaphore 'two' }");
        SemaphoreStep.waitForStart("two/1", two);
        SemaphoreStep.success("one/1", null);
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(one));
        SemaphoreStep.success("two/1", null);
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(two));
        assertThat(cluster.taskTypes(100), is(List.of("qmrollback", "qmstart", "qmrollback")));
    }

    /** Otherwise it would go down during the work of the next build. */
    @Test
    void theNextBuildWaitsForAShutdownOfWhichJenkinsHasLostSight() throws Exception {
        cluster.guest(100).shutdownTakes(Duration.ofHours(1));
        WorkflowRun one = begin("withProxmoxVm(vmid: 100, timeout: 5) { }");
        jenkins.waitForMessage("Requested shutdown of VM 100", one);
        lab.proxmox.stopListening();
        jenkins.assertBuildStatus(Result.FAILURE, jenkins.waitForCompletion(one));
        lab.proxmox.listenAgain();
        WorkflowRun two = begin("withProxmoxVm(vmid: 100) { echo 'in it' }");
        jenkins.waitForMessage(
                "Waiting for VM 100 (build-agent), which " + one.getParent().getName()
                        + " #1 has borrowed, until it is back",
                two);
        cluster.guest(100).shutdownTakes(Duration.ZERO);
        cluster.endTasks(100);
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(two));
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown", "qmstart", "qmshutdown")));
        assertThat(Leases.get().all(), is(List.of()));
    }

    @Test
    void whatTheUserStopsIsStopped() throws Exception {
        WorkflowRun one = begin("withProxmoxVm(vmid: 100) { semaphore 'one' }");
        SemaphoreStep.waitForStart("one/1", one);
        WorkflowRun two = begin("withProxmoxVm(vmid: 100) { proxmoxVm action: 'stop', vmid: 100 }");
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(two));
        assertFalse(cluster.guest(100).isRunning(), "it runs");
        SemaphoreStep.success("one/1", null);
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(one));
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmstop")));
    }

    @Test
    void rollbacksOfOneGuestWaitForEachOther() throws Exception {
        cluster.guest(100).snapshot("clean");
        WorkflowRun one = begin("withProxmoxVm(vmid: 100, snapshot: 'clean') { semaphore 'one' }");
        SemaphoreStep.waitForStart("one/1", one);
        WorkflowRun two = begin("withProxmoxVm(vmid: 100, snapshot: 'clean') { echo 'in it' }");
        jenkins.waitForMessage(
                "Waiting for VM 100 (build-agent), which " + one.getParent().getName() + " #1 is using", two);
        assertThat(cluster.taskTypes(100), is(List.of("qmrollback", "qmstart")));
        SemaphoreStep.success("one/1", null);
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(one));
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(two));
        assertThat(
                cluster.taskTypes(100),
                is(List.of("qmrollback", "qmstart", "qmshutdown", "qmrollback", "qmstart", "qmshutdown")));
    }

    @Test
    void aRollbackDoesNotWaitForEver() throws Exception {
        cluster.guest(100).snapshot("clean");
        WorkflowRun one = begin("withProxmoxVm(vmid: 100) { semaphore 'one' }");
        SemaphoreStep.waitForStart("one/1", one);
        WorkflowRun two = begin("withProxmoxVm(vmid: 100, snapshot: 'clean', timeout: 3) { echo 'in it' }");
        jenkins.assertBuildStatus(Result.FAILURE, jenkins.waitForCompletion(two));
        jenkins.assertLogContains(
                "ERROR: Timeout of 3 s: VM 100 (build-agent) is still in use by "
                        + one.getParent().getName() + " #1.",
                two);
        assertThat(Leases.get().all().size(), is(1));
        SemaphoreStep.success("one/1", null);
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(one));
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
    }

    @Test
    void twentyBuildsThatEndInAnyOrderPutThreeGuestsBackOnce(@TempDir Path folder) throws Exception {
        Random random = new Random(14);
        jenkins.jenkins.setNumExecutors(20);
        List<Use> uses = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int vmid = 300 + i % 3;
            if (i < 3) {
                cluster.vm(vmid, "pve1", "shared-" + vmid);
            }
            uses.add(i % 4 == 3 ? freestyle(vmid, folder.resolve("end-" + i)) : pipeline(vmid, "end-" + i, i % 5));
        }
        Collections.shuffle(uses, random);
        for (int i = 0; i < uses.size(); i++) {
            Use use = uses.get(i);
            assertThat(use.vmid + ": " + i, cluster.taskTypes(use.vmid), is(List.of("qmstart")));
            boolean aborted = i % 4 == 0;
            if (aborted) {
                use.build.getExecutor().interrupt();
            } else {
                use.end.call();
            }
            jenkins.waitForCompletion(use.build);
            assertThat(use.build.getResult(), is(aborted ? Result.ABORTED : Result.SUCCESS));
        }
        Eventually.holds("everything is back", () -> Leases.get().all().isEmpty());
        for (int vmid = 300; vmid < 303; vmid++) {
            assertThat(cluster.taskTypes(vmid), is(List.of("qmstart", "qmshutdown")));
            assertFalse(cluster.guest(vmid).isRunning(), "it runs");
        }
    }

    /** @param end lets it end well */
    private record Use(int vmid, Run<?, ?> build, Callable<?> end) {}

    /** Some work in two branches, some in a block inside another one. */
    private Use pipeline(int vmid, String name, int form) throws Exception {
        String work = "withProxmoxVm(vmid: " + vmid + ") { semaphore '" + name + "' }";
        boolean hasBranches = form == 0;
        WorkflowRun run =
                switch (form) {
                    case 0 -> begin("parallel one: { " + work + " }, other: { " + work + " }");
                    case 1 -> begin("withProxmoxVm(vmid: " + vmid + ") { " + work + " }");
                    default -> begin(work);
                };
        SemaphoreStep.waitForStart(name + "/1", run);
        if (hasBranches) {
            SemaphoreStep.waitForStart(name + "/2", run);
        }
        return new Use(vmid, run, () -> {
            SemaphoreStep.success(name + "/1", null);
            if (hasBranches) {
                SemaphoreStep.success(name + "/2", null);
            }
            return null;
        });
    }

    private Use freestyle(int vmid, Path end) throws Exception {
        FreeStyleProject job = jenkins.createFreeStyleProject();
        StartedGuestWrapper wrapper = new StartedGuestWrapper();
        wrapper.setVmid(String.valueOf(vmid));
        job.getBuildWrappersList().add(wrapper);
        job.getBuildersList().add(new Shell("set +x; echo 'at work'; until [ -e '" + end + "' ]; do sleep 0.1; done"));
        FreeStyleBuild build = job.scheduleBuild2(0).waitForStart();
        jenkins.waitForMessage("at work", build);
        return new Use(vmid, build, () -> Files.createFile(end));
    }
}
