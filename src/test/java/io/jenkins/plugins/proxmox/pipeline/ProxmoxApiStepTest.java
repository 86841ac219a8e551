package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import com.cloudbees.hudson.plugins.folder.Folder;
import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.build.GuestTimeline;
import io.jenkins.plugins.proxmox.build.TimelineEntry;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvnet.hudson.test.JenkinsRule;

@WithOneJenkins
@ParameterizedClass
@EnumSource(Generation.class)
class ProxmoxApiStepTest {

    @Parameter
    private Generation generation;

    private JenkinsRule jenkins;

    @AutoClose
    private ConfiguredProxmox lab;

    @BeforeEach
    void startServer(JenkinsRule rule) {
        jenkins = rule;
        lab = ConfiguredProxmox.start(generation);
        allow("GET /**", "GET,POST,PUT,DELETE /nodes/**", "PUT /anything");
    }

    private static ProxmoxServer server() {
        return ProxmoxConfiguration.get().getServers().get(0);
    }

    private static void allow(String... rules) {
        server().setApiRules(List.of(rules));
    }

    private WorkflowRun run(Result result, String script) throws Exception {
        return run(jenkins.createProject(WorkflowJob.class), result, script);
    }

    private WorkflowRun run(WorkflowJob job, Result result, String script) throws Exception {
        job.setDefinition(new CpsFlowDefinition(script, true));
        return jenkins.buildAndAssertStatus(result, job);
    }

    private WorkflowRun fails(String arguments, String message) throws Exception {
        WorkflowRun run = run(Result.FAILURE, "proxmoxApi " + arguments);
        jenkins.assertLogContains("ERROR: " + message, run);
        assertThat(JenkinsRule.getLog(run), not(containsString("\tat ")));
        return run;
    }

    private void answer(String json) {
        lab.proxmox.inject(request -> true, new Fault.Answer(200, "OK", "application/json", json));
    }

    private List<TimelineEntry> timeline(WorkflowRun run) {
        GuestTimeline timeline = run.getAction(GuestTimeline.class);
        return timeline == null ? List.of() : timeline.getEntries();
    }

