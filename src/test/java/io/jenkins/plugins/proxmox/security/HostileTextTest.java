package io.jenkins.plugins.proxmox.security;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import com.fasterxml.jackson.databind.ObjectMapper;
import hudson.ExtensionList;
import hudson.console.ConsoleNote;
import hudson.model.Result;
import hudson.model.Run;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.lease.ExampleLeases;
import io.jenkins.plugins.proxmox.overview.UnusableServersMonitor;
import io.jenkins.plugins.proxmox.pve.guest.CloneMark;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.htmlunit.html.HtmlPage;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/** Text of a server, a guest or a job is text wherever it is shown: in logs, on pages, in forms and in warnings. */
@WithJenkins
class HostileTextTest {

    private static final String MARKUP = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";

    /** Begins an annotation in a log; what follows would be deserialized. */
    private static final String NOTE = ConsoleNote.PREAMBLE_STR + "AAAA" + ConsoleNote.POSTAMBLE_STR;

    private static final String FORGED = "[Proxmox VE] forged";

    /** Markup, an annotation, colours, a title of the terminal, new lines of each kind, and a change of direction. */
    private static final String HOSTILE = MARKUP + NOTE + "\u001b[31m\u001b]0;title\u0007\r\n" + FORGED + "\r" + FORGED
            + "\u2028" + FORGED + "\u0085" + FORGED + "\u202e";

    private static final ObjectMapper JSON = new ObjectMapper();

    private static SecuredJenkins jenkins;
    private static ConfiguredProxmox lab;

    @BeforeAll
    static void start(JenkinsRule rule) throws Exception {
        jenkins = new SecuredJenkins(rule);
        lab = ConfiguredProxmox.start();
        ProxmoxConfiguration.get().getServers().get(0).setApiRules(List.of("GET,PUT /nodes/**"));
        lab.proxmox
                .cluster()
                .vm(120, "pve1", HOSTILE)
                .tagged(MARKUP.replace(";", ""))
                .running();
        lab.proxmox.cluster().guest(102).failsToStart(HOSTILE);
        lab.proxmox.cluster().guest(101).snapshot("clean" + HOSTILE).configured("description", HOSTILE);
    }

    @AfterAll
    static void stop() throws Exception {
        lab.close();
        jenkins.rule.after();
    }

    @BeforeEach
    void forgetLeases() {
        ExampleLeases.clear();
    }

    /** The text as a literal of Groovy. */
    private static String literal(String text) {
        return "'"
                + text.replace("\\", "\\\\")
                        .replace("'", "\\'")
                        .replace("\r", "\\r")
                        .replace("\n", "\\n")
                + "'";
    }

    private static WorkflowRun run(Result result, String script) throws Exception {
        WorkflowJob job = jenkins.pipeline(jenkins.team, "hostile", script);
        job.setDisplayName(MARKUP);
        job.setDescription(null);
        return jenkins.rule.buildAndAssertStatus(result, job);
    }

    private static void assertInert(String where, String html) {
        for (String live : List.of("<script>alert", "<img src=x", "\u202e", ConsoleNote.PREAMBLE_STR)) {
            assertThat(where, html, not(containsString(live)));
        }
    }

    /** No line of the plugin in the file of the log is forged, annotated, or has a control character in it. */
    private static void assertLogIsInert(Run<?, ?> run) throws Exception {
        int hostile = 0;
        for (String line : Files.readString(run.getLogFile().toPath()).split("\n", -1)) {
            // the Pipeline annotates its own lines
            String text = line.replaceFirst("^(\u001b\\[8mha:[^\u001b]*\u001b\\[0m)+", "");
            assertThat(line, text.startsWith(FORGED), is(false));
            if (text.contains("alert(1)") && !text.startsWith("Finished")) {
                hostile++;
                assertThat(line, text, not(containsString(ConsoleNote.PREAMBLE_STR)));
                assertThat(line, text, not(containsString("\u001b]")));
                assertThat(line, text, not(containsString("\r")));
            }
            if (text.startsWith("[Proxmox VE] ") || text.startsWith("ERROR: ")) {
                assertThat(
                        line,
                        text.codePoints()
                                .anyMatch(c -> Character.isISOControl(c)
                                        || Character.getType(c) == Character.FORMAT
                                        || c == '\u2028'),
                        is(false));
            }
        }
        assertThat("lines with hostile text", hostile, is(greaterThan(0)));
        assertInert("console", jenkins.text(SecuredJenkins.ADMINISTRATOR, run.getUrl() + "console"));
        String html = jenkins.text(SecuredJenkins.ADMINISTRATOR, run.getUrl() + "logText/progressiveHtml");
        assertThat(html, not(containsString("<script>alert")));
        assertThat(html, not(containsString("<img src=x")));
    }

