package io.jenkins.plugins.proxmox.lease;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import hudson.ExtensionList;
import hudson.model.FreeStyleBuild;
import hudson.model.FreeStyleProject;
import hudson.model.Result;
import hudson.tasks.Shell;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.freestyle.StartedGuestWrapper;
import io.jenkins.plugins.proxmox.overview.UnreturnedGuestsMonitor;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster;
import java.time.Duration;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.test.steps.SemaphoreStep;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

/**
 * A server is away for ten minutes of real time while builds give their guests back. Nobody presses anything: the worker
 * in the background puts them back by itself, and tells meanwhile. Takes a quarter of an hour: {@code mvn -Psoak verify}.
 */
@WithOneJenkins
class LongOutage {

    private static final Duration AWAY = Duration.ofMinutes(10);

    /** Attempts come 1, 2, 4 and 8 minutes after each other. */
    private static final Duration UNTIL_FOURTH_ATTEMPT = Duration.ofMinutes(18);

    @Test
    void whatWasBorrowedComesBackByItself(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            SimulatedCluster cluster = lab.proxmox.cluster();
            WorkflowJob pipeline = jenkins.createProject(WorkflowJob.class);
            pipeline.setDefinition(new CpsFlowDefinition(
                    "parallel machine: { withProxmoxVm(vmid: 100, timeout: 20) { semaphore 'machine' } },"
                            + " container: { withProxmoxVm(vmid: 200, timeout: 20) { semaphore 'container' } }",
                    true));
            WorkflowRun run = pipeline.scheduleBuild2(0).waitForStart();
            SemaphoreStep.waitForStart("machine/1", run);
            SemaphoreStep.waitForStart("container/1", run);
            cluster.vm(300, "pve1", "of-freestyle");
            FreeStyleProject job = jenkins.createFreeStyleProject();
            StartedGuestWrapper wrapper = new StartedGuestWrapper();
            wrapper.setVmid("300");
            wrapper.setTimeout(20);
            job.getBuildWrappersList().add(wrapper);
            job.getBuildersList().add(new Shell("set +x; echo 'at work'; sleep 10"));
            FreeStyleBuild build = job.scheduleBuild2(0).waitForStart();
            jenkins.waitForMessage("at work", build);

            long begun = System.nanoTime();
            lab.proxmox.stopListening();
            SemaphoreStep.success("machine/1", null);
            SemaphoreStep.success("container/1", null);
            jenkins.assertBuildStatus(Result.FAILURE, jenkins.waitForCompletion(run));
            jenkins.assertBuildStatus(Result.FAILURE, jenkins.waitForCompletion(build));
            assertThat(Leases.get().all(), hasSize(3));

            Eventually.holds(
                    "three attempts have failed for each",
                    AWAY,
                    () -> Leases.get().all().stream().allMatch(lease -> lease.failures() >= 3));
            UnreturnedGuestsMonitor monitor = ExtensionList.lookupSingleton(UnreturnedGuestsMonitor.class);
            assertThat("an administrator is told", monitor.isActivated(), is(true));
            Eventually.holds(
                    "ten minutes are over", AWAY.plusMinutes(1), () -> System.nanoTime() - begun > AWAY.toNanos());
            assertThat(Leases.get().all().stream().map(LeaseEntry::failures).toList(), everyItem(is(3)));

            lab.proxmox.listenAgain();
            Eventually.holds(
                    "everything is back",
                    UNTIL_FOURTH_ATTEMPT,
                    () -> Leases.get().all().isEmpty());
            assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
            assertThat(cluster.taskTypes(200), is(List.of("vzstart", "vzshutdown")));
            assertThat(cluster.taskTypes(300), is(List.of("qmstart", "qmshutdown")));
            assertThat(monitor.isActivated(), is(false));
            System.out.printf(
                    "| away for %d min | 3 guests back after %d s, one request each |%n",
                    AWAY.toMinutes(),
                    Duration.ofNanos(System.nanoTime() - begun).toSeconds());
        }
    }
}
