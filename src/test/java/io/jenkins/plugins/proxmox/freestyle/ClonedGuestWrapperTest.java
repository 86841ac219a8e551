package io.jenkins.plugins.proxmox.freestyle;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasEntry;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
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
import io.jenkins.plugins.proxmox.lease.LeaseReturns;
import io.jenkins.plugins.proxmox.lease.Leases;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.CaptureEnvironmentBuilder;
import org.jvnet.hudson.test.FailureBuilder;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.TestBuilder;

/** A freestyle build runs with a clone that is made for it and removed after it, whatever happens. */
@WithOneJenkins
class ClonedGuestWrapperTest {

    private static final int CLONE = 150;

    private JenkinsRule jenkins;
    private ConfiguredProxmox lab;
    private SimulatedCluster cluster;

    @BeforeEach
    void startServer(JenkinsRule rule) {
        jenkins = rule;
        lab = ConfiguredProxmox.start();
        cluster = lab.proxmox.cluster();
        cluster.vm(9000, "pve1", "golden").template();
        lab.proxmox.access().role("Clones", "Datastore.AllocateSpace,SDN.Use");
        lab.proxmox.access().grant("/storage", "jenkins@pve", "Clones");
        lab.proxmox.access().grant("/sdn", "jenkins@pve", "Clones");
    }

    @AfterEach
    void stopServer() {
        lab.close();
    }

    private static StartedGuestWrapper clone(String template) {
        StartedGuestWrapper wrapper = new StartedGuestWrapper();
        wrapper.setTemplate(template);
        wrapper.setVmid(CLONE);
        // as forms submit it
        wrapper.setOnExit("restore");
        return wrapper;
    }

    private FreeStyleProject job(StartedGuestWrapper wrapper, Builder... steps) throws Exception {
        FreeStyleProject job = jenkins.createFreeStyleProject();
        job.addProperty(new ParametersDefinitionProperty(new StringParameterDefinition("TEMPLATE", "golden")));
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

    private void isRemoved() {
        assertThat(cluster.guest(CLONE), is(nullValue()));
        assertThat(cluster.taskTypes(CLONE), is(List.of("qmstart", "qmstop", "qmdestroy")));
        assertThat(Leases.get().all(), is(empty()));
    }

    @Test
    void isMadeStartedAndWaitedForAndRemovedAfterTheBuild() throws Exception {
        StartedGuestWrapper wrapper = clone("${TEMPLATE}");
        wrapper.setName("build-${BUILD_NUMBER}");
        wrapper.setTags("ci");
        wrapper.setCores(2);
        wrapper.setWaitFor("ip");
        CaptureEnvironmentBuilder step = new CaptureEnvironmentBuilder();
        FreeStyleBuild build = jenkins.buildAndAssertSuccess(job(wrapper, step, new TestBuilder() {
            @Override
            public boolean perform(AbstractBuild<?, ?> build, Launcher launcher, BuildListener listener) {
                listener.getLogger().println("tags: " + cluster.guest(CLONE).configured("tags"));
                listener.getLogger().println("cores: " + cluster.guest(CLONE).configured("cores"));
                return cluster.guest(CLONE).isRunning();
            }
        }));
        assertThat(step.getEnvVars(), hasEntry("PROXMOX_VMID", "150"));
        assertThat(step.getEnvVars(), hasEntry("PROXMOX_NODE", "pve1"));
        assertThat(step.getEnvVars(), hasEntry("PROXMOX_GUEST_NAME", "build-1"));
        assertThat(step.getEnvVars(), hasEntry("PROXMOX_IP", "192.0.2.151"));
        jenkins.assertLogContains("tags: ci;jenkins", build);
        jenkins.assertLogContains("cores: 2", build);
        isRemoved();
    }

    @Test
    void isRemovedAfterABuildThatFailed() throws Exception {
        jenkins.buildAndAssertStatus(Result.FAILURE, job(clone("9000"), new FailureBuilder()));
        isRemoved();
    }

    @Test
    void isRemovedAfterABuildThatWasAbortedEvenIfItIsToBeKeptAfterFailures() throws Exception {
        StartedGuestWrapper wrapper = clone("9000");
        wrapper.setKeepOnFailure(true);
        FreeStyleBuild build = job(wrapper, untilAborted()).scheduleBuild2(0).waitForStart();
        jenkins.waitForMessage("waiting to be aborted", build);
        build.doStop();
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(build));
        isRemoved();
    }

