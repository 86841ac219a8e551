package io.jenkins.plugins.proxmox.browser;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import hudson.model.FreeStyleProject;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.freestyle.GuestBuildStep;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.support.ui.Select;

/** What somebody sees who configures a job. */
@WithJenkins
class JobFormsInBrowserTest {

    private static final By VMID = By.cssSelector("[name='builder'] [name='_.vmid']");

    @Test
    void seesTheBuildStep(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                Browser browser = Browser.open(jenkins)) {
            FreeStyleProject job = jenkins.createFreeStyleProject("nightly");
            GuestBuildStep step = new GuestBuildStep("start");
            step.setVmid("100");
            job.getBuildersList().add(step);
            browser.goTo(job.getUrl() + "configure");
            browser.element(VMID);
            assertThat(browser.barriersInForm("[name='builder']"), is(empty()));
            browser.element(VMID);
            browser.screenshot("build-step");
            browser.dark();
            assertThat(browser.barriersInForm("[name='builder']"), is(empty()));
            browser.screenshot("build-step-dark");
        }
    }

    @Test
    void seesTheStepInTheSnippetGenerator(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                Browser browser = Browser.open(jenkins)) {
            WorkflowJob job = jenkins.createProject(WorkflowJob.class, "nightly");
            browser.goTo(job.getUrl() + "pipeline-syntax/");
            WebElement steps = browser.element(By.cssSelector("select.dropdownList"));
            new Select(steps)
                    .selectByVisibleText(steps.findElements(By.tagName("option")).stream()
                            .map(WebElement::getText)
                            .filter(text -> text.startsWith("proxmoxVm"))
                            .findFirst()
                            .orElseThrow());
            browser.await(
                    "the form", page -> page.findElement(By.name("_.vmid")).isDisplayed());
            assertThat(browser.barriersInForm(".dropdownList-container"), is(empty()));
            browser.screenshot("snippet-generator");
        }
    }
}
