package io.jenkins.plugins.proxmox.security;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import com.cloudbees.plugins.credentials.CredentialsScope;
import hudson.model.FreeStyleProject;
import hudson.model.Items;
import hudson.model.Result;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.tasks.Shell;
import hudson.util.Secret;
import io.jenkins.plugins.casc.ConfigurationAsCode;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.credentials.ProxmoxApiToken;
import io.jenkins.plugins.proxmox.freestyle.GuestBuildStep;
import io.jenkins.plugins.proxmox.freestyle.StartedGuestWrapper;
import io.jenkins.plugins.proxmox.lease.Leases;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import io.jenkins.plugins.proxmox.server.ServerConnections;
import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Stream;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.test.steps.SemaphoreStep;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/**
 * A secret is in the stored credentials, encrypted, and in the requests to its server. It is in no file, page, log, export
 * or environment, nor in anything that has a name, whatever builds do with it and however they fail.
 */
@WithJenkins
class SecretsAtRestTest {

    private static final Logger ROOT = Logger.getLogger("");

    private static final List<Logger> OURS =
            List.of(Logger.getLogger("io.jenkins.plugins.proxmox"), Logger.getLogger("org.apache.hc.client5"));

    private static SecuredJenkins jenkins;
    private static ConfiguredProxmox lab;

    /** The secrets in each form in which they could be found. */
    private static final Set<String> secrets = new LinkedHashSet<>();

    private static final Queue<String> logged = new ConcurrentLinkedQueue<>();

