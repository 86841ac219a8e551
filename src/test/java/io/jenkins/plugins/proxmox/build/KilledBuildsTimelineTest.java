package io.jenkins.plugins.proxmox.build;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import hudson.model.FreeStyleProject;
import hudson.model.Job;
import hudson.model.Run;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.build.TimelineEntry.Outcome;
import io.jenkins.plugins.proxmox.freestyle.GuestBuildStep;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.htmlunit.html.HtmlPage;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/**
 * The process of the controller is killed while builds wait for their tasks: a Pipeline goes on, and its operation is in
 * its timeline once; a freestyle build is over, and tells what it had asked for.
 */
class KilledBuildsTimelineTest {

    /** What the controller has to know of the server. */
    private record Lab(String address, String fingerprint, String secret) implements Serializable {}

    @RegisterExtension
    private final RealJenkinsExtension controller = new RealJenkinsExtension().withTimeout(600);

    @Test
    void aBuildTellsWhatItAskedForBeforeTheControllerWasKilled() throws Throwable {
        try (ConfiguredProxmox lab = ConfiguredProxmox.unconfigured()) {
            // nothing ends by itself
            lab.proxmox.cluster().timing(Duration.ofHours(1), Duration.ofMillis(100), Duration.ZERO);
            Lab known = new Lab(lab.proxmox.address(), lab.fingerprint(), lab.example.ciSecret());
            controller.startJenkins();
            controller.runRemotely(KilledBuildsTimelineTest::begin, known);
            controller.stopJenkinsForcibly();
            controller.startJenkins();
            controller.runRemotely(KilledBuildsTimelineTest::lookBeforeTheEnd);
            lab.proxmox.cluster().endTasks(100);
            controller.runRemotely(KilledBuildsTimelineTest::lookAfterTheEnd);
        }
    }

    private static void begin(JenkinsRule jenkins, Lab lab) throws Throwable {
        ConfiguredProxmox.add(ConfiguredProxmox.token("ci", "jenkins@pve!ci", lab.secret));
        ProxmoxServer server = new ProxmoxServer("lab", lab.address);
        server.setCredentialsId("ci");
        server.setFingerprint(lab.fingerprint);
        ProxmoxConfiguration.get().setServers(List.of(server));

        WorkflowJob pipeline = jenkins.createProject(WorkflowJob.class, "pipeline");
        pipeline.setDefinition(new CpsFlowDefinition("proxmoxVm action: 'start', vmid: 100, timeout: 600", true));
        FreeStyleProject freestyle = jenkins.createProject(FreeStyleProject.class, "freestyle");
        GuestBuildStep step = new GuestBuildStep("start");
        step.setVmid("102");
        freestyle.getBuildersList().add(step);
        untilTaskIsKnown(pipeline.scheduleBuild2(0).waitForStart());
        untilTaskIsKnown(freestyle.scheduleBuild2(0).waitForStart());
    }

    private static void untilTaskIsKnown(Run<?, ?> build) throws Exception {
        Path file = build.getRootDir().toPath().resolve("build.xml");
        Eventually.holds(
                "the task of " + build + " is written",
                () -> Files.exists(file) && Files.readString(file).contains("<upid>UPID:"));
    }

    private static Run<?, ?> build(JenkinsRule jenkins, String job) {
        return jenkins.jenkins.getItemByFullName(job, Job.class).getBuildByNumber(1);
    }

    private static TimelineEntry entry(Run<?, ?> build) {
        List<TimelineEntry> entries = build.getAction(GuestTimeline.class).getEntries();
        assertThat(entries, hasSize(1));
        return entries.get(0);
    }

    private static void lookBeforeTheEnd(JenkinsRule jenkins) throws Throwable {
        assertThat(entry(build(jenkins, "pipeline")).getOutcome(), is(Outcome.UNDER_WAY));

        Run<?, ?> killed = build(jenkins, "freestyle");
        TimelineEntry entry = entry(killed);
        assertThat(entry.getOutcome(), is(Outcome.NOT_KNOWN));
        assertThat(entry.getGuest(), is("VM 102 (broken)"));
        assertThat(entry.getAction(), is("start"));
        assertThat(entry.getUpid(), startsWith("UPID:pve1:"));
        assertThat(entry.getDurationMillis(), is(nullValue()));
        HtmlPage page = jenkins.createWebClient().getPage(killed);
        assertThat(
                page.querySelector(".proxmox-timeline table").asNormalizedText().replaceAll("\\s+", " "),
                containsString("VM 102 (broken) start Not known The build ended before Jenkins saw the outcome."));
        String json = jenkins.getJSON(killed.getUrl() + "api/json?tree=actions[entries[outcome,durationMillis]]")
                .getContentAsString();
        assertThat(json, containsString("{\"durationMillis\":null,\"outcome\":\"NOT_KNOWN\"}"));
    }

    private static void lookAfterTheEnd(JenkinsRule jenkins) throws Throwable {
        WorkflowRun build = (WorkflowRun) build(jenkins, "pipeline");
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(build));
        assertThat(entry(build).getOutcome(), is(Outcome.CHANGED));
    }
}