    @Test
    void isRemovedWhenTheBuildIsAbortedWhileItIsMade() throws Exception {
        cluster.taskTakes("qmclone", Duration.ofSeconds(20));
        FreeStyleBuild build =
                job(clone("9000"), new FailureBuilder()).scheduleBuild2(0).waitForStart();
        jenkins.waitForMessage("Requested clone of VM 9000", build);
        build.doStop();
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(build));
        Eventually.holds("no lease is left", () -> Leases.get().all().isEmpty());
        assertThat(cluster.guest(CLONE), is(nullValue()));
        assertThat(JenkinsRule.getLog(build), not(containsString("\tat ")));
    }

    @Test
    void isRemovedLaterWhenTheServerRefusesThatAtTheEnd() throws Exception {
        lab.proxmox.inject(
                request -> request.path().endsWith("/150/status/stop"),
                new Fault.Refuse(403, "Permission check failed (/vms/150, VM.PowerMgmt)"));
        FreeStyleBuild build = jenkins.buildAndAssertStatus(Result.FAILURE, job(clone("9000")));
        jenkins.assertLogContains("was not removed: ", build);
        jenkins.assertLogContains("Jenkins tries again in the background.", build);
        assertTrue(cluster.guest(CLONE).isRunning());
        LeaseReturns.get().now(Leases.get().all().get(0).id());
        Eventually.holds("no lease is left", () -> Leases.get().all().isEmpty());
        assertThat(cluster.guest(CLONE), is(nullValue()));
    }

    @Test
    void isKeptForInspectionAfterAFailureIfThatIsWanted() throws Exception {
        StartedGuestWrapper wrapper = clone("9000");
        wrapper.setKeepOnFailure(true);
        wrapper.setKeepFor("2");
        FreeStyleBuild build = jenkins.buildAndAssertStatus(Result.FAILURE, job(wrapper, new FailureBuilder()));
        jenkins.assertLogContains("Keeping VM 150 ", build);
        assertTrue(cluster.guest(CLONE).isRunning());
        assertThat(Leases.get().all().size(), is(1));
        LeaseReturns.get().now(Leases.get().all().get(0).id());
        Eventually.holds("no lease is left", () -> Leases.get().all().isEmpty());
        isRemoved();
    }

    @Test
    void isRemovedAfterASuccessEvenIfItIsToBeKeptAfterFailures() throws Exception {
        StartedGuestWrapper wrapper = clone("9000");
        wrapper.setKeepOnFailure(true);
        jenkins.buildAndAssertSuccess(job(wrapper));
        isRemoved();
    }

    @Test
    void isRemovedAtTheEndOfABlockInAPipelineWhichCannotKeepIt() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, """
                proxmoxGuestStarted(template: 9000, vmid: 150, name: 'fresh', memory: 2048) {
                    echo "in ${env.PROXMOX_GUEST_NAME}"
                }
                """);
        jenkins.assertLogContains("in fresh", run);
        isRemoved();
        run = run(Result.FAILURE, "proxmoxGuestStarted(template: 9000, keepOnFailure: true) { }");
        jenkins.assertLogContains("ERROR: keepOnFailure: in a Pipeline, this wrapper does not know", run);
    }

    private WorkflowRun run(Result result, String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return jenkins.buildAndAssertStatus(result, job);
    }
}
