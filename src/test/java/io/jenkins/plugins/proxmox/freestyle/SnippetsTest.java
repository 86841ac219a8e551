package io.jenkins.plugins.proxmox.freestyle;

import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import org.jenkinsci.plugins.workflow.cps.SnippetizerTester;
import org.jenkinsci.plugins.workflow.steps.CoreStep;
import org.jenkinsci.plugins.workflow.steps.CoreWrapperStep;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

/** What the Snippet Generator prints for build steps and wrapper is what was chosen in their forms. */
@WithOneJenkins
class SnippetsTest {

    @Test
    void ofTheBuildSteps(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            SnippetizerTester tester = new SnippetizerTester(jenkins);
            GuestBuildStep step = new GuestBuildStep("start");
            step.setVmid("100");
            tester.assertRoundTrip(new CoreStep(step), "proxmoxGuest action: 'start', vmid: '100'");

            GuestBuildStep whole = new GuestBuildStep("shutdown");
            whole.setName("web-1");
            whole.setServer("lab");
            whole.setNode("pve1");
            whole.setCredentialsId("ci");
            whole.setTimeout("60");
            whole.setWait(false);
            whole.setWaitForLock(true);
            whole.setCancelTask(true);
            tester.assertRoundTrip(
                    new CoreStep(whole),
                    "proxmoxGuest action: 'shutdown', cancelTask: true, credentialsId: 'ci', name: 'web-1', "
                            + "node: 'pve1', server: 'lab', timeout: '60', wait: false, waitForLock: true");

            GuestPostBuildStep after = new GuestPostBuildStep("shutdown");
            after.setWhen("success");
            after.setName("web-1");
            after.setServer("lab");
            after.setNode("pve1");
            after.setCredentialsId("ci");
            after.setTimeout("60");
            after.setWait(false);
            after.setWaitForLock(true);
            after.setCancelTask(true);
            tester.assertRoundTrip(
                    new CoreStep(after),
                    "proxmoxGuestAfterwards action: 'shutdown', cancelTask: true, credentialsId: 'ci', name: 'web-1', "
                            + "node: 'pve1', server: 'lab', timeout: '60', wait: false, waitForLock: true, "
                            + "when: 'success'");
        }
    }

    @Test
    void ofTheSnapshotStep(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            SnippetizerTester tester = new SnippetizerTester(jenkins);
            SnapshotBuildStep simple = new SnapshotBuildStep("list");
            simple.setVmid("100");
            tester.assertRoundTrip(new CoreStep(simple), "proxmoxGuestSnapshot action: 'list', vmid: '100'");

            SnapshotBuildStep whole = new SnapshotBuildStep("create");
            whole.setName("web-1");
            whole.setSnapshot("clean");
            whole.setDescription("for the tests");
            whole.setMemory(true);
            whole.setStart(true);
            whole.setIfExists("keep");
            whole.setIfMissing("ignore");
            whole.setServer("lab");
            whole.setTimeout("60");
            tester.assertRoundTrip(
                    new CoreStep(whole),
                    "proxmoxGuestSnapshot action: 'create', description: 'for the tests', ifExists: 'keep', "
                            + "ifMissing: 'ignore', memory: true, name: 'web-1', server: 'lab', snapshot: 'clean', "
                            + "start: true, timeout: '60'");
        }
    }

    @Test
    void ofTheStepsThatCloneAndDelete(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            SnippetizerTester tester = new SnippetizerTester(jenkins);
            CloneBuildStep clone = new CloneBuildStep("golden");
            clone.setVmid("555");
            clone.setName("agent-${BUILD_NUMBER}");
            clone.setPool("ci");
            clone.setFull(true);
            clone.setCores("4");
            clone.setStart(true);
            clone.setWaitFor("ip");
            clone.setServer("lab");
            tester.assertRoundTrip(
                    new CoreStep(clone),
                    "proxmoxGuestClone cores: '4', full: 'true', name: 'agent-${BUILD_NUMBER}', pool: 'ci', "
                            + "server: 'lab', start: true, template: 'golden', vmid: '555', waitFor: 'ip'");

            DeletionBuildStep deletion = new DeletionBuildStep();
            deletion.setVmid("${PROXMOX_VMID}");
            deletion.setStop(true);
            deletion.setPurge(true);
            deletion.setForce(true);
            deletion.setIfMissing("ignore");
            tester.assertRoundTrip(
                    new CoreStep(deletion),
                    "proxmoxGuestDeletion force: true, ifMissing: 'ignore', purge: true, stop: true, "
                            + "vmid: '${PROXMOX_VMID}'");
        }
    }

    @Test
    void ofTheWrapper(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            SnippetizerTester tester = new SnippetizerTester(jenkins);
            StartedGuestWrapper wrapper = new StartedGuestWrapper();
            wrapper.setVmid("100");
            wrapper.setOnExit("stop");
            wrapper.setCredentialsId("ci");
            tester.assertRoundTrip(
                    new CoreWrapperStep(wrapper),
                    "proxmoxGuestStarted(credentialsId: 'ci', onExit: 'stop', vmid: '100') {\n    // some block\n}");

            StartedGuestWrapper clone = new StartedGuestWrapper();
            clone.setTemplate("9000");
            clone.setName("fresh");
            clone.setPool("ci");
            clone.setFull("true");
            clone.setCores("2");
            clone.setKeepFor("2");
            clone.setKeepOnFailure(true);
            tester.assertRoundTrip(
                    new CoreWrapperStep(clone),
                    "proxmoxGuestStarted(cores: '2', full: 'true', keepFor: '2', keepOnFailure: true, name: 'fresh', "
                            + "pool: 'ci', template: '9000') {\n    // some block\n}");

            StartedGuestWrapper whole = new StartedGuestWrapper();
            whole.setSnapshot("clean");
            whole.setName("web-1");
            whole.setServer("lab");
            whole.setNode("pve1");
            whole.setCredentialsId("ci");
            whole.setTimeout("60");
            whole.setWaitForLock(true);
            whole.setCancelTask(true);
            whole.setOnExit("leave");
            tester.assertRoundTrip(
                    new CoreWrapperStep(whole),
                    "proxmoxGuestStarted(cancelTask: true, credentialsId: 'ci', name: 'web-1', node: 'pve1', "
                            + "onExit: 'leave', server: 'lab', snapshot: 'clean', timeout: '60', waitForLock: true) "
                            + "{\n    // some block\n}");
        }
    }
}
