package io.jenkins.plugins.proxmox.freestyle;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.notNullValue;

import hudson.model.FreeStyleBuild;
import hudson.model.FreeStyleProject;
import hudson.model.ParametersDefinitionProperty;
import hudson.model.Result;
import hudson.model.StringParameterDefinition;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.build.GuestTimeline;
import io.jenkins.plugins.proxmox.build.TimelineEntry;
import io.jenkins.plugins.proxmox.pve.Eventually;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.SnippetizerTester;
import org.jenkinsci.plugins.workflow.steps.CoreStep;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

@WithOneJenkins
class GuestCommandStepTest {

    private JenkinsRule jenkins;
    private ConfiguredProxmox lab;

    @BeforeEach
    void startServer(JenkinsRule rule) {
        jenkins = rule;
        lab = ConfiguredProxmox.start();
    }

    @AfterEach
    void stopServer() {
        lab.close();
    }

    private static GuestCommandStep step(String command) {
        GuestCommandStep step = new GuestCommandStep(command);
        step.setVmid("101");
        return step;
    }

    private FreeStyleProject job(GuestCommandStep step) throws Exception {
        FreeStyleProject job = jenkins.createFreeStyleProject();
        job.getBuildersList().add(step);
        return job;
    }

    @Test
    void runsAScriptWithBuildParametersInItsVariables() throws Exception {
        GuestCommandStep step = step("echo \"$V and $W of ${HOME:-nobody}\"; cat");
        step.setVmid("${WHICH}");
        step.setEnv("V=${VERSION}\nW=x=y");
        step.setInput("from here\n");
        FreeStyleProject job = job(step);
        job.addProperty(new ParametersDefinitionProperty(
                new StringParameterDefinition("WHICH", "101"), new StringParameterDefinition("VERSION", "1.4")));
        FreeStyleBuild build = jenkins.buildAndAssertSuccess(job);
        jenkins.assertLogContains("\n1.4 and x=y of nobody\nfrom here\n", build);
        assertThat(
                build.getAction(GuestTimeline.class).getEntries().get(0).getOutcome(), is(TimelineEntry.Outcome.RAN));
        assertThat(lab.proxmox.cluster().guest(101).exec().files(), is(empty()));
    }

    @Test
    void failsWithTheExitCode() throws Exception {
        GuestCommandStep step = step("b=(1 2); exit ${#b[@]}");
        step.setShell("/bin/bash -c");
        FreeStyleBuild build = jenkins.buildAndAssertStatus(Result.FAILURE, job(step));
        jenkins.assertLogContains("ERROR: The command in VM 101 (web-1) returned exit code 2.", build);
    }

    @Test
    void refusesWhatCannotBeRead() throws Exception {
        GuestCommandStep unknown = step("true");
        unknown.setEnv("A=${UNKNOWN}");
        jenkins.assertLogContains(
                "env: \"A=${UNKNOWN}\" has no value", jenkins.buildAndAssertStatus(Result.FAILURE, job(unknown)));
        GuestCommandStep late = step("true");
        late.setTimeout("soon");
        jenkins.assertLogContains(
                "timeout: \"soon\" is not a whole number", jenkins.buildAndAssertStatus(Result.FAILURE, job(late)));
        jenkins.assertLogContains("command is missing", jenkins.buildAndAssertStatus(Result.FAILURE, job(step(" "))));
        assertThat(lab.proxmox.writes(), is(empty()));
    }

    @Test
    void endsTheCommandWhenTheBuildIsAborted() throws Exception {
        FreeStyleBuild build =
                job(step("echo begun; sleep 600")).scheduleBuild2(0).waitForStart();
        jenkins.waitForMessage("begun", build);
        build.doStop();
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(build));
        jenkins.assertLogContains("[Proxmox VE] The command in VM 101 (web-1) was ended", build);
        Eventually.holds(
                "its files are removed",
                () -> lab.proxmox.cluster().guest(101).exec().files().isEmpty());
    }

    @Test
    void keepsWhatIsTyped() throws Exception {
        GuestCommandStep whole = new GuestCommandStep("make\n\ttest");
        whole.setName("web-1");
        whole.setServer("lab");
        whole.setNode("pve1");
        whole.setCredentialsId("ci");
        whole.setTimeout("60");
        whole.setShell("/bin/bash -c");
        whole.setEnv("A=1\nB=2");
        whole.setInput("text");
        String fields = "command,vmid,name,server,node,credentialsId,timeout,shell,env,input";
        jenkins.assertEqualBeans(whole, jenkins.configRoundtrip(whole), fields);
        GuestCommandStep simple = step("true");
        jenkins.assertEqualBeans(simple, jenkins.configRoundtrip(simple), fields);
        assertThat(jenkins.configRoundtrip(simple).getTimeout(), is("3600"));
        new SnippetizerTester(jenkins)
                .assertRoundTrip(new CoreStep(simple), "proxmoxGuestCommand command: 'true', vmid: '101'");
        try (JenkinsRule.WebClient browser = jenkins.createWebClient()) {
            browser.executeOnServer(() -> {
                for (String field : List.of(fields.split(","))) {
                    assertThat(field, whole.getDescriptor().getHelpFile(field), notNullValue());
                }
                return null;
            });
        }
    }
}
