package io.jenkins.plugins.proxmox.build;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import hudson.model.FreeStyleBuild;
import hudson.model.FreeStyleProject;
import hudson.model.Result;
import hudson.model.Run;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.build.TimelineEntry.Outcome;
import io.jenkins.plugins.proxmox.freestyle.GuestBuildStep;
import io.jenkins.plugins.proxmox.freestyle.GuestPostBuildStep;
import io.jenkins.plugins.proxmox.freestyle.StartedGuestWrapper;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.text.DateFormat;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.htmlunit.html.HtmlPage;
import org.htmlunit.html.HtmlTable;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

/** A build that touched a guest shows what it did, also when it is loaded again. */
@WithOneJenkins
class GuestTimelineTest {

    private static WorkflowRun run(JenkinsRule jenkins, Result result, String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return jenkins.buildAndAssertStatus(result, job);
    }

    private static List<TimelineEntry> entries(WorkflowRun run) throws Exception {
        run.reload();
        return run.getAction(GuestTimeline.class).getEntries();
    }

    private static List<Outcome> outcomes(WorkflowRun run) throws Exception {
        return entries(run).stream().map(TimelineEntry::getOutcome).toList();
    }

    private static HtmlTable table(HtmlPage page) {
        return page.querySelector(".proxmox-timeline table");
    }

