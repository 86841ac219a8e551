package io.jenkins.plugins.proxmox.lease;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import hudson.Launcher;
import hudson.model.AbstractBuild;
import hudson.model.BuildListener;
import hudson.model.FreeStyleBuild;
import hudson.model.FreeStyleProject;
import hudson.model.Result;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.build.GuestTimeline;
import io.jenkins.plugins.proxmox.build.TimelineEntry;
import io.jenkins.plugins.proxmox.freestyle.StartedGuestWrapper;
import io.jenkins.plugins.proxmox.pipeline.PipelineGate;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.guest.CloneMark;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.apache.commons.io.FileUtils;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.TestBuilder;

/** What a build has borrowed comes back, also when nobody in the build can put it back. */
@WithOneJenkins
@ParameterizedClass
@EnumSource(Generation.class)
class LeaseReturnsTest {

    @Parameter
    private Generation generation;

    private JenkinsRule jenkins;
    private ConfiguredProxmox lab;
    private SimulatedCluster cluster;

    @BeforeEach
    void startServer(JenkinsRule rule) {
        jenkins = rule;
        lab = ConfiguredProxmox.start(generation);
        cluster = lab.proxmox.cluster();
    }

    @AfterEach
    void stopServer() {
        lab.close();
    }

    private WorkflowRun begin(String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return job.scheduleBuild2(0).waitForStart();
    }

    private static void untilEverythingIsBack() throws Exception {
        Eventually.holds("everything is back", () -> Leases.get().all().isEmpty());
    }

    private static LeaseEntry onlyLease() {
        List<LeaseEntry> all = Leases.get().all();
        assertThat(all, hasSize(1));
        return all.get(0);
    }

    /** Jenkins gives a step some seconds to end after a timeout, then ends it by force. */
    @Test
    void aStepThatIsEndedByForceLeavesTheWayBackToTheController() throws Exception {
        cluster.guest(100).ignoresShutdown();
        WorkflowRun run =
                begin("timeout(time: 2, unit: 'SECONDS') { withProxmoxVm(vmid: 100, timeout: 18) { sleep 600 } }");
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
        jenkins.assertLogContains("The build ends before VM 100 (build-agent) is back.", run);
        assertTrue(cluster.guest(100).isRunning(), "it was back before");
        untilEverythingIsBack();
        assertFalse(cluster.guest(100).isRunning(), "it runs");
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown", "qmstop")));
        Eventually.holds(
                "the timeline of the build has the outcome",
                () -> run.getAction(GuestTimeline.class).getEntries().stream()
                        .map(TimelineEntry::getOutcome)
                        .toList()
                        .equals(List.of(
                                TimelineEntry.Outcome.CHANGED,
                                TimelineEntry.Outcome.FAILED,
                                TimelineEntry.Outcome.CHANGED)));
    }

    @Test
    void theGuestOfAPipelineThatIsDeletedGoesBack() throws Exception {
        PipelineGate gate = new PipelineGate();
        WorkflowRun run = begin("withProxmoxVm(vmid: 200) { " + gate + " }");
        gate.await(run);
        run.getParent().delete();
        untilEverythingIsBack();
        assertThat(cluster.taskTypes(200), is(List.of("vzstart", "vzshutdown")));
    }

