package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvnet.hudson.test.JenkinsRule;

/** A build that meets a refusal says once, in its log, what that means and what to run on the Proxmox host. */
@WithOneJenkins
class ExplanationTest {

    private static String logOf(JenkinsRule jenkins, String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        WorkflowRun run = jenkins.buildAndAssertStatus(Result.FAILURE, job);
        String log = JenkinsRule.getLog(run);
        assertThat(log, not(containsString("\tat ")));
        return log;
    }

    private static int count(String text, String part) {
        return text.split(java.util.regex.Pattern.quote(part), -1).length - 1;
    }

    @ParameterizedTest
    @EnumSource(Generation.class)
    void ofATokenWithoutAnyRight(Generation generation, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start(generation)) {
            ConfiguredProxmox.add(
                    ConfiguredProxmox.token("limited", "jenkins@pve!limited", lab.example.limitedSecret()));
            String log = logOf(jenkins, "proxmoxVm action: 'start', vmid: 100, credentialsId: 'limited'");
            assertThat(log, containsString("403 Permission check failed (/vms/100, VM.Audit)"));
            assertThat(count(log, "pveum acl modify /vms/100 --tokens 'jenkins@pve!limited' --roles "), is(1));
            assertThat(log, not(containsString(lab.example.limitedSecret())));
            assertThat(lab.proxmox.writes(), is(List.of()));
        }
    }

    @Test
    void ofThePrivilegeThatTheActionNeeds(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            ConfiguredProxmox.add(ConfiguredProxmox.token("auditor", "auditor@pve!ci", lab.example.auditorSecret()));
            String log = logOf(jenkins, "proxmoxVm action: 'start', vmid: 100, credentialsId: 'auditor'");
            assertThat(log, containsString("[Proxmox VE] VM 100 (build-agent) is on node pve1, stopped"));
            assertThat(log, containsString("403 Permission check failed (/vms/100, VM.PowerMgmt)"));
            assertThat(log, containsString("pveum acl modify /vms/100 --"));
        }
    }

    @Test
    void ofATokenThatDoesNotExistAnyMore(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.access().deleteToken("jenkins@pve!ci");
            String log = logOf(jenkins, "proxmoxStatus()");
            assertThat(log, containsString("401 Authentication failed!"));
            assertThat(log, containsString("pveum user token list jenkins@pve"));
            assertThat(log, not(containsString(lab.example.ciSecret())));
        }
    }

    @Test
    void ofAServerThatIsNotReached(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.stopListening();
            String log = logOf(jenkins, "proxmoxStatus vmid: 100");
            assertThat(log, containsString("refused"));
            assertThat(count(log, "ERROR: "), is(1));
        }
    }
}
