package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;

import hudson.util.FormValidation;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.freestyle.GuestCommandStep;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

/** The forms of commands in guests say at once what the step would refuse. */
@WithOneJenkins
class ExecFormTest {

    private static void assertRefused(FormValidation validation, String message) {
        assertThat(validation.kind, is(FormValidation.Kind.ERROR));
        assertThat(validation.getMessage(), startsWith(message));
    }

    @Test
    void ofTheStep(JenkinsRule jenkins) {
        var form = jenkins.jenkins.getDescriptorByType(ProxmoxExecStep.DescriptorImpl.class);
        assertRefused(form.doCheckCommand(null, " "), "command is missing.");
        assertThat(form.doCheckCommand(null, "make test").kind, is(FormValidation.Kind.OK));
        assertRefused(form.doCheckEnv(null, "A=1\nB"), "env: &quot;B&quot; is not of the form NAME=value.");
        assertRefused(form.doCheckEnv(null, "A-B=1"), "env: &quot;A-B&quot; is not the name");
        assertThat(form.doCheckEnv(null, "A=1\n\nB=").kind, is(FormValidation.Kind.OK));
        assertRefused(form.doCheckReturnStatus(null, true, true), "returnStdout and returnStatus");
        assertThat(form.doCheckReturnStatus(null, true, false).kind, is(FormValidation.Kind.OK));
    }

    @Test
    void ofTheBuildStep(JenkinsRule jenkins) {
        var form = jenkins.jenkins.getDescriptorByType(GuestCommandStep.DescriptorImpl.class);
        assertRefused(form.doCheckCommand(null, ""), "command is missing.");
        assertRefused(form.doCheckEnv(null, "B"), "env: &quot;B&quot; is not of the form NAME=value.");
        assertThat("builds replace it", form.doCheckEnv(null, "${ALL}").kind, is(FormValidation.Kind.OK));
    }
}
