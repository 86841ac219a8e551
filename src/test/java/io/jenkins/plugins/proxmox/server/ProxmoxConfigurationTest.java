package io.jenkins.plugins.proxmox.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.cloudbees.plugins.credentials.CredentialsScope;
import hudson.ProxyConfiguration;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import hudson.util.Secret;
import io.jenkins.plugins.casc.ConfigurationAsCode;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.credentials.ProxmoxApiToken;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCertificate;
import java.io.ByteArrayOutputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import jenkins.model.Jenkins;
import org.htmlunit.HttpMethod;
import org.htmlunit.WebRequest;
import org.htmlunit.WebResponse;
import org.htmlunit.html.HtmlForm;
import org.htmlunit.html.HtmlPage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.MockAuthorizationStrategy;

@WithOneJenkins
class ProxmoxConfigurationTest {

    private static final List<String> WEB_METHODS = List.of(
            "testConnection",
            "checkName",
            "checkAddresses",
            "checkCredentialsId",
            "checkCaCertificates",
            "checkFingerprint",
            "checkFolders",
            "checkApiRules",
            "checkVerificationOff",
            "checkConnectTimeout",
            "checkResponseTimeout",
            "checkRemoveOrphansAfter",
            "fillCredentialsIdItems");

    private static ProxmoxServer.DescriptorImpl descriptor(JenkinsRule jenkins) {
        return (ProxmoxServer.DescriptorImpl) jenkins.jenkins.getDescriptorOrDie(ProxmoxServer.class);
    }

    private static void save(JenkinsRule jenkins) throws Exception {
        HtmlForm form = jenkins.createWebClient().goTo("manage/configure").getFormByName("config");
        jenkins.submit(form);
    }

    @Test
    void survivesItsForm(JenkinsRule jenkins) throws Exception {
        ConfiguredProxmox.add(ConfiguredProxmox.token("ci", "jenkins@pve!ci", "secret"));
        ProxmoxServer lab = new ProxmoxServer("lab", "pve1.example.org\npve2.example.org:8007");
        lab.setCredentialsId("ci");
        lab.setFingerprint(
                "96:C1:81:09:AB:47:3A:A5:EB:14:6F:7F:7B:B6:4C:EE:D5:96:33:F9:90:13:96:49:63:84:5D:7D:6D:74:7D:42");
        lab.setFolders(List.of("ops", "team-a/**"));
        lab.setApiRules(List.of("GET /nodes/*/qemu/*/config", "POST /nodes/*/vzdump"));
        lab.setConnectTimeout(7);
        lab.setResponseTimeout(55);
        lab.setRemoveOrphansAfter(48);
        ProxmoxServer office = new ProxmoxServer("office", "https://pve.example.org:8006/");
        office.setVerificationOff(true);
        ProxmoxConfiguration.get().setServers(List.of(lab, office));
        save(jenkins);
        List<ProxmoxServer> saved = ProxmoxConfiguration.get().getServers();
        assertThat(saved, hasSize(2));
        jenkins.assertEqualDataBoundBeans(lab, saved.get(0));
        jenkins.assertEqualDataBoundBeans(office, saved.get(1));
        assertThat(saved.get(0).getFolders(), contains("ops", "team-a/**"));
        assertThat(saved.get(1).getFolders(), is(List.of()));
        assertThat(saved.get(0).ageOfOrphans(), is(Duration.ofHours(48)));
        assertThat("off by default", saved.get(1).ageOfOrphans(), is(nullValue()));
        assertThat(saved.get(0).getApiRules(), contains("GET /nodes/*/qemu/*/config", "POST /nodes/*/vzdump"));
        assertThat(saved.get(1).getApiRules(), is(List.of()));
    }

