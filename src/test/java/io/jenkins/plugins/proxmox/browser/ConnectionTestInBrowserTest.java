package io.jenkins.plugins.proxmox.browser;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.pve.simulator.AccessControl;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;

/** What somebody sees who presses <i>Test connection</i> on the global page. */
@WithOneJenkins
class ConnectionTestInBrowserTest {

    private static final String HOSTILE =
            "<script>window.hostile = 'script'</script><img id=\"hostile\" src=x onerror=\"window.hostile='img'\">"
                    + "' onmouseover='window.hostile=1 &lt;b&gt; {0}";

    /** Presses the button and waits for the text among what appears. */
    private static WebElement pressed(Browser browser, String className, String text) {
        browser.press("Test connection");
        WebElement shown = browser.element(By.className(className));
        browser.await(text, page -> shown.isDisplayed() && shown.getText().contains(text));
        return shown;
    }

    /** Looks at the result and at the form above it, in light and in dark, and keeps pictures of both. */
    private static void look(Browser browser, String picture, WebElement... parts) {
        List<WebElement> shown = new ArrayList<>(List.of(parts));
        shown.add(browser.element(By.xpath("//button[normalize-space()='Test connection']")));
        assertThat(browser.barriers(".jenkins-validate-button__container"), is(empty()));
        browser.picture(picture, shown.toArray(WebElement[]::new));
        browser.dark();
        assertThat(browser.barriers(".jenkins-validate-button__container"), is(empty()));
        browser.screenshot(picture + "-dark");
    }