    private static void assertPagesAreInert(Run<?, ?> run) throws Exception {
        for (String page : List.of("", "proxmox-ve/", "console", "consoleFull")) {
            assertInert(page, jenkins.text(SecuredJenkins.ADMINISTRATOR, run.getUrl() + page));
        }
        assertInert(
                "job",
                jenkins.text(SecuredJenkins.ADMINISTRATOR, run.getParent().getUrl()));
    }

    @Test
    void ofGuestsAndTasks() throws Exception {
        WorkflowRun run = run(Result.FAILURE, """
                def all = proxmoxStatus()
                echo "guests ${all.guests.size()}"
                proxmoxVm action: 'start', vmid: 120
                proxmoxSnapshot action: 'list', vmid: 101
                proxmoxApi path: '/nodes/pve1/qemu/101/config'
                2.times { proxmoxVm action: 'start', vmid: 120 }
                withProxmoxVm(vmid: 120) { proxmoxStatus vmid: 120 }
                catchError { proxmoxVm action: 'start', vmid: 102 }
                2.times { proxmoxVm action: 'start', vmid: 120 }
                proxmoxVm action: 'start', vmid: 102
                """);
        assertLogIsInert(run);
        assertPagesAreInert(run);
    }

    @Test
    void ofTheScriptItself() throws Exception {
        String text = literal(HOSTILE);
        for (String step : List.of(
                "proxmoxVm action: 'start', name: " + text,
                "proxmoxVm action: " + text + ", vmid: 100",
                "proxmoxVm action: 'start', vmid: 100, node: " + text,
                "proxmoxVm action: 'start', vmid: 100, server: " + text,
                "proxmoxVm action: 'start', vmid: 100, credentialsId: " + text,
                "proxmoxVm action: 'start', vmid: " + text,
                "proxmoxVm([action: 'start', (" + text + "): 1])",
                "proxmoxSnapshot action: 'create', vmid: 101, snapshot: " + text,
                "proxmoxClone template: " + text,
                "proxmoxApi path: " + text,
                "proxmoxExec name: " + text + ", command: 'true'")) {
            WorkflowRun run = run(Result.FAILURE, step);
            assertLogIsInert(run);
            assertPagesAreInert(run);
        }
    }

    /** A command prints what it likes, as one on an agent does: lines and colours may pass, and nothing else. */
    @Test
    void ofACommandInAGuest() throws Exception {
        WorkflowRun run = run(
                Result.SUCCESS,
                "proxmoxExec vmid: 101, command: ['printf', '%s\\n%s\\n', "
                        + literal(HOSTILE.replace(FORGED, "more")) + ", "
                        + literal("\u001b[" + NOTE + "8mha:alert(1)" + NOTE.repeat(3)) + "]");
        assertLogIsInert(run);
        assertPagesAreInert(run);
    }

    @Test
    void ofRefusals() throws Exception {
        for (int status : new int[] {400, 401, 403, 500, 595}) {
            lab.proxmox.inject(
                    request -> true,
                    new Fault.Answer(
                            status,
                            HOSTILE.replaceAll("[\\r\\n\u2028\u202e]", " "),
                            "application/json",
                            "{\"data\":null,\"message\":\"<script>alert(1)</script>\\n" + FORGED + "\"}"));
            WorkflowRun run = run(Result.FAILURE, "proxmoxStatus vmid: 101; error 'borne'");
            assertPagesAreInert(run);
        }
    }

    @Test
    void inWarningsAndOnTheOverview() throws Exception {
        ExampleLeases.unreturned("a", MARKUP, 101, 4, MARKUP + "\n" + MARKUP);
        ExampleLeases.kept(
                "k", MARKUP, 150, new CloneMark("c", MARKUP, 7, "javascript:alert(1)", "one", true, null, null));
        ProxmoxServer bad = new ProxmoxServer(MARKUP, "localhost:1");
        bad.setCredentialsId("ci");
        bad.setVerificationOff(true);
        List<ProxmoxServer> before = ProxmoxConfiguration.get().getServers();
        List<ProxmoxServer> with = new ArrayList<>(before);
        with.add(bad);
        ProxmoxConfiguration.get().setServers(with);
        try {
            UnusableServersMonitor monitor = ExtensionList.lookupSingleton(UnusableServersMonitor.class);
            jenkins.post(SecuredJenkins.ADMINISTRATOR, monitor.getUrl() + "/act", Map.of("check", "1"));
            for (String user : List.of(SecuredJenkins.ADMINISTRATOR, Attacker.MANAGER.login())) {
                for (String page : List.of("manage/", "manage/proxmox-ve/", "manage/proxmox-ve/borrowed/ajax")) {
                    String html = jenkins.text(user, page);
                    assertInert(user + " at " + page, html);
                    assertThat(page, html, not(containsString("href=\"javascript:")));
                }
            }
            assertThat(
                    jenkins.text(SecuredJenkins.ADMINISTRATOR, "manage/"),
                    containsString("&lt;script>alert(1)&lt;/script>"));
            String explained = jenkins.text(
                    SecuredJenkins.ADMINISTRATOR,
                    "manage/proxmox-ve/server?name=" + URLEncoder.encode(MARKUP, StandardCharsets.UTF_8));
            assertThat(explained, not(containsString("<script>alert")));
        } finally {
            ProxmoxConfiguration.get().setServers(before);
        }
    }