    @Test
    void returnsWhatProxmoxVeAnswers() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, """
                def config = proxmoxApi method: 'GET', path: '/nodes/pve1/qemu/100/config'
                echo "config ${config.name} ${config.cores + 1} ${config.memory}"
                def guests = proxmoxApi path: '/cluster/resources', parameters: [type: "${'vm'}"]
                echo "guests ${guests.size()} ${guests.find { it.vmid == 101 }.name}"
                sleep 1
                echo "still ${config.cores}"
                """);
        jenkins.assertLogContains("config build-agent 2 1024", run);
        jenkins.assertLogContains("guests 14 web-1", run);
        jenkins.assertLogContains("still 1", run);
        jenkins.assertLogContains("[Proxmox VE] GET /nodes/pve1/qemu/100/config: answered", run);
        assertThat("reads are not in the timeline", timeline(run), is(empty()));
    }

    @Test
    void awaitsTheTaskOfAWrite() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, """
                def upid = proxmoxApi method: 'POST', path: '/nodes/pve1/qemu/100/status/start', parameters: [timeout: 60]
                echo "task ${upid.startsWith('UPID:pve1:')}, now ${proxmoxStatus(vmid: 100).status}"
                """);
        jenkins.assertLogContains("task true, now running", run);
        jenkins.assertLogContains("[Proxmox VE] Task qmstart ended: OK", run);
        TimelineEntry entry = timeline(run).get(0);
        assertThat(entry.getGuest(), is("/nodes/pve1/qemu/100/status/start"));
        assertThat(entry.getAction(), is("POST"));
        assertThat(entry.getNode(), is("pve1"));
        assertThat(entry.getUpid(), startsWith("UPID:pve1:"));
        assertThat(entry.getOutcome(), is(TimelineEntry.Outcome.CHANGED));
        String page = jenkins.createWebClient().getPage(run).asNormalizedText();
        assertThat(page, containsString("/nodes/pve1/qemu/100/status/start"));
    }

    @Test
    void sendsParametersAsProxmoxVeReadsThem() throws Exception {
        answer("{\"data\":null}");
        WorkflowRun run = run(Result.SUCCESS, """
                def nothing = proxmoxApi method: 'PUT', path: '/nodes/pve1/qemu/100/config',
                    parameters: [memory: 2048, onboot: true, protection: false, name: "web-${1 + 1}", cores: null]
                echo "answer ${nothing}"
                """);
        jenkins.assertLogContains("answer null", run);
        assertThat(
                lab.proxmox.requests().get(0).parameters(),
                is(Map.of("memory", "2048", "onboot", "1", "protection", "0", "name", "web-2")));
        answer("{\"data\":null}");
        run(Result.SUCCESS, "proxmoxApi method: 'DELETE', path: '/nodes/pve1/qemu/100', parameters: [purge: 1]");
        assertThat(lab.proxmox.requests().get(1).parameters(), is(Map.of("purge", "1")));
    }

    @Test
    void returnsTheTaskAtOnceIfItIsNotAwaited() throws Exception {
        lab.proxmox.cluster().timing(Duration.ofHours(1), Duration.ZERO, Duration.ZERO);
        WorkflowRun run = run(
                Result.SUCCESS,
                "echo proxmoxApi(method: 'POST', path: '/nodes/pve1/qemu/100/status/start', wait: false)");
        jenkins.assertLogContains("UPID:pve1:", run);
        assertThat(timeline(run).get(0).getOutcome(), is(TimelineEntry.Outcome.REQUESTED));
    }

    @Test
    void failsWithTheTask() throws Exception {
        WorkflowRun run = fails(
                "method: 'POST', path: '/nodes/pve1/qemu/102/status/start'",
                "POST /nodes/pve1/qemu/102/status/start failed: task UPID:pve1:");
        jenkins.assertLogContains("ended with: start failed: QEMU exited with code 1.", run);
        assertThat(timeline(run).get(0).getOutcome(), is(TimelineEntry.Outcome.FAILED));
    }

    @Test
    void isOffUntilARuleAllowsIt() throws Exception {
        allow();
        fails(
                "'/version'",
                "No job may use proxmoxApi on the Proxmox VE server \"lab\". To allow GET /version, an administrator "
                        + "can add this line under Manage Jenkins, System, Proxmox VE, Allowed API calls: GET /version");
        allow("GET /version", "GET /nodes/*/qemu/*/config");
        fails(
                "method: 'PUT', path: '/nodes/pve1/qemu/100/config'",
                "No line of the allowed API calls of the Proxmox VE server \"lab\" matches "
                        + "PUT /nodes/pve1/qemu/100/config. To allow it, an administrator can add this line under "
                        + "Manage Jenkins, System, Proxmox VE, Allowed API calls: PUT /nodes/pve1/qemu/100/config");
        allow("GET /version", "GET /**/config");
        fails("'/version'", "The allowed API calls of the Proxmox VE server \"lab\" cannot be read, so no call is");
        assertThat(lab.requests(), is(0));
        allow("GET /version");
        run(Result.SUCCESS, "proxmoxApi '/version'");
        assertThat(lab.requests(), is(1));
    }

    @Test
    void isRefusedToJobsThatMayNotUseTheServer() throws Exception {
        server().setFolders(List.of("ops"));
        Folder ops = jenkins.createProject(Folder.class, "ops");
        Folder below = ops.createProject(Folder.class, "below");
        WorkflowRun refused =
                run(below.createProject(WorkflowJob.class, "job"), Result.FAILURE, "proxmoxApi '/version'");
        jenkins.assertLogContains("The job \"ops/below/job\" is not allowed to use any", refused);
        refused = run(Result.FAILURE, "proxmoxApi path: '/version', server: 'lab'");
        jenkins.assertLogContains("is not allowed to use the Proxmox VE server \"lab\"", refused);
        assertThat(lab.requests(), is(0));
        run(ops.createProject(WorkflowJob.class, "job"), Result.SUCCESS, "proxmoxApi '/version'");
    }

    @Test
    void refusesWhatIsNoPlainPathAndWhatNoRuleCanAllow() throws Exception {
        allow("GET /**", "POST /**", "PUT /**", "DELETE /**");
        for (String path : List.of(
                "/nodes/../access/ticket",
                "/nodes/%2e%2e/access",
                "/nodes%2Fpve1",
                "//evil.example.org/",
                "https://evil.example.org/version",
                "/version?x=1",
                "/version#x",
                "/nodes\\\\..\\\\access",
                "/version\\n",
                "/api2/json/version",
                "/n\u00f6des")) {
            fails("path: '" + path + "'", "path: \"");
        }
        fails(
                "method: 'POST', path: '/access/ticket', parameters: [username: 'root@pam', password: 'x']",
                "proxmoxApi cannot call POST /access/ticket: it is a login");
        fails(
                "method: 'POST', path: '/access/users/jenkins@pve/token/new'",
                "proxmoxApi cannot call POST /access/users/jenkins@pve/token/new: it changes users, tokens");
        fails(
                "method: 'POST', path: '/nodes/pve1/execute'",
                "proxmoxApi cannot call POST /nodes/pve1/execute: it runs");
        fails("path: '/version', method: 'get'", "method: \"get\" is not known. Did you mean GET?");
        fails("path: '/version', method: 'PATCH'", "method: \"PATCH\" is not known.");
        fails("method: 'GET'", "path is missing.");
        fails("path: '/version', parameters: [a: [b: 1]]", "parameters: a is neither text, number, true or false");
        fails("path: '/version', parameters: 7", "parameters: \"7\" is not a map");
        fails("path: '/version', parameters: 'type'", "parameters: the line \"type\" has no equals sign.");
        fails("path: '/version', timeout: 0", "timeout: 0 is not between 1 and");
        fails("path: '/version', param: [a: 1]", "There is no parameter \"param\".");
        assertThat(lab.requests(), is(0));
    }

    @Test
    void explainsAMissingRight() throws Exception {
        ConfiguredProxmox.add(ConfiguredProxmox.token("limited", "jenkins@pve!limited", lab.example.limitedSecret()));
        WorkflowRun run =
                run(Result.FAILURE, "proxmoxApi path: '/nodes/pve1/qemu/100/config', credentialsId: 'limited'");
        jenkins.assertLogContains("403 Permission check failed (/vms/100, VM.Audit)", run);
        jenkins.assertLogContains("pveum acl modify /vms/100 --tokens 'jenkins@pve!limited'", run);
    }

    @Test
    void tellsTheWordsOfProxmoxVe() throws Exception {
        WorkflowRun run = run(Result.FAILURE, "proxmoxApi '/nodes/pve1/qemu/999/config'");
        jenkins.assertLogContains("Configuration file 'nodes/pve1/qemu-server/999.conf' does not exist", run);
    }

    @Test
    void hidesTheSecretsOfTheServer() throws Exception {
        String secret = lab.example.ciSecret();
        answer("{\"data\":{\"secret\":\"PVEAPIToken=jenkins@pve!ci=" + secret + "\"}}");
        WorkflowRun run = run(Result.SUCCESS, "echo proxmoxApi('/anything').secret");
        jenkins.assertLogContains("PVEAPIToken=jenkins@pve!ci=********", run);
        jenkins.assertLogNotContains(secret, run);
    }

    @Test
    void sendsAWriteOnceAndSaysThatItMayHaveBeenCarriedOut() throws Exception {
        lab.proxmox.inject(request -> request.isWrite(), new Fault.BreakAfter());
        fails(
                "method: 'POST', path: '/nodes/pve1/qemu/100/status/start'",
                "POST /nodes/pve1/qemu/100/status/start may have been carried out, but its answer was lost:");
        assertThat(lab.proxmox.writes(), hasSize(1));
    }

    @Test
    void cancelsTheTaskWhenTheBuildIsAborted() throws Exception {
        lab.proxmox.cluster().timing(Duration.ofHours(1), Duration.ZERO, Duration.ZERO);
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(
                "proxmoxApi method: 'POST', path: '/nodes/pve1/qemu/100/status/start', cancelTask: true", true));
        WorkflowRun run = job.scheduleBuild2(0).waitForStart();
        jenkins.waitForMessage("POST /nodes/pve1/qemu/100/status/start: UPID:pve1:", run);
        run.getExecutor().interrupt();
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
        Eventually.holds(
                "the task was cancelled",
                () -> lab.proxmox.cluster().endOf(timeline(run).get(0).getUpid()) != null);
        Eventually.holds(
                "the timeline says so", () -> timeline(run).get(0).getOutcome() == TimelineEntry.Outcome.ABORTED);
    }

    @Test
    void worksInADeclarativePipeline() throws Exception {
        answer("{\"data\":null}");
        WorkflowRun run = run(Result.SUCCESS, """
                pipeline {
                    agent none
                    parameters { string(name: 'SECONDS', defaultValue: '60') }
                    stages {
                        stage('change') {
                            steps {
                                proxmoxApi method: 'PUT', path: '/anything', parameters: [memory: 2048, tags: ['a', 'b']], timeout: params.SECONDS
                                proxmoxApi path: '/version', timeout: 60, wait: true
                            }
                        }
                    }
                }
                """);
        jenkins.assertLogContains("[Proxmox VE] PUT /anything: answered", run);
        jenkins.assertLogContains("[Proxmox VE] GET /version: answered", run);
    }
}
