package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;

import hudson.util.FormValidation;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.freestyle.CloneBuildStep;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

/** The forms of clones say at once what the step would refuse. */
@WithOneJenkins
class CloneFormTest {

    private static void assertRefused(FormValidation validation, String parameter) {
        assertThat(parameter, validation.kind, is(FormValidation.Kind.ERROR));
        assertThat(validation.getMessage(), startsWith(parameter + ": "));
    }

    private static void assertFine(FormValidation validation) {
        assertThat(validation.kind, is(FormValidation.Kind.OK));
    }

    @Test
    void ofTheStep(JenkinsRule jenkins) {
        var form = jenkins.jenkins.getDescriptorByType(ProxmoxCloneStep.DescriptorImpl.class);
        assertRefused(form.doCheckCores(null, "0"), "cores");
        assertRefused(form.doCheckMemory(null, "much"), "memory");
        assertRefused(form.doCheckDiskSize(null, "16777217T"), "diskSize");
        assertRefused(form.doCheckCiUser(null, "a b"), "ciUser");
        assertRefused(form.doCheckSshKeys(null, "secret"), "sshKeys");
        assertRefused(form.doCheckIpConfig(null, "10.0.0.1"), "ipConfig");
        assertRefused(form.doCheckNameserver(null, "?"), "nameserver");
        assertFine(form.doCheckCores(null, " 2 "));
        assertFine(form.doCheckDiskSize(null, "32G"));
        assertFine(form.doCheckDiskSize(null, ""));
        assertFine(form.doCheckSshKeys(null, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me\r\n"));
    }

    @Test
    void ofTheBuildStep(JenkinsRule jenkins) {
        var form = jenkins.jenkins.getDescriptorByType(CloneBuildStep.DescriptorImpl.class);
        assertRefused(form.doCheckCores(null, "0"), "cores");
        assertRefused(form.doCheckIpConfig(null, "10.0.0.1"), "ipConfig");
        assertFine(form.doCheckMemory(null, "${MEMORY}"));
        assertFine(form.doCheckNameserver(null, "192.0.2.53"));
    }
}