    @Test
    void ofTestConnection() throws Exception {
        String body =
                "{\"data\":{\"version\":\"<script>alert(1)</script>\",\"release\":\"<img src=x onerror=alert(1)>\"}}";
        for (String path :
                List.of("/version", "/access/permissions", "/access/roles", "/cluster/resources", "/nodes")) {
            lab.proxmox.inject(
                    request -> request.path().equals(path), new Fault.Answer(200, "OK", "application/json", body));
            Map<String, String> form = new LinkedHashMap<>();
            form.put("name", MARKUP);
            form.put("addresses", lab.proxmox.address());
            form.put("credentialsId", "ci");
            form.put("fingerprint", lab.fingerprint());
            form.put("caCertificates", "");
            form.put("verificationOff", "false");
            form.put("connectTimeout", "10");
            form.put("responseTimeout", "10");
            assertInert(
                    path,
                    jenkins.post(
                                    SecuredJenkins.ADMINISTRATOR,
                                    "descriptorByName/" + ProxmoxServer.class.getName() + "/testConnection",
                                    form)
                            .getContentAsString());
        }
    }

    /** What was typed comes back in many a complaint. */
    @Test
    void inComplaintsOfForms() throws Exception {
        int complaints = 0;
        for (var each : jenkins.webMethodsOfForms().entrySet()) {
            for (WebMethods.Reached method : each.getValue()) {
                if (!method.member().startsWith("doCheck")) {
                    continue;
                }
                Map<String, String> form = new LinkedHashMap<>();
                for (String field : List.of(
                        "value",
                        "addresses",
                        "server",
                        "folders",
                        "template",
                        "action",
                        "secretVariable",
                        "variable")) {
                    form.put(field, HOSTILE);
                }
                String answer = jenkins.post(
                                SecuredJenkins.ADMINISTRATOR,
                                jenkins.own.getUrl() + each.getKey() + method.token(),
                                form)
                        .getContentAsString();
                assertInert(method.key(), answer);
                complaints += answer.contains("alert(1)") ? 1 : 0;
            }
        }
        assertThat("complaints that repeat what was typed", complaints, is(greaterThan(10)));
    }

    @Test
    void inErrorsOfTheConfiguration() throws Exception {
        ProxmoxServer lonely = ProxmoxConfiguration.get().getServers().get(0);
        ProxmoxConfiguration.get().setServers(List.of(lonely, new ProxmoxServer("twin", "pve1")));
        String twin = JSON.writeValueAsString(MARKUP);
        String form = jenkins.submittedConfiguration()
                .replace("\"name\":\"lab\"", "\"name\":" + twin)
                .replace("\"name\":\"twin\"", "\"name\":" + twin);
        String page = jenkins.post(SecuredJenkins.ADMINISTRATOR, "configSubmit", Map.of("json", form))
                .getContentAsString();
        assertThat(page, containsString("alert(1)"));
        assertInert("error", page);
        ProxmoxConfiguration.get().setServers(List.of(lonely));
    }

    /** With scripts on: what is escaped on the way could still be taken for markup by the page's own scripts. */
    @Test
    void runsInNoBrowser() throws Exception {
        WorkflowRun run = run(Result.FAILURE, "proxmoxVm action: 'start', vmid: 102");
        ExampleLeases.unreturned("a", MARKUP, 101, 4, MARKUP + "\n" + MARKUP);
        List<String> alerts = new ArrayList<>();
        try (JenkinsRule.WebClient browser = jenkins.rule.createWebClient().login(SecuredJenkins.ADMINISTRATOR)) {
            browser.getOptions().setThrowExceptionOnScriptError(false);
            browser.setAlertHandler((page, message) -> alerts.add(message));
            for (String path : List.of(run.getUrl(), run.getUrl() + "console", "manage/")) {
                HtmlPage page = browser.goTo(path);
                browser.waitForBackgroundJavaScript(3_000);
                assertThat(
                        page.getElementsByTagName("img").stream()
                                .filter(image -> image.hasAttribute("onerror"))
                                .toList(),
                        is(empty()));
            }
        }
        assertThat(alerts, is(empty()));
    }
}
