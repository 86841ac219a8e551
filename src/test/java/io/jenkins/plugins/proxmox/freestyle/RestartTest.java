package io.jenkins.plugins.proxmox.freestyle;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.test.steps.SemaphoreStep;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.jvnet.hudson.test.junit.jupiter.JenkinsSessionExtension;

/** A guest that was started for a part of a Pipeline is put back after a restart of Jenkins too. */
class RestartTest {

    @RegisterExtension
    private final JenkinsSessionExtension sessions = new JenkinsSessionExtension();

    @Test
    void theWrapperPutsTheGuestBackAfterARestart() throws Throwable {
        ConfiguredProxmox lab = ConfiguredProxmox.unconfigured();
        try {
            sessions.then(jenkins -> {
                ConfiguredProxmox.add(ConfiguredProxmox.token("ci", "jenkins@pve!ci", lab.example.ciSecret()));
                lab.server("lab", "ci");
                WorkflowJob job = jenkins.createProject(WorkflowJob.class, "wrapped");
                job.setDefinition(new CpsFlowDefinition("""
                        wrap([$class: 'StartedGuestWrapper', vmid: '100']) {
                            semaphore 'inside'
                            echo "still with ${env.PROXMOX_GUEST_NAME}"
                        }
                        """, true));
                WorkflowRun run = job.scheduleBuild2(0).waitForStart();
                SemaphoreStep.waitForStart("inside/1", run);
                assertThat(lab.proxmox.cluster().taskTypes(100), is(List.of("qmstart")));
            });
            sessions.then(jenkins -> {
                WorkflowRun run = jenkins.jenkins
                        .getItemByFullName("wrapped", WorkflowJob.class)
                        .getBuildByNumber(1);
                SemaphoreStep.success("inside/1", null);
                jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
                jenkins.assertLogContains("still with build-agent", run);
                assertThat(lab.proxmox.cluster().taskTypes(100), is(List.of("qmstart", "qmshutdown")));
            });
        } finally {
            lab.close();
        }
    }
}