    @Test
    void remembersNoSecretOfSettingsThatWereChanged(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            for (int timeout = 10; timeout < 30; timeout++) {
                ProxmoxServer changed = new ProxmoxServer("lab", lab.proxmox.address());
                changed.setCredentialsId("ci");
                changed.setFingerprint(lab.fingerprint());
                changed.setResponseTimeout(timeout);
                ProxmoxConfiguration.get().setServers(List.of(changed));
                SharedLanes.ask(ProxmoxConfiguration.get().getServers().get(0));
                assertThat(SharedLanes.credentials(), is(1));
            }
        }
    }

    @Test
    void takesAClearedAgeOfOrphansForOff(JenkinsRule jenkins) throws Exception {
        ProxmoxServer lab = new ProxmoxServer("lab", "pve1");
        lab.setRemoveOrphansAfter(48);
        ProxmoxConfiguration.get().setServers(List.of(lab));
        HtmlForm form = jenkins.createWebClient().goTo("manage/configure").getFormByName("config");
        form.getInputByName("_.removeOrphansAfter").setValue("");
        jenkins.submit(form);
        assertThat(ProxmoxConfiguration.get().getServers().get(0).ageOfOrphans(), is(nullValue()));
    }

    @Test
    void checksTheAgeOfOrphans(JenkinsRule jenkins) {
        ProxmoxServer.DescriptorImpl form = descriptor(jenkins);
        for (String good : List.of("", " ", "1", "24", "9999")) {
            assertThat(good, form.doCheckRemoveOrphansAfter(good).kind, is(FormValidation.Kind.OK));
        }
        for (String bad : List.of("0", "-1", "1.5", "soon", "10000")) {
            assertThat(bad, form.doCheckRemoveOrphansAfter(bad).getMessage(), containsString("from 1 to 9999"));
        }
        ProxmoxServer never = new ProxmoxServer("lab", "pve1");
        never.setRemoveOrphansAfter(-1);
        assertThat(never.ageOfOrphans(), is(nullValue()));
    }

    @Test
    void keepsTheRulesForCallsWhenAFolderIsRenamed(JenkinsRule jenkins) throws Exception {
        ProxmoxServer lab = new ProxmoxServer("lab", "pve1");
        lab.setApiRules(List.of("GET /version"));
        lab.setRemoveOrphansAfter(48);
        jenkins.assertEqualDataBoundBeans(lab, lab.withFolders(List.of()));
        assertThat(lab.withFolders(List.of("renamed")).getApiRules(), contains("GET /version"));
    }

    @Test
    void checksTheRulesForCalls(JenkinsRule jenkins) {
        ProxmoxServer.DescriptorImpl form = descriptor(jenkins);
        assertThat(form.doCheckApiRules(null).kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckApiRules("\n GET /version \n\nPOST /nodes/*/vzdump").kind, is(FormValidation.Kind.OK));
        FormValidation unlimited = form.doCheckApiRules("GET /**\nGET,POST /**");
        assertThat(unlimited.kind, is(FormValidation.Kind.WARNING));
        assertThat(unlimited.getMessage(), containsString("the identity that the job uses: GET,POST /**."));
        FormValidation wrong = form.doCheckApiRules("GET /version\nGET /nodes/../access");
        assertThat(wrong.kind, is(FormValidation.Kind.ERROR));
        assertThat(wrong.getMessage(), containsString("consists of dots"));
        assertThat(
                form.doCheckApiRules("POST /access/ticket").getMessage(),
                containsString("allows nothing: it is a login"));
    }

    @Test
    void isEmptyAtFirstAndStaysSo(JenkinsRule jenkins) throws Exception {
        save(jenkins);
        assertThat(ProxmoxConfiguration.get().getServers(), is(List.of()));
    }

    @Test
    void keepsServersOverARestartOfTheConfiguration(JenkinsRule jenkins) {
        ProxmoxConfiguration.get().setServers(List.of(new ProxmoxServer("lab", "pve1")));
        ProxmoxConfiguration.get().load();
        assertThat(ProxmoxConfiguration.get().getServers().get(0).getName(), is("lab"));
    }

    /** As one that was written by hand, or by an older version of this plugin. */
    @Test
    void fillsInWhatItsFileLeavesOut(JenkinsRule jenkins) throws Exception {
        String type = ProxmoxConfiguration.class.getName();
        Files.writeString(jenkins.jenkins.getRootDir().toPath().resolve(type + ".xml"), """
                        <%1$s><servers><%2$s><name>lab</name><addresses>pve1</addresses></%2$s></servers></%1$s>
                        """.formatted(
                        type, ProxmoxServer.class.getName()));
        ProxmoxConfiguration.get().load();
        jenkins.assertEqualDataBoundBeans(
                new ProxmoxServer("lab", "pve1"),
                ProxmoxConfiguration.get().getServers().get(0));
        save(jenkins);
        jenkins.assertEqualDataBoundBeans(
                new ProxmoxServer("lab", "pve1"),
                ProxmoxConfiguration.get().getServers().get(0));
    }

    @Test
    void refusesTwoServersOfOneName(JenkinsRule jenkins) {
        List<ProxmoxServer> twins = List.of(new ProxmoxServer("lab", "pve1"), new ProxmoxServer("lab ", "pve2"));
        IllegalArgumentException refusal = assertThrows(
                IllegalArgumentException.class, () -> ProxmoxConfiguration.get().setServers(twins));
        assertThat(refusal.getMessage(), containsString("Two Proxmox VE servers are named \"lab\"."));
        assertThat(ProxmoxConfiguration.get().getServers(), is(List.of()));
    }

    /** Builds that wait for the server would fail of it. */
    @Test
    void refusesToSaveAContradiction(JenkinsRule jenkins) throws Exception {
        ProxmoxServer lab = new ProxmoxServer("lab", "pve1");
        lab.setCaCertificates(
                SimulatedCertificate.authority("Proxmox Virtual Environment").pem());
        ProxmoxConfiguration.get().setServers(List.of(lab));
        ProxmoxServer twice = new ProxmoxServer("lab", "pve1");
        twice.setCaCertificates(lab.getCaCertificates());
        twice.setFingerprint("96".repeat(32));
        ProxmoxServer off = new ProxmoxServer("lab", "pve1");
        off.setCaCertificates(lab.getCaCertificates());
        off.setVerificationOff(true);
        for (ProxmoxServer contradictory : List.of(twice, off)) {
            var refusal = assertThrows(
                    IllegalArgumentException.class,
                    () -> ProxmoxConfiguration.get().setServers(List.of(contradictory)));
            assertThat(
                    refusal.getMessage(),
                    startsWith("Jenkins did not save the Proxmox VE servers because of \"lab\": "));
        }
        HtmlForm form = jenkins.createWebClient()
                .withThrowExceptionOnFailingStatusCode(false)
                .goTo("manage/configure")
                .getFormByName("config");
        form.getInputByName("_.fingerprint").setValue("96".repeat(32));
        HtmlPage answer = jenkins.submit(form);
        assertThat(answer.asNormalizedText(), containsString("Jenkins did not save the Proxmox VE servers"));
        assertThat(ProxmoxConfiguration.get().getServers().get(0).getFingerprint(), is(""));
    }

    /** Jenkins makes a new object of the proxy with every save of the global page. */
    @Test
    void knowsAnUnchangedProxyAgain(JenkinsRule jenkins) {
        ProxmoxServer lab = new ProxmoxServer("lab", "pve1");
        lab.setCredentialsId("ci");
        ConfiguredProxmox.add(ConfiguredProxmox.token(
                "ci", "jenkins@pve!ci", UUID.randomUUID().toString()));
        Object before = null;
        for (int save = 0; save < 2; save++) {
            jenkins.jenkins.setProxy(
                    new ProxyConfiguration("proxy.example.org", 3128, "user", "password", "*.example.com\nlocalhost"));
            Object now = ServerConnections.access(lab);
            assertThat(save == 0 || now.equals(before), is(true));
            before = now;
        }
        jenkins.jenkins.setProxy(
                new ProxyConfiguration("proxy.example.org", 3128, "user", "password", "*.example.com"));
        assertThat(ServerConnections.access(lab).equals(before), is(false));
    }

    @Test
    void comesFromConfigurationAsCodeAndGoesBack(JenkinsRule jenkins, @TempDir Path folder) throws Exception {
        Path yaml = folder.resolve("jenkins.yaml");
        Files.writeString(yaml, """
                unclassified:
                  proxmoxVe:
                    servers:
                      - name: "lab"
                        addresses: "pve1.example.org pve2.example.org"
                        credentialsId: "ci"
                        fingerprint: "96:C1:81:09:AB:47:3A:A5:EB:14:6F:7F:7B:B6:4C:EE:D5:96:33:F9:90:13:96:49:63:84:5D:7D:6D:74:7D:42"
                        connectTimeout: 5
                        responseTimeout: 20
                        removeOrphansAfter: 48
                      - name: "office"
                        addresses: "pve.example.org:443"
                        verificationOff: true
                """);
        ConfigurationAsCode.get().configure(yaml.toString());
        List<ProxmoxServer> servers = ProxmoxConfiguration.get().getServers();
        assertThat(servers, hasSize(2));
        assertThat(servers.get(0).serverAddresses(), hasSize(2));
        assertThat(servers.get(0).timeouts().response().toSeconds(), is(20L));
        assertThat(servers.get(0).ageOfOrphans(), is(Duration.ofHours(48)));
        assertThat(servers.get(1).isVerificationOff(), is(true));
        assertThat(servers.get(1).ageOfOrphans(), is(nullValue()));

        ByteArrayOutputStream exported = new ByteArrayOutputStream();
        ConfigurationAsCode.get().export(exported);
        String text = exported.toString(StandardCharsets.UTF_8);
        assertThat(text, containsString("proxmoxVe:"));
        assertThat(text, containsString("addresses: \"pve1.example.org pve2.example.org\""));
        assertThat(text, containsString("verificationOff: true"));
        assertThat(text, containsString("removeOrphansAfter: 48"));
        assertThat(text.indexOf("removeOrphansAfter"), is(text.lastIndexOf("removeOrphansAfter")));
    }

    @Test
    void testsTheConnectionWithValuesThatAreNotSaved(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            ConfiguredProxmox.add(
                    ConfiguredProxmox.token("operator", "jenkins@pve!operator", lab.example.operatorSecret()));
            FormValidation good = test(jenkins, lab, "operator", lab.fingerprint());
            assertThat(good.getMessage(), good.kind, is(FormValidation.Kind.OK));
            assertThat(good.getMessage(), containsString("It is Proxmox VE 9.2.11."));
            assertThat(good.getMessage(), containsString("It accepts jenkins@pve!operator."));
            assertThat(
                    good.getMessage(),
                    containsString("Guests that jenkins@pve!operator sees: 1; it can start and stop 1 of them."));
            assertThat(good.getMessage(), containsString("<td><code>/vms/100</code></td>"));
            assertThat(good.getMessage(), containsString("<td>PVEVMUser</td>"));
        }
    }

    @Test
    void warnsOfRightsThatNoJobNeedsAndOfNone(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            FormValidation much = test(jenkins, lab, "ci", lab.fingerprint());
            assertThat(much.kind, is(FormValidation.Kind.WARNING));
            assertThat(much.getMessage(), containsString("can delete any guest"));

            ConfiguredProxmox.add(
                    ConfiguredProxmox.token("limited", "jenkins@pve!limited", lab.example.limitedSecret()));
            FormValidation powerless = test(jenkins, lab, "limited", lab.fingerprint());
            assertThat(powerless.kind, is(FormValidation.Kind.WARNING));
            assertThat(powerless.getMessage(), containsString("jenkins@pve!limited has no rights at all."));
        }
    }

    @Test
    void explainsWhyTheTestOfTheConnectionFailed(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            ConfiguredProxmox.add(ConfiguredProxmox.token("bad", "jenkins@pve!ci", "wrong"));
            FormValidation refused = test(jenkins, lab, "bad", lab.fingerprint());
            assertThat(refused.kind, is(FormValidation.Kind.ERROR));
            assertThat(refused.getMessage(), containsString("401 Authentication failed!"));
            assertThat(refused.getMessage(), containsString("pveum user token"));

            FormValidation untrusted = test(jenkins, lab, "ci", "");
            assertThat(untrusted.kind, is(FormValidation.Kind.ERROR));
            assertThat(untrusted.getMessage(), containsString("Jenkins does not trust the certificate"));
            assertThat(untrusted.getMessage(), containsString(lab.fingerprint()));
        }
    }

    @Test
    void showsAHostileReasonPhraseAsText(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.inject(
                    request -> true,
                    new Fault.Answer(403, "<script>alert('1')</script>", "application/json", "{\"data\":null}"));
            JenkinsRule.WebClient browser = jenkins.createWebClient();
            List<String> alerts = new ArrayList<>();
            browser.setAlertHandler((page, message) -> alerts.add(message));
            HtmlForm form = browser.goTo("manage/configure").getFormByName("config");
            jenkins.getButtonByCaption(form, "Test connection").click();
            browser.waitForBackgroundJavaScript(10_000);
            assertThat(form.asNormalizedText(), containsString("403 <script>alert('1')</script>"));
            assertThat(alerts, is(List.of()));
        }
    }

    private static FormValidation test(
            JenkinsRule jenkins, ConfiguredProxmox lab, String credentialsId, String fingerprint) {
        return descriptor(jenkins)
                .doTestConnection("lab", lab.proxmox.address(), credentialsId, "", fingerprint, false, "10", "40");
    }

    @Test
    void trustsThePastedAuthorityOfTheCluster(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            FormValidation trusted = descriptor(jenkins)
                    .doTestConnection("lab", lab.proxmox.address(), "ci", lab.proxmox.caPem(), "", false, "10", "40");
            assertThat(trusted.getMessage(), containsString("It accepts jenkins@pve!ci."));
        }
    }

    @Test
    void goesThroughTheProxyOfJenkinsUnlessTheHostIsExempt(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            jenkins.jenkins.setProxy(new ProxyConfiguration("127.0.0.1", 9, "user", "proxy-password", null));
            FormValidation refused = test(jenkins, lab, "ci", lab.fingerprint());
            assertThat(refused.kind, is(FormValidation.Kind.ERROR));
            assertThat(refused.getMessage(), containsString("127.0.0.1:9"));
            assertThat(refused.getMessage(), not(containsString("proxy-password")));
            assertThat(lab.requests(), is(0));

            jenkins.jenkins.setProxy(new ProxyConfiguration("127.0.0.1", 9, null, null, "localhost"));
            assertThat(
                    test(jenkins, lab, "ci", lab.fingerprint()).getMessage(),
                    containsString("It accepts jenkins@pve!ci."));
        }
    }

    @Test
    void showsTheResultOfTheTestInThePage(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            JenkinsRule.WebClient browser = jenkins.createWebClient();
            HtmlForm form = browser.goTo("manage/configure").getFormByName("config");
            jenkins.getButtonByCaption(form, "Test connection").click();
            browser.waitForBackgroundJavaScript(10_000);
            assertThat(form.asNormalizedText(), containsString("It accepts jenkins@pve!ci."));
        }
    }

    @Test
    void saysWhatIsWrongWithAField(JenkinsRule jenkins) {
        ProxmoxServer.DescriptorImpl form = descriptor(jenkins);
        assertThat(form.doCheckName(" ").kind, is(FormValidation.Kind.ERROR));
        assertThat(form.doCheckName("lab").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckAddresses("").getMessage(), containsString("An address is missing"));
        assertThat(form.doCheckAddresses("http://pve1:8006").getMessage(), containsString("answers only over HTTPS"));
        assertThat(form.doCheckAddresses("pve1, https://pve2:8006/").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckCaCertificates("").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckCaCertificates("hello").getMessage(), containsString("Paste a certificate in PEM form"));
        assertThat(form.doCheckFingerprint("AB:CD", "").getMessage(), containsString("has 32 bytes"));
        assertThat(form.doCheckFingerprint("AB:CD", "pem").getMessage(), containsString("not both"));
        assertThat(form.doCheckVerificationOff(true, "", "").kind, is(FormValidation.Kind.WARNING));
        assertThat(form.doCheckVerificationOff(true, "pem", "").kind, is(FormValidation.Kind.ERROR));
        assertThat(form.doCheckConnectTimeout("soon").getMessage(), is("Enter a number of seconds."));
        assertThat(form.doCheckConnectTimeout("0").kind, is(FormValidation.Kind.ERROR));
        assertThat(form.doCheckResponseTimeout("3").getMessage(), containsString("at least 5 seconds"));
        assertThat(form.doCheckCredentialsId("", "pve1", "").kind, is(FormValidation.Kind.WARNING));
        assertThat(form.doCheckCredentialsId("gone", "pve1", "").kind, is(FormValidation.Kind.ERROR));
    }

    @Test
    void warnsWhenJobsElsewhereCanReadTheSecretOfALimitedServer(JenkinsRule jenkins) {
        ConfiguredProxmox.add(ConfiguredProxmox.token("for-all", "jenkins@pve!ci", "secret"));
        ConfiguredProxmox.add(new ProxmoxApiToken(
                CredentialsScope.SYSTEM, "for-servers", "", "jenkins@pve!ci", Secret.fromString("secret")));
        ProxmoxServer.DescriptorImpl form = descriptor(jenkins);
        FormValidation warning = form.doCheckCredentialsId("for-all", "pve1", "ops/**");
        assertThat(warning.kind, is(FormValidation.Kind.WARNING));
        assertThat(warning.getMessage(), containsString("Change the scope to System"));
        assertThat(form.doCheckCredentialsId("for-all", "pve1", "").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckCredentialsId("for-servers", "pve1", "ops/**").kind, is(FormValidation.Kind.OK));
    }

    @Test
    void takesAClearedTimeoutForTheDefault(JenkinsRule jenkins) throws Exception {
        ProxmoxConfiguration.get().setServers(List.of(new ProxmoxServer("lab", "pve1")));
        HtmlForm form = jenkins.createWebClient().goTo("manage/configure").getFormByName("config");
        form.getInputByName("_.connectTimeout").setValue("");
        form.getInputByName("_.responseTimeout").setValue("");
        jenkins.submit(form);
        jenkins.assertEqualDataBoundBeans(
                new ProxmoxServer("lab", "pve1"),
                ProxmoxConfiguration.get().getServers().get(0));
    }

    @Test
    void isShownWithoutTestAndErrorsToOneWhoMayOnlyRead(JenkinsRule jenkins) throws Exception {
        ConfiguredProxmox.add(ConfiguredProxmox.token("ci", "jenkins@pve!ci", "secret"));
        ProxmoxServer lab = new ProxmoxServer("lab", "pve1");
        lab.setCredentialsId("ci");
        ProxmoxConfiguration.get().setServers(List.of(lab));
        jenkins.jenkins.setSecurityRealm(jenkins.createDummySecurityRealm());
        jenkins.jenkins.setAuthorizationStrategy(new MockAuthorizationStrategy()
                .grant(Jenkins.READ, Jenkins.SYSTEM_READ)
                .everywhere()
                .to("reader"));
        JenkinsRule.WebClient browser = jenkins.createWebClient().login("reader");
        HtmlPage page = browser.goTo("manage/configure");
        browser.waitForBackgroundJavaScript(10_000);
        assertThat(page.asNormalizedText(), containsString("SHA-256 fingerprint"));
        assertThat(page.asNormalizedText(), not(containsString("Test connection")));
        assertThat(page.asNormalizedText(), not(containsString("missing the Overall/Administer permission")));
        assertThat(page.asNormalizedText(), not(containsString("ERROR")));
    }

    @Test
    void offersOnlyCredentialsThatFit(JenkinsRule jenkins) {
        ConfiguredProxmox.add(ConfiguredProxmox.token("ci", "jenkins@pve!ci", "secret"));
        ConfiguredProxmox.add(ConfiguredProxmox.secretText("text", "secret"));
        ConfiguredProxmox.add(ConfiguredProxmox.login("login", "jenkins@pve", "secret"));
        ListBoxModel menu = descriptor(jenkins).doFillCredentialsIdItems("pve1", "kept");
        assertThat(menu.stream().map(o -> o.value).sorted().toList(), contains("", "ci", "kept", "login", "text"));
        assertThat(
                menu.stream().filter(o -> o.value.equals("ci")).findFirst().orElseThrow().name, is("jenkins@pve!ci"));
    }

    @Test
    void answersOnlyAdministratorsAndOnlyToPost(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            jenkins.jenkins.setSecurityRealm(jenkins.createDummySecurityRealm());
            jenkins.jenkins.setAuthorizationStrategy(new MockAuthorizationStrategy()
                    .grant(Jenkins.ADMINISTER)
                    .everywhere()
                    .to("admin")
                    .grant(Jenkins.READ, Jenkins.MANAGE, Jenkins.SYSTEM_READ)
                    .everywhere()
                    .to("manager"));
            JenkinsRule.WebClient admin = browser(jenkins, "admin");
            JenkinsRule.WebClient manager = browser(jenkins, "manager");
            String query = "?value=x&name=lab&credentialsId=ci&connectTimeout=5&responseTimeout=5&caCertificates="
                    + "&verificationOff=false&addresses=" + lab.proxmox.address() + "&fingerprint=" + lab.fingerprint();
            for (String method : WEB_METHODS) {
                String url =
                        jenkins.getURL() + "descriptorByName/" + ProxmoxServer.class.getName() + "/" + method + query;
                assertThat(method, answer(admin, HttpMethod.GET, url).getStatusCode(), not(200));
                WebResponse refusal = answer(manager, HttpMethod.POST, url);
                if (method.equals("testConnection")) {
                    assertThat(method, refusal.getStatusCode(), is(403));
                } else {
                    // nothing is said about what was given, nor about credentials
                    assertThat(method, refusal.getStatusCode(), is(200));
                    assertThat(method, refusal.getContentAsString(), not(containsString("error")));
                    assertThat(method, refusal.getContentAsString(), not(containsString("jenkins@pve!ci")));
                }
                assertThat(method, lab.requests(), is(0));
                assertThat(method, answer(admin, HttpMethod.POST, url).getStatusCode(), is(200));
                lab.proxmox.forgetRequests();
            }
        }
    }

    private static JenkinsRule.WebClient browser(JenkinsRule jenkins, String user) throws Exception {
        return jenkins.createWebClient()
                .withThrowExceptionOnFailingStatusCode(false)
                .login(user);
    }

    private static WebResponse answer(JenkinsRule.WebClient browser, HttpMethod verb, String url) throws Exception {
        WebRequest request = new WebRequest(new URL(url), verb);
        if (verb == HttpMethod.POST) {
            browser.addCrumb(request);
        }
        return browser.getPage(request).getWebResponse();
    }
}
