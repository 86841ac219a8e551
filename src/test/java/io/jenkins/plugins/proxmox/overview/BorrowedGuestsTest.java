package io.jenkins.plugins.proxmox.overview;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import hudson.ExtensionList;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.lease.ExampleLeases;
import io.jenkins.plugins.proxmox.lease.Leases;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.guest.CloneMark;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jenkins.management.Badge;
import org.htmlunit.HttpMethod;
import org.htmlunit.WebRequest;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.test.steps.SemaphoreStep;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/** What the overview and the warnings show of what builds have borrowed, and what administrators do about it. */
@WithJenkins
class BorrowedGuestsTest {

    private static final String WHY = """
            Proxmox VE refused <b>to shut VM 101 down</b>: 403 Permission check failed
            Run this on a host of the cluster:
            pveum acl modify /vms/101 -user jenkins@pve -role PVEVMUser""";

    private static SharedJenkins jenkins;

    @BeforeAll
    static void start(JenkinsRule rule) {
        jenkins = new SharedJenkins(rule);
    }

    @AfterAll
    static void stop() throws Exception {
        jenkins.rule().after();
    }

    @BeforeEach
    @AfterEach
    void clear() throws Exception {
        jenkins.empty();
        ExampleLeases.clear();
        Leases.get().forgetUnreadable();
        unreturned().disable(false);
        unreadable().disable(false);
    }

    private static UnreturnedGuestsMonitor unreturned() {
        return ExtensionList.lookupSingleton(UnreturnedGuestsMonitor.class);
    }

    private static UnreadableLeasesMonitor unreadable() {
        return ExtensionList.lookupSingleton(UnreadableLeasesMonitor.class);
    }

    private static String badge() {
        Badge badge = ExtensionList.lookupSingleton(ProxmoxOverview.class).getBadge();
        return badge == null ? "" : badge.getTooltip();
    }

    private String page(String user, String path) throws Exception {
        return jenkins.browser(user).goTo(path).getWebResponse().getContentAsString();
    }

    private String overview(String user) throws Exception {
        return page(user, "manage/proxmox-ve/");
    }

    private int send(String user, HttpMethod verb, String path) throws Exception {
        JenkinsRule.WebClient browser = jenkins.browser(user);
        WebRequest request = new WebRequest(new URL(jenkins.rule().getURL(), path), verb);
        if (verb == HttpMethod.POST) {
            browser.addCrumb(request);
        }
        return browser.getPage(request).getWebResponse().getStatusCode();
    }

    private void assertForAdministratorsByPost(String path) throws Exception {
        assertThat(path, send("manager", HttpMethod.POST, path), is(403));
        assertThat(path, send("reader", HttpMethod.POST, path), is(403));
        assertThat(path, send("admin", HttpMethod.GET, path), not(200));
    }

    private static List<String> leases() {
        return Leases.get().all().stream().map(lease -> lease.id()).toList();
    }

    @Test
    void areNotMentionedWhenThereAreNone() throws Exception {
        assertThat(overview("admin"), not(containsString("Borrowed guests")));
    }

    @Test
    void areShownWithTheExplanationToAdministratorsOnly() throws Exception {
        ExampleLeases.unreturned("a", "job<i>", 101, 4, WHY);
        assertThat(
                overview("admin"),
                allOf(
                        containsString("VM 101 (web) on lab has not been put back"),
                        containsString("job&lt;i> #7"),
                        containsString("failed 4 times"),
                        containsString("refused &lt;b>to shut VM 101 down&lt;/b>"),
                        containsString("pveum acl modify /vms/101"),
                        containsString("Leave it as it is")));
        assertThat(
                overview("manager"),
                allOf(
                        containsString("VM 101 (web) on lab has not been put back"),
                        containsString("failed 4 times"),
                        not(containsString("to shut VM 101 down")),
                        not(containsString("pveum")),
                        not(containsString("job&lt;i>")),
                        not(containsString("Leave it as it is"))));
        assertThat(send("reader", HttpMethod.GET, "manage/proxmox-ve/borrowed/ajax"), is(403));
        assertThat(page("admin", "manage/proxmox-ve/borrowed/ajax"), containsString("has not been put back"));
    }

