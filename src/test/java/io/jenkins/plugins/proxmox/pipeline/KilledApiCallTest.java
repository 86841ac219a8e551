package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasSize;

import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/** The controller is killed while calls of the API wait: each write arrives once, and nobody guesses. */
class KilledApiCallTest {

    /** What the controller has to know of the server. */
    private record Lab(String address, String fingerprint, String secret) implements Serializable {}

    @RegisterExtension
    private final RealJenkinsExtension controller = new RealJenkinsExtension().withTimeout(600);

    @ParameterizedTest
    @EnumSource(Generation.class)
    void sendsEachWriteOnce(Generation generation) throws Throwable {
        try (ConfiguredProxmox lab = ConfiguredProxmox.unconfigured(generation)) {
            lab.proxmox.cluster().timing(Duration.ofHours(1), Duration.ZERO, Duration.ZERO);
            CountDownLatch killed = new CountDownLatch(1);
            lab.proxmox.inject(request -> request.path().endsWith("/100/status/start"), new Fault.HoldAnswer(killed));
            lab.proxmox.inject(request -> request.path().equals("/version"), new Fault.Hold(killed));
            Lab known = new Lab(lab.proxmox.address(), lab.fingerprint(), lab.example.ciSecret());
            controller.startJenkins();
            controller.runRemotely(KilledApiCallTest::startBuilds, known);
            Eventually.holds(
                    "the first request arrived",
                    () -> !lab.proxmox.cluster().taskTypes(100).isEmpty());
            Eventually.holds(
                    "the second task is awaited",
                    () -> lab.proxmox.requests().stream()
                            .anyMatch(request -> request.path().contains("/tasks/")));
            Eventually.holds(
                    "the read arrived",
                    () -> lab.proxmox.requests().stream()
                            .anyMatch(request -> request.path().equals("/version")));
            controller.stopJenkinsForcibly();
            killed.countDown();
            lab.proxmox.cluster().endTasks(105);
            controller.startJenkins();
            controller.runRemotely(KilledApiCallTest::awaitBuilds);
            assertThat(lab.proxmox.writes(), hasSize(2));
        }
    }

    private static void startBuilds(JenkinsRule jenkins, Lab lab) throws Throwable {
        ConfiguredProxmox.add(ConfiguredProxmox.token("ci", "jenkins@pve!ci", lab.secret));
        ProxmoxServer server = new ProxmoxServer("lab", lab.address);
        server.setCredentialsId("ci");
        server.setFingerprint(lab.fingerprint);
        server.setApiRules(List.of("GET /version", "POST /nodes/*/qemu/*/status/*"));
        ProxmoxConfiguration.get().setServers(List.of(server));
        start(jenkins, "answer", "proxmoxApi method: 'POST', path: '/nodes/pve1/qemu/100/status/start'");
        start(
                jenkins,
                "task",
                "def upid = proxmoxApi method: 'POST', path: '/nodes/pve1/qemu/105/status/start', parameters: [timeout: 9]\n"
                        + "echo \"ended ${upid.startsWith('UPID:pve1:')}\"");
        start(jenkins, "read", "echo \"version ${proxmoxApi('/version').version}\"");
    }

    private static void start(JenkinsRule jenkins, String name, String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class, name);
        job.setDefinition(new CpsFlowDefinition(script, true));
        job.scheduleBuild2(0).waitForStart();
    }

    private static void awaitBuilds(JenkinsRule jenkins) throws Throwable {
        WorkflowRun lost = build(jenkins, "answer");
        jenkins.assertBuildStatus(Result.FAILURE, jenkins.waitForCompletion(lost));
        jenkins.assertLogContains(
                "ERROR: POST /nodes/pve1/qemu/100/status/start may have been carried out, but its answer was lost: "
                        + "Jenkins went down while the request was on its way. Jenkins does not send it again.",
                lost);
        jenkins.assertLogContains("Tasks of jenkins@pve!ci that began there since then: UPID:pve1:", lost);
        WorkflowRun task = build(jenkins, "task");
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(task));
        jenkins.assertLogContains("ended true", task);
        WorkflowRun read = build(jenkins, "read");
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(read));
        jenkins.assertLogContains("version ", read);
    }

    private static WorkflowRun build(JenkinsRule jenkins, String job) {
        return jenkins.jenkins.getItemByFullName(job, WorkflowJob.class).getBuildByNumber(1);
    }
}
