package io.jenkins.plugins.proxmox.build;

import static io.jenkins.plugins.proxmox.build.TimelineEntry.Outcome.ABORTED;
import static io.jenkins.plugins.proxmox.build.TimelineEntry.Outcome.FAILED;
import static io.jenkins.plugins.proxmox.build.TimelineEntry.Outcome.UNDER_WAY;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import hudson.ExtensionList;
import hudson.XmlFile;
import hudson.model.FreeStyleBuild;
import hudson.model.FreeStyleProject;
import hudson.model.Result;
import hudson.model.Run;
import hudson.model.Saveable;
import hudson.model.listeners.SaveableListener;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.freestyle.GuestBuildStep;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.htmlunit.html.HtmlPage;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.TestExtension;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/** How often, and in which threads, the records of builds are written because of what they do with guests. */
@WithJenkins
class BuildRecordWriterTest {

    private JenkinsRule jenkins;
    private Disk disk;

    /** One write of the record of a build. */
    private record Write(Run<?, ?> run, String thread, boolean ours, long bytes) {}

    /** Tells of each write, and may be slow. */
    @TestExtension
    public static final class Disk extends SaveableListener {

        final Queue<Write> writes = new ConcurrentLinkedQueue<>();
        volatile Predicate<Run<?, ?>> hangsFor = run -> false;
        final CountDownLatch release = new CountDownLatch(1);

        @Override
        public void onChange(Saveable saved, XmlFile file) {
            if (saved instanceof Run<?, ?> run) {
                boolean ours = List.of(Thread.currentThread().getStackTrace())
                        .toString()
                        .contains(BuildRecordWriter.class.getName() + "$");
                if (ours && hangsFor.test(run)) {
                    await();
                }
                writes.add(new Write(
                        run,
                        Thread.currentThread().getName(),
                        ours,
                        file.getFile().length()));
            }
        }

        private void await() {
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @BeforeEach
    void watchTheDisk(JenkinsRule rule) {
        jenkins = rule;
        disk = ExtensionList.lookupSingleton(Disk.class);
    }

    private List<Write> ours() {
        return disk.writes.stream().filter(Write::ours).toList();
    }

    private WorkflowRun begin(String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return job.scheduleBuild2(0).waitForStart();
    }

    private static String onDisk(Run<?, ?> run) throws Exception {
        return Files.readString(record(run));
    }

    private static Path record(Run<?, ?> run) {
        return run.getRootDir().toPath().resolve("build.xml");
    }

    @Test
    void areWrittenAboutOnceForEachOperationOfMany() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = begin("20.times { proxmoxVm action: 'reset', vmid: 101 }");
            jenkins.assertBuildStatus(Result.SUCCESS, jenkins.waitForCompletion(run));
            assertThat(lab.proxmox.writes(), hasSize(20));
            assertThat(ours().size(), is(lessThan(20 + 10)));
            assertThat(ours().stream().map(Write::thread).toList(), everyItem(startsWith("Proxmox VE")));
        }
    }

