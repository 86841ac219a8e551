package io.jenkins.plugins.proxmox;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.jvnet.hudson.test.JenkinsRule;

/** The Pipelines of the README do what it says, as they are printed there. */
@WithOneJenkins
class ReadmePipelinesTest {

    private static final Pattern PIPELINE = Pattern.compile("```groovy\n(.*?)```", Pattern.DOTALL);

    private static List<String> all() throws Exception {
        return PIPELINE.matcher(Files.readString(Path.of("README.md")))
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    private static boolean makesAClone(String pipeline) {
        return pipeline.contains("template:");
    }

    static List<String> pipelines() throws Exception {
        return all().stream().filter(pipeline -> !makesAClone(pipeline)).toList();
    }

    @Test
    void areThree() throws Exception {
        assertThat(all(), hasSize(3));
        assertThat(pipelines(), hasSize(2));
    }

    @Test
    void runInACloneAndRemoveIt(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.access().role("Clones", "Datastore.AllocateSpace,SDN.Use");
            lab.proxmox.access().grant("/storage", "jenkins@pve", "Clones");
            lab.proxmox.access().grant("/sdn", "jenkins@pve", "Clones");
            WorkflowJob job = jenkins.createProject(WorkflowJob.class);
            String pipeline = all().stream()
                    .filter(ReadmePipelinesTest::makesAClone)
                    .findFirst()
                    .orElseThrow();
            job.setDefinition(new CpsFlowDefinition(pipeline, true));
            WorkflowRun run = jenkins.buildAndAssertSuccess(job);
            jenkins.assertLogContains("testing on 192.0.2.", run);
            jenkins.assertLogContains("is deleted, confirmed", run);
        }
    }

    @ParameterizedTest
    @MethodSource("pipelines")
    void runInTheSandboxAndLeaveTheGuestStopped(String pipeline, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowJob job = jenkins.createProject(WorkflowJob.class);
            job.setDefinition(new CpsFlowDefinition(pipeline, true));
            WorkflowRun run = jenkins.buildAndAssertSuccess(job);
            jenkins.assertLogContains("build-agent is running", run);
            assertThat(lab.proxmox.cluster().guest(100).isRunning(), is(false));
            assertThat(lab.proxmox.writes(), hasSize(2));
        }
    }
}
