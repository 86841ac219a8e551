package io.jenkins.plugins.proxmox.freestyle;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;

import hudson.model.FreeStyleBuild;
import hudson.model.FreeStyleProject;
import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.jvnet.hudson.test.JenkinsRule;

/** A freestyle build makes a guest, uses it and deletes it. */
@WithOneJenkins
class CloneAndDeletionStepsTest {

    private static ConfiguredProxmox start(Generation generation) throws Exception {
        ConfiguredProxmox lab = ConfiguredProxmox.start(generation);
        lab.proxmox.access().role("builder", "Datastore.AllocateSpace,SDN.Use");
        lab.proxmox.access().grant("/storage", "jenkins@pve", "builder");
        lab.proxmox.access().grant("/sdn", "jenkins@pve", "builder");
        lab.proxmox.cluster().vm(9000, "pve1", "golden").template();
        lab.proxmox.cluster().container(9001, "pve1", "golden-ct").template();
        return lab;
    }

    @ParameterizedTest
    @CsvSource({"V8, 9000, qm", "V9, 9001, vz"})
    void laterStepsFindTheCloneInTheirEnvironment(
            Generation generation, String template, String prefix, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = start(generation)) {
            FreeStyleProject job = jenkins.createFreeStyleProject();
            CloneBuildStep clone = new CloneBuildStep(template);
            clone.setName("build-${BUILD_NUMBER}");
            clone.setFull(true);
            clone.setCores("2");
            clone.setStart(true);
            clone.setWaitFor("ip");
            job.getBuildersList().add(clone);
            DeletionBuildStep deletion = new DeletionBuildStep();
            deletion.setVmid("${PROXMOX_VMID}");
            deletion.setStop(true);
            job.getBuildersList().add(deletion);
            FreeStyleBuild build = jenkins.buildAndAssertSuccess(job);
            jenkins.assertLogContains("107 (build-1) has the address 192.0.2.108", build);
            jenkins.assertLogContains("107 (build-1) is deleted, confirmed", build);
            assertThat(
                    lab.proxmox.cluster().taskTypes(107),
                    is(List.of(prefix + "start", prefix + "stop", prefix + "destroy")));
            assertThat(lab.proxmox.cluster().guest(107), is(nullValue()));
        }
    }

    /** As {@code proxmoxClone} takes them. */
    @Test
    void takesListsFromScripts(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = start(Generation.V9)) {
            lab.proxmox.cluster().guest(9000).configured("ide2", "local:9000/vm-9000-cloudinit.qcow2,media=cdrom");
            WorkflowJob job = jenkins.createProject(WorkflowJob.class);
            job.setDefinition(new CpsFlowDefinition("""
                    node {
                        proxmoxGuestClone template: 9000, full: true, tags: ['ci', 'linux'],
                            sshKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 one', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 two']
                    }
                    """, true));
            jenkins.buildAndAssertSuccess(job);
            SimulatedGuest clone = lab.proxmox.cluster().guest(107);
            assertThat(clone.configured("tags"), is("ci;jenkins;linux"));
            assertThat(
                    clone.configured("sshkeys"),
                    is("ssh-ed25519%20AAAAC3NzaC1lZDI1NTE5%20one%0Assh-ed25519%20AAAAC3NzaC1lZDI1NTE5%20two"));
        }
    }

    @Test
    void aMissingGuestIsFineWhenThatIsWanted(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = start(Generation.V9)) {
            FreeStyleProject job = jenkins.createFreeStyleProject();
            DeletionBuildStep deletion = new DeletionBuildStep();
            deletion.setVmid("555");
            deletion.setIfMissing("ignore");
            job.getBuildersList().add(deletion);
            FreeStyleBuild build = jenkins.buildAndAssertSuccess(job);
            jenkins.assertLogContains("There is no guest 555 in the cluster. Nothing to do", build);
            assertThat(lab.proxmox.writes(), is(empty()));
        }
    }

    @Test
    void refusesInOneLine(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = start(Generation.V9)) {
            FreeStyleProject job = jenkins.createFreeStyleProject();
            CloneBuildStep clone = new CloneBuildStep("9000");
            clone.setWaitFor("ip");
            job.getBuildersList().add(clone);
            FreeStyleBuild build = jenkins.buildAndAssertStatus(Result.FAILURE, job);
            jenkins.assertLogContains("waitFor: 'ip' needs start: true.", build);
            job.getBuildersList().clear();
            DeletionBuildStep deletion = new DeletionBuildStep();
            deletion.setVmid("100");
            job.getBuildersList().add(deletion);
            build = jenkins.buildAndAssertStatus(Result.FAILURE, job);
            jenkins.assertLogContains("Jenkins did not create it, as its description shows.", build);
            assertThat(lab.proxmox.writes(), is(empty()));
        }
    }
}
