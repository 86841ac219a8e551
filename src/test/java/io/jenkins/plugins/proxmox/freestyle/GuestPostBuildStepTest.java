package io.jenkins.plugins.proxmox.freestyle;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hudson.model.FreeStyleBuild;
import hudson.model.FreeStyleProject;
import hudson.model.ParametersDefinitionProperty;
import hudson.model.Result;
import hudson.model.StringParameterDefinition;
import hudson.tasks.Builder;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.FailureBuilder;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.MockBuilder;

@WithOneJenkins
class GuestPostBuildStepTest {

    private JenkinsRule jenkins;
    private ConfiguredProxmox lab;

    @BeforeEach
    void startServer(JenkinsRule rule) {
        jenkins = rule;
        lab = ConfiguredProxmox.start();
    }

    @AfterEach
    void stopServer() {
        lab.close();
    }

    private static GuestPostBuildStep step(String action, String vmid) {
        GuestPostBuildStep step = new GuestPostBuildStep(action);
        step.setVmid(vmid);
        return step;
    }

    private FreeStyleProject job(GuestPostBuildStep after, Builder... steps) throws Exception {
        FreeStyleProject job = jenkins.createFreeStyleProject();
        job.getBuildersList().addAll(List.of(steps));
        job.getPublishersList().add(after);
        return job;
    }

    private SimulatedGuest guest(int vmid) {
        return lab.proxmox.cluster().guest(vmid);
    }

    @Test
    void runsAfterABuildThatSucceeded() throws Exception {
        FreeStyleBuild build = jenkins.buildAndAssertSuccess(job(step("shutdown", "101")));
        jenkins.assertLogContains("VM 101 (web-1) is stopped on node pve1, confirmed", build);
        assertFalse(guest(101).isRunning());
    }

    @Test
    void runsAlsoAfterABuildThatFailed() throws Exception {
        GuestBuildStep start = new GuestBuildStep("start");
        start.setVmid("200");
        GuestPostBuildStep stop = step("stop", "${PROXMOX_VMID}");
        jenkins.buildAndAssertStatus(Result.FAILURE, job(stop, start, new FailureBuilder()));
        assertThat(lab.proxmox.cluster().taskTypes(200), is(List.of("vzstart", "vzstop")));
    }

    @Test
    void runsAlsoAfterABuildThatWasAborted() throws Exception {
        GuestBuildStep start = new GuestBuildStep("start");
        start.setVmid("105");
        FreeStyleBuild build = job(step("stop", "101"), start).scheduleBuild2(0).waitForStart();
        jenkins.waitForMessage("Requested start of VM 105", build);
        build.doStop();
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(build));
        assertFalse(guest(101).isRunning());
    }

    @Test
    void canLeaveTheGuestAloneAfterAFailure() throws Exception {
        GuestPostBuildStep step = step("stop", "101");
        step.setWhen("success");
        FreeStyleBuild build = jenkins.buildAndAssertStatus(Result.FAILURE, job(step, new FailureBuilder()));
        jenkins.assertLogContains("Skipped (stop): the build is FAILURE, and this step is set to \"success\"", build);
        assertTrue(guest(101).isRunning());
        jenkins.buildAndAssertSuccess(job(step));
        assertFalse(guest(101).isRunning());
    }

    @Test
    void canLeaveTheGuestAloneAfterASuccess() throws Exception {
        GuestPostBuildStep step = step("reset", "101");
        step.setWhen("unsuccessful");
        FreeStyleBuild build = jenkins.buildAndAssertSuccess(job(step));
        jenkins.assertLogContains("the build is SUCCESS, and this step is set to \"unsuccessful\"", build);
        assertThat(lab.requests(), is(0));
        jenkins.buildAndAssertStatus(Result.UNSTABLE, job(step, new MockBuilder(Result.UNSTABLE)));
        assertThat(lab.proxmox.writes(), is(List.of("POST /nodes/pve1/qemu/101/status/reset")));
    }

    @Test
    void takesItsConditionFromAParameterOfTheBuild() throws Exception {
        GuestPostBuildStep step = step("stop", "101");
        step.setWhen("${WHEN}");
        FreeStyleProject job = job(step);
        job.addProperty(new ParametersDefinitionProperty(new StringParameterDefinition("WHEN", "unsuccessful")));
        jenkins.assertLogContains("and this step is set to \"unsuccessful\"", jenkins.buildAndAssertSuccess(job));
        assertTrue(guest(101).isRunning());
    }

    @Test
    void makesTheBuildAFailedOneWhenItDoesNotSucceed() throws Exception {
        FreeStyleBuild build = jenkins.buildAndAssertStatus(Result.FAILURE, job(step("start", "102")));
        jenkins.assertLogContains(
                "ERROR: Step ‘Proxmox VE: control a guest after the build’ failed: "
                        + "Could not start VM 102 (broken) on node pve1: task UPID:pve1:",
                build);
        assertThat(JenkinsRule.getLog(build), not(containsString("\tat ")));
    }

    @Test
    void endsAtOnceWhenTheBuildIsAborted() throws Exception {
        FreeStyleBuild build = job(step("start", "105")).scheduleBuild2(0).waitForStart();
        jenkins.waitForMessage("Requested start of VM 105", build);
        build.doStop();
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(build));
        assertFalse(guest(105).isRunning(), "still starting");
        assertThat(JenkinsRule.getLog(build), not(containsString("\tat ")));
    }
}
