package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.jvnet.hudson.test.JenkinsRule;

@WithOneJenkins
class ProxmoxVmStepTest {

    private static final String START_LOOK_STOP = """
            def vm = proxmoxVm action: 'start', vmid: %1$d
            echo "started: ${vm.vmid} ${vm.name} ${vm.node} ${vm.type} ${vm.status} ${vm.changed} ${vm.durationMillis > 0}"
            def now = proxmoxStatus vmid: %1$d
            echo "now: ${now.status} ${now.node} ${now.name} ${now.type} ${now.lock} ${now.haManaged} ${now.memory > 0}"
            def end = proxmoxVm action: 'stop', vmid: %1$d
            echo "ended: ${end.status} ${end.changed}"
            """;

    private static WorkflowRun run(JenkinsRule jenkins, Result result, String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return jenkins.buildAndAssertStatus(result, job);
    }

    @ParameterizedTest
    @EnumSource(Generation.class)
    void startsLooksAtAndStopsAVmWithAToken(Generation generation, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start(generation)) {
            WorkflowRun run = run(jenkins, Result.SUCCESS, START_LOOK_STOP.formatted(100));
            jenkins.assertLogContains("started: 100 build-agent pve1 qemu running true true", run);
            jenkins.assertLogContains("now: running pve1 build-agent qemu null false true", run);
            jenkins.assertLogContains("ended: stopped true", run);
            jenkins.assertLogContains("[Proxmox VE] VM 100 (build-agent) is on node pve1, stopped", run);
            jenkins.assertLogContains("[Proxmox VE] Requested start of VM 100 (build-agent): UPID:pve1:", run);
            jenkins.assertLogContains("[Proxmox VE] Task qmstart ended: OK", run);
            jenkins.assertLogContains("[Proxmox VE] VM 100 (build-agent) is running on node pve1, confirmed", run);
            assertThat(
                    lab.proxmox.writes(),
                    is(List.of("POST /nodes/pve1/qemu/100/status/start", "POST /nodes/pve1/qemu/100/status/stop")));
            assertThat(JenkinsRule.getLog(run), not(containsString(lab.example.ciSecret())));
        }
    }

    @Test
    void treatsAContainerAlike(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(jenkins, Result.SUCCESS, START_LOOK_STOP.formatted(200));
            jenkins.assertLogContains("started: 200 proxy pve1 lxc running true true", run);
            jenkins.assertLogContains("ended: stopped true", run);
            assertThat(lab.proxmox.cluster().taskTypes(200), is(List.of("vzstart", "vzstop")));
        }
    }

    @ParameterizedTest
    @EnumSource(Generation.class)
    void hibernatesAVmAndBringsItsMemoryBack(Generation generation, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start(generation)) {
            lab.proxmox.access().role("space", "Datastore.AllocateSpace");
            lab.proxmox.access().grant("/storage/local", "jenkins@pve", "space");
            lab.proxmox.cluster().guest(100).running();
            WorkflowRun run = run(jenkins, Result.SUCCESS, """
                    def vm = proxmoxVm action: 'hibernate', vmid: 100
                    echo "${vm.status} ${vm.changed}"
                    echo "again ${proxmoxVm(action: 'hibernate', vmid: 100).changed}"
                    echo "resumed ${proxmoxVm(action: 'resume', vmid: 100).status}"
                    """);
            jenkins.assertLogContains("stopped true", run);
            jenkins.assertLogContains("again false", run);
            jenkins.assertLogContains("resumed running", run);
            assertThat(lab.proxmox.cluster().taskTypes(100), is(List.of("qmsuspend", "qmresume")));

            WorkflowRun container = run(jenkins, Result.FAILURE, "proxmoxVm action: 'hibernate', vmid: 200");
            jenkins.assertLogContains("containers cannot be hibernated", container);
        }
    }

    /** Proxmox VE stops a guest that ignores the shutdown; of a container under high availability, the step does. */
    @ParameterizedTest
    @EnumSource(Generation.class)
    void stopsAGuestThatIgnoresItsShutdownWhereThatIsWanted(Generation generation, JenkinsRule jenkins)
            throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start(generation)) {
            lab.proxmox
                    .cluster()
                    .container(250, "pve1", "kept-up")
                    .running()
                    .ignoresShutdown()
                    .inHaState("started");
            WorkflowRun run = run(jenkins, Result.SUCCESS, """
                    for (vmid in [108, 250]) {
                        def end = proxmoxVm action: 'shutdown', vmid: vmid, forceStop: true, timeout: 9
                        echo "${vmid} is ${end.status}, ${end.changed}"
                    }
                    """);
            jenkins.assertLogContains("108 is stopped, true", run);
            jenkins.assertLogContains("Stopping CT 250 (kept-up) instead", run);
            jenkins.assertLogContains("250 is stopped, true", run);
            assertThat(lab.proxmox.cluster().taskTypes(108), is(List.of("qmshutdown")));
            assertThat(lab.proxmox.cluster().taskTypes(250), is(List.of("hastop", "hastop", "vzstop")));
            run = run(jenkins, Result.FAILURE, "proxmoxVm action: 'reboot', vmid: 101, forceStop: true");
            jenkins.assertLogContains("ERROR: forceStop: true is for action: 'shutdown', not for reboot.", run);
        }
    }

    @Test
    void takesATokenFromASecretText(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.unconfigured()) {
            ConfiguredProxmox.add(ConfiguredProxmox.secretText("text", "jenkins@pve!ci=" + lab.example.ciSecret()));
            lab.server("lab", "text");
            run(jenkins, Result.SUCCESS, START_LOOK_STOP.formatted(100));
            assertTrue(lab.proxmox.requests().stream().noneMatch(r -> r.isLogin()), "no login with a token");
        }
    }

    @Test
    void takesATokenFromAUsernameWithPassword(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.unconfigured()) {
            ConfiguredProxmox.add(ConfiguredProxmox.login("login", "jenkins@pve!ci", lab.example.ciSecret()));
            lab.server("lab", "login");
            run(jenkins, Result.SUCCESS, START_LOOK_STOP.formatted(100));
            assertTrue(lab.proxmox.requests().stream().noneMatch(r -> r.isLogin()), "no login with a token");
        }
    }

    @Test
    void logsInAgainWhenTheTicketEndsInTheMiddleOfABuild(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.unconfigured()) {
            ConfiguredProxmox.add(ConfiguredProxmox.login("login", "jenkins@pve", ExampleCluster.JENKINS_PASSWORD));
            lab.server("lab", "login");
            PipelineGate gate = new PipelineGate();
            WorkflowJob job = jenkins.createProject(WorkflowJob.class);
            job.setDefinition(new CpsFlowDefinition("""
                    proxmoxVm action: 'start', vmid: 100
                    %s
                    proxmoxVm action: 'stop', vmid: 100
                    """.formatted(gate), true));
            WorkflowRun run = job.scheduleBuild2(0).waitForStart();
            gate.await(run);
            lab.proxmox.access().endAllTickets();
            gate.open();
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
            assertThat(lab.proxmox.access().logins(), is(2));
            assertThat(lab.proxmox.cluster().taskTypes(100), is(List.of("qmstart", "qmstop")));
            assertThat(JenkinsRule.getLog(run), not(containsString(ExampleCluster.JENKINS_PASSWORD)));
        }
    }

    @Test
    void leavesAGuestAloneThatIsAlreadyAsWanted(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(
                    jenkins,
                    Result.SUCCESS,
                    "def vm = proxmoxVm action: 'start', vmid: 101\necho \"${vm.changed} ${vm.upid}\"");
            jenkins.assertLogContains("false null", run);
            jenkins.assertLogContains("VM 101 (web-1) is already running, nothing to do", run);
            assertThat(lab.proxmox.writes(), is(List.of()));
        }
    }

    @Test
    void findsAGuestByNameAndTakesTheVmidAsText(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            run(jenkins, Result.SUCCESS, "proxmoxVm action: 'start', name: 'build-agent', server: 'lab', node: 'pve1'");
            assertTrue(lab.proxmox.cluster().guest(100).isRunning());
            run(
                    jenkins,
                    Result.SUCCESS,
                    "def id = '100'\nproxmoxVm action: 'stop', vmid: \"${id}\"\nproxmoxVm(action: 'start', vmid: id)");
            assertThat(lab.proxmox.cluster().taskTypes(100), is(List.of("qmstart", "qmstop", "qmstart")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"shutdown", "reboot", "reset", "suspend"})
    void carriesOutTheOtherActionsOfARunningVm(String action, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(
                    jenkins,
                    Result.SUCCESS,
                    "def vm = proxmoxVm action: '" + action + "', vmid: 101\necho \"state ${vm.status}\"");
            String state = action.equals("shutdown") ? "stopped" : action.equals("suspend") ? "paused" : "running";
            jenkins.assertLogContains("state " + state, run);
            assertThat(lab.proxmox.writes(), is(List.of("POST /nodes/pve1/qemu/101/status/" + action)));
        }
    }

    @Test
    void doesNotWaitIfToldSo(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(
                    jenkins,
                    Result.SUCCESS,
                    "def vm = proxmoxVm action: 'start', vmid: 105, wait: false\necho \"task ${vm.upid}\"");
            jenkins.assertLogContains("task UPID:pve1:", run);
            assertTrue(
                    lab.proxmox.requests().stream().noneMatch(r -> r.path().contains("/tasks/")), "no task asked for");
        }
    }

    @Test
    void failsWithOneMessageThatHoldsWhatProxmoxSaid(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(jenkins, Result.FAILURE, "proxmoxVm action: 'start', vmid: 102");
            jenkins.assertLogContains("ERROR: Could not start VM 102 (broken) on node pve1: task UPID:pve1:", run);
            jenkins.assertLogContains("failed: start failed: QEMU exited with code 1.", run);
            assertThat(JenkinsRule.getLog(run), not(containsString("\tat ")));
        }
    }

    @Test
    void failsWithTheMissingPrivilege(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            ConfiguredProxmox.add(ConfiguredProxmox.token("auditor", "auditor@pve!ci", lab.example.auditorSecret()));
            WorkflowRun run =
                    run(jenkins, Result.FAILURE, "proxmoxVm action: 'start', vmid: 100, credentialsId: 'auditor'");
            jenkins.assertLogContains("403 Permission check failed (/vms/100, VM.PowerMgmt)", run);
            jenkins.assertLogContains(
                    "ERROR: Proxmox VE at " + lab.proxmox.address()
                            + " does not let auditor@pve!ci do this: it requires VM.PowerMgmt on /vms/100.",
                    run);
            assertThat(JenkinsRule.getLog(run), not(containsString("\tat ")));
        }
    }

    @Test
    void canBeAbortedWhileItWaits(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowJob job = jenkins.createProject(WorkflowJob.class);
            job.setDefinition(new CpsFlowDefinition("proxmoxVm action: 'start', vmid: 105", true));
            WorkflowRun run = job.scheduleBuild2(0).waitForStart();
            jenkins.waitForMessage("Requested start of VM 105", run);
            run.doStop();
            jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
            assertThat(lab.proxmox.writes(), is(List.of("POST /nodes/pve1/qemu/105/status/start")));
        }
    }
}
