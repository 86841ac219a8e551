package io.jenkins.plugins.proxmox.freestyle;

import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import org.jenkinsci.plugins.workflow.cps.SnippetizerTester;
import org.jenkinsci.plugins.workflow.steps.CoreStep;
import org.jenkinsci.plugins.workflow.steps.CoreWrapperStep;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/** What the Snippet Generator prints for build steps and wrapper is what was chosen in their forms. */
@WithJenkins
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

            StartedGuestWrapper whole = new StartedGuestWrapper();
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
                            + "onExit: 'leave', server: 'lab', timeout: '60', waitForLock: true) "
                            + "{\n    // some block\n}");
        }
    }
}
