package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertFalse;

import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import java.time.Duration;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.test.steps.SemaphoreStep;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.JenkinsSessionExtension;

/** A leased guest is put back whenever Jenkins was restarted meanwhile. */
class WithProxmoxVmRestartTest {

    @RegisterExtension
    private final JenkinsSessionExtension sessions = new JenkinsSessionExtension();

    private final ConfiguredProxmox lab = ConfiguredProxmox.unconfigured();

    @AfterEach
    void close() {
        lab.close();
    }

    private WorkflowRun begin(JenkinsRule jenkins, String script) throws Exception {
        ConfiguredProxmox.add(ConfiguredProxmox.token("ci", "jenkins@pve!ci", lab.example.ciSecret()));
        lab.server("lab", "ci");
        WorkflowJob job = jenkins.createProject(WorkflowJob.class, "leaseholder");
        job.setDefinition(new CpsFlowDefinition(script, true));
        return job.scheduleBuild2(0).waitForStart();
    }

    private static WorkflowRun end(JenkinsRule jenkins, Result result) throws Exception {
        WorkflowRun run = jenkins.jenkins
                .getItemByFullName("leaseholder", WorkflowJob.class)
                .getBuildByNumber(1);
        return jenkins.assertBuildStatus(result, jenkins.waitForCompletion(run));
    }

    @ParameterizedTest
    @CsvSource({"100, vm, qm", "200, ct, vz"})
    void duringTheBody(int vmid, String name, String kind) throws Throwable {
        sessions.then(jenkins -> {
            WorkflowRun run = begin(
                    jenkins,
                    "withProxmoxVm(vmid: " + vmid + ") { semaphore '" + name
                            + "'; echo \"still ${env.PROXMOX_VMID}\" }");
            SemaphoreStep.waitForStart(name + "/1", run);
        });
        sessions.then(jenkins -> {
            SemaphoreStep.success(name + "/1", null);
            jenkins.assertLogContains("still " + vmid, end(jenkins, Result.SUCCESS));
        });
        assertThat(lab.proxmox.cluster().taskTypes(vmid), is(List.of(kind + "start", kind + "shutdown")));
    }

    @Test
    void duringABodyThatIsAbortedAfterwards() throws Throwable {
        sessions.then(jenkins -> {
            WorkflowRun run = begin(jenkins, "withProxmoxVm(vmid: 100) { semaphore 'aborted' }");
            SemaphoreStep.waitForStart("aborted/1", run);
        });
        sessions.then(jenkins -> {
            WorkflowRun run = jenkins.jenkins
                    .getItemByFullName("leaseholder", WorkflowJob.class)
                    .getBuildByNumber(1);
            jenkins.waitForMessage("Ready to run", run);
            run.getExecutor().interrupt();
            end(jenkins, Result.ABORTED);
        });
        assertThat(lab.proxmox.cluster().taskTypes(100), is(List.of("qmstart", "qmshutdown")));
    }

    @Test
    void whileTheGuestIsStarted() throws Throwable {
        lab.proxmox.cluster().guest(105).startTakes(Duration.ofSeconds(8));
        sessions.then(jenkins -> {
            WorkflowRun run = begin(jenkins, "withProxmoxVm(vmid: 105) { echo \"in ${env.PROXMOX_GUEST_NAME}\" }");
            jenkins.waitForMessage("Requested start of VM 105", run);
        });
        sessions.then(jenkins -> jenkins.assertLogContains("in slow", end(jenkins, Result.SUCCESS)));
        assertThat(lab.proxmox.cluster().taskTypes(105), is(List.of("qmstart", "qmshutdown")));
    }

    @Test
    void whileTheGuestIsPutBackAfterABodyThatFailed() throws Throwable {
        lab.proxmox.cluster().guest(100).ignoresShutdown();
        sessions.then(jenkins -> {
            WorkflowRun run = begin(jenkins, "withProxmoxVm(vmid: 100, timeout: 15) { error 'the tests are red' }");
            jenkins.waitForMessage("Requested shutdown of VM 100", run);
        });
        sessions.then(jenkins -> {
            WorkflowRun run = end(jenkins, Result.FAILURE);
            jenkins.assertLogContains("Stopping it instead", run);
            jenkins.assertLogContains("ERROR: the tests are red", run);
        });
        assertThat(lab.proxmox.cluster().taskTypes(100), is(List.of("qmstart", "qmshutdown", "qmstop")));
        assertFalse(lab.proxmox.cluster().guest(100).isRunning(), "it runs");
    }

    @Test
    void whileTheGuestIsPutBackAfterABodyWithAResult() throws Throwable {
        lab.proxmox.cluster().guest(100).ignoresShutdown();
        sessions.then(jenkins -> {
            WorkflowRun run = begin(jenkins, "echo \"answer ${withProxmoxVm(vmid: 100, timeout: 15) { 42 }}\"");
            jenkins.waitForMessage("Requested shutdown of VM 100", run);
        });
        sessions.then(jenkins -> {
            WorkflowRun run = end(jenkins, Result.SUCCESS);
            jenkins.assertLogContains("The result of the enclosed steps was lost when Jenkins restarted", run);
            jenkins.assertLogContains("answer null", run);
        });
        assertThat(lab.proxmox.cluster().taskTypes(100), is(List.of("qmstart", "qmshutdown", "qmstop")));
    }

    @Test
    void whileTheGuestIsPutBackAfterABodyWhoseResultCannotBeSaved() throws Throwable {
        lab.proxmox.cluster().guest(100).ignoresShutdown();
        sessions.then(jenkins -> {
            WorkflowRun run = begin(
                    jenkins, "echo 'answer: ' + withProxmoxVm(vmid: 100, timeout: 15) { 'pve 9.2' =~ /[0-9.]+/ }");
            jenkins.waitForMessage("Requested shutdown of VM 100", run);
        });
        sessions.then(jenkins -> {
            WorkflowRun run = end(jenkins, Result.SUCCESS);
            jenkins.assertLogContains("The result of the enclosed steps was lost when Jenkins restarted", run);
            jenkins.assertLogContains("answer: null", run);
        });
    }
}