    @Test
    void areWrittenFewTimesForManyAtOnce() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            for (int vmid = 300; vmid < 330; vmid++) {
                lab.proxmox.cluster().vm(vmid, "pve1", "many-" + vmid);
            }
            disk.hangsFor = run -> true;
            WorkflowRun run = begin("""
                    def all = [:]
                    30.times { int vmid = 300 + it; all["b${vmid}"] = { proxmoxVm action: 'start', vmid: vmid } }
                    parallel all
                    """);
            Eventually.holds(
                    "all are about to be sent",
                    () -> run.getAction(GuestTimeline.class) != null
                            && run.getAction(GuestTimeline.class).getCount() == 30);
            assertThat("not before they are on disk", lab.proxmox.writes(), is(List.of()));
            disk.release.countDown();
            jenkins.assertBuildStatus(Result.SUCCESS, jenkins.waitForCompletion(run));
            assertThat(ours().size(), is(lessThan(10)));
        }
    }

    private static TimelineEntry.Outcome outcome(Run<?, ?> run) {
        GuestTimeline timeline = run.getAction(GuestTimeline.class);
        return timeline == null ? null : timeline.getEntries().get(0).getOutcome();
    }

    private FreeStyleBuild beginFreestyle(int vmid) throws Exception {
        FreeStyleProject job = jenkins.createFreeStyleProject();
        GuestBuildStep step = new GuestBuildStep("start");
        step.setVmid(String.valueOf(vmid));
        job.getBuildersList().add(step);
        return job.scheduleBuild2(0).waitForStart();
    }

    @Test
    void holdUpNeitherTimeoutsNorAbortsNorOtherBuildsWhileTheDiskHangs() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            disk.hangsFor = run -> true;
            WorkflowRun late = begin("proxmoxVm action: 'start', vmid: 100, timeout: 1");
            FreeStyleBuild aborted = beginFreestyle(105);
            Eventually.holds(
                    "both are about to be sent", () -> outcome(late) == UNDER_WAY && outcome(aborted) == UNDER_WAY);
            disk.hangsFor = run -> run == late || run == aborted;
            WorkflowRun other = begin("proxmoxVm action: 'start', vmid: 200");
            jenkins.assertBuildStatus(Result.SUCCESS, jenkins.waitForCompletion(other));
            aborted.getExecutor().interrupt(Result.ABORTED);
            Eventually.holds("the one is aborted", () -> outcome(aborted) == ABORTED);
            Eventually.holds("the time of the other is over", () -> outcome(late) == FAILED);
            assertThat(lab.proxmox.writes(), is(List.of("POST /nodes/pve1/lxc/200/status/start")));
            disk.release.countDown();
            jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(aborted));
            jenkins.assertBuildStatus(Result.FAILURE, jenkins.waitForCompletion(late));
        }
    }

    @Test
    void tellTheTaskOfAnOperationSoonThatIsUnderWay() throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.cluster().guest(105).startTakes(Duration.ofHours(1));
            WorkflowRun run = begin("proxmoxVm action: 'start', vmid: 105");
            Eventually.holds(
                    "its task is on disk",
                    () -> Files.exists(record(run)) && onDisk(run).contains("<upid>UPID:"));
            lab.proxmox.cluster().endTasks(105);
            jenkins.assertBuildStatus(Result.SUCCESS, jenkins.waitForCompletion(run));
        }
    }

    private FreeStyleBuild build() throws Exception {
        FreeStyleProject job = jenkins.createFreeStyleProject();
        return jenkins.buildAndAssertSuccess(job);
    }

    private static void put(Run<?, ?> run, int vmid) {
        OperationRequest request =
                OperationRequest.of(new GuestSelector(vmid, null, null), new PowerOperation(PowerAction.START));
        GuestTimeline.put(run, TimelineEntry.of("lab", request, OperationState.begin(), new Exception("simulated")));
    }

    @Test
    void areWrittenBeforeTheControllerGoesDown() throws Exception {
        FreeStyleBuild run = build();
        put(run, 4711);
        BuildRecordWriter.writeSoon(run);
        assertThat(onDisk(run), not(containsString("4711")));
        BuildRecordWriter.writeAll();
        assertThat(onDisk(run), containsString("4711"));
    }

    @Test
    void doNotComeBackAfterTheirBuildWasDeleted() throws Exception {
        FreeStyleBuild run = build();
        put(run, 4711);
        run.delete();
        BuildRecordWriter.write(run).get();
        assertThat(Files.exists(record(run)), is(false));
    }

    @Test
    void holdTheLastOfVeryManyOperations() throws Exception {
        FreeStyleBuild run = build();
        for (int i = 0; i < 250; i++) {
            put(run, 1000 + i);
        }
        BuildRecordWriter.write(run).get();
        run.reload();
        GuestTimeline timeline = run.getAction(GuestTimeline.class);
        assertThat(timeline.getEntries(), hasSize(200));
        assertThat(timeline.getDropped(), is(50));
        assertThat(timeline.getEntries().get(199).getGuest(), is("guest 1249"));
        HtmlPage page = jenkins.createWebClient().getPage(run);
        HtmlPage whole = page.getAnchorByText("All 250 operations").click();
        assertThat(whole.asNormalizedText(), containsString("Earlier ones left out here: 50."));
    }
}