    @Test
    void seesEachLineInItsOwnColour(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                Browser browser = Browser.open(jenkins)) {
            browser.goTo("manage/configure");
            WebElement report = pressed(browser, "proxmox-report", "It accepts jenkins@pve!ci.");
            WebElement fine = report.findElement(By.className("proxmox-ok"));
            WebElement wrong = report.findElement(By.className("proxmox-not-ok"));
            assertThat(colourOfText(browser, fine), is(colourOfText(browser, browser.element(By.tagName("body")))));
            assertThat(colourOfMark(browser, fine), is(not(colourOfMark(browser, wrong))));
            assertThat(colourOfMark(browser, fine), is(not(colourOfText(browser, fine))));
        }
    }

    private static String colourOfText(Browser browser, WebElement element) {
        return (String) browser.driver().executeScript("return getComputedStyle(arguments[0]).color", element);
    }

    private static String colourOfMark(Browser browser, WebElement line) {
        return (String)
                browser.driver().executeScript("return getComputedStyle(arguments[0], '::first-letter').color", line);
    }

    @Test
    void meetsNoBarrierInTheForm(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                Browser browser = Browser.open(jenkins)) {
            browser.goTo("manage/configure");
            browser.element(By.cssSelector("[name='servers'] .advanced-button")).click();
            browser.await(
                    "more fields",
                    page -> page.findElement(By.name("_.responseTimeout")).isDisplayed());
            assertThat(browser.barriersInForm("[name='servers']"), is(empty()));
            browser.screenshot("servers");
            browser.dark();
            assertThat(browser.barriersInForm("[name='servers']"), is(empty()));
            browser.screenshot("servers-dark");
        }
    }

    /** With what docs/getting-started.md gives to the token, as it shows the picture. */
    @Test
    void seesWhatTheIdentityMayDo(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.unconfigured();
                Browser browser = Browser.open(jenkins)) {
            AccessControl access = lab.proxmox.access();
            access.revoke("/vms", "jenkins@pve");
            access.deleteToken("jenkins@pve!ci");
            access.role("JenkinsPower", "VM.Audit,VM.PowerMgmt");
            String secret = access.token("jenkins@pve!ci", true);
            access.grant("/vms/100", "jenkins@pve", "JenkinsPower");
            access.grant("/vms/100", "jenkins@pve!ci", "JenkinsPower");
            ConfiguredProxmox.add(ConfiguredProxmox.token("proxmox-ci", "jenkins@pve!ci", secret));
            lab.server("lab", "proxmox-ci");
            browser.goTo("manage/configure");
            WebElement report = pressed(browser, "proxmox-report", "It accepts jenkins@pve!ci.");
            assertThat(report.findElements(By.className("proxmox-not-ok")), is(empty()));
            assertThat(report.getText(), not(containsString("more rights than jobs need")));
            assertThat(report.findElement(By.tagName("table")).isDisplayed(), is(true));
            look(browser, "test-connection", report);
        }
    }

    @Test
    void seesWhatTheIdentityMayDoBeyondWhatJobsNeed(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                Browser browser = Browser.open(jenkins)) {
            browser.goTo("manage/configure");
            WebElement report = pressed(browser, "proxmox-report", "It accepts jenkins@pve!ci.");
            assertThat(report.getText(), containsString("jenkins@pve!ci can delete any guest"));
            assertThat(report.findElement(By.tagName("table")).isDisplayed(), is(true));
        }
    }

    @Test
    void seesWhyItFailedAndWhatToRun(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                Browser browser = Browser.open(jenkins)) {
            lab.proxmox.access().deleteToken("jenkins@pve!ci");
            browser.goTo("manage/configure");
            WebElement explanation = pressed(browser, "proxmox-diagnosis", "does not accept jenkins@pve!ci");
            assertThat(explanation.getText(), containsString("The server said: 401 Authentication failed!"));
            assertThat(explanation.getText(), containsString("pveum user token add jenkins@pve ci --privsep 1"));
            WebElement cause = explanation.findElement(By.cssSelector("ol > li"));
            look(browser, "test-connection-refused", explanation.findElement(By.tagName("b")), cause);
        }
    }

    /** Each list of commands has the copy button of Jenkins, which holds them as they are to be pasted. */
    @Test
    void copiesTheCommands(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                Browser browser = Browser.open(jenkins)) {
            lab.proxmox.access().deleteToken("jenkins@pve!ci");
            browser.goTo("manage/configure");
            WebElement explanation = pressed(browser, "proxmox-diagnosis", "does not accept jenkins@pve!ci");
            List<WebElement> lists = explanation.findElements(By.tagName("pre"));
            assertThat(lists, is(not(empty())));
            for (WebElement commands : lists) {
                List<WebElement> buttons =
                        commands.findElement(By.xpath("..")).findElements(By.cssSelector("button.jenkins-copy-button"));
                assertThat(buttons.size(), is(1));
                assertThat(buttons.get(0).getAttribute("text"), is(commands.getText()));
                assertThat(buttons.get(0).isDisplayed(), is(true));
            }
            WebElement first = explanation.findElement(By.cssSelector(".proxmox-commands button"));
            browser.allowClipboard();
            first.click();
            browser.await(
                    "the mark of a copy", page -> first.getAttribute("class").contains("jenkins-copy-button--copied"));
            assertThat(
                    browser.driver()
                            .executeAsyncScript("navigator.clipboard.readText().then(arguments[arguments.length - 1])"),
                    is(lists.get(0).getText()));
            browser.screenshot("copied");
        }
    }

    @Test
    void seesAHostileAnswerAsText(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                Browser browser = Browser.open(jenkins)) {
            lab.proxmox.inject(
                    request -> true,
                    new Fault.Answer(
                            403,
                            HOSTILE,
                            "application/json",
                            "{\"data\":null,\"message\":\"\\u001b[31m\\u0000\\u202e<b id='hostile'>bold</b>\\n\"}"));
            browser.goTo("manage/configure");
            WebElement explanation = pressed(browser, "proxmox-diagnosis", "403 " + HOSTILE);
            assertThat(explanation.getText(), containsString("[31m <b id='hostile'>bold</b>"));
            assertThat(browser.driver().findElements(By.id("hostile")), is(empty()));
            assertThat(explanation.findElements(By.cssSelector("script, img, b b, [onmouseover]")), is(empty()));
            assertThat(browser.driver().executeScript("return window.hostile"), is(nullValue()));
            browser.screenshot("test-connection-hostile");
        }
    }
}