    @Test
    void tellsEachOperationWithItsTaskAndOutcome(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(jenkins, Result.FAILURE, """
                    proxmoxVm action: 'start', vmid: 100
                    proxmoxVm action: 'start', vmid: 100
                    proxmoxVm action: 'stop', vmid: 100, wait: false
                    proxmoxVm action: 'start', vmid: 102
                    """);
            List<TimelineEntry> entries = entries(run);
            assertThat(
                    entries.stream().map(TimelineEntry::getOutcome).toList(),
                    contains(Outcome.CHANGED, Outcome.NOTHING_TO_DO, Outcome.REQUESTED, Outcome.FAILED));
            TimelineEntry start = entries.get(0);
            assertThat(start.getGuest(), is("VM 100 (build-agent)"));
            assertThat(start.getAction(), is("start"));
            assertThat(start.getServer(), is("lab"));
            assertThat(start.getNode(), is("pve1"));
            assertThat(start.getUpid(), startsWith("UPID:pve1:"));
            assertThat(start.getMessage(), is(nullValue()));
            assertThat(entries.get(1).getUpid(), is(nullValue()));
            assertThat(entries.get(3).getMessage(), containsString("QEMU exited with code 1"));

            HtmlPage page = jenkins.createWebClient().getPage(run);
            HtmlTable table = table(page);
            assertThat(table.getCaptionText(), containsString("Operations on guests"));
            assertThat(table.getRows(), hasSize(5));
            assertThat(table.getRow(0).getCells().get(1).getAttribute("scope"), is("col"));
            String text = table.asNormalizedText().replaceAll("\\s+", " ");
            assertThat(text, containsString("VM 100 (build-agent) start Changed"));
            assertThat(text, containsString("Nothing to do"));
            assertThat(text, containsString("Requested, not awaited"));
            assertThat(text, containsString("Failed"));
            assertThat(text, containsString(start.getUpid()));
        }
    }

    @Test
    void tellsOfAnAbort(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowJob job = jenkins.createProject(WorkflowJob.class);
            job.setDefinition(new CpsFlowDefinition("proxmoxVm action: 'start', vmid: 105", true));
            WorkflowRun run = job.scheduleBuild2(0).waitForStart();
            jenkins.waitForMessage("Requested start of VM 105", run);
            run.doStop();
            jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
            assertThat(outcomes(run), contains(Outcome.ABORTED));
        }
    }

    /** The answer comes when the build has ended. */
    @Test
    void tellsTheTaskOfAnAbortedOperationThatWasOnItsWay(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            CountDownLatch answer = new CountDownLatch(1);
            lab.proxmox.inject(request -> request.path().endsWith("/status/start"), new Fault.HoldAnswer(answer));
            WorkflowRun run = begun(jenkins, "proxmoxVm action: 'start', vmid: 105");
            Eventually.holds(
                    "its task runs", () -> !lab.proxmox.cluster().taskTypes(105).isEmpty());
            run.doStop();
            jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
            answer.countDown();
            Eventually.holds("its task is known", () -> soFar(run).get(0).getUpid() != null);
            assertThat(soFar(run).get(0).getOutcome(), is(Outcome.ABORTED));
        }
    }

    private static WorkflowRun begun(JenkinsRule jenkins, String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return job.scheduleBuild2(0).waitForStart();
    }

    private static List<TimelineEntry> soFar(Run<?, ?> run) {
        GuestTimeline timeline = run.getAction(GuestTimeline.class);
        return timeline == null ? List.of() : timeline.getEntries();
    }

    private static String onDisk(Run<?, ?> run) throws IOException {
        return Files.readString(run.getRootDir().toPath().resolve("build.xml"));
    }

    @Test
    void tellsOfAnOperationThatIsUnderWayAndThenOfItsEndInItsPlace(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = begun(jenkins, "proxmoxVm action: 'start', vmid: 105");
            Eventually.holds(
                    "its task is known",
                    () -> !soFar(run).isEmpty() && soFar(run).get(0).getUpid() != null);
            TimelineEntry entry = soFar(run).get(0);
            assertThat(entry.getOutcome(), is(Outcome.UNDER_WAY));
            assertThat(entry.getGuest(), is("VM 105 (slow)"));
            assertThat(entry.getNode(), is("pve1"));
            Eventually.holds("it is written", () -> onDisk(run).contains(entry.getUpid()));
            String text = table(jenkins.createWebClient().getPage(run))
                    .asNormalizedText()
                    .replaceAll("\\s+", " ");
            assertThat(text, containsString("VM 105 (slow) start Under way"));
            assertThat(text, containsString(entry.getUpid()));
            String json = jenkins.getJSON(run.getUrl() + "api/json?tree=actions[entries[outcome,durationMillis]]")
                    .getContentAsString();
            assertThat(json, containsString("\"outcome\":\"UNDER_WAY\""));
            assertThat(json, not(containsString("\"durationMillis\":null")));

            lab.proxmox.cluster().endTasks(105);
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
            assertThat(outcomes(run), contains(Outcome.CHANGED));
            assertThat(entries(run).get(0).getUpid(), is(entry.getUpid()));
        }
    }

    @Test
    void tellsOfARequestBeforeItIsAnsweredAndOfItsTaskEvenAfterAnAbort(JenkinsRule jenkins) throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.inject(request -> request.path().endsWith("/105/status/start"), new Fault.HoldAnswer(answer));
            WorkflowRun run = begun(jenkins, "proxmoxVm action: 'start', vmid: 105");
            Eventually.holds(
                    "it is requested",
                    () -> !lab.proxmox.cluster().taskTypes(105).isEmpty());
            assertThat(soFar(run).get(0).getOutcome(), is(Outcome.UNDER_WAY));
            assertThat(soFar(run).get(0).getUpid(), is(nullValue()));
            assertThat(onDisk(run), containsString("UNDER_WAY"));
            run.doStop();
            jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
            assertThat(outcomes(run), contains(Outcome.ABORTED));
            answer.countDown();
            Eventually.holds("its task is known", () -> soFar(run).get(0).getUpid() != null);
            assertThat(outcomes(run), contains(Outcome.ABORTED));
        } finally {
            answer.countDown();
        }
    }

    @Test
    void saysTheDateOfWhatIsNotOfTheDayOnWhichTheBuildBegan(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(jenkins, Result.SUCCESS, "proxmoxVm action: 'start', vmid: 100");
            assertThat(jenkins.createWebClient().getPage(run).querySelector(".proxmox-timeline__day"), is(nullValue()));
            long later = run.getStartTimeInMillis() + TimeUnit.DAYS.toMillis(2);
            Files.writeString(
                    run.getRootDir().toPath().resolve("build.xml"),
                    onDisk(run)
                            .replaceFirst(
                                    "<begunMillis>\\d+</begunMillis>", "<begunMillis>" + later + "</begunMillis>"));
            run.reload();
            HtmlPage page = jenkins.createWebClient().getPage(run);
            DateFormat date = DateFormat.getDateInstance(DateFormat.MEDIUM, Locale.US);
            assertThat(
                    page.querySelector(".proxmox-timeline__day").asNormalizedText(), is(date.format(new Date(later))));
        }
    }

    @Test
    void tellsWhyAGuestWasNotFound(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(jenkins, Result.FAILURE, "proxmoxVm action: 'start', name: 'nobody'");
            TimelineEntry entry = entries(run).get(0);
            assertThat(entry.getGuest(), is("guest \"nobody\""));
            assertThat(entry.getNode(), is(nullValue()));
            assertThat(entry.getMessage(), containsString("There is no guest \"nobody\""));
        }
    }

    @Test
    void losesNothingOfParallelBranches(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(jenkins, Result.SUCCESS, """
                    def branches = [:]
                    for (int i = 0; i < 12; i++) {
                        branches["b${i}"] = { proxmoxVm action: 'start', vmid: 101 }
                    }
                    parallel branches
                    """);
            assertThat(entries(run), hasSize(12));
        }
    }

    @Test
    void hasAPageOfItsOwnWhenItIsLong(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(jenkins, Result.SUCCESS, "7.times { proxmoxVm action: 'start', vmid: 101 }");
            JenkinsRule.WebClient browser = jenkins.createWebClient();
            HtmlPage page = browser.getPage(run);
            assertThat(table(page).getRows(), hasSize(6));
            HtmlPage whole = page.getAnchorByText("All 7 operations").click();
            assertThat(table(whole).getRows(), hasSize(8));
        }
    }

    @Test
    void tellsOfAFreestyleBuildToo(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            FreeStyleProject job = jenkins.createFreeStyleProject();
            StartedGuestWrapper wrapper = new StartedGuestWrapper();
            wrapper.setVmid("200");
            job.getBuildWrappersList().add(wrapper);
            GuestBuildStep step = new GuestBuildStep("start");
            step.setVmid("100");
            job.getBuildersList().add(step);
            GuestPostBuildStep after = new GuestPostBuildStep("start");
            after.setName("broken");
            job.getPublishersList().add(after);
            FreeStyleBuild build = jenkins.buildAndAssertStatus(Result.FAILURE, job);
            build.reload();
            List<TimelineEntry> entries = build.getAction(GuestTimeline.class).getEntries();
            assertThat(
                    entries.stream()
                            .map(entry -> entry.getGuest() + " " + entry.getAction())
                            .toList(),
                    contains(
                            "CT 200 (proxy) start",
                            "VM 100 (build-agent) start",
                            "CT 200 (proxy) shutdown",
                            "VM 102 (broken) start"));
            assertThat(entries.get(3).getOutcome(), is(Outcome.FAILED));
            HtmlPage page = jenkins.createWebClient().getPage(build);
            assertThat(table(page).getRows(), hasSize(5));
        }
    }

    @Test
    void isAbsentWhereNoGuestWasTouched(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(jenkins, Result.SUCCESS, "proxmoxStatus vmid: 100");
            assertThat(run.getAction(GuestTimeline.class), is(nullValue()));
            HtmlPage page = jenkins.createWebClient().getPage(run);
            assertThat(page.<HtmlTable>querySelector(".proxmox-timeline table"), is(nullValue()));
        }
    }

    @Test
    void showsTextsOfTheServerAsText(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.cluster().guest(102).failsToStart("<script>alert('1')</script>");
            WorkflowRun run = run(jenkins, Result.FAILURE, "proxmoxVm action: 'start', vmid: 102");
            HtmlPage page = jenkins.createWebClient().getPage(run);
            assertThat(table(page).asNormalizedText(), containsString("<script>alert('1')</script>"));
            assertThat(page.getWebResponse().getContentAsString(), not(containsString("<script>alert('1')</script>")));
        }
    }

    @Test
    void isInTheRemoteApi(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(jenkins, Result.SUCCESS, "proxmoxVm action: 'start', vmid: 100");
            String json = jenkins.getJSON(run.getUrl() + "api/json?tree=actions[entries[guest,action,outcome]]")
                    .getContentAsString();
            assertThat(
                    json,
                    containsString(
                            "{\"action\":\"start\",\"guest\":\"VM 100 (build-agent)\",\"outcome\":\"CHANGED\"}"));
        }
    }

    @Test
    void staysWithTheBuildWhenTheServerIsGone(JenkinsRule jenkins) throws Exception {
        WorkflowRun run;
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            run = run(jenkins, Result.SUCCESS, "withProxmoxVm(vmid: 200) { }");
        }
        ProxmoxConfiguration.get().setServers(List.of());
        assertThat(entries(run).stream().map(TimelineEntry::getAction).toList(), contains("start", "shutdown"));
        HtmlPage page = jenkins.createWebClient().getPage(run);
        assertThat(table(page).getRows(), hasSize(3));
    }
}
