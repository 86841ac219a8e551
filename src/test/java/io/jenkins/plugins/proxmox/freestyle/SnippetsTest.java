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

            GuestPostBuildStep after = new GuestPostBuildStep("shutdown");
            after.setName("web-1");
            after.setServer("lab");
            after.setTimeout("60");
            after.setWhen("success");
            tester.assertRoundTrip(
                    new CoreStep(after),
                    "proxmoxGuestAfterwards action: 'shutdown', name: 'web-1', server: 'lab', timeout: '60', "
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
        }
    }
}