    @Test
    void aPipelineThatIsKilledWhileItLooksForItsGuestStartsNothing() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        lab.proxmox.inject(request -> request.path().endsWith("/100/status/current"), new Fault.Hold(seen));
        WorkflowRun run = begin("withProxmoxVm(vmid: 100) { echo 'in it' }");
        Eventually.holds(
                "it looks",
                () -> lab.proxmox.requests().stream()
                        .anyMatch(request -> request.path().endsWith("/100/status/current")));
        run.doKill();
        seen.countDown();
        jenkins.waitForCompletion(run);
        untilEverythingIsBack();
        assertThat(lab.proxmox.writes(), is(List.of()));
    }

    @Test
    void theGuestOfAPipelineThatIsKilledWhileItsStartIsRequestedGoesBackOnce() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        lab.proxmox.inject(request -> request.path().endsWith("/status/start"), new Fault.HoldAnswer(answered));
        WorkflowRun run = begin("withProxmoxVm(vmid: 100) { echo 'in it' }");
        Eventually.holds("the request has arrived", () -> cluster.taskTypes(100).contains("qmstart"));
        run.doKill();
        jenkins.waitForCompletion(run);
        answered.countDown();
        untilEverythingIsBack();
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
    }

    /** Its step is not told. */
    @Test
    void theGuestOfAPipelineThatIsKilledGoesBack() throws Exception {
        PipelineGate gate = new PipelineGate();
        WorkflowRun run = begin("withProxmoxVm(vmid: 200) { " + gate + " }");
        gate.await(run);
        run.doKill();
        jenkins.waitForCompletion(run);
        untilEverythingIsBack();
        assertThat(cluster.taskTypes(200), is(List.of("vzstart", "vzshutdown")));
    }

    @Test
    void saysThatItDoesNotPutAGuestBackThatIsNotInTheListAnyMore() throws Exception {
        PipelineGate gate = new PipelineGate();
        WorkflowRun run = begin("withProxmoxVm(vmid: 100) { " + gate + " }");
        gate.await(run);
        Leases.get().remove(onlyLease().id()).get();
        gate.open();
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        jenkins.assertLogContains("is no longer in the list of borrowed guests. Jenkins does not put it back", run);
        assertThat(cluster.taskTypes(100), is(List.of("qmstart")));
    }

    @Test
    void aKeptCloneStaysWhenItsStepEndsOnceMoreAfterARestart() throws Exception {
        CloneMark mark = LeaseFileTest.clone("x").terms().cloning().settings().mark();
        ExampleLeases.kept("kept", "gone", 9001, mark);
        LeaseReturns.get().end("kept", true, TaskListener.NULL).get();
        assertThat(onlyLease().isKept(), is(true));
    }

    @Test
    void aKeptCloneIsRemovedOnceItsTimeIsOver() throws Exception {
        cluster.vm(9000, "pve1", "golden").template();
        lab.proxmox.access().role("builder", "Datastore.AllocateSpace,SDN.Use");
        lab.proxmox.access().grant("/storage", "jenkins@pve", "builder");
        lab.proxmox.access().grant("/sdn", "jenkins@pve", "builder");
        WorkflowRun run = begin("withProxmoxVm(template: 9000, vmid: 107, keepOnFailure: true) { error 'no' }");
        jenkins.assertBuildStatus(Result.FAILURE, jenkins.waitForCompletion(run));
        LeaseReturns.get().doRun();
        assertThat("not before its time", onlyLease().isKept(), is(true));
        Leases.get().keep(onlyLease().id(), Instant.now().minusSeconds(1));
        LeaseReturns.get().doRun();
        untilEverythingIsBack();
        assertFalse(cluster.vmids().contains(107), "it is there");
    }

    /** Such a Pipeline fails without telling its steps. */
    @Test
    void theGuestOfABodyWhoseEndCannotBeSavedGoesBack() throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(
                "def thread\nwithProxmoxVm(vmid: 100) {\nthread = Thread.currentThread()\n}\nsleep 1\necho \"${thread}\"",
                false));
        WorkflowRun run = job.scheduleBuild2(0).waitForStart();
        jenkins.assertBuildStatus(Result.FAILURE, jenkins.waitForCompletion(run));
        jenkins.assertLogContains("NotSerializableException", run);
        untilEverythingIsBack();
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
    }

    private FreeStyleProject job(CountDownLatch over) throws Exception {
        FreeStyleProject job = jenkins.createFreeStyleProject();
        StartedGuestWrapper wrapper = new StartedGuestWrapper();
        wrapper.setVmid("100");
        job.getBuildWrappersList().add(wrapper);
        job.getBuildersList().add(new TestBuilder() {
            @Override
            public boolean perform(AbstractBuild<?, ?> build, Launcher launcher, BuildListener listener)
                    throws InterruptedException {
                over.await();
                return true;
            }
        });
        return job;
    }

    @Test
    void theGuestOfAJobThatIsDeletedGoesBack() throws Exception {
        FreeStyleProject job = job(new CountDownLatch(1));
        job.scheduleBuild2(0).waitForStart();
        Eventually.holds(
                "the guest runs",
                () -> Leases.get().all().stream()
                        .anyMatch(entry -> entry.lease().phase() == Lease.Phase.IN_USE));
        job.delete();
        untilEverythingIsBack();
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
    }

    /** A Pipeline does not survive this in Jenkins. */
    @Test
    void theGuestOfAJobThatIsRenamedGoesBackOnce() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        FreeStyleProject job = job(over);
        FreeStyleBuild build = job.scheduleBuild2(0).waitForStart();
        Eventually.holds(
                "the guest runs",
                () -> Leases.get().all().stream()
                        .anyMatch(entry -> entry.lease().phase() == Lease.Phase.IN_USE));
        job.renameTo("another-name");
        LeaseReturns.get().doRun();
        assertThat(onlyLease().build().toString(), is("another-name #1"));
        assertThat(cluster.taskTypes(100), is(List.of("qmstart")));
        over.countDown();
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(build));
        untilEverythingIsBack();
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
    }

    @Test
    void aServerThatWasAwayOnTheWayBackGetsItsGuestLater() throws Exception {
        PipelineGate gate = new PipelineGate();
        WorkflowRun run = begin("withProxmoxVm(vmid: 100, timeout: 5) { " + gate + " }");
        gate.await(run);
        lab.proxmox.stopListening();
        gate.open();
        jenkins.assertBuildStatus(Result.FAILURE, jenkins.waitForCompletion(run));
        jenkins.assertLogContains("ERROR: VM 100 (build-agent) was not put back as it was found: ", run);
        jenkins.assertLogContains("Jenkins tries again in the background.", run);
        assertThat(onlyLease().failures(), is(1));
        run.delete();
        LeaseReturns.get().doRun();
        assertThat("not before its time", onlyLease().failures(), is(1));
        lab.proxmox.listenAgain();
        LeaseReturns.get().now(onlyLease().id());
        untilEverythingIsBack();
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
    }

    @Test
    void aGuestGoesBackOnceTheWithdrawnCredentialsAreThereAgain() throws Exception {
        PipelineGate gate = new PipelineGate();
        WorkflowRun run = begin("withProxmoxVm(vmid: 100, timeout: 5) { " + gate + " }");
        gate.await(run);
        SystemCredentialsProvider.getInstance().getCredentials().clear();
        SystemCredentialsProvider.getInstance().save();
        gate.open();
        jenkins.assertBuildStatus(Result.FAILURE, jenkins.waitForCompletion(run));
        for (int attempt = 2; attempt <= 3; attempt++) {
            int failures = attempt;
            LeaseReturns.get().now(onlyLease().id());
            Eventually.holds("it fails again", () -> onlyLease().failures() == failures);
        }
        assertThat(onlyLease().failure(), containsString("its credentials \"ci\" do not exist"));
        ConfiguredProxmox.add(ConfiguredProxmox.token("ci", "jenkins@pve!ci", lab.example.ciSecret()));
        LeaseReturns.get().now(onlyLease().id());
        untilEverythingIsBack();
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
    }

    @Test
    void aGuestThatCannotBeSeenAnyMoreIsNotTakenForGone() throws Exception {
        PipelineGate gate = new PipelineGate();
        WorkflowRun run = begin("withProxmoxVm(vmid: 100, timeout: 5) { " + gate + " }");
        gate.await(run);
        lab.proxmox.access().revoke("/vms", "jenkins@pve");
        gate.open();
        jenkins.assertBuildStatus(Result.FAILURE, jenkins.waitForCompletion(run));
        jenkins.assertLogContains("403 Permission check failed (/vms/100, VM.Audit)", run);
        assertThat(onlyLease().failures(), is(1));
        assertThat("with the explanation", onlyLease().failure(), containsString("\n"));
        lab.proxmox.access().grant("/vms", "jenkins@pve", "PVEVMAdmin");
        LeaseReturns.get().now(onlyLease().id());
        untilEverythingIsBack();
        assertThat(cluster.taskTypes(100), is(List.of("qmstart", "qmshutdown")));
    }

    /** One node does not have it, and the one that has it does not answer. */
    @Test
    void aGuestThatIsNotListedIsNotTakenForGone() throws Exception {
        cluster.node("pve2", true);
        PipelineGate gate = new PipelineGate();
        WorkflowRun run = begin("withProxmoxVm(vmid: 110, timeout: 5) { " + gate + " }");
        gate.await(run);
        cluster.guest(110).unlisted(true);
        cluster.node("pve2", false);
        gate.open();
        jenkins.assertBuildStatus(Result.FAILURE, jenkins.waitForCompletion(run));
        jenkins.assertLogContains("its VMID is taken, so the guest still exists", run);
        assertThat(onlyLease().failures(), is(1));
        cluster.guest(110).unlisted(false);
        cluster.node("pve2", true);
        LeaseReturns.get().now(onlyLease().id());
        untilEverythingIsBack();
        assertThat(cluster.taskTypes(110), is(List.of("qmstart", "qmshutdown")));
    }

    @Test
    void nothingIsBorrowedThatCannotBeWrittenDown() throws Exception {
        Path list = jenkins.jenkins.getRootDir().toPath().resolve("proxmox-ve-leases.json");
        Files.deleteIfExists(list);
        Files.createDirectories(list.resolve("not-a-file"));
        WorkflowRun run = begin("withProxmoxVm(vmid: 100) { echo 'in it' }");
        jenkins.assertBuildStatus(Result.FAILURE, jenkins.waitForCompletion(run));
        FileUtils.deleteDirectory(list.toFile());
        jenkins.assertLogContains("so nothing was sent.", run);
        jenkins.assertLogNotContains("in it", run);
        assertThat(lab.proxmox.writes(), is(List.of()));
        assertThat(Leases.get().all(), hasSize(0));
    }

    @Test
    void aGuestThatDoesNotExistAnyMoreIsNotWaitedFor() throws Exception {
        PipelineGate gate = new PipelineGate();
        WorkflowRun run = begin("withProxmoxVm(vmid: 100) { " + gate + " }");
        gate.await(run);
        cluster.remove(100);
        gate.open();
        jenkins.assertBuildStatus(Result.FAILURE, jenkins.waitForCompletion(run));
        jenkins.assertLogContains("ERROR: VM 100 (build-agent) was not put back as it was found: ", run);
        jenkins.assertLogNotContains("Jenkins tries again in the background.", run);
        untilEverythingIsBack();
    }

    @ParameterizedTest
    @ValueSource(strings = {"start", "shutdown"})
    void aGuestGoesBackAfterTheControllerWasDownForLongerThanItsTime(String held, @TempDir Path folder)
            throws Exception {
        CountDownLatch killed = new CountDownLatch(1);
        lab.proxmox.inject(request -> request.path().endsWith("/status/" + held), new Fault.HoldAnswer(killed));
        WorkflowRun run = begin("withProxmoxVm(vmid: 100, timeout: 8) { }");
        Eventually.holds("the request has arrived", () -> cluster.taskTypes(100).contains("qm" + held));
        LeaseEntry saved = twoHoursAgo(onlyLease(), folder.resolve("leases.json"));
        killed.countDown();
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        untilEverythingIsBack();

        cluster.guest(100).running();
        Leases.get().put(saved).get();
        Eventually.holds("everything is back", () -> {
            LeaseReturns.get().now(saved.id());
            return Leases.get().all().isEmpty();
        });
        assertFalse(cluster.guest(100).isRunning(), "it runs");
    }

    /** As another process would read it later. */
    private static LeaseEntry twoHoursAgo(LeaseEntry entry, Path path) throws Exception {
        LeaseFile file = new LeaseFile(path);
        file.write(List.of(entry));
        String earlier = Pattern.compile("\"(\\d{4}-\\d\\d-\\d\\dT[^\"]*Z)\"")
                .matcher(Files.readString(path))
                .replaceAll(found -> "\"" + Instant.parse(found.group(1)).minus(Duration.ofHours(2)) + "\"");
        Files.writeString(path, earlier);
        LeaseEntry read = file.read().get(0);
        return new LeaseEntry(
                "saved",
                new BuildReference("gone", 1),
                read.terms(),
                List.of(),
                read.lease().resumed(),
                null,
                0,
                null,
                null);
    }
}
