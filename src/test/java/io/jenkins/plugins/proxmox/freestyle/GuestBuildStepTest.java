package io.jenkins.plugins.proxmox.freestyle;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasEntry;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hudson.model.FreeStyleBuild;
import hudson.model.FreeStyleProject;
import hudson.model.ParametersAction;
import hudson.model.ParametersDefinitionProperty;
import hudson.model.Result;
import hudson.model.StringParameterDefinition;
import hudson.model.StringParameterValue;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.pve.Eventually;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.jvnet.hudson.test.CaptureEnvironmentBuilder;
import org.jvnet.hudson.test.JenkinsRule;

@WithOneJenkins
class GuestBuildStepTest {

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

    private static GuestBuildStep step(String action, String vmid) {
        GuestBuildStep step = new GuestBuildStep(action);
        step.setVmid(vmid);
        return step;
    }

    private FreeStyleProject job(GuestBuildStep... steps) throws Exception {
        FreeStyleProject job = jenkins.createFreeStyleProject();
        job.getBuildersList().addAll(List.of(steps));
        return job;
    }

    @Test
    void startsAndStopsAVm() throws Exception {
        FreeStyleBuild build = jenkins.buildAndAssertSuccess(job(step("start", "100"), step("stop", "100")));
        jenkins.assertLogContains("[Proxmox VE] VM 100 (build-agent) is on node pve1, stopped", build);
        jenkins.assertLogContains("[Proxmox VE] Requested start of VM 100 (build-agent): UPID:pve1:", build);
        jenkins.assertLogContains("[Proxmox VE] VM 100 (build-agent) is running on node pve1, confirmed", build);
        assertThat(
                lab.proxmox.writes(),
                is(List.of("POST /nodes/pve1/qemu/100/status/start", "POST /nodes/pve1/qemu/100/status/stop")));
        assertThat(JenkinsRule.getLog(build), not(containsString(lab.example.ciSecret())));
    }

    @Test
    void waitsForTheAddressOfTheGuest() throws Exception {
        GuestBuildStep start = step("start", "200");
        start.setWaitFor("${WHAT}");
        FreeStyleProject job = job(start);
        job.addProperty(new ParametersDefinitionProperty(new StringParameterDefinition("WHAT", "ip")));
        CaptureEnvironmentBuilder after = new CaptureEnvironmentBuilder();
        job.getBuildersList().add(after);
        jenkins.buildAndAssertSuccess(job);
        assertThat(after.getEnvVars(), hasEntry("PROXMOX_IP", "192.0.2.201"));
    }

    @Test
    void refusesToWaitForAnythingElse() throws Exception {
        GuestBuildStep start = step("start", "200");
        start.setWaitFor("dhcp");
        FreeStyleBuild build = jenkins.buildAndAssertStatus(Result.FAILURE, job(start));
        jenkins.assertLogContains("waitFor: \"dhcp\" is not known. Use running, agent, ip, or port:", build);
        assertThat(lab.proxmox.writes(), is(List.of()));
    }

