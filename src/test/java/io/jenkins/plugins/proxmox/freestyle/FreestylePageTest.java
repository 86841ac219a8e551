package io.jenkins.plugins.proxmox.freestyle;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import hudson.model.FreeStyleBuild;
import hudson.model.FreeStyleProject;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import javaposse.jobdsl.plugin.ExecuteDslScripts;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

/** The examples of docs/freestyle.md do what it says, as they are printed there. */
@WithOneJenkins
class FreestylePageTest {

    private static final Pattern EXAMPLE = Pattern.compile("```groovy\n(.*?)```", Pattern.DOTALL);

    private static List<String> examples() throws Exception {
        List<String> examples = EXAMPLE.matcher(Files.readString(Path.of("docs/freestyle.md")))
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(examples, hasSize(3));
        return examples;
    }

    @Test
    void theJobDslMakesAJobThatRuns(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            ExecuteDslScripts script = new ExecuteDslScripts();
            script.setUseScriptText(true);
            script.setScriptText(examples().get(0));
            FreeStyleProject seed = jenkins.createFreeStyleProject("seed");
            seed.getBuildersList().add(script);
            jenkins.buildAndAssertSuccess(seed);

            FreeStyleProject job = jenkins.jenkins.getItemByFullName("integration-test", FreeStyleProject.class);
            assertThat(job.getBuildWrappersList().get(StartedGuestWrapper.class).getTimeout(), is("120"));
            FreeStyleBuild build = jenkins.buildAndAssertSuccess(job);
            jenkins.assertLogContains("VM 100 (build-agent) is running on node pve1, confirmed", build);
            assertThat(lab.proxmox.cluster().taskTypes(100), is(List.of("qmstart", "qmreboot", "qmshutdown")));
            assertThat(lab.proxmox.cluster().taskTypes(201), is(List.of("vzstop")));
        }
    }

    @Test
    void theJobDslMakesAJobThatRunsWithAClone(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.access().role("Clones", "Datastore.AllocateSpace,SDN.Use");
            lab.proxmox.access().grant("/storage", "jenkins@pve", "Clones");
            lab.proxmox.access().grant("/sdn", "jenkins@pve", "Clones");
            ExecuteDslScripts script = new ExecuteDslScripts();
            script.setUseScriptText(true);
            script.setScriptText(examples().get(1));
            FreeStyleProject seed = jenkins.createFreeStyleProject("seed");
            seed.getBuildersList().add(script);
            jenkins.buildAndAssertSuccess(seed);

            FreeStyleProject job = jenkins.jenkins.getItemByFullName("test-on-a-clone", FreeStyleProject.class);
            FreeStyleBuild build = jenkins.buildAndAssertSuccess(job);
            jenkins.assertLogContains(" (build-1) is running on node pve1, confirmed", build);
            jenkins.assertLogContains(" (build-1) is deleted, confirmed", build);
        }
    }

    @Test
    void thePipelineRunsInTheSandbox(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowJob job = jenkins.createProject(WorkflowJob.class);
            job.setDefinition(new CpsFlowDefinition(examples().get(2), true));
            WorkflowRun run = jenkins.buildAndAssertSuccess(job);
            jenkins.assertLogContains("tested on build-agent", run);
            assertThat(lab.proxmox.cluster().taskTypes(100), is(List.of("qmstart", "qmreboot", "qmshutdown")));
            assertThat(lab.proxmox.cluster().taskTypes(201), is(List.of("vzstop")));
        }
    }
}
