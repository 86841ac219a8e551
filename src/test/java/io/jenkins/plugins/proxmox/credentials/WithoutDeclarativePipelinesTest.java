package io.jenkins.plugins.proxmox.credentials;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;

import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/** Declarative Pipelines are optional: without their plugins this one works, but for {@code credentials()} in them. */
class WithoutDeclarativePipelinesTest {

    @RegisterExtension
    private final RealJenkinsExtension jenkins =
            new RealJenkinsExtension().omitPlugins("pipeline-model-definition", "pipeline-model-extensions");

    @Test
    void scriptsGetATokenAllTheSame() throws Throwable {
        jenkins.then(WithoutDeclarativePipelinesTest::bindAToken);
    }

    private static void bindAToken(JenkinsRule rule) throws Exception {
        assertThat(rule.jenkins.getPlugin("pipeline-model-extensions"), is(nullValue()));
        assertThat(rule.jenkins.getPluginManager().getFailedPlugins().isEmpty(), is(true));
        ConfiguredProxmox.add(ConfiguredProxmox.token("pve", "jenkins@pve!ci", "0f5c2b1e-7d60-4b6f-9c39-5e2d8a417c66"));
        WorkflowJob job = rule.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(
                "withCredentials([proxmoxApiToken(credentialsId: 'pve', variable: 'PVE')]) { echo env.PVE_TOKEN_ID }",
                true));
        rule.assertLogContains("jenkins@pve!ci", rule.buildAndAssertSuccess(job));
    }
}
