package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.lease.LeaseReturns;
import io.jenkins.plugins.proxmox.lease.Leases;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.jvnet.hudson.test.JenkinsRule;

@WithOneJenkins
class WithProxmoxVmStepTest {

    private static WorkflowRun run(JenkinsRule jenkins, Result result, String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return jenkins.buildAndAssertStatus(result, job);
    }

    private static WorkflowRun begin(JenkinsRule jenkins, String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return job.scheduleBuild2(0).waitForStart();
    }

    private static List<String> tasks(ConfiguredProxmox lab, int vmid) {
        return lab.proxmox.cluster().taskTypes(vmid);
    }

    @ParameterizedTest
    @CsvSource({"100, build-agent, qm", "200, proxy, vz"})
    void startsAStoppedGuestForItsBodyAndShutsItDown(int vmid, String name, String kind, JenkinsRule jenkins)
            throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(jenkins, Result.SUCCESS, """
                    def answer = withProxmoxVm(vmid: %d) {
                        echo "in it: ${proxmoxStatus(vmid: env.PROXMOX_VMID).status}"
                        echo "told: ${env.PROXMOX_VMID} ${env.PROXMOX_NODE} ${env.PROXMOX_GUEST_NAME}"
                        42
                    }
                    echo "answer ${answer}, told no more: ${env.PROXMOX_VMID}"
                    """.formatted(vmid));
            jenkins.assertLogContains("in it: running", run);
            jenkins.assertLogContains("told: " + vmid + " pve1 " + name, run);
            jenkins.assertLogContains("answer 42, told no more: null", run);
            assertThat(tasks(lab, vmid), is(List.of(kind + "start", kind + "shutdown")));
            assertFalse(lab.proxmox.cluster().guest(vmid).isRunning(), "it runs");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {101, 201})
    void leavesAGuestRunningThatRanBefore(int vmid, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(jenkins, Result.SUCCESS, "withProxmoxVm(vmid: " + vmid + ") { echo 'in it' }");
            jenkins.assertLogContains("in it", run);
            jenkins.assertLogContains("is running, as it was found", run);
            assertThat(lab.proxmox.writes(), is(List.of()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io-error", "internal-error", "guest-panicked", "watchdog"})
    void doesNotTakeAGuestForRunningThatStandsStillAfterAnError(String qmpStatus, JenkinsRule jenkins)
            throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.cluster().guest(101).halted(qmpStatus);
            WorkflowRun run = run(jenkins, Result.FAILURE, "withProxmoxVm(vmid: 101) { echo 'in it' }");
            jenkins.assertLogContains("ERROR: Cannot start VM 101 (web-1): it ", run);
            jenkins.assertLogContains("(" + qmpStatus + ")", run);
            jenkins.assertLogNotContains("in it", run);
            assertThat(lab.proxmox.writes(), is(List.of()));
        }
    }

    @Test
    void stopsAGuestThatHaltedInItsBodyAndHearsNoShutdown(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            PipelineGate gate = new PipelineGate();
            WorkflowRun run = begin(jenkins, "withProxmoxVm(vmid: 100) { " + gate + " }");
            gate.await(run);
            lab.proxmox.cluster().guest(100).halted("io-error");
            gate.open();
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
            assertThat(tasks(lab, 100), is(List.of("qmstart", "qmstop")));
        }
    }

    @Test
    void doesNotTakeAGuestForGoneWhileTheClusterKnowsNoNode(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.cluster().node("pve3", true);
            lab.proxmox.cluster().vm(130, "pve3", "elsewhere");
            PipelineGate gate = new PipelineGate();
            WorkflowRun run = begin(jenkins, "withProxmoxVm(vmid: 130) { " + gate + " }");
            gate.await(run);
            lab.proxmox.cluster().knows(SimulatedCluster.Knowledge.NOTHING);
            gate.open();
            jenkins.waitForMessage("so the guest may still exist", run);
            lab.proxmox.cluster().knows(SimulatedCluster.Knowledge.ALL);
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
            assertThat(tasks(lab, 130), is(List.of("qmstart", "qmshutdown")));
        }
    }

    @Test
    void looksForAGuestUntilTheClusterKnowsANode(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.cluster().node("pve3", true);
            lab.proxmox.cluster().vm(130, "pve3", "elsewhere");
            lab.proxmox.cluster().knows(SimulatedCluster.Knowledge.NOTHING);
            WorkflowRun run = begin(jenkins, "withProxmoxVm(vmid: 130) { echo 'within' }");
            jenkins.waitForMessage("so the guest may still exist", run);
            lab.proxmox.cluster().knows(SimulatedCluster.Knowledge.ALL);
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
            jenkins.assertLogContains("within", run);
            assertThat(tasks(lab, 130), is(List.of("qmstart", "qmshutdown")));
        }
    }

    @Test
    void startsAgainWhatTheBodyStopped(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            run(jenkins, Result.SUCCESS, "withProxmoxVm(vmid: 101) { proxmoxVm action: 'stop', vmid: 101 }");
            assertThat(tasks(lab, 101), is(List.of("qmstop", "qmstart")));
        }
    }

    @Test
    void resumesAPausedVmAndPausesItAgain(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.cluster().guest(101).paused();
            WorkflowRun run = run(
                    jenkins,
                    Result.SUCCESS,
                    "withProxmoxVm(name: 'web-1') { echo \"in it: ${proxmoxStatus(vmid: 101).status}\" }");
            jenkins.assertLogContains("in it: running", run);
            assertThat(
                    lab.proxmox.writes(),
                    is(List.of("POST /nodes/pve1/qemu/101/status/resume", "POST /nodes/pve1/qemu/101/status/suspend")));
            assertTrue(lab.proxmox.cluster().guest(101).isPaused(), "it is not paused");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "100, shutdown, 'qmstart, qmshutdown'",
        "100, stop, 'qmstart, qmstop'",
        "100, leave, 'qmstart'",
        "101, shutdown, 'qmshutdown'",
        "101, stop, 'qmstop'",
        "201, stop, 'vzstop'"
    })
    void endsAsTold(int vmid, String onExit, String tasks, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            run(jenkins, Result.SUCCESS, "withProxmoxVm(vmid: " + vmid + ", onExit: '" + onExit + "') { }");
            assertThat(tasks(lab, vmid), is(List.of(tasks.split(", "))));
        }
    }

    @ParameterizedTest
    @CsvSource({"502, Bad Gateway", "524, A Timeout Occurred", "401, Unauthorized"})
    void putsBackAGuestWhoseStartWasAnsweredBySomethingInBetween(int status, String reason, JenkinsRule jenkins)
            throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.inject(
                    request -> request.path().endsWith("/status/start"),
                    new Fault.AnswerInstead(new Fault.Answer(status, reason, "text/plain", reason)));
            WorkflowRun run = run(jenkins, Result.SUCCESS, "withProxmoxVm(vmid: 100) { echo 'in it' }");
            jenkins.assertLogContains("in it", run);
            assertThat(tasks(lab, 100), is(List.of("qmstart", "qmshutdown")));
        }
    }

    @Test
    void looksOnceMoreWhenTheFirstLookMeetsTrouble(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.inject(
                    request -> request.path().endsWith("/status/current"),
                    new Fault.Refuse(599, "Too many redirections"));
            lab.proxmox.inject(request -> true, new Fault.Refuse(500, "ipcc_send_rec[1] failed: Connection refused"));
            WorkflowRun run = run(jenkins, Result.SUCCESS, "withProxmoxVm(vmid: 100) { echo 'in it' }");
            jenkins.assertLogContains("[Proxmox VE] Still looking for the guest. ", run);
            assertThat(tasks(lab, 100), is(List.of("qmstart", "qmshutdown")));
        }
    }

    @Test
    void putsTheGuestBackWhenTheBodyFails(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(jenkins, Result.FAILURE, "withProxmoxVm(vmid: 100) { error 'the tests are red' }");
            jenkins.assertLogContains("ERROR: the tests are red", run);
            assertThat(tasks(lab, 100), is(List.of("qmstart", "qmshutdown")));
            assertThat(JenkinsRule.getLog(run), not(containsString("\tat ")));
        }
    }

    @Test
    void putsTheGuestBackWhenTheBuildIsAborted(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            PipelineGate gate = new PipelineGate();
            WorkflowRun run = begin(jenkins, "withProxmoxVm(vmid: 200) { " + gate + " }");
            gate.await(run);
            run.doStop();
            jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
            assertThat(tasks(lab, 200), is(List.of("vzstart", "vzshutdown")));
        }
    }

    @Test
    void putsTheGuestBackWhenATimeoutEndsTheBody(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            run(
                    jenkins,
                    Result.ABORTED,
                    "withProxmoxVm(vmid: 100) { timeout(time: 100, unit: 'MILLISECONDS') { " + new PipelineGate()
                            + " } }");
            assertThat(tasks(lab, 100), is(List.of("qmstart", "qmshutdown")));
        }
    }

    @Test
    void stopsAGuestThatIgnoresItsShutdown(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.cluster().guest(100).ignoresShutdown();
            WorkflowRun run = run(jenkins, Result.SUCCESS, "withProxmoxVm(vmid: 100, timeout: 6) { }");
            jenkins.assertLogContains("VM quit/powerdown failed", run);
            jenkins.assertLogContains("Stopping it instead", run);
            assertThat(tasks(lab, 100), is(List.of("qmstart", "qmshutdown", "qmstop")));
        }
    }

    @Test
    void failsWhenTheGuestCannotBePutBackAlthoughTheBodyWasFine(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            refuse(lab, "/status/shutdown");
            WorkflowRun run = run(jenkins, Result.FAILURE, "withProxmoxVm(vmid: 100) { echo 'fine' }");
            jenkins.assertLogContains("fine", run);
            jenkins.assertLogContains("ERROR: VM 100 (build-agent) was not put back as it was found: ", run);
            jenkins.assertLogContains("Permission check failed (/vms/100, VM.PowerMgmt)", run);
        }
    }

    @Test
    void failsWithTheBodyAndTellsThatTheGuestWasNotPutBack(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            refuse(lab, "/status/shutdown");
            WorkflowRun run = run(jenkins, Result.FAILURE, "withProxmoxVm(vmid: 100) { error 'the tests are red' }");
            jenkins.assertLogContains("ERROR: the tests are red", run);
            jenkins.assertLogContains("[Proxmox VE] VM 100 (build-agent) was not put back as it was found: ", run);
            jenkins.assertLogContains("Permission check failed (/vms/100, VM.PowerMgmt)", run);
        }
    }

    private static void refuse(ConfiguredProxmox lab, String path) {
        lab.proxmox.inject(
                request -> request.path().endsWith(path),
                new Fault.Answer(
                        403,
                        "Permission check failed (/vms/100, VM.PowerMgmt)",
                        "application/json",
                        "{\"data\":null}"));
    }

    @Test
    void doesNotRunItsBodyWhenTheGuestDoesNotStart(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(jenkins, Result.FAILURE, "withProxmoxVm(vmid: 102) { echo 'in it' }");
            jenkins.assertLogContains("ERROR: Could not start VM 102 (broken) on node pve1", run);
            jenkins.assertLogContains("VM 102 (broken) is stopped, as it was found", run);
            jenkins.assertLogNotContains("in it", run);
            assertThat(tasks(lab, 102), is(List.of("qmstart")));
        }
    }

    @Test
    void putsBackAGuestWhoseStartTookTooLong(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.cluster().guest(105).startTakes(Duration.ofSeconds(8));
            WorkflowRun run = run(jenkins, Result.FAILURE, "withProxmoxVm(vmid: 105, timeout: 6) { echo 'in it' }");
            jenkins.assertLogContains("ERROR: Timeout of 6 s: could not start VM 105 (slow) in that time.", run);
            jenkins.assertLogContains("Waiting until task UPID:pve1:", run);
            jenkins.assertLogNotContains("in it", run);
            assertFalse(lab.proxmox.cluster().guest(105).isRunning(), "it runs");
        }
    }

    @Test
    void waitsForTheEndOfAStartToPutItBackWhenAborted(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.cluster().guest(105).startTakes(Duration.ofSeconds(2));
            WorkflowRun run = begin(jenkins, "withProxmoxVm(vmid: 105) { echo 'in it' }");
            jenkins.waitForMessage("Requested start of VM 105", run);
            run.doStop();
            jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
            jenkins.assertLogContains("Aborted while the guest was starting.", run);
            jenkins.assertLogNotContains("in it", run);
            assertThat(tasks(lab, 105), is(List.of("qmstart", "qmshutdown")));
        }
    }

    @Test
    void cancelsTheStartWhenAbortedIfToldSo(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = begin(jenkins, "withProxmoxVm(vmid: 105, cancelTask: true) { echo 'in it' }");
            jenkins.waitForMessage("Requested start of VM 105", run);
            run.doStop();
            jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
            assertThat(tasks(lab, 105), is(List.of("qmstart")));
            assertFalse(lab.proxmox.cluster().guest(105).isRunning(), "it runs");
        }
    }

    @Test
    void endsAtOnceWhenAbortedAgain(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = begin(jenkins, "withProxmoxVm(vmid: 105) { echo 'in it' }");
            jenkins.waitForMessage("Requested start of VM 105", run);
            run.doStop();
            jenkins.waitForMessage("Aborted while the guest was starting.", run);
            run.getExecutor().interrupt();
            jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
            jenkins.assertLogContains("Aborted again: the build ends now. Jenkins puts the guest back", run);
            lab.proxmox.cluster().endTasks(105);
            Eventually.holds("the guest is back", () -> Leases.get().all().isEmpty());
            assertThat(tasks(lab, 105), is(List.of("qmstart", "qmshutdown")));
        }
    }

    @Test
    void putsTheGuestBackWhenAbortedBeforeItIsKnownWhetherItStarts(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            CountDownLatch aborted = new CountDownLatch(1);
            lab.proxmox.inject(request -> request.path().endsWith("/100/status/start"), new Fault.HoldAnswer(aborted));
            WorkflowRun run = begin(jenkins, "withProxmoxVm(vmid: 100, cancelTask: true) { echo 'in it' }");
            Eventually.holds(
                    "the guest runs", () -> lab.proxmox.cluster().guest(100).isRunning());
            run.doStop();
            jenkins.waitForMessage("Aborted while the request to start the guest was on its way.", run);
            aborted.countDown();
            jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
            jenkins.assertLogNotContains("in it", run);
            assertThat(tasks(lab, 100), is(List.of("qmstart", "qmshutdown")));
        }
    }

    @Test
    void putsBackWhatHighAvailabilityStartsOnlyLater(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.cluster().timing(Duration.ofMillis(100), Duration.ofSeconds(2), Duration.ZERO);
            WorkflowRun run = begin(jenkins, "withProxmoxVm(vmid: 104, cancelTask: true) { echo 'in it' }");
            jenkins.waitForMessage("Task hastart ended: OK", run);
            run.doStop();
            jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
            assertThat(tasks(lab, 104), is(List.of("hastart", "qmstart", "hastop", "qmstop")));
            assertFalse(lab.proxmox.cluster().guest(104).isRunning(), "it runs");
        }
    }

    @Test
    void goesOnPuttingTheGuestBackWhenAbortedThen(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.cluster().guest(100).ignoresShutdown();
            WorkflowRun run = begin(jenkins, "withProxmoxVm(vmid: 100, timeout: 6) { }");
            jenkins.waitForMessage("Requested shutdown of VM 100", run);
            run.doStop();
            jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
            jenkins.assertLogContains("Aborted while putting the guest back. Jenkins still puts it back.", run);
            assertThat(tasks(lab, 100), is(List.of("qmstart", "qmshutdown", "qmstop")));
        }
    }

    @Test
    void endsAtOnceWhenAbortedOnceMoreThenAndPutsTheGuestBackLater(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.cluster().guest(100).ignoresShutdown();
            WorkflowRun run = begin(jenkins, "withProxmoxVm(vmid: 100, timeout: 9) { error 'the tests are red' }");
            jenkins.waitForMessage("Requested shutdown of VM 100", run);
            run.doStop();
            jenkins.waitForMessage("Aborted while putting the guest back.", run);
            run.getExecutor().interrupt();
            jenkins.waitForCompletion(run);
            jenkins.assertLogContains("Aborted again: the build ends now. Jenkins puts the guest back", run);
            jenkins.assertLogContains("The build ends before VM 100 (build-agent) is back.", run);
            Eventually.holds("the guest is back", () -> Leases.get().all().isEmpty());
            assertThat(tasks(lab, 100), is(List.of("qmstart", "qmshutdown", "qmstop")));
        }
    }

    @Test
    void putsTheGuestBackWhereItStartedItWhenAnotherServerBecomesTheDefault(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                ConfiguredProxmox other = ConfiguredProxmox.unconfigured()) {
            ConfiguredProxmox.add(ConfiguredProxmox.token("theirs", "jenkins@pve!ci", other.example.ciSecret()));
            PipelineGate gate = new PipelineGate();
            WorkflowRun run = begin(jenkins, "withProxmoxVm(vmid: 100) { " + gate + " }");
            gate.await(run);
            other.server("other", "theirs");
            List<ProxmoxServer> servers =
                    new ArrayList<>(ProxmoxConfiguration.get().getServers());
            Collections.reverse(servers);
            ProxmoxConfiguration.get().setServers(servers);
            gate.open();
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
            assertThat(tasks(lab, 100), is(List.of("qmstart", "qmshutdown")));
            assertThat(other.requests(), is(0));
        }
    }

    @Test
    void asksAgainWhenTheServerDoesNotAnswerAtTheEnd(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            PipelineGate gate = new PipelineGate();
            WorkflowRun run = begin(jenkins, "withProxmoxVm(vmid: 100) { " + gate + " }");
            gate.await(run);
            lab.proxmox.stopListening();
            gate.open();
            jenkins.waitForMessage("Still waiting to put VM 100 (build-agent) back.", run);
            lab.proxmox.listenAgain();
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
            assertThat(tasks(lab, 100), is(List.of("qmstart", "qmshutdown")));
        }
    }

    @Test
    void tellsWhichGuestIsLeftWhenTheServerIsDeletedMeanwhile(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            PipelineGate gate = new PipelineGate();
            WorkflowRun run = begin(jenkins, "withProxmoxVm(vmid: 100) { " + gate + " }");
            gate.await(run);
            ProxmoxConfiguration.get().setServers(List.of(new ProxmoxServer("other", "pve.example.org")));
            gate.open();
            jenkins.assertBuildStatus(Result.FAILURE, jenkins.waitForCompletion(run));
            jenkins.assertLogContains(
                    "ERROR: VM 100 (build-agent) was not put back as it was found: "
                            + "There is no Proxmox VE server named \"lab\". Configured servers: other.",
                    run);
        }
    }

    @Test
    void tellsWhichGuestIsLeftWhenTheCredentialsAreDeletedMeanwhile(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            PipelineGate gate = new PipelineGate();
            WorkflowRun run = begin(jenkins, "withProxmoxVm(vmid: 100) { " + gate + " }");
            gate.await(run);
            SystemCredentialsProvider.getInstance().getCredentials().clear();
            gate.open();
            jenkins.assertBuildStatus(Result.FAILURE, jenkins.waitForCompletion(run));
            jenkins.assertLogContains("ERROR: VM 100 (build-agent) was not put back as it was found: ", run);
            jenkins.assertLogContains("its credentials \"ci\" do not exist on the controller", run);
        }
    }

    /** The expression is used at once, as the script could not keep such a value over its next step either. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            'pve 9.2' =~ /[0-9.]+/                                 | .find()  | true
            new groovy.json.JsonSlurper().parseText('[{"id": 1}]') | [0].id   | 1
            new groovy.json.JsonSlurper().parseText('{"id": 2}')   | .id      | 2
            [vmid: 100, tags: ['ci']]                              | .tags    | [ci]
            null                                                   | .is(null)| true
            """)
    void returnsWhatItsBodyReturnsAlsoWhatCannotBeSaved(String result, String use, String expected, JenkinsRule jenkins)
            throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(
                    jenkins,
                    Result.SUCCESS,
                    "echo 'answer: ' + withProxmoxVm(vmid: 100) { %s }%s".formatted(result, use));
            jenkins.assertLogContains("answer: " + expected, run);
            assertThat(tasks(lab, 100), is(List.of("qmstart", "qmshutdown")));
        }
    }

    /** Outside of the sandbox, within which no class of exceptions can be declared. */
    @Test
    void failsAsItsBodyFailsAlsoWithWhatCannotBeSaved(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowJob job = jenkins.createProject(WorkflowJob.class);
            job.setDefinition(new CpsFlowDefinition("""
                    class RedTests extends Exception { def found }
                    try {
                        withProxmoxVm(vmid: 100) { throw new RedTests(found: 'pve 9.2' =~ /[0-9.]+/) }
                    } catch (RedTests e) {
                        echo "caught: ${e.found.find()}"
                    }
                    """, false));
            jenkins.assertLogContains("caught: true", jenkins.buildAndAssertSuccess(job));
            assertThat(tasks(lab, 100), is(List.of("qmstart", "qmshutdown")));
        }
    }

    /** It would never get the guest for itself. */
    @Test
    void doesNotWaitForABlockAroundIt(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.cluster().guest(100).snapshot("clean");
            WorkflowRun run = run(jenkins, Result.FAILURE, """
                    withProxmoxVm(vmid: 100) {
                        parallel inner: {
                            withProxmoxVm(vmid: 200) {
                                withProxmoxVm(vmid: 100, snapshot: 'clean') { echo 'in it' }
                            }
                        }
                    }
                    """);
            jenkins.assertLogContains(
                    "VM 100 (build-agent) is in use by a withProxmoxVm around this one, which ends only after it. "
                            + "Name the snapshot there, or use proxmoxSnapshot action: 'rollback'.",
                    run);
            jenkins.assertLogNotContains("in it", run);
            assertThat(tasks(lab, 100), is(List.of("qmstart", "qmshutdown")));
        }
    }

    @Test
    void canBeNested(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(jenkins, Result.SUCCESS, """
                    withProxmoxVm(vmid: 100) {
                        withProxmoxVm(vmid: 200) { echo "inner ${env.PROXMOX_VMID}" }
                        echo "outer ${env.PROXMOX_VMID}"
                        withProxmoxVm(vmid: 100) { }
                    }
                    """);
            jenkins.assertLogContains("inner 200", run);
            jenkins.assertLogContains("outer 100", run);
            assertThat(tasks(lab, 100), is(List.of("qmstart", "qmshutdown")));
            assertThat(tasks(lab, 200), is(List.of("vzstart", "vzshutdown")));
        }
    }

    @Test
    void runsInParallelBranches(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(jenkins, Result.FAILURE, """
                    parallel(
                        a: { withProxmoxVm(vmid: 100) { echo "a ${env.PROXMOX_VMID}" } },
                        b: { withProxmoxVm(vmid: 200) { error "b ${env.PROXMOX_VMID}" } })
                    """);
            jenkins.assertLogContains("a 100", run);
            jenkins.assertLogContains("b 200", run);
            assertThat(tasks(lab, 100), is(List.of("qmstart", "qmshutdown")));
            assertThat(tasks(lab, 200), is(List.of("vzstart", "vzshutdown")));
        }
    }

    @ParameterizedTest
    @CsvSource({"a, b", "b, a"})
    void branchesShareAGuestAndTheLastOnePutsItBack(String first, String last, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            PipelineGate begin = new PipelineGate();
            Map<String, PipelineGate> branches = Map.of("a", new PipelineGate(), "b", new PipelineGate());
            WorkflowRun run = begin(jenkins, """
                    parallel(
                        a: { withProxmoxVm(vmid: 100) { %s } },
                        b: { %s
                             withProxmoxVm(vmid: 100) { %s } })
                    """.formatted(branches.get("a"), begin, branches.get("b")));
            branches.get("a").await(run);
            begin.open();
            branches.get("b").await(run);
            branches.get(first).open();
            jenkins.waitForMessage("VM 100 (build-agent) is still in use by ", run);
            assertThat(tasks(lab, 100), is(List.of("qmstart")));
            branches.get(last).open();
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
            assertThat(tasks(lab, 100), is(List.of("qmstart", "qmshutdown")));
        }
    }

    @Test
    void branchesThatBeginAtOnceStartTheGuestOnce(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(jenkins, Result.SUCCESS, """
                    def branch(n) { { -> withProxmoxVm(vmid: 100) { echo "in $n" } } }
                    parallel(a: branch(1), b: branch(2), c: branch(3), d: branch(4), e: branch(5))
                    """);
            jenkins.assertLogContains("in 5", run);
            assertThat(tasks(lab, 100).subList(0, 2), is(List.of("qmstart", "qmshutdown")));
            assertFalse(lab.proxmox.cluster().guest(100).isRunning(), "it runs");
            assertThat(Leases.get().all(), is(List.of()));
        }
    }

    @Test
    void takesTheGuestBackToASnapshotBeforeAndAfter(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.cluster().guest(100).snapshot("clean");
            WorkflowRun run = run(
                    jenkins,
                    Result.SUCCESS,
                    "withProxmoxVm(vmid: 100, snapshot: 'clean', onExit: 'rollback') { echo \"in it: ${proxmoxStatus(vmid: 100).status}\" }");
            jenkins.assertLogContains("in it: running", run);
            assertThat(tasks(lab, 100), is(List.of("qmrollback", "qmstart", "qmrollback")));
            assertFalse(lab.proxmox.cluster().guest(100).isRunning(), "it runs");
        }
    }

    @Test
    void makesACloneForItsBodyAndRemovesIt(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            allowClones(lab);
            WorkflowRun run = run(
                    jenkins,
                    Result.SUCCESS,
                    "withProxmoxVm(template: 9000, name: 'fresh') { echo \"in ${env.PROXMOX_VMID} ${env.PROXMOX_GUEST_NAME}: ${proxmoxStatus(vmid: env.PROXMOX_VMID).status}\" }");
            int vmid = vmidIn(run);
            jenkins.assertLogContains("in " + vmid + " fresh: running", run);
            assertThat(tasks(lab, vmid), is(List.of("qmstart", "qmstop", "qmdestroy")));
            assertThat(Leases.get().all(), is(List.of()));
        }
    }

    @Test
    void keepsACloneWhoseBodyFailed(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            allowClones(lab);
            WorkflowRun run = run(
                    jenkins,
                    Result.FAILURE,
                    "withProxmoxVm(template: 9000, keepOnFailure: true, keepFor: 2) { echo \"in ${env.PROXMOX_VMID} \"; error 'red' }");
            int vmid = vmidIn(run);
            jenkins.assertLogContains("Keeping VM " + vmid, run);
            assertTrue(lab.proxmox.cluster().guest(vmid).isRunning(), "it does not run");
            assertThat(Leases.get().all().size(), is(1));
            LeaseReturns.get().now(Leases.get().all().get(0).id());
            Eventually.holds("the clone is gone", () -> Leases.get().all().isEmpty());
            assertThat(tasks(lab, vmid), hasItem("qmdestroy"));
        }
    }

    private static int vmidIn(WorkflowRun run) throws Exception {
        Matcher vmid = Pattern.compile("in (\\d+) ").matcher(JenkinsRule.getLog(run));
        assertTrue(vmid.find(), "no VMID in the log");
        return Integer.parseInt(vmid.group(1));
    }

    private static void allowClones(ConfiguredProxmox lab) {
        lab.proxmox.cluster().vm(9000, "pve1", "golden").template();
        var access = lab.proxmox.access();
        access.role("Clones", "Datastore.AllocateSpace,SDN.Use");
        access.grant("/storage", "jenkins@pve", "Clones");
        access.grant("/sdn", "jenkins@pve", "Clones");
    }

    @Test
    void holdsNoThreadWhileItsBodyRuns(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            PipelineGate gate = new PipelineGate();
            WorkflowRun run = begin(jenkins, "withProxmoxVm(vmid: 100) { " + gate + " }");
            gate.await(run);
            lab.proxmox.forgetRequests();
            Eventually.holds(
                    "no thread talks to Proxmox VE",
                    () -> Thread.getAllStackTraces().entrySet().stream()
                            .filter(thread -> thread.getKey().getName().startsWith("Proxmox VE"))
                            .noneMatch(thread ->
                                    List.of(thread.getValue()).toString().contains("proxmox.lease.")));
            gate.open();
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        }
    }

    @Test
    void refusesWhatItDoesNotUnderstand(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = run(jenkins, Result.FAILURE, "withProxmoxVm(vmid: 100, onExit: 'explode') { }");
            jenkins.assertLogContains(
                    "ERROR: onExit: \"explode\" is not known. Use one of restore, shutdown, stop, rollback, leave.",
                    run);
            run = run(jenkins, Result.FAILURE, "withProxmoxVm() { }");
            jenkins.assertLogContains("ERROR: No guest is given: set vmid: 100 or name: 'web-1'.", run);
            run = run(jenkins, Result.FAILURE, "withProxmoxVm(vmid: 100, timeout: 0) { }");
            jenkins.assertLogContains("ERROR: timeout: 0 is not between 1 and", run);
            assertThat(lab.requests(), is(0));
        }
    }
}
