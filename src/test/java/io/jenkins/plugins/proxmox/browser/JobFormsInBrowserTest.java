package io.jenkins.plugins.proxmox.browser;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import hudson.model.FreeStyleProject;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.freestyle.GuestBuildStep;
import io.jenkins.plugins.proxmox.freestyle.GuestPostBuildStep;
import io.jenkins.plugins.proxmox.freestyle.SnapshotBuildStep;
import io.jenkins.plugins.proxmox.freestyle.StartedGuestWrapper;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.jvnet.hudson.test.JenkinsRule;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.support.ui.Select;

/** What somebody sees who configures a job. */
@WithOneJenkins
class JobFormsInBrowserTest {

    private static final String SNIPPET_FORM = ".dropdownList-container";

    /** Looks at the part of the page with all its fields, in light and in dark. */
    private static void look(Browser browser, String form, String picture) {
        browser.element(By.cssSelector(form + " [name='_.vmid']"));
        openAdvanced(browser, form);
        assertThat(browser.barriersInForm(form), is(empty()));
        browser.element(By.cssSelector(form + " [name='_.vmid']"));
        browser.screenshot(picture);
        browser.dark();
        assertThat(browser.barriersInForm(form), is(empty()));
        browser.screenshot(picture + "-dark");
    }

    /** The Snippet Generator has hidden forms of other steps as well. */
    private static void openAdvanced(Browser browser, String form) {
        shown(browser, form + " .advanced-button").click();
        shown(browser, form + " [name='_.node']");
    }

    /** The fields of a clone are in a section of their own. */
    private static void openCloneSettings(Browser browser, String form) {
        shown(browser, form + " section .advanced-button").click();
        shown(browser, form + " [name='_.nameserver']");
        assertThat(browser.barriersInForm(form), is(empty()));
        shown(browser, form + " [name='_.template']");
    }

    private static WebElement shown(Browser browser, String selector) {
        WebElement shown = browser.await(
                selector,
                page -> page.findElements(By.cssSelector(selector)).stream()
                        .filter(WebElement::isDisplayed)
                        .findFirst()
                        .orElse(null));
        browser.driver().executeScript("arguments[0].scrollIntoView({block: 'center'})", shown);
        return shown;
    }

    @Test
    void seesTheBuildStep(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                Browser browser = Browser.open(jenkins)) {
            FreeStyleProject job = jenkins.createFreeStyleProject("nightly");
            GuestBuildStep step = new GuestBuildStep("start");
            step.setVmid("100");
            job.getBuildersList().add(step);
            browser.goTo(job.getUrl() + "configure");
            look(browser, "[name='builder']", "build-step");
        }
    }

    @Test
    void seesTheSnapshotStep(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                Browser browser = Browser.open(jenkins)) {
            FreeStyleProject job = jenkins.createFreeStyleProject("nightly");
            SnapshotBuildStep step = new SnapshotBuildStep("create");
            step.setVmid("100");
            step.setSnapshot("clean");
            step.setDescription("before the tests\nof ${JOB_NAME}");
            job.getBuildersList().add(step);
            browser.goTo(job.getUrl() + "configure");
            look(browser, "[name='builder']", "snapshot-step");
        }
    }

    @Test
    void seesThePostBuildStep(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                Browser browser = Browser.open(jenkins)) {
            FreeStyleProject job = jenkins.createFreeStyleProject("nightly");
            GuestPostBuildStep step = new GuestPostBuildStep("shutdown");
            step.setVmid("100");
            job.getPublishersList().add(step);
            browser.goTo(job.getUrl() + "configure");
            look(browser, "[name='publisher']", "post-build-step");
        }
    }

    @Test
    void seesTheWrapper(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                Browser browser = Browser.open(jenkins)) {
            FreeStyleProject job = jenkins.createFreeStyleProject("nightly");
            StartedGuestWrapper wrapper = new StartedGuestWrapper();
            wrapper.setVmid("100");
            job.getBuildWrappersList().add(wrapper);
            browser.goTo(job.getUrl() + "configure");
            String form = ".optionalBlock-container:has(> div [name$='StartedGuestWrapper'])";
            look(browser, form, "wrapper");
            openCloneSettings(browser, form);
            browser.screenshot("wrapper-clone");
        }
    }

    private static void choose(Browser browser, JenkinsRule jenkins, String step) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class, "nightly");
        browser.goTo(job.getUrl() + "pipeline-syntax/");
        WebElement steps = browser.element(By.cssSelector("select.dropdownList"));
        new Select(steps)
                .selectByVisibleText(steps.findElements(By.tagName("option")).stream()
                        .map(WebElement::getText)
                        .filter(text -> text.startsWith(step + ":"))
                        .findFirst()
                        .orElseThrow());
    }

    private static String snippet(Browser browser) {
        browser.press("Generate Pipeline Script");
        return browser.await("the snippet", page -> {
            String text = page.findElement(By.id("prototypeText")).getDomProperty("value");
            return text.isEmpty() ? null : text;
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            proxmoxVm     | proxmoxVm action: 'start', vmid: 100
            withProxmoxVm | withProxmoxVm(vmid: 100) {
            proxmoxSnapshot | proxmoxSnapshot action: 'create', vmid: 100
            proxmoxStatus | proxmoxStatus vmid: 100
            """)
    void seesTheStepInTheSnippetGenerator(String step, String snippet, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                Browser browser = Browser.open(jenkins)) {
            choose(browser, jenkins, step);
            browser.await(
                    "the form", page -> page.findElement(By.name("_.vmid")).isDisplayed());
            browser.element(By.name("_.vmid")).sendKeys("100");
            openAdvanced(browser, SNIPPET_FORM);
            assertThat(browser.barriersInForm(SNIPPET_FORM), is(empty()));
            browser.screenshot("snippet-generator-" + step);
            assertThat(snippet(browser), containsString(snippet));
        }
    }

    @Test
    void choosesACloneInTheSnippetGenerator(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                Browser browser = Browser.open(jenkins)) {
            choose(browser, jenkins, "withProxmoxVm");
            browser.await(
                    "the form", page -> page.findElement(By.name("_.template")).isDisplayed());
            browser.element(By.name("_.template")).sendKeys("9000");
            openCloneSettings(browser, SNIPPET_FORM);
            browser.screenshot("snippet-generator-withProxmoxVm-clone");
            assertThat(snippet(browser), containsString("withProxmoxVm(template: '9000') {"));
        }
    }

    @Test
    void getsASnippetThatWorksForATokenOutOfTheUntouchedForm(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                Browser browser = Browser.open(jenkins)) {
            choose(browser, jenkins, "withCredentials");
            browser.press("Add");
            browser.element(By.xpath("//button[normalize-space()='Proxmox API Token']"))
                    .click();
            browser.await(
                    "the credentials",
                    page -> new Select(page.findElement(By.cssSelector("select[name='_.credentialsId']")))
                            .getFirstSelectedOption()
                            .getDomProperty("value")
                            .equals("ci"));
            assertThat(
                    snippet(browser),
                    containsString(
                            "withCredentials([proxmoxApiToken(credentialsId: 'ci', secretVariable: 'PVE_SECRET', "
                                    + "tokenIdVariable: 'PVE_TOKEN_ID')]) {"));
            browser.element(By.name("_.tokenIdVariable")).clear();
            browser.element(By.name("_.secretVariable")).clear();
            browser.element(By.name("_.variable")).click();
            browser.await(
                    "what is missing",
                    page -> page.findElement(By.className("error"))
                            .getText()
                            .contains("Name the environment variables for the token"));
            browser.screenshot("snippet-generator-token");
        }
    }
}
