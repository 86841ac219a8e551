package io.jenkins.plugins.proxmox.overview;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;

import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.browser.Browser;
import io.jenkins.plugins.proxmox.build.ControllerSignature;
import io.jenkins.plugins.proxmox.lease.ExampleLeases;
import io.jenkins.plugins.proxmox.pve.guest.CloneMark;
import io.jenkins.plugins.proxmox.pve.simulator.AccessControl;
import io.jenkins.plugins.proxmox.pve.simulator.LargeCluster;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import jenkins.model.Jenkins;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** What somebody sees and does on the overview, and what a screen reader is told. */
@WithJenkins
class OverviewInBrowserTest {

    private static final By SEARCH = By.id("proxmox-search");
    private static final By STATUS = By.id("proxmox-status");
    private static final By NONE_FOUND = By.className("proxmox-none-found");
    private static final By BORROWED = By.className("proxmox-borrowed");
    private static final By ROWS = By.cssSelector(".proxmox-guests tbody tr");

    private static final By ADD_SERVER = By.xpath("//button[normalize-space()='Add server']");

    private static SharedJenkins jenkins;

    private Browser browser;

    @BeforeAll
    static void start(JenkinsRule rule) {
        jenkins = new SharedJenkins(rule);
    }

    @AfterAll
    static void stop() throws Exception {
        jenkins.rule().after();
    }

    @BeforeEach
    void open() throws IOException {
        jenkins.empty();
        ExampleLeases.clear();
        UnverifiedServersMonitor.get().disable(false);
        browser = Browser.open(jenkins.rule());
        browser.goTo("login");
        browser.element(By.name("j_username")).sendKeys("admin");
        browser.element(By.name("j_password")).sendKeys("admin", Keys.ENTER);
        browser.await("logged in", page -> page.findElement(By.id("root-action-UserAction")));
    }

    @AfterEach
    void close() {
        browser.close();
    }

    private void goToOverview() throws IOException {
        browser.goTo("manage/proxmox-ve/");
        browser.await(
                "all servers",
                page -> page.findElements(By.cssSelector(".proxmox-server[aria-busy='true']"))
                        .isEmpty());
    }

    private List<WebElement> rows() {
        return browser.driver().findElements(ROWS);
    }

    private void awaitStatus(String text) {
        browser.await(text, page -> page.findElement(STATUS).getText().contains(text));
    }

    private void confirm(String question) {
        browser.dialog(question).findElement(By.cssSelector("[data-id='ok']")).click();
    }

    private boolean inWindow(WebElement element) {
        return (Boolean) browser.driver().executeScript("""
                const box = arguments[0].getBoundingClientRect();
                return box.top > 0 && box.bottom < innerHeight;
                """, element);
    }

    private long number(String script) {
        return ((Number) browser.driver().executeScript("return Math.round(" + script + ")")).longValue();
    }

    /** What bars people below the header of Jenkins. */
    private List<String> barriers() {
        return browser.barriers("#main-panel");
    }

