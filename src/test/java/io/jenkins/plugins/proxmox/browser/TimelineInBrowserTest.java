package io.jenkins.plugins.proxmox.browser;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;

/** What somebody sees of a run's operations on guests. */
@WithOneJenkins
class TimelineInBrowserTest {

    private static final By TIMELINE = By.className("proxmox-timeline");

    private static WorkflowRun run(JenkinsRule jenkins, Result result, String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class, "nightly");
        job.setDefinition(new CpsFlowDefinition(script, true));
        return jenkins.buildAndAssertStatus(result, job);
    }

    private static List<String> lines(WebElement timeline) {
        return timeline.findElements(By.cssSelector(".jenkins-table > tbody > tr")).stream()
                .map(WebElement::getText)
                .toList();
    }

    @Test
    void seesEachOperationOnThePageOfTheRun(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                Browser browser = Browser.open(jenkins)) {
            WorkflowRun run = run(jenkins, Result.FAILURE, """
                    proxmoxVm action: 'start', vmid: 100
                    proxmoxVm action: 'start', vmid: 101
                    proxmoxVm action: 'shutdown', vmid: 201, wait: false
                    proxmoxVm action: 'start', vmid: 102
                    """);
            browser.goTo(run.getUrl());
            WebElement timeline = browser.element(TIMELINE);
            List<String> lines = lines(timeline);
            assertThat(lines, hasSize(4));
            assertThat(
                    lines.get(0),
                    allOf(
                            containsString("VM 100 (build-agent)"),
                            containsString("start"),
                            containsString("Changed"),
                            containsString("lab, pve1"),
                            containsString("UPID:pve1:")));
            assertThat(lines.get(1), containsString("Nothing to do"));
            assertThat(lines.get(2), containsString("Requested, not awaited"));
            assertThat(lines.get(3), containsString("QEMU exited with code 1"));

            WebElement section = browser.element(By.xpath("//tr[contains(@class, 'app-summary')][.//h2]"));
            assertThat(browser.barriers(".proxmox-timeline"), is(empty()));
            browser.picture("timeline", section);
            browser.dark();
            assertThat(browser.barriers(".proxmox-timeline"), is(empty()));
            browser.screenshot("timeline-dark");
        }
    }

    @Test
    void seesWhatIsUnderWay(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                Browser browser = Browser.open(jenkins)) {
            WorkflowJob job = jenkins.createProject(WorkflowJob.class, "nightly");
            job.setDefinition(new CpsFlowDefinition(
                    "proxmoxVm action: 'start', vmid: 100\nproxmoxVm action: 'start', vmid: 105", true));
            WorkflowRun run = job.scheduleBuild2(0).waitForStart();
            jenkins.waitForMessage("Requested start of VM 105", run);
            browser.goTo(run.getUrl());
            List<String> lines = lines(browser.element(TIMELINE));
            assertThat(lines, hasSize(2));
            assertThat(lines.get(1), containsString("Under way"));
            assertThat(browser.barriers(".proxmox-timeline"), is(empty()));
            browser.screenshot("timeline-under-way");
            browser.dark();
            assertThat(browser.barriers(".proxmox-timeline"), is(empty()));
            browser.screenshot("timeline-under-way-dark");
            lab.proxmox.cluster().endTasks(105);
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        }
    }

    @Test
    void seesALongTimelineOnItsOwnPage(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                Browser browser = Browser.open(jenkins)) {
            WorkflowRun run = run(jenkins, Result.SUCCESS, "7.times { proxmoxVm action: 'start', vmid: 101 }");
            browser.goTo(run.getUrl());
            assertThat(lines(browser.element(TIMELINE)), hasSize(5));
            browser.element(By.linkText("All 7 operations")).click();
            browser.await("all", page -> lines(page.findElement(TIMELINE)).size() == 7);
            assertThat(browser.barriers(".proxmox-timeline"), is(empty()));
            browser.screenshot("timeline-page");
        }
    }

    @Test
    void scrollsTheTableNotThePageInANarrowWindow(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                Browser browser = Browser.open(jenkins).size(500, 900)) {
            WorkflowRun run = run(jenkins, Result.FAILURE, "proxmoxVm action: 'start', vmid: 102");
            browser.goTo(run.getUrl());
            browser.element(TIMELINE);
            browser.screenshot("timeline-narrow");
            assertThat(browser.scrollsSideways(), is(false));
        }
    }
}
