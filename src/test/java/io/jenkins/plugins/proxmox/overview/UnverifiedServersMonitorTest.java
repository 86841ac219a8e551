package io.jenkins.plugins.proxmox.overview;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import hudson.ExtensionList;
import hudson.model.TaskListener;
import hudson.security.ACL;
import hudson.security.ACLContext;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.net.URL;
import java.util.List;
import jenkins.management.Badge;
import org.htmlunit.HttpMethod;
import org.htmlunit.WebRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

@WithJenkins
class UnverifiedServersMonitorTest {

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
    void empty() throws Exception {
        jenkins.empty();
        monitor().disable(false);
        unusable().disable(false);
    }

    private static UnverifiedServersMonitor monitor() {
        return ExtensionList.lookupSingleton(UnverifiedServersMonitor.class);
    }

    private static UnusableServersMonitor unusable() {
        return ExtensionList.lookupSingleton(UnusableServersMonitor.class);
    }

    /** Besides {@code lab}, which verifies. */
    private static ProxmoxServer unverified(ConfiguredProxmox lab) {
        ProxmoxServer server = lab.server("attic", "ci");
        server.setFingerprint("");
        server.setVerificationOff(true);
        return server;
    }

    private static void check() throws InterruptedException {
        PeriodicServerCheck.get().execute(TaskListener.NULL);
    }

    private static String badge() {
        try (ACLContext administrator = ACL.as2(ACL.SYSTEM2)) {
            Badge badge = ExtensionList.lookupSingleton(ProxmoxOverview.class).getBadge();
            return badge == null ? null : badge.getText();
        }
    }

    @Test
    void speaksUpAtOnceAndAsksNobody() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            assertThat(monitor().isActivated(), is(false));
            unverified(lab);
            assertThat(monitor().getServers(), is(List.of("attic")));
            assertThat(monitor().isActivated(), is(true));
            assertThat(monitor().isSecurity(), is(true));
            assertThat(lab.requests(), is(0));
            check();
            assertThat("it can be used", unusable().isActivated(), is(false));
        }
    }

    @Test
    void isSilentWhereTheConfigurationContradictsItselfSinceNothingIsSentThen() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            unverified(lab).setFingerprint(lab.fingerprint());
            assertThat(monitor().isActivated(), is(false));
            check();
            assertThat(unusable().getTroubles().get("attic"), containsString("Verification is off, but"));
        }
    }

    @Test
    void isForgottenWithTheServer() {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            unverified(lab);
            ProxmoxConfiguration.get().setServers(List.of());
            assertThat(monitor().isActivated(), is(false));
        }
    }

    @Test
    void isDismissedWithoutSilencingWhatComesLater() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            unverified(lab);
            assertThat(act("admin", "dismiss"), is(200));
            assertThat(monitor().isEnabled(), is(false));
            assertThat(page("admin"), not(containsString("attic")));
            assertThat(badge(), is(nullValue()));
            lab.proxmox.access().deleteToken("jenkins@pve!ci");
            check();
            assertThat(page("admin"), containsString("does not accept jenkins@pve!ci"));
            assertThat(badge(), is("2"));
        }
    }

    @Test
    void isStillShownWhenTheOtherWarningIsDismissed() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            unverified(lab);
            unusable().disable(true);
            assertThat(page("admin"), containsString("attic"));
        }
    }

    @Test
    void isDismissedByAdministratorsOnly() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            unverified(lab);
            assertThat(act("manager", "dismiss"), is(403));
            assertThat(monitor().isEnabled(), is(true));
        }
    }

    @Test
    void tellsAdministratorsWhichServersAndWhereItIsMended() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            unverified(lab);
            assertThat(
                    page("admin"),
                    allOf(
                            containsString("The certificates of these Proxmox VE servers are not verified."),
                            containsString("<li>attic</li>"),
                            not(containsString("<li>lab</li>")),
                            containsString("/manage/configure#proxmox-ve-servers\"")));
            assertThat(page("manager"), not(containsString("attic")));
        }
    }

    @Test
    void isCountedOnceForAServerThatCannotBeUsedEither() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            unverified(lab);
            assertThat(badge(), is("1"));
            lab.proxmox.access().deleteToken("jenkins@pve!ci");
            check();
            assertThat(unusable().getTroubles().size(), is(2));
            assertThat(badge(), is("2"));
        }
    }

    private String page(String user) throws Exception {
        return jenkins.browser(user).goTo("manage/").getWebResponse().getContentAsString();
    }

    private int act(String user, String button) throws Exception {
        JenkinsRule.WebClient browser = jenkins.browser(user);
        WebRequest request = new WebRequest(
                new URL(jenkins.rule().getURL(), monitor().getUrl() + "/act?" + button + "=1"), HttpMethod.POST);
        return browser.getPage(browser.addCrumb(request)).getWebResponse().getStatusCode();
    }
}
