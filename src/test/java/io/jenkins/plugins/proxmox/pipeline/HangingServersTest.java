package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;

import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/** Servers that take requests and do not answer, while builds use others. */
@WithJenkins
class HangingServersTest {

    private static final int HANGING = 4;
    private static final int REQUESTS = 8;

    private final CountDownLatch release = new CountDownLatch(1);
    private final List<ConfiguredProxmox> hanging = new ArrayList<>();

    @AfterEach
    void close() {
        release.countDown();
        hanging.forEach(ConfiguredProxmox::close);
    }

    private void addHangingServers(Generation generation) {
        for (int i = 0; i < HANGING; i++) {
            ConfiguredProxmox server = ConfiguredProxmox.unconfigured(generation);
            hanging.add(server);
            ConfiguredProxmox.add(ConfiguredProxmox.token("of-" + i, "jenkins@pve!ci", server.example.ciSecret()));
            server.server("hanging-" + i, "of-" + i);
            for (int j = 0; j < REQUESTS; j++) {
                server.proxmox.inject(request -> true, new Fault.Hold(release));
            }
        }
    }

    private static WorkflowRun begin(JenkinsRule jenkins, String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return job.scheduleBuild2(0).waitForStart();
    }

    private static String many(String step) {
        return "def all = [:]; " + REQUESTS + ".times { all[it as String] = { " + step + " } }; parallel all";
    }

    @ParameterizedTest
    @EnumSource(Generation.class)
    void leaveTheirThreadsToTheBuildsOnOthers(Generation generation, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start(generation)) {
            addHangingServers(generation);
            List<WorkflowRun> stuck = new ArrayList<>();
            for (int i = 0; i < HANGING; i++) {
                stuck.add(begin(jenkins, many("proxmoxStatus server: 'hanging-" + i + "'")));
            }
            Eventually.holds(
                    "each hangs with all that it may take",
                    () -> hanging.stream().allMatch(server -> server.requests() == 4));
            long begun = System.nanoTime();
            WorkflowRun run = begin(jenkins, """
                    proxmoxVm action: 'start', vmid: 100, server: 'lab'
                    withProxmoxVm(vmid: 200, server: 'lab') { proxmoxStatus vmid: 200, server: 'lab' }
                    """);
            jenkins.assertBuildStatus(Result.SUCCESS, jenkins.waitForCompletion(run));
            assertThat(Duration.ofNanos(System.nanoTime() - begun), is(lessThan(Duration.ofSeconds(20))));
            for (WorkflowRun each : stuck) {
                assertThat(each.isBuilding(), is(true));
            }
            release.countDown();
            for (WorkflowRun each : stuck) {
                jenkins.assertBuildStatus(Result.SUCCESS, jenkins.waitForCompletion(each));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Generation.class)
    void doNotMakeTheTimeoutsOfBuildsLate(Generation generation, JenkinsRule jenkins) throws Exception {
        addHangingServers(generation);
        List<WorkflowRun> runs = new ArrayList<>();
        for (int i = 0; i < HANGING; i++) {
            runs.add(begin(
                    jenkins, many("proxmoxVm action: 'start', vmid: 100, timeout: 1, server: 'hanging-" + i + "'")));
        }
        long begun = System.nanoTime();
        for (WorkflowRun run : runs) {
            jenkins.assertBuildStatus(Result.FAILURE, jenkins.waitForCompletion(run));
            jenkins.assertLogContains("Timeout of 1 s: could not start guest 100 in that time.", run);
        }
        assertThat(
                "a second, and ten for a last look",
                Duration.ofNanos(System.nanoTime() - begun),
                is(lessThan(Duration.ofSeconds(25))));
    }
}
