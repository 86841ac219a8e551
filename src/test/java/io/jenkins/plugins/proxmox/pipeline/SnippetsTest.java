package io.jenkins.plugins.proxmox.pipeline;

import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import java.util.List;
import net.sf.json.JSONObject;
import org.jenkinsci.plugins.workflow.cps.SnippetizerTester;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
            whole.setWaitForLock(true);
            whole.setCancelTask(true);
            tester.assertRoundTrip(
                    whole,
                    "proxmoxVm action: 'shutdown', cancelTask: true, credentialsId: 'ci', name: 'web-1', "
                            + "node: 'pve1', server: 'lab', timeout: 60, wait: false, waitForLock: true");
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

            ProxmoxStatusStep whole = new ProxmoxStatusStep();
            whole.setName("web-1");
            whole.setServer("lab");
            whole.setNode("pve1");
            whole.setCredentialsId("ci");
            whole.setCheckPermissions(true);
            tester.assertRoundTrip(
                    whole,
                    "proxmoxStatus checkPermissions: true, credentialsId: 'ci', name: 'web-1', node: 'pve1', "
                            + "server: 'lab'");
        }
    }

    /** A form sends texts. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ProxmoxVmStep     | {"action": "start", "vmid": "100", "name": ""} | proxmoxVm action: 'start', vmid: 100
            ProxmoxStatusStep | {"vmid": "100", "name": ""}                    | proxmoxStatus vmid: 100
            ProxmoxStatusStep | {"vmid": "", "name": ""}                       | proxmoxStatus()
            """)
    void haveAVmidAsANumber(String step, String form, String snippet, JenkinsRule jenkins) throws Exception {
        JSONObject json = JSONObject.fromObject(form);
        json.put("stapler-class", getClass().getPackageName() + "." + step);
        json.put("$class", getClass().getPackageName() + "." + step);
        new SnippetizerTester(jenkins).assertGenerateSnippet(json.toString(), snippet, null);
    }

    @Test
    void areDocumentedInTheReferenceOfSteps(JenkinsRule jenkins) throws Exception {
        for (Class<? extends Step> step :
                List.of(ProxmoxVmStep.class, WithProxmoxVmStep.class, ProxmoxStatusStep.class)) {
            SnippetizerTester.assertDocGeneration(step);
        }
    }
}