    @Test
    void arePutBackAtOnceWhenAnAdministratorSaysSo() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            ExampleLeases.unreturned("a", "gone", 101, 1, WHY);
            String tryAgain = "manage/proxmox-ve/borrowed/tryAgain?id=a";
            assertForAdministratorsByPost(tryAgain);
            assertThat(lab.requests(), is(0));
            assertThat(send("admin", HttpMethod.POST, tryAgain), is(200));
            Eventually.holds("it is back", () -> leases().isEmpty());
            assertThat(lab.proxmox.cluster().taskTypes(101), is(List.of("qmshutdown")));
            assertThat("nothing to do", send("admin", HttpMethod.POST, tryAgain), is(200));
        }
    }

    @Test
    void sayAgainWhyTheyAreNotBack() throws Exception {
        ExampleLeases.unreturned("a", "gone", 101, 2, WHY);
        send("admin", HttpMethod.POST, "manage/proxmox-ve/borrowed/tryAgain?id=a");
        Eventually.holds("it has failed again", () -> Leases.get().find("a").failures() == 3);
        assertThat(overview("admin"), containsString("No Proxmox VE server is configured"));
        assertThat(overview("admin"), containsString("failed 3 times"));
    }

    @Test
    void areLeftAsTheyAreWhenAnAdministratorSaysSo() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            ExampleLeases.unreturned("a", "gone", 101, 1, WHY);
            String leave = "manage/proxmox-ve/borrowed/leave?id=a";
            assertForAdministratorsByPost(leave);
            assertThat(leases(), hasItem("a"));
            assertThat(send("admin", HttpMethod.POST, leave), is(200));
            assertThat(leases(), is(empty()));
            String list = Files.readString(
                    jenkins.rule().jenkins.getRootDir().toPath().resolve("proxmox-ve-leases.json"));
            assertThat(list, not(containsString("\"a\"")));
            assertThat(lab.requests(), is(0));
        }
    }

    @Test
    void areRemovedBeforeTheirTimeWhenAnAdministratorSaysSo() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            CloneMark mark = new CloneMark("c", "gone", 7, "", "one", false, null, null);
            lab.proxmox
                    .cluster()
                    .vm(150, "pve1", "web")
                    .configured("description", mark.of(150).after(""));
            ExampleLeases.kept("k", "gone", 150, mark);
            assertThat(overview("manager"), allOf(containsString("VM 150 (web)"), not(containsString("Remove now"))));
            assertThat(overview("admin"), containsString("Remove now"));
            String remove = "manage/proxmox-ve/borrowed/tryAgain?id=k";
            assertForAdministratorsByPost(remove);
            assertThat(send("admin", HttpMethod.POST, "manage/proxmox-ve/borrowed/leave?id=k"), is(200));
            assertThat("a kept clone is not left for ever", leases(), is(List.of("k")));
            assertThat(send("admin", HttpMethod.POST, remove), is(200));
            Eventually.holds("it is gone", () -> leases().isEmpty());
            assertThat(lab.proxmox.cluster().guest(150), is(nullValue()));
        }
    }

    @Test
    void areLeftToTheBuildThatUsesThem() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowJob job = jenkins.rule().createProject(WorkflowJob.class, "user-of-guests");
            job.setDefinition(new CpsFlowDefinition("withProxmoxVm(vmid: 100) { semaphore 'in' }", true));
            WorkflowRun run = job.scheduleBuild2(0).waitForStart();
            SemaphoreStep.waitForStart("in/1", run);
            assertThat(
                    overview("admin"),
                    allOf(
                            containsString("One guest is in use by a build:"),
                            containsString("VM 100 (build-agent) on lab:"),
                            containsString("/job/user-of-guests/1/\">user-of-guests #1</a>")));
            assertThat(
                    overview("manager"),
                    allOf(containsString("a build that you may not see"), not(containsString("user-of-guests"))));
            String id = leases().get(0);
            for (String method : List.of("tryAgain", "leave")) {
                assertThat(
                        send("admin", HttpMethod.POST, "manage/proxmox-ve/borrowed/" + method + "?id=" + id), is(200));
            }
            assertThat(leases(), is(List.of(id)));
            assertThat(lab.proxmox.cluster().taskTypes(100), is(List.of("qmstart")));
            SemaphoreStep.success("in/1", null);
            jenkins.rule().assertBuildStatusSuccess(jenkins.rule().waitForCompletion(run));
            assertThat(overview("admin"), not(containsString("Borrowed guests")));
        }
    }

    @Test
    void areWarnedOfAfterTheThirdFailure() throws Exception {
        ExampleLeases.unreturned("a", "gone", 101, 2, WHY);
        assertThat(unreturned().isActivated(), is(false));
        assertThat(badge(), is(""));
        ExampleLeases.unreturned("a", "gone", 101, 3, WHY);
        assertThat(unreturned().isActivated(), is(true));
        assertThat(badge(), is("One borrowed guest could not be put back"));
        assertThat(
                page("admin", "manage/"),
                allOf(
                        containsString("VM 101 (web) on lab, borrowed by gone #7, failed 3 times"),
                        containsString("refused &lt;b>to shut VM 101 down"),
                        containsString("pveum acl modify /vms/101"),
                        containsString("/manage/proxmox-ve/\"")));
        assertThat(page("manager", "manage/"), not(containsString("could not put them back")));
    }

    @Test
    void areTriedAgainFromTheWarning() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            ExampleLeases.unreturned("a", "gone", 101, 3, WHY);
            ExampleLeases.unreturned("b", "gone", 100, 1, WHY);
            assertForAdministratorsByPost(unreturned().getUrl() + "/act?retry=1");
            assertForAdministratorsByPost(unreturned().getUrl() + "/act?dismiss=1");
            assertThat(unreturned().isEnabled(), is(true));
            assertThat(send("admin", HttpMethod.POST, unreturned().getUrl() + "/act?retry=1"), is(200));
            Eventually.holds("it is back", () -> leases().equals(List.of("b")));
            assertThat(lab.proxmox.cluster().taskTypes(101), is(List.of("qmshutdown")));
            assertThat(unreturned().isActivated(), is(false));
            assertThat(send("admin", HttpMethod.POST, unreturned().getUrl() + "/act?dismiss=1"), is(200));
            assertThat(unreturned().isEnabled(), is(false));
        }
    }

    @Test
    void areWarnedOfWhenTheirListCouldNotBeRead() throws Exception {
        assertThat(unreadable().isActivated(), is(false));
        Path copy = jenkins.rule()
                .jenkins
                .getRootDir()
                .toPath()
                .resolve("proxmox-ve-leases.json.unreadable-20260101-000000");
        Files.writeString(copy, "{", StandardCharsets.UTF_8);
        assertThat(badge(), is("The list of borrowed guests could not be read"));
        assertThat(page("admin", "manage/"), containsString(copy.toString()));
        assertThat(page("manager", "manage/"), not(containsString("unreadable-2026")));
        assertForAdministratorsByPost(unreadable().getUrl() + "/act?delete=1");
        assertForAdministratorsByPost(unreadable().getUrl() + "/act?dismiss=1");
        assertThat(Files.exists(copy), is(true));
        assertThat(send("admin", HttpMethod.POST, unreadable().getUrl() + "/act?dismiss=1"), is(200));
        assertThat(unreadable().isEnabled(), is(false));
        assertThat(send("admin", HttpMethod.POST, unreadable().getUrl() + "/act?delete=1"), is(200));
        assertThat(Files.exists(copy), is(false));
        assertThat(unreadable().isActivated(), is(false));
    }
}
