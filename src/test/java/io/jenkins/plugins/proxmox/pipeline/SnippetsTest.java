package io.jenkins.plugins.proxmox.pipeline;

import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import org.jenkinsci.plugins.workflow.cps.SnippetizerTester;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/** What the Snippet Generator prints is what was chosen in its form. */
@WithJenkins
class SnippetsTest {

    @Test
    void ofProxmoxVm(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            SnippetizerTester tester = new SnippetizerTester(jenkins);
            ProxmoxVmStep simple = new ProxmoxVmStep("start");
            simple.setVmid(100);
            tester.assertRoundTrip(simple, "proxmoxVm action: 'start', vmid: 100");

            ProxmoxVmStep whole = new ProxmoxVmStep("shutdown");
            whole.setName("web-1");
            whole.setServer("lab");
            whole.setNode("pve1");
            whole.setCredentialsId("ci");
            whole.setTimeout(60);
            whole.setWait(false);
            tester.assertRoundTrip(
                    whole,
                    "proxmoxVm action: 'shutdown', credentialsId: 'ci', name: 'web-1', node: 'pve1', "
                            + "server: 'lab', timeout: 60, wait: false");
        }
    }

    @Test
    void ofWithProxmoxVm(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            SnippetizerTester tester = new SnippetizerTester(jenkins);
            WithProxmoxVmStep simple = new WithProxmoxVmStep();
            simple.setVmid(100);
            tester.assertRoundTrip(simple, "withProxmoxVm(vmid: 100) {\n    // some block\n}");

            WithProxmoxVmStep whole = new WithProxmoxVmStep();
            whole.setName("web-1");
            whole.setServer("lab");
            whole.setNode("pve1");
            whole.setCredentialsId("ci");
            whole.setTimeout(60);
            whole.setWaitForLock(true);
            whole.setCancelTask(true);
            whole.setOnExit("stop");
            tester.assertRoundTrip(
                    whole,
                    "withProxmoxVm(cancelTask: true, credentialsId: 'ci', name: 'web-1', node: 'pve1', "
                            + "onExit: 'stop', server: 'lab', timeout: 60, waitForLock: true) {\n    // some block\n}");
        }
    }

    @Test
    void ofProxmoxStatus(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            SnippetizerTester tester = new SnippetizerTester(jenkins);
            tester.assertRoundTrip(new ProxmoxStatusStep(), "proxmoxStatus()");
            ProxmoxStatusStep guest = new ProxmoxStatusStep();
            guest.setVmid(100);
            guest.setServer("lab");
            tester.assertRoundTrip(guest, "proxmoxStatus server: 'lab', vmid: 100");
        }
    }
}
