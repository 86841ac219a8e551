package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import java.time.Duration;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.jvnet.hudson.test.junit.jupiter.JenkinsSessionExtension;

/** A wait goes on after a restart of Jenkins. */
class RestartTest {

    @RegisterExtension
    private final JenkinsSessionExtension sessions = new JenkinsSessionExtension();

    @Test
    void aWaitGoesOnAndNothingIsSentTwice() throws Throwable {
        ConfiguredProxmox lab = ConfiguredProxmox.unconfigured();
        try {
            lab.proxmox.cluster().guest(105).startTakes(Duration.ofSeconds(8));
            sessions.then(jenkins -> {
                ConfiguredProxmox.add(ConfiguredProxmox.token("ci", "jenkins@pve!ci", lab.example.ciSecret()));
                lab.server("lab", "ci");
                WorkflowJob job = jenkins.createProject(WorkflowJob.class, "start");
                job.setDefinition(new CpsFlowDefinition(
                        "def vm = proxmoxVm action: 'start', vmid: 105\necho \"ended ${vm.status} ${vm.changed}\"",
                        true));
                WorkflowRun run = job.scheduleBuild2(0).waitForStart();
                jenkins.waitForMessage("Requested start of VM 105", run);
            });
            sessions.then(jenkins -> {
                WorkflowRun run = jenkins.jenkins
                        .getItemByFullName("start", WorkflowJob.class)
                        .getBuildByNumber(1);
                jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
                jenkins.assertLogContains("ended running true", run);
                assertThat(lab.proxmox.writes(), is(List.of("POST /nodes/pve1/qemu/105/status/start")));
            });
        } finally {
            lab.close();
        }
    }
}
