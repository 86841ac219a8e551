package io.jenkins.plugins.proxmox.freestyle;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasEntry;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hudson.Launcher;
import hudson.model.AbstractBuild;
import hudson.model.BuildListener;
import hudson.model.FreeStyleBuild;
import hudson.model.FreeStyleProject;
import hudson.model.ParametersDefinitionProperty;
import hudson.model.Result;
import hudson.model.StringParameterDefinition;
import hudson.tasks.Builder;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.lease.Leases;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvnet.hudson.test.CaptureEnvironmentBuilder;
import org.jvnet.hudson.test.FailureBuilder;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.TestBuilder;

@WithOneJenkins
class StartedGuestWrapperTest {

    private JenkinsRule jenkins;
    private ConfiguredProxmox lab;
    private SimulatedCluster cluster;

    @BeforeEach
    void startServer(JenkinsRule rule) {
        jenkins = rule;
        lab = ConfiguredProxmox.start();
        cluster = lab.proxmox.cluster();
    }

    @AfterEach
    void stopServer() {
        lab.close();
    }

    private static StartedGuestWrapper guest(int vmid) {
        StartedGuestWrapper wrapper = new StartedGuestWrapper();
        wrapper.setVmid(String.valueOf(vmid));
        return wrapper;
    }

    private FreeStyleProject job(StartedGuestWrapper wrapper, Builder... steps) throws Exception {
        FreeStyleProject job = jenkins.createFreeStyleProject();
        job.getBuildWrappersList().add(wrapper);
        job.getBuildersList().addAll(List.of(steps));
        return job;
    }

    /** Ends only with the build. */
    private static Builder untilAborted() {
        return new TestBuilder() {
            @Override
            public boolean perform(AbstractBuild<?, ?> build, Launcher launcher, BuildListener listener)
                    throws InterruptedException {
                listener.getLogger().println("waiting to be aborted");
                new CountDownLatch(1).await();
                return true;
            }
        };
    }

    @Test
    void startsAStoppedVmForTheBuildAndShutsItDownAfterIt() throws Exception {
        CaptureEnvironmentBuilder step = new CaptureEnvironmentBuilder();
        FreeStyleBuild build = jenkins.buildAndAssertSuccess(job(guest(100), step));
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
        assertThat(step.getEnvVars(), hasEntry("PROXMOX_VMID", "100"));
        assertThat(step.getEnvVars(), hasEntry("PROXMOX_NODE", "pve1"));
        assertThat(step.getEnvVars(), hasEntry("PROXMOX_GUEST_NAME", "build-agent"));
        jenkins.assertLogContains("[Proxmox VE] VM 100 (build-agent) is running on node pve1, confirmed", build);
        jenkins.assertLogContains("[Proxmox VE] VM 100 (build-agent) is stopped on node pve1, confirmed", build);
    }

    @Test
    void waitsForTheAddressOfTheGuest() throws Exception {
        cluster.guest(100).agent().addressesAfter(Duration.ofMillis(500));
        CaptureEnvironmentBuilder step = new CaptureEnvironmentBuilder();
        StartedGuestWrapper wrapper = guest(100);
        wrapper.setWaitFor("ip");
        jenkins.buildAndAssertSuccess(job(wrapper, step));
        assertThat(step.getEnvVars(), hasEntry("PROXMOX_IP", "192.0.2.101"));
    }

    @Test
    void treatsAContainerAlike() throws Exception {
        jenkins.buildAndAssertSuccess(job(guest(200)));
        assertThat(cluster.taskTypes(200), is(List.of("vzstart", "vzshutdown")));
    }

    @Test
    void leavesARunningGuestRunning() throws Exception {
        jenkins.buildAndAssertSuccess(job(guest(101)));
        assertThat(lab.proxmox.writes(), is(List.of()));
    }

    @Test
    void startsARunningGuestAgainThatTheBuildStopped() throws Exception {
        GuestBuildStep stop = new GuestBuildStep("stop");
        stop.setVmid("${PROXMOX_VMID}");
        jenkins.buildAndAssertSuccess(job(guest(201), stop));
        assertThat(cluster.taskTypes(201), is(List.of("vzstop", "vzstart")));
    }

    @Test
    void wakesAPausedVmAndPausesItAgain() throws Exception {
        cluster.guest(101).paused();
        jenkins.buildAndAssertSuccess(job(guest(101)));
        assertThat(cluster.taskTypes(101), is(List.of("qmresume", "qmpause")));
        assertTrue(cluster.guest(101).isPaused());
    }

    @Test
    void putsTheGuestBackAfterABuildThatFailed() throws Exception {
        jenkins.buildAndAssertStatus(Result.FAILURE, job(guest(100), new FailureBuilder()));
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
    }