    private static final Handler CAPTURE = new Handler() {
        private final SimpleFormatter formatter = new SimpleFormatter();

        @Override
        public void publish(LogRecord entry) {
            logged.add(formatter.format(entry));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private static final Set<String> threads = new TreeSet<>();

    /** Builds that use each kind of credentials, well and badly. Everything that they leave is looked through below. */
    @BeforeAll
    static void use(JenkinsRule rule) throws Exception {
        jenkins = new SecuredJenkins(rule);
        CAPTURE.setLevel(Level.ALL);
        ROOT.addHandler(CAPTURE);
        OURS.forEach(logger -> logger.setLevel(Level.FINEST));
        lab = ConfiguredProxmox.start();
        secret(lab.example.ciSecret());
        secret(ExampleCluster.JENKINS_PASSWORD);
        String text = lab.proxmox.access().token("jenkins@pve!text", false);
        secret(text);
        ConfiguredProxmox.add(ConfiguredProxmox.secretText("text", "jenkins@pve!text=" + text));
        ConfiguredProxmox.add(ConfiguredProxmox.login("login", "jenkins@pve", ExampleCluster.JENKINS_PASSWORD));
        lab.server("by-text", "text");
        lab.server("by-login", "login");
        ProxmoxConfiguration.get().getServers().get(0).setApiRules(List.of("GET,POST /**"));
        for (String credentials : List.of("ci", "text", "login")) {
            build(Result.SUCCESS, """
                    proxmoxStatus vmid: 100, credentialsId: '%1$s'
                    withProxmoxVm(vmid: 100, credentialsId: '%1$s') { proxmoxExec vmid: 100, command: 'env', credentialsId: '%1$s' }
                    proxmoxApi path: '/version', credentialsId: '%1$s'
                    """.formatted(credentials));
            for (int status : new int[] {401, 403, 500}) {
                lab.proxmox.inject(request -> !request.isLogin(), echo(status, credentials));
                build(
                        Result.FAILURE,
                        "proxmoxVm action: 'reboot', vmid: 101, credentialsId: '" + credentials + "'; error 'x'");
            }
            lab.proxmox.inject(ReceivedRequest::isWrite, new Fault.BreakAfter());
            build(
                    Result.SUCCESS,
                    "proxmoxVm action: 'start', vmid: 105, wait: false, credentialsId: '" + credentials + "'");
        }
        freestyle();
        addTickets();
    }

    private static void secret(String secret) throws Exception {
        secrets.add(secret);
        secrets.add(URLEncoder.encode(secret, StandardCharsets.UTF_8));
        secrets.add(Base64.getEncoder().withoutPadding().encodeToString(secret.getBytes(StandardCharsets.UTF_8)));
    }

    /** What a service does that shows its caller what it was asked. */
    private static Fault.Answer echo(int status, String credentials) {
        String sent = credentials.equals("ci") ? "PVEAPIToken=jenkins@pve!ci=" + lab.example.ciSecret() : "password=x";
        return new Fault.Answer(
                status, "You sent " + sent, "application/json", "{\"data\":null,\"message\":\"" + sent + "\"}");
    }

    /** Tickets and CSRF tokens are secrets, too. */
    private static void addTickets() throws Exception {
        for (ReceivedRequest request : lab.proxmox.requests()) {
            String cookie = request.headers().get("cookie");
            if (cookie != null) {
                secret(cookie.replace("PVEAuthCookie=", ""));
            }
            String token = request.headers().get("csrfpreventiontoken");
            if (token != null) {
                secret(token);
            }
        }
        assertThat("tickets are at stake, too", secrets.size(), is(greaterThan(9)));
    }

    private static Run<?, ?> build(Result result, String script) throws Exception {
        WorkflowJob job = jenkins.pipeline(jenkins.team, "uses-secrets", script);
        WorkflowRun run = jenkins.rule.buildAndAssertStatus(result, job);
        Thread.getAllStackTraces().keySet().forEach(thread -> threads.add(thread.getName()));
        return run;
    }

    private static void freestyle() throws Exception {
        FreeStyleProject job = jenkins.own;
        StartedGuestWrapper wrapper = new StartedGuestWrapper();
        wrapper.setVmid("100");
        wrapper.setCredentialsId("ci");
        job.getBuildWrappersList().add(wrapper);
        GuestBuildStep step = new GuestBuildStep("start");
        step.setVmid("101");
        step.setServer("by-login");
        job.getBuildersList().add(step);
        job.getBuildersList().add(new Shell("env; cat /proc/self/environ; ps -ef || true"));
        jenkins.rule.buildAndAssertSuccess(job);
    }

    @AfterAll
    static void stop() throws Exception {
        OURS.forEach(logger -> logger.setLevel(null));
        ROOT.removeHandler(CAPTURE);
        lab.close();
        jenkins.rule.after();
    }

    private static void assertNoSecretIn(String where, String text) {
        for (String secret : secrets) {
            assertThat(where, text.contains(secret), is(false));
        }
    }

    @Test
    void noFileOfJenkinsHasOne() throws Exception {
        List<String> read = new ArrayList<>();
        try (Stream<Path> all = Files.walk(jenkins.rule.jenkins.getRootDir().toPath())) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                if (!file.toString().matches(".*/(war|plugins|caches)/.*|.*\\.(jar|hpi|jpi)")) {
                    read.add(file.getFileName().toString());
                    assertNoSecretIn(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
                }
            }
        }
        for (String kind : List.of("build.xml", "config.xml", "log", "credentials.xml")) {
            assertThat(kind, read.contains(kind), is(true));
        }
    }

    /** While builds wait, their states are on disk, and the list of leases is not empty. */
    @Test
    void noStateOfABuildThatWaitsHasOne() throws Exception {
        WorkflowJob job = jenkins.pipeline(jenkins.team, "waits", """
                parallel a: { withProxmoxVm(vmid: 100, credentialsId: 'ci') { semaphore 'secrets' } },
                         b: { proxmoxVm action: 'start', vmid: 103, waitForLock: true, server: 'by-login' },
                         c: { proxmoxVm action: 'start', vmid: 203, waitForLock: true, credentialsId: 'text' }
                """);
        WorkflowRun run = job.scheduleBuild2(0).waitForStart();
        SemaphoreStep.waitForStart("secrets/1", run);
        jenkins.rule.waitForMessage("is locked (backup)", run);
        assertThat(Leases.get().all(), is(not(empty())));
        Path home = jenkins.rule.jenkins.getRootDir().toPath();
        assertNoSecretIn("leases", Files.readString(home.resolve("proxmox-ve-leases.json")));
        int states = 0;
        try (Stream<Path> all = Files.walk(run.getRootDir().toPath())) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                states += file.endsWith("program.dat") ? 1 : 0;
                assertNoSecretIn(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        assertThat("program.dat was there", states, is(1));
        SemaphoreStep.success("secrets/1", null);
        lab.proxmox.cluster().guest(103).locked(null);
        lab.proxmox.cluster().guest(203).locked(null);
        jenkins.rule.assertBuildStatusSuccess(jenkins.rule.waitForCompletion(run));
    }

    @Test
    void noLogHasOne() {
        assertThat("much was logged", logged.size(), is(greaterThan(200)));
        logged.forEach(line -> assertNoSecretIn("log", line));
    }

    @Test
    void noThreadIsCalledAfterOne() {
        assertThat(threads, is(not(empty())));
        threads.forEach(thread -> assertNoSecretIn("thread", thread));
    }

    @Test
    void noPageHasOne() throws Exception {
        List<String> users = new ArrayList<>(List.of(SecuredJenkins.ADMINISTRATOR, SecuredJenkins.VIEWER));
        Stream.of(Attacker.values()).map(Attacker::login).forEach(users::add);
        String build = "job/team/job/uses-secrets/lastBuild/";
        for (String user : users) {
            for (String page : List.of(
                    "manage/configure",
                    "manage/",
                    "manage/proxmox-ve/",
                    "manage/proxmox-ve/server?name=lab",
                    "manage/proxmox-ve/server?name=by-login",
                    "manage/credentials/store/system/domain/_/",
                    "manage/credentials/store/system/domain/_/credential/ci/updateDialog",
                    "manage/credentials/store/system/domain/_/credential/ci/api/json?depth=5",
                    "credentials/store/system/domain/_/credential/ci/updateDialog",
                    jenkins.own.getUrl() + "configure",
                    jenkins.own.getUrl() + "config.xml",
                    jenkins.own.getUrl() + "lastBuild/consoleText",
                    jenkins.own.getUrl() + "lastBuild/injectedEnvVars/",
                    jenkins.own.getUrl() + "lastBuild/api/xml?depth=3",
                    build,
                    build + "consoleText",
                    build + "proxmox-ve/",
                    build + "api/json?depth=5",
                    "job/team/job/uses-secrets/config.xml",
                    "api/json?depth=3",
                    "whoAmI/",
                    "no-such-page")) {
                assertNoSecretIn(user + " at " + page, jenkins.text(user, page));
            }
        }
    }

    /** The form for credentials has the encrypted secret in it, for those who may change it. */
    @Test
    void formsHaveNoneInClear() throws Exception {
        String form = jenkins.text(
                SecuredJenkins.ADMINISTRATOR, "manage/credentials/store/system/domain/_/credential/ci/updateDialog");
        assertThat(form, containsString("jenkins@pve!ci"));
        assertNoSecretIn("form", form);
        String configuration = jenkins.text(SecuredJenkins.ADMINISTRATOR, "manage/configure");
        assertThat(configuration, containsString(lab.proxmox.address()));
        for (Attacker attacker : Attacker.values()) {
            for (String page : List.of("manage/configure", "manage/proxmox-ve/")) {
                assertThat(
                        attacker + " at " + page,
                        jenkins.text(attacker.login(), page),
                        not(containsString("jenkins@pve!ci")));
            }
        }
    }

    @Test
    void noExportHasOne() throws Exception {
        ByteArrayOutputStream exported = new ByteArrayOutputStream();
        ConfigurationAsCode.get().export(exported);
        String yaml = exported.toString(StandardCharsets.UTF_8);
        assertThat(yaml, containsString("proxmoxVe:"));
        assertNoSecretIn("configuration as code", yaml);
        for (ProxmoxServer server : ProxmoxConfiguration.get().getServers()) {
            assertNoSecretIn("server", Items.XSTREAM2.toXML(server) + server);
        }
        assertNoSecretIn("job", Items.XSTREAM2.toXML(jenkins.own));
    }

    @Test
    void noObjectTellsOne() throws Exception {
        String secret = lab.example.ciSecret();
        ProxmoxApiToken token =
                new ProxmoxApiToken(CredentialsScope.GLOBAL, "x", "words", "jenkins@pve!ci", Secret.fromString(secret));
        assertNoSecretIn("token", token + " " + token.getDescriptor() + Items.XSTREAM2.toXML(token));
        for (ProxmoxServer server : ProxmoxConfiguration.get().getServers()) {
            Object access = ServerConnections.access(server);
            assertNoSecretIn("settings", access.toString());
            var connection = ServerConnections.of(server);
            assertNoSecretIn("connection", connection + " " + connection.client());
        }
    }

    @Test
    void noProcessOnAnAgentHasOneInItsEnvironment() throws Exception {
        String console = JenkinsRule.getLog(jenkins.own.getLastBuild());
        assertThat(console, containsString("PROXMOX_"));
        assertNoSecretIn("environment", console);
        Map<String, String> environment = jenkins.own.getLastBuild().getEnvironment(TaskListener.NULL);
        environment.forEach((name, value) -> assertNoSecretIn(name, value));
    }
}
