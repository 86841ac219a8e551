package io.jenkins.plugins.proxmox.overview;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.sameInstance;

import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import hudson.ExtensionList;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCertificate;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.net.URL;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.htmlunit.HttpMethod;
import org.htmlunit.WebRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

@WithJenkins
class UnusableServersMonitorTest {

    private static SharedJenkins jenkins;

    private Instant now = Instant.parse("2026-11-23T12:00:00Z");

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
        PeriodicServerCheck.get().setClock(() -> now);
    }

    @AfterEach
    void leaveConfigurationsAlone() {
        PeriodicServerCheck.Reconfiguration.active = false;
    }

    private static UnusableServersMonitor monitor() {
        return ExtensionList.lookupSingleton(UnusableServersMonitor.class);
    }

    private static void check() {
        try {
            PeriodicServerCheck.get().execute(TaskListener.NULL);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String trouble(String server) {
        return monitor().getTroubles().get(server);
    }

    @Test
    void isSilentAsLongAsAllServersCanBeUsed() {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.server("without-credentials", "");
            assertThat(monitor().isActivated(), is(false));
            check();
            assertThat(monitor().isActivated(), is(false));
            assertThat(lab.requests(), is(1));
        }
    }

    @ParameterizedTest
    @EnumSource(Generation.class)
    void speaksUpAtOnceWhenATokenWasWithdrawn(Generation generation) {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start(generation)) {
            lab.proxmox.access().deleteToken("jenkins@pve!ci");
            check();
            assertThat(monitor().isActivated(), is(true));
            assertThat(trouble("lab"), containsString("does not accept jenkins@pve!ci"));
            assertThat(trouble("lab"), not(containsString(lab.example.ciSecret())));
        }
    }

    @ParameterizedTest
    @EnumSource(Generation.class)
    void speaksUpWhenATokenHasExpired(Generation generation) {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start(generation)) {
            ConfiguredProxmox.add(ConfiguredProxmox.token("old", "jenkins@pve!expired", lab.example.expiredSecret()));
            lab.server("expired", "old");
            check();
            assertThat(monitor().getTroubles().keySet(), is(Set.of("expired")));
            if (generation == Generation.V8) {
                String cause = "The token jenkins@pve!expired has expired.";
                assertThat(trouble("expired"), containsString(cause));
                assertThat(
                        "told once",
                        trouble("expired").indexOf(cause),
                        is(trouble("expired").lastIndexOf(cause)));
            }
        }
    }

    @Test
    void speaksUpWhenTheCertificateHasChanged() {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            ProxmoxServer server = ProxmoxConfiguration.get().getServers().get(0);
            server.setFingerprint("AB:".repeat(31) + "AB");
            check();
            assertThat(trouble("lab"), containsString("does not match the configured fingerprint"));
        }
    }

    @ParameterizedTest
    @EnumSource(Generation.class)
    void speaksUpAtOnceWhenTheCertificateComesFromAnUnknownAuthority(Generation generation) {
        SimulatedCertificate company = SimulatedCertificate.authority("Example Corp Root");
        SimulatedCertificate certificate = company.sign("pve1", "localhost");
        for (SimulatedCertificate shown : List.of(certificate, certificate.sending(company))) {
            try (SimulatedProxmox proxmox = SimulatedProxmox.start(generation, company, shown)) {
                ConfiguredProxmox.add(ConfiguredProxmox.token("ci", "jenkins@pve!ci", "secret"));
                ProxmoxServer server = new ProxmoxServer("lab", proxmox.address());
                server.setCredentialsId("ci");
                ProxmoxConfiguration.get().setServers(List.of(server));
                check();
                assertThat(trouble("lab"), containsString("CN=Example Corp Root, which Jenkins does not trust"));
            }
        }
    }

    @Test
    void speaksUpWhenCredentialsAreMissing() {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.server("orphan", "nowhere");
            check();
            assertThat(trouble("orphan"), containsString("its credentials \"nowhere\" do not exist"));
            assertThat(trouble("lab"), is(nullValue()));
        }
    }

    @Test
    void doesNotCryWolfAtOneFailedAttempt() {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.stopListening();
            check();
            check();
            assertThat(monitor().isActivated(), is(false));
            now = now.plus(Duration.ofMinutes(15));
            check();
            assertThat(trouble("lab"), containsString("Jenkins cannot talk to Proxmox VE"));
            lab.proxmox.listenAgain();
            check();
            assertThat(monitor().isActivated(), is(false));
        }
    }

    @Test
    void forgetsAnAttemptThatFailedAfterOneThatDidNot() {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.stopListening();
            check();
            lab.proxmox.listenAgain();
            now = now.plus(Duration.ofMinutes(15));
            check();
            lab.proxmox.stopListening();
            now = now.plus(Duration.ofMinutes(15));
            check();
            assertThat(monitor().isActivated(), is(false));
        }
    }

    @Test
    void waitsForAProxyWhoseServerIsBeingRestarted() {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.inject(request -> true, new Fault.Answer(502, "Bad Gateway", "text/html", "<html>"));
            check();
            assertThat(monitor().isActivated(), is(false));
            assertThat(lab.requests(), is(1));
        }
    }

    @Test
    void doesNotLetAServerThatHangsKeepTheOthersWaiting() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        try (ConfiguredProxmox hanging = ConfiguredProxmox.start();
                ConfiguredProxmox other = ConfiguredProxmox.unconfigured()) {
            hanging.proxmox.inject(request -> true, new Fault.Hold(release));
            other.server("other", "nowhere");
            CompletableFuture<Void> check = CompletableFuture.runAsync(UnusableServersMonitorTest::check);
            Eventually.holds("the other is checked", () -> trouble("other") != null);
            assertThat(check.isDone(), is(false));
            release.countDown();
            check.get();
            assertThat(trouble("lab"), is(nullValue()));
        } finally {
            release.countDown();
        }
    }

    @Test
    void isForgottenWithTheServer() {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.access().deleteToken("jenkins@pve!ci");
            check();
            ProxmoxConfiguration.get().setServers(List.of());
            assertThat(monitor().getTroubles(), is(Map.of()));
        }
    }

    @Test
    void asksNobodyWhileAPageIsMade() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            page("admin");
            assertThat(lab.requests(), is(0));
        }
    }

    @Test
    void checksAgainAfterTheServersWereConfigured() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.access().deleteToken("jenkins@pve!ci");
            PeriodicServerCheck.Reconfiguration.active = true;
            lab.server("again", "ci");
            Eventually.holds("both are checked", () -> monitor().getTroubles().size() == 2);
        }
    }

    /** What the form of the System page sends is bound to other objects each time. */
    private static void saveSystemPage() throws Exception {
        JenkinsRule.WebClient browser = jenkins.rule().createWebClient().login("admin");
        jenkins.rule().submit(browser.goTo("configure").getFormByName("config"));
    }

    @Test
    void keepsWhatIsKnownOfAServerWhenSomethingElseIsConfigured() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.stopListening();
            check();
            now = now.plus(Duration.ofDays(2));
            check();
            ProxmoxServer before = ProxmoxConfiguration.get().getServers().get(0);
            saveSystemPage();
            ProxmoxServer after = ProxmoxConfiguration.get().getServers().get(0);
            assertThat(after, is(not(sameInstance(before))));
            assertThat(trouble("lab"), containsString("Jenkins cannot talk to Proxmox VE"));
            check();
            assertThat(monitor().isActivated(), is(true));
        }
    }

    @Test
    void keepsWhatIsKnownOfAServerWhenItsFoldersAreChanged() {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.access().deleteToken("jenkins@pve!ci");
            check();
            ProxmoxConfiguration.get().getServers().get(0).setFolders(List.of("team"));
            assertThat(monitor().isActivated(), is(true));
        }
    }

    @Test
    void knowsNothingOfAServerThatIsAskedInAnotherWay() {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.stopListening();
            check();
            now = now.plus(Duration.ofDays(2));
            check();
            ProxmoxConfiguration.get().setServers(List.of());
            lab.server("lab", "ci").setConnectTimeout(7);
            assertThat(monitor().isActivated(), is(false));
            check();
            assertThat("one failed attempt", monitor().isActivated(), is(false));
        }
    }

    @Test
    void takesBackTheWarningSoonAfterTheCredentialsWereMended() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.access().deleteToken("jenkins@pve!ci");
            check();
            assertThat(monitor().isActivated(), is(true));
            PeriodicServerCheck.Reconfiguration.active = true;
            String secret = lab.proxmox.access().token("jenkins@pve!ci", false);
            SystemCredentialsProvider.getInstance().getCredentials().clear();
            ConfiguredProxmox.add(ConfiguredProxmox.token("ci", "jenkins@pve!ci", secret));
            Eventually.holds("the warning is gone", () -> !monitor().isActivated());
        }
    }

    @Test
    void asksNobodyWhenSomethingElseIsSaved() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                ConfiguredProxmox other = ConfiguredProxmox.unconfigured()) {
            check();
            lab.proxmox.forgetRequests();
            PeriodicServerCheck.Reconfiguration.active = true;
            jenkins.rule().jenkins.save();
            ConfiguredProxmox.add(ConfiguredProxmox.secretText("unrelated", "text"));
            saveSystemPage();
            other.server("other", "ci");
            Eventually.holds("the new one is asked", () -> other.requests() > 0);
            assertThat(lab.requests(), is(0));
        }
    }

    @Test
    void tellsAdministratorsOnlyWithLinksToWhereItIsMended() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.access().deleteToken("jenkins@pve!ci");
            check();
            assertThat(
                    page("admin"),
                    allOf(
                            containsString("does not accept jenkins@pve!ci"),
                            containsString("/manage/proxmox-ve/\""),
                            containsString("/manage/configure#proxmox-ve-servers\"")));
            assertThat(page("manager"), not(containsString("jenkins@pve!ci")));
        }
    }

    @Test
    void showsHostileReasonsAsText() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.inject(
                    request -> true,
                    new Fault.Answer(403, "<script>alert('1')</script>", "application/json", "{\"data\":null}"));
            check();
            assertThat(page("admin"), not(containsString("<script>alert")));
        }
    }

    @Test
    void checksAgainAndIsDismissedByPostOfAnAdministrator() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            String secret = lab.example.ciSecret();
            lab.proxmox.access().disable("jenkins@pve");
            check();
            lab.proxmox.forgetRequests();
            assertThat(act("manager", HttpMethod.POST, "check"), is(403));
            assertThat(act("admin", HttpMethod.GET, "check"), not(200));
            assertThat(act("manager", HttpMethod.POST, "dismiss"), is(403));
            assertThat(lab.requests(), is(0));
            assertThat(act("admin", HttpMethod.POST, "check"), is(200));
            Eventually.holds("it is checked", () -> lab.requests() == 1);
            assertThat(monitor().isEnabled(), is(true));
            assertThat(act("admin", HttpMethod.POST, "dismiss"), is(200));
            assertThat(monitor().isEnabled(), is(false));
            assertThat(page("admin"), not(containsString(secret)));
        }
    }

    /** Each further attempt counts against a lock-out; whoever asks for it has one. */
    @Test
    void triesARefusedPasswordAgainWhenAskedOnly() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.unconfigured()) {
            ConfiguredProxmox.add(ConfiguredProxmox.login("login", "jenkins@pve", "not any more"));
            lab.server("lab", "login");
            check();
            check();
            assertThat(lab.requests(), is(1));
            assertThat(act("admin", HttpMethod.POST, "check"), is(200));
            Eventually.holds("it is tried again", () -> lab.requests() == 2);
            check();
            assertThat(lab.requests(), is(2));
        }
    }

    @Test
    void checksSeldomAndNotAtOnce() {
        PeriodicServerCheck watch = PeriodicServerCheck.get();
        assertThat(watch.getRecurrencePeriod(), is(TimeUnit.MINUTES.toMillis(15)));
        for (int i = 0; i < 100; i++) {
            long delay = watch.getInitialDelay();
            assertThat(delay >= TimeUnit.MINUTES.toMillis(3) && delay <= TimeUnit.MINUTES.toMillis(7), is(true));
        }
    }

    private String page(String user) throws Exception {
        return jenkins.browser(user).goTo("manage/").getWebResponse().getContentAsString();
    }

    private int act(String user, HttpMethod verb, String button) throws Exception {
        JenkinsRule.WebClient browser = jenkins.browser(user);
        WebRequest request =
                new WebRequest(new URL(jenkins.rule().getURL(), monitor().getUrl() + "/act?" + button + "=1"), verb);
        if (verb == HttpMethod.POST) {
            browser.addCrumb(request);
        }
        return browser.getPage(request).getWebResponse().getStatusCode();
    }
}