    @Test
    void putsTheGuestBackAfterABuildThatWasAborted() throws Exception {
        FreeStyleBuild build = job(guest(100), untilAborted()).scheduleBuild2(0).waitForStart();
        jenkins.waitForMessage("waiting to be aborted", build);
        assertTrue(cluster.guest(100).isRunning());
        build.doStop();
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(build));
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
    }

    @Test
    void putsTheGuestBackWhenTheBuildIsAbortedWhileItStarts() throws Exception {
        cluster.guest(105).startTakes(Duration.ofSeconds(3));
        FreeStyleBuild build =
                job(guest(105), new FailureBuilder()).scheduleBuild2(0).waitForStart();
        jenkins.waitForMessage("Requested start of VM 105", build);
        build.doStop();
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(build));
        assertThat(cluster.taskTypes(105), is(List.of("qmstart", "qmshutdown")));
        assertFalse(cluster.guest(105).isRunning());
    }

    @Test
    void putsTheGuestBackWhenTheBuildIsAbortedBeforeItIsKnownWhetherItStarts() throws Exception {
        CountDownLatch aborted = new CountDownLatch(1);
        lab.proxmox.inject(request -> request.path().endsWith("/100/status/start"), new Fault.HoldAnswer(aborted));
        StartedGuestWrapper wrapper = guest(100);
        wrapper.setCancelTask(true);
        FreeStyleBuild build =
                job(wrapper, new FailureBuilder()).scheduleBuild2(0).waitForStart();
        Eventually.holds("the guest runs", () -> cluster.guest(100).isRunning());
        build.doStop();
        jenkins.waitForMessage("Aborted while the request to start the guest was on its way.", build);
        aborted.countDown();
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(build));
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
    }

    @Test
    void putsTheGuestBackWhereItStartedItWhenAnotherServerBecomesTheDefault() throws Exception {
        try (ConfiguredProxmox other = ConfiguredProxmox.unconfigured()) {
            ConfiguredProxmox.add(ConfiguredProxmox.token("theirs", "jenkins@pve!ci", other.example.ciSecret()));
            FreeStyleProject job = job(guest(100), new TestBuilder() {
                @Override
                public boolean perform(AbstractBuild<?, ?> build, Launcher launcher, BuildListener listener) {
                    other.server("other", "theirs");
                    List<ProxmoxServer> servers =
                            new ArrayList<>(ProxmoxConfiguration.get().getServers());
                    Collections.reverse(servers);
                    ProxmoxConfiguration.get().setServers(servers);
                    return true;
                }
            });
            jenkins.buildAndAssertSuccess(job);
            assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
            assertThat(other.requests(), is(0));
        }
    }

    @Test
    void stopsAGuestThatIgnoresTheShutdown() throws Exception {
        cluster.vm(120, "pve1", "deaf").ignoresShutdown();
        StartedGuestWrapper wrapper = guest(120);
        wrapper.setTimeout("4");
        jenkins.buildAndAssertSuccess(job(wrapper));
        assertThat(cluster.taskTypes(120), is(List.of("qmstart", "qmshutdown", "qmstop")));
    }

    private static void becomesFree() throws Exception {
        Eventually.holds("no lease is left", () -> Leases.get().all().isEmpty());
    }

    @Test
    void endsAtOnceWhenAbortedWhilePuttingTheGuestBackWhichGoesOn() throws Exception {
        cluster.vm(120, "pve1", "deaf").ignoresShutdown();
        StartedGuestWrapper wrapper = guest(120);
        wrapper.setTimeout("9");
        FreeStyleBuild build = job(wrapper).scheduleBuild2(0).waitForStart();
        jenkins.waitForMessage("Requested shutdown of VM 120", build);
        build.doStop();
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(build));
        jenkins.assertLogContains(
                "The build was aborted and ends now. Jenkins puts the guest back in the background.", build);
        jenkins.assertLogContains("The build ends before VM 120 (deaf) is back.", build);
        assertThat(JenkinsRule.getLog(build), not(containsString("\tat ")));
        becomesFree();
        assertThat(cluster.taskTypes(120), is(List.of("qmstart", "qmshutdown", "qmstop")));
    }

    @Test
    void putsTheGuestBackLaterWhenAbortedOnceMoreBeforeItIsKnownWhetherItStarts() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        lab.proxmox.inject(request -> request.path().endsWith("/100/status/start"), new Fault.HoldAnswer(over));
        StartedGuestWrapper wrapper = guest(100);
        wrapper.setCancelTask(true);
        FreeStyleBuild build =
                job(wrapper, new FailureBuilder()).scheduleBuild2(0).waitForStart();
        Eventually.holds("the guest runs", () -> cluster.guest(100).isRunning());
        build.doStop();
        jenkins.waitForMessage("Aborted while the request to start the guest was on its way.", build);
        build.getExecutor().interrupt();
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(build));
        over.countDown();
        jenkins.assertLogContains(
                "The build was aborted and ends now. Jenkins puts the guest back in the background.", build);
        becomesFree();
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
    }

    @ParameterizedTest
    @EnumSource(Generation.class)
    void putsTheGuestBackLaterWhenTheBuildIsAbortedBetweenTwoOperations(Generation generation) throws Exception {
        try (ConfiguredProxmox other = ConfiguredProxmox.unconfigured(generation)) {
            ConfiguredProxmox.add(ConfiguredProxmox.token("other-ci", "jenkins@pve!ci", other.example.ciSecret()));
            other.server("other", "other-ci");
            other.proxmox.cluster().guest(100).shutdownTakes(Duration.ofHours(1));
            other.proxmox.inject(
                    request -> request.path().matches("/nodes/pve1/tasks/[^/]*shutdown[^/]*/status"),
                    new Fault.Refuse(403, "Permission check failed (/nodes/pve1, Sys.Audit)"));
            StartedGuestWrapper wrapper = guest(100);
            wrapper.setServer("other");
            FreeStyleBuild build = job(wrapper).scheduleBuild2(0).waitForStart();
            jenkins.waitForMessage("Cannot follow the shutdown of the guest at the moment: ", build);
            build.doStop();
            jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(build));
            assertThat(other.proxmox.cluster().taskTypes(100), is(List.of("qmstart", "qmshutdown")));
            assertTrue(other.proxmox.cluster().guest(100).isRunning());
            other.proxmox.cluster().endTasks(100);
            becomesFree();
            assertThat(other.proxmox.cluster().taskTypes(100), is(List.of("qmstart", "qmshutdown")));
            assertFalse(other.proxmox.cluster().guest(100).isRunning());
        }
    }

    @ParameterizedTest
    @CsvSource({"shutdown, qmshutdown", "stop, qmstop"})
    void canEndARunningGuest(String onExit, String task) throws Exception {
        StartedGuestWrapper wrapper = guest(101);
        wrapper.setOnExit(onExit);
        jenkins.buildAndAssertSuccess(job(wrapper));
        assertThat(cluster.taskTypes(101), is(List.of(task)));
    }

    @Test
    void canLeaveTheGuestRunning() throws Exception {
        StartedGuestWrapper wrapper = guest(100);
        wrapper.setOnExit("leave");
        jenkins.buildAndAssertSuccess(job(wrapper));
        assertThat(cluster.taskTypes(100), is(List.of("qmstart")));
    }

    @ParameterizedTest
    @CsvSource({"restore, 'qmrollback, qmstart, qmshutdown'", "rollback, 'qmrollback, qmstart, qmrollback'"})
    void takesTheGuestBackToASnapshotBeforeTheBuildAndAfterItIfThatIsWanted(String onExit, String tasks)
            throws Exception {
        cluster.guest(100).snapshot("clean");
        StartedGuestWrapper wrapper = guest(100);
        wrapper.setSnapshot("${STATE}");
        wrapper.setOnExit(onExit);
        FreeStyleProject job = job(wrapper, new FailureBuilder());
        job.addProperty(new ParametersDefinitionProperty(new StringParameterDefinition("STATE", "clean")));
        jenkins.buildAndAssertStatus(Result.FAILURE, job);
        assertThat(cluster.taskTypes(100), is(List.of(tasks.split(", "))));
        assertFalse(cluster.guest(100).isRunning());
    }

    @Test
    void sharesAGuestWithAnotherBuildAndTheLastOnePutsItBack() throws Exception {
        FreeStyleBuild first = job(guest(100), untilAborted()).scheduleBuild2(0).waitForStart();
        jenkins.waitForMessage("waiting to be aborted", first);
        FreeStyleBuild second = jenkins.buildAndAssertSuccess(job(guest(100)));
        jenkins.assertLogContains("VM 100 (build-agent) is still in use by " + first, second);
        assertThat(cluster.taskTypes(100), is(List.of("qmstart")));
        first.doStop();
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(first));
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
    }

    @Test
    void runsNoStepWithoutTheGuest() throws Exception {
        FreeStyleBuild build = jenkins.buildAndAssertStatus(Result.FAILURE, job(guest(102), untilAborted()));
        jenkins.assertLogContains("ERROR: Could not start VM 102 (broken) on node pve1: task UPID:pve1:", build);
        jenkins.assertLogNotContains("waiting to be aborted", build);
        assertThat(JenkinsRule.getLog(build), not(containsString("\tat ")));
    }

    @Test
    void makesTheBuildAFailedOneWhenTheGuestCannotBePutBack() throws Exception {
        FreeStyleProject job = job(guest(100), new TestBuilder() {
            @Override
            public boolean perform(AbstractBuild<?, ?> build, Launcher launcher, BuildListener listener) {
                lab.proxmox.access().deleteToken("jenkins@pve!ci");
                return true;
            }
        });
        FreeStyleBuild build = jenkins.buildAndAssertStatus(Result.FAILURE, job);
        jenkins.assertLogContains("401 Authentication failed!", build);
        assertTrue(cluster.guest(100).isRunning());
        assertThat(JenkinsRule.getLog(build), not(containsString("\tat ")));
    }
}