    @Test
    void tellsOfAGuestThatIsLeftOut() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.cluster().vm(50, "pve1", "left-behind");
            goToOverview();
            awaitStatus("14 of 14 guests shown");
            assertThat(
                    browser.element(By.className("proxmox-left-out")).getText(),
                    is("Left out of the list: qemu/50 (50 is not a VMID: VMIDs range from 100 to 999999999)."));
            assertThat(barriers(), is(empty()));
        }
    }

    @Test
    void findsAndSortsAmongTwoThousandGuests() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            LargeCluster.in(lab.proxmox, 2_000);
            goToOverview();
            System.out.printf(
                    "2,000 guests in a browser: first byte after %d ms, all there after %d ms%n",
                    number("performance.getEntriesByType('navigation')[0].responseStart"), number("performance.now()"));
            awaitStatus("100 of 2,014 guests shown");
            assertThat(rows().size(), is(100));
            assertThat(barriers(), is(empty()));
            browser.screenshot("overview-2000-guests");
            browser.dark();
            assertThat(barriers(), is(empty()));
            browser.screenshot("overview-2000-guests-dark");

            WebElement search = browser.element(SEARCH);
            search.sendKeys("WEB payments");
            awaitStatus("50 of 2,014 guests match, 50 shown");
            assertThat(rows().get(0).getText(), containsString("web-payments-1"));
            search.sendKeys(" nothing like it");
            awaitStatus("0 of 2,014 guests match");
            assertThat(browser.element(NONE_FOUND).getText(), is("No guest matches the search."));
            search.sendKeys(Keys.chord(Keys.CONTROL, "a"), Keys.DELETE);
            awaitStatus("100 of 2,014 guests shown");
        }
    }

    @Test
    void sortsAndGoesOnByKeyboard() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            LargeCluster.in(lab.proxmox, 200);
            goToOverview();
            WebElement name = browser.element(By.cssSelector("th[data-key='name']"));
            name.findElement(By.tagName("button")).sendKeys(Keys.ENTER);
            assertThat(name.getDomAttribute("aria-sort"), is("ascending"));
            assertThat(rows().get(0).getText(), containsString("broken"));
            name.findElement(By.tagName("button")).sendKeys(Keys.SPACE);
            assertThat(name.getDomAttribute("aria-sort"), is("descending"));

            browser.element(By.className("proxmox-more__next")).sendKeys(Keys.ENTER);
            awaitStatus("200 of 214 guests shown");
            browser.element(By.className("proxmox-more__all")).sendKeys(Keys.ENTER);
            awaitStatus("214 of 214 guests shown");
            WebElement focused = browser.driver().switchTo().activeElement();
            assertThat(focused, is(rows().get(200).findElement(By.tagName("th"))));
        }
    }

    @Test
    void seesHostileNamesAndTagsAsText() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            String script = "</script><script>window.hostile = 1</script><img src=x onerror=window.hostile=2>";
            lab.proxmox.cluster().vm(120, "pve1", script).tagged("<img/src=x/onerror=window.hostile=3>");
            goToOverview();
            browser.element(SEARCH).sendKeys("120");
            awaitStatus("1 of 15 guests match");
            assertThat(rows().get(0).getText(), containsString(script));
            assertThat(browser.driver().findElements(By.cssSelector(".proxmox-server img")), is(empty()));
            assertThat(browser.driver().executeScript("return window.hostile"), is(nullValue()));
        }
    }

    @Test
    void refreshesAndSeesWhyAServerFails() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            goToOverview();
            lab.server("broken", "nowhere");
            goToOverview();
            awaitStatus("1 server could not be shown");
            assertThat(
                    browser.element(By.cssSelector("[data-name='broken']")).getText(),
                    containsString("its credentials \"nowhere\" do not exist"));
            assertThat(barriers(), is(empty()));
            browser.press("Refresh");
            browser.await(
                    "the end of it",
                    page -> page.findElement(By.id("proxmox-refresh")).getDomAttribute("aria-disabled") == null);
            awaitStatus("14 of 14 guests shown · 1 server could not be shown");
        }
    }

    @Test
    void hasNoBarrierInLightAndInDark() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.unconfigured()) {
            lab.proxmox.cluster().guest(101).tagged("ci;test");
            ConfiguredProxmox.add(ConfiguredProxmox.token("auditor", "auditor@pve!ci", lab.example.auditorSecret()));
            AccessControl access = lab.proxmox.access();
            access.role("clones", "Datastore.AllocateSpace,SDN.Use");
            access.grant("/storage", "auditor@pve", "clones");
            access.grant("/sdn", "auditor@pve", "clones");
            access.grant("/vms", "auditor@pve", "PVEVMAdmin");
            access.grant("/vms/104", "auditor@pve", "PVEAuditor");
            lab.server("lab", "auditor");
            goToOverview();
            awaitStatus("14 of 14 guests shown");
            assertThat(barriers(), is(empty()));
            browser.picture("overview");
            browser.dark();
            assertThat(barriers(), is(empty()));
            browser.picture("overview-dark");
        }
    }

    @Test
    void isWarnedOfAServerThatIsNotVerified() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            ProxmoxServer server = ProxmoxConfiguration.get().getServers().get(0);
            server.setFingerprint("");
            server.setVerificationOff(true);
            goToOverview();
            awaitStatus("14 of 14 guests shown");
            WebElement hint = browser.element(By.cssSelector("[data-name='lab'] .proxmox-unverified"));
            assertThat(hint.getText(), containsString("The certificate of this server is not verified"));
            assertThat(barriers(), is(empty()));
            browser.screenshot("overview-unverified");
            browser.dark();
            assertThat(barriers(), is(empty()));
            browser.screenshot("overview-unverified-dark");

            browser.light();
            browser.goTo("manage/");
            WebElement warning = browser.element(By.className("proxmox-monitor"));
            assertThat(warning.getText(), containsString("lab"));
            assertThat(browser.barriers(".proxmox-monitor"), is(empty()));
            browser.screenshot("warning-unverified");
            browser.dark();
            assertThat(browser.barriers(".proxmox-monitor"), is(empty()));
            browser.screenshot("warning-unverified-dark");
            warning.findElement(By.name("dismiss")).click();
            browser.await(
                    "it gone",
                    page -> page.findElements(By.className("proxmox-monitor")).isEmpty());
        }
    }

    private WebElement rights(int row) {
        return rows().get(row).findElement(By.className("proxmox-rights__icons"));
    }

    private void awaitTooltip(String text) {
        browser.await(
                text,
                page -> page.findElement(By.cssSelector(".tippy-content"))
                        .getText()
                        .equals(text));
    }

    @Test
    void seesIconsOfRightsAndTheFullListOnFocus() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            goToOverview();
            awaitStatus("14 of 14 guests shown");
            assertThat(rights(0).getText(), is(""));
            assertThat(rights(0).findElements(By.tagName("svg")).size(), is(4));
            String all =
                    "Jenkins may: see, start and stop, snapshot, roll back, migrate, guest agent, run commands, delete";
            assertThat(rights(0).getAccessibleName(), is(all));
            browser.driver().executeScript("arguments[0].focus()", rights(0));
            awaitTooltip(all);
            assertThat(barriers(), is(empty()));
            browser.screenshot("overview-rights");
        }
    }

    @Test
    void seesThatJenkinsMayOnlySee() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.unconfigured()) {
            ConfiguredProxmox.add(ConfiguredProxmox.token("auditor", "auditor@pve!ci", lab.example.auditorSecret()));
            lab.server("lab", "auditor");
            goToOverview();
            awaitStatus("14 of 14 guests shown");
            assertThat(rights(0).getText(), is("see only"));
        }
    }

    @Test
    void decidesAboutBorrowedGuests() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            String why = "403 Permission check failed (/vms/101, VM.PowerMgmt)\n"
                    + "The token jenkins@pve!ci may not shut it down. Run this on a host of the cluster:\n"
                    + "pveum acl modify /vms/101 -token 'jenkins@pve!ci' -role PVEVMUser";
            ExampleLeases.unreturned("a", "payments/integration-tests", 101, 4, why);
            ExampleLeases.unreturned("b", "payments/nightly", 102, 1, "The server has not answered.");
            ExampleLeases.kept(
                    "k",
                    "payments/integration-tests",
                    150,
                    new CloneMark("c", "payments", 7, "", "one", false, null, null));
            goToOverview();
            awaitStatus("14 of 14 guests shown");
            browser.element(By.cssSelector(".proxmox-lease summary")).click();
            assertThat(barriers(), is(empty()));
            browser.screenshot("borrowed-guests");
            browser.dark();
            assertThat(barriers(), is(empty()));
            browser.screenshot("borrowed-guests-dark");

            browser.light();
            browser.press("Try again");
            browser.await(
                    "it back", page -> !page.findElement(BORROWED).getText().contains("VM 101"));
            browser.press("Leave it as it is");
            WebElement question = browser.dialog("Leave VM 102 (web) as it is?");
            browser.screenshot("borrowed-guest-question");
            question.findElement(By.xpath(".//button[normalize-space()='Cancel']"))
                    .click();
            browser.await(
                    "it closed",
                    page -> page.findElements(By.cssSelector("dialog[open]")).isEmpty());
            assertThat(browser.element(BORROWED).getText(), containsString("VM 102"));
            browser.press("Leave it as it is");
            confirm("Leave VM 102 (web) as it is?");
            browser.await(
                    "it struck out",
                    page -> !page.findElement(BORROWED).getText().contains("VM 102"));
            assertThat(barriers(), is(empty()));
            ExampleLeases.clear();
            browser.press("Refresh");
            browser.await(
                    "no more",
                    page -> page.findElements(By.className("proxmox-leases")).isEmpty());
        }
    }

    @Test
    void removesACloneThatIsLeftBehind() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            for (int vmid = 150; vmid <= 152; vmid++) {
                CloneMark mark = new CloneMark(
                                Jenkins.get().getLegacyInstanceId(),
                                "payments/tests",
                                7,
                                "",
                                "id-" + vmid,
                                vmid < 152,
                                Instant.now(),
                                null)
                        .signedBy(new ControllerSignature())
                        .of(vmid);
                lab.proxmox
                        .cluster()
                        .vm(vmid, "pve1", "clone-" + vmid)
                        .tagged("jenkins")
                        .configured("description", mark.after(""));
            }
            goToOverview();
            awaitStatus("17 of 17 guests shown");
            WebElement orphans = browser.element(By.className("proxmox-orphans"));
            assertThat(orphans.getText(), containsString("clone-150"));
            assertThat(orphans.getText(), containsString("payments/tests #7"));
            browser.element(By.cssSelector(".proxmox-other-clones summary")).click();
            assertThat(browser.element(By.className("proxmox-other-clones")).getText(), containsString("clone-152"));
            assertThat(barriers(), is(empty()));
            browser.element(By.className("proxmox-orphans"));
            browser.screenshot("orphans");
            browser.dark();
            assertThat(barriers(), is(empty()));
            browser.light();
            orphans.findElement(By.cssSelector("button")).click();
            confirm("Remove VM 150 (clone-150)?");
            browser.await(
                    "it gone",
                    page -> !page.findElement(By.className("proxmox-orphans"))
                            .getText()
                            .contains("clone-150"));
            browser.await("the clone deleted", page -> lab.proxmox.cluster().guest(150) == null);
            browser.await(
                    "nothing borrowed",
                    page -> page.findElements(By.className("proxmox-leases")).isEmpty());
            assertThat(orphans.getText(), containsString("clone-151"));
        }
    }

    @Test
    void staysUsableInANarrowWindow() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            browser.size(500, 900);
            goToOverview();
            awaitStatus("14 of 14 guests shown");
            browser.screenshot("overview-narrow");
            assertThat("the tables scroll, the page does not", browser.scrollsSideways(), is(false));
            assertThat(barriers(), is(empty()));
        }
    }

    @Test
    void leadsToTheConfigurationWhenThereIsNoServer() throws Exception {
        browser.goTo("manage/proxmox-ve/");
        assertThat(
                browser.element(By.className("jenkins-notice")).getText(),
                containsString("No Proxmox VE server is configured"));
        assertThat(barriers(), is(empty()));
        browser.screenshot("overview-empty");
        browser.element(By.linkText("Add one")).click();
        WebElement add = browser.await("the section", page -> page.findElement(ADD_SERVER));
        browser.await("it in view", page -> add.isDisplayed() && inWindow(add));
    }

    @Test
    void isWarnedOfServersThatCannotBeUsed() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.access().deleteToken("jenkins@pve!ci");
            PeriodicServerCheck.get().execute(TaskListener.NULL);
            browser.goTo("manage/");
            WebElement warning = browser.element(By.className("proxmox-monitor"));
            assertThat(warning.getText(), containsString("does not accept jenkins@pve!ci"));
            assertThat(browser.barriers(".proxmox-monitor"), is(empty()));
            browser.picture("warning", warning);
            browser.dark();
            assertThat(browser.barriers(".proxmox-monitor"), is(empty()));
            browser.screenshot("warning-dark");
            browser.element(By.linkText("See the full explanation")).click();
            awaitStatus("1 server could not be shown");
            WebElement commands = browser.element(By.cssSelector(".proxmox-explanation .proxmox-commands"));
            assertThat(
                    commands.findElement(By.className("jenkins-copy-button")).getAttribute("text"),
                    is(commands.findElement(By.tagName("pre")).getText()));
            assertThat(barriers(), is(empty()));
            browser.screenshot("overview-refused-dark");
        }
    }
}