    @Test
    void treatsAContainerAlike() throws Exception {
        jenkins.buildAndAssertSuccess(job(step("start", "200"), step("shutdown", "200")));
        assertThat(lab.proxmox.cluster().taskTypes(200), is(List.of("vzstart", "vzshutdown")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"reboot", "reset", "suspend"})
    void carriesOutTheOtherActionsOfARunningVm(String action) throws Exception {
        jenkins.buildAndAssertSuccess(job(step(action, "101")));
        assertThat(lab.proxmox.writes(), is(List.of("POST /nodes/pve1/qemu/101/status/" + action)));
    }

    @Test
    void leavesAGuestAloneThatIsAlreadyAsWanted() throws Exception {
        FreeStyleBuild build = jenkins.buildAndAssertSuccess(job(step("start", "101")));
        jenkins.assertLogContains("VM 101 (web-1) is already running, nothing to do", build);
        assertThat(lab.proxmox.writes(), is(List.of()));
    }

    @Test
    void doesNotWaitIfToldSo() throws Exception {
        GuestBuildStep step = step("start", "105");
        step.setWait(false);
        jenkins.buildAndAssertSuccess(job(step));
        assertFalse(lab.proxmox.cluster().guest(105).isRunning(), "still starting");
    }

    @Test
    void tellsTheStepsAfterItWhichGuestItWas() throws Exception {
        FreeStyleProject job = job(step("start", "100"));
        CaptureEnvironmentBuilder after = new CaptureEnvironmentBuilder();
        job.getBuildersList().add(after);
        GuestBuildStep next = new GuestBuildStep("stop");
        next.setName("${PROXMOX_GUEST_NAME}");
        next.setNode("$PROXMOX_NODE");
        job.getBuildersList().add(next);
        jenkins.buildAndAssertSuccess(job);
        assertThat(after.getEnvVars(), hasEntry("PROXMOX_VMID", "100"));
        assertThat(after.getEnvVars(), hasEntry("PROXMOX_NODE", "pve1"));
        assertThat(after.getEnvVars(), hasEntry("PROXMOX_GUEST_NAME", "build-agent"));
        assertThat(lab.proxmox.cluster().taskTypes(100), is(List.of("qmstart", "qmstop")));
    }

    @Test
    void takesItsFieldsFromTheParametersOfTheBuild() throws Exception {
        GuestBuildStep step = step("${ACTION}", " ${VMID} ");
        step.setTimeout("${MINUTES}0");
        step.setServer("l$REST");
        FreeStyleProject job = job(step);
        job.addProperty(new ParametersDefinitionProperty(
                new StringParameterDefinition("ACTION", "start"),
                new StringParameterDefinition("VMID", "100"),
                new StringParameterDefinition("MINUTES", "6"),
                new StringParameterDefinition("REST", "ab")));
        jenkins.buildAndAssertSuccess(job);
        assertTrue(lab.proxmox.cluster().guest(100).isRunning());

        FreeStyleBuild build = job.scheduleBuild2(
                        0,
                        new ParametersAction(
                                new StringParameterValue("ACTION", "start"), new StringParameterValue("VMID", "200"),
                                new StringParameterValue("MINUTES", "6"), new StringParameterValue("REST", "ab")))
                .get();
        jenkins.assertBuildStatusSuccess(build);
        assertTrue(lab.proxmox.cluster().guest(200).isRunning());
    }

    @Test
    void endsAtOnceWhenTheBuildIsAborted() throws Exception {
        FreeStyleBuild build = job(step("start", "105")).scheduleBuild2(0).waitForStart();
        jenkins.waitForMessage("Requested start of VM 105", build);
        long aborted = System.nanoTime();
        build.doStop();
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(build));
        assertTrue(System.nanoTime() - aborted < 10_000_000_000L, "long before the guest runs");
        jenkins.assertLogContains("continues in Proxmox VE", build);
        assertThat(lab.proxmox.writes(), is(List.of("POST /nodes/pve1/qemu/105/status/start")));
    }

    @Test
    void cancelsTheTaskOfAnAbortedBuildIfToldSo() throws Exception {
        GuestBuildStep step = step("start", "105");
        step.setCancelTask(true);
        FreeStyleBuild build = job(step).scheduleBuild2(0).waitForStart();
        jenkins.waitForMessage("Requested start of VM 105", build);
        // the task is known to the build a moment after it is told in the log
        Eventually.holds(
                "the task is awaited",
                () -> lab.proxmox.requests().stream().anyMatch(r -> r.path().contains("/tasks")));
        build.doStop();
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(build));
        Eventually.holds(
                "the task is cancelled",
                () -> lab.proxmox.writes().stream()
                        .anyMatch(write -> write.startsWith("DELETE /nodes/pve1/tasks/UPID:")));
    }

    @Test
    void waitsForALockIfToldSo() throws Exception {
        GuestBuildStep step = step("start", "103");
        FreeStyleProject job = job(step);
        FreeStyleBuild refused = jenkins.buildAndAssertStatus(Result.FAILURE, job);
        jenkins.assertLogContains("VM is locked (backup)", refused);
        step.setWaitForLock(true);
        FreeStyleBuild build = job.scheduleBuild2(0).waitForStart();
        jenkins.waitForMessage("is locked (backup); waiting until it is unlocked", build);
        lab.proxmox.cluster().guest(103).locked(null);
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(build));
    }

    @Test
    void explainsARefusalOnce() throws Exception {
        ConfiguredProxmox.add(ConfiguredProxmox.token("auditor", "auditor@pve!ci", lab.example.auditorSecret()));
        GuestBuildStep step = step("start", "100");
        step.setCredentialsId("auditor");
        FreeStyleBuild build = jenkins.buildAndAssertStatus(Result.FAILURE, job(step));
        String log = JenkinsRule.getLog(build);
        assertThat(log, containsString("403 Permission check failed (/vms/100, VM.PowerMgmt)"));
        assertThat(
                log,
                containsString("ERROR: Proxmox VE at " + lab.proxmox.address()
                        + " does not let auditor@pve!ci do this: it requires VM.PowerMgmt on /vms/100."));
        assertThat(log.split("pveum acl modify /vms/100 --users ", -1).length - 1, is(1));
        assertThat(log, not(containsString("\tat ")));
        assertThat(log, not(containsString(lab.example.auditorSecret())));
    }
}
