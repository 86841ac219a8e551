package io.jenkins.plugins.proxmox.credentials;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import com.cloudbees.plugins.credentials.CredentialsProvider;
import hudson.model.FreeStyleProject;
import hudson.model.Result;
import hudson.tasks.Shell;
import hudson.util.FormValidation;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import java.util.List;
import org.jenkinsci.plugins.credentialsbinding.impl.BindingStep;
import org.jenkinsci.plugins.credentialsbinding.impl.SecretBuildWrapper;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.cps.SnippetizerTester;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.jvnet.hudson.test.JenkinsRule;

/** A token reaches scripts in environment variables, and its secret does not reach the log. */
@WithOneJenkins
class ProxmoxApiTokenBindingTest {

    private static final String SECRET = "0f5c2b1e-7d60-4b6f-9c39-5e2d8a417c66";

    private JenkinsRule jenkins;

    @BeforeEach
    void storeToken(JenkinsRule rule) {
        jenkins = rule;
        ConfiguredProxmox.add(ConfiguredProxmox.token("pve", "jenkins@pve!ci", SECRET));
    }

    private String logOf(Result result, String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        WorkflowRun run = jenkins.buildAndAssertStatus(result, job);
        String log = JenkinsRule.getLog(run);
        assertThat(log, not(containsString(SECRET)));
        return log;
    }

    @Test
    void inTwoVariables() throws Exception {
        String log = logOf(Result.SUCCESS, """
                withCredentials([proxmoxApiToken(credentialsId: 'pve', tokenIdVariable: 'PVE_ID', secretVariable: 'PVE_SECRET')]) {
                    echo "id ${env.PVE_ID}"
                    echo "secret ${env.PVE_SECRET}"
                    echo "length ${env.PVE_SECRET.length()}"
                }
                echo "afterwards ${env.PVE_ID} ${env.PVE_SECRET}"
                """);
        assertThat(log, containsString("id jenkins@pve!ci"));
        assertThat(log, containsString("secret ****"));
        assertThat(log, containsString("length " + SECRET.length()));
        assertThat(log, containsString("afterwards null null"));
    }

    @Test
    void inOneVariableAsInTheAuthorizationHeader() throws Exception {
        String log = logOf(Result.SUCCESS, """
                withCredentials([proxmoxApiToken(credentialsId: 'pve', variable: 'PVE')]) {
                    echo "right ${env.PVE == "${env.PVE_TOKEN_ID}=${env.PVE_SECRET}".toString()}"
                    echo "header PVEAPIToken=${env.PVE}"
                    echo "part ${env.PVE.split('=')[1]}"
                }
                """);
        assertThat(log, containsString("right true"));
        assertThat(log, containsString("header PVEAPIToken=****"));
        assertThat(log, containsString("part ****"));
    }

    @Test
    void inTheEnvironmentOfADeclarativePipeline() throws Exception {
        String log = logOf(Result.SUCCESS, """
                pipeline {
                    agent none
                    environment {
                        PVE = credentials('pve')
                    }
                    stages {
                        stage('Look') {
                            steps {
                                echo "id ${PVE_TOKEN_ID}"
                                echo "right ${PVE == "${PVE_TOKEN_ID}=${PVE_SECRET}".toString()}"
                                echo "secrets ${PVE} ${PVE_SECRET}"
                            }
                        }
                    }
                }
                """);
        assertThat(log, containsString("id jenkins@pve!ci"));
        assertThat(log, containsString("right true"));
        assertThat(log, containsString("secrets **** ****"));
    }

    @Test
    void aNameThatCannotBeUsedBeginsNoLineOfTheLog() throws Exception {
        String log = logOf(Result.FAILURE, """
                def name = 'X\\n[Proxmox VE] forged'
                withCredentials([proxmoxApiToken(credentialsId: 'pve', tokenIdVariable: name, secretVariable: name)]) { }
                """);
        assertThat(log, containsString("X [Proxmox VE] forged"));
        assertThat(log, not(containsString("\n[Proxmox VE] forged")));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void inAFreestyleJob() throws Exception {
        FreeStyleProject job = jenkins.createFreeStyleProject();
        ProxmoxApiTokenBinding binding = new ProxmoxApiTokenBinding("pve");
        binding.setTokenIdVariable("PVE_ID");
        binding.setSecretVariable("PVE_SECRET");
        job.getBuildWrappersList().add(new SecretBuildWrapper(List.of(binding)));
        job.getBuildersList().add(new Shell("echo \"id $PVE_ID secret $PVE_SECRET\""));
        jenkins.configRoundtrip(job);
        jenkins.assertEqualDataBoundBeans(
                binding,
                job.getBuildWrappersList()
                        .get(SecretBuildWrapper.class)
                        .getBindings()
                        .get(0));
        String log = JenkinsRule.getLog(jenkins.buildAndAssertSuccess(job));
        assertThat(log, containsString("id jenkins@pve!ci secret ****"));
        assertThat(log, not(containsString(SECRET)));
    }

    @Test
    void isInTheSnippetGenerator() throws Exception {
        ProxmoxApiTokenBinding binding = new ProxmoxApiTokenBinding("pve");
        binding.setTokenIdVariable("PVE_ID");
        binding.setSecretVariable("PVE_SECRET");
        new SnippetizerTester(jenkins)
                .assertRoundTrip(
                        new BindingStep(List.of(binding)),
                        "withCredentials([proxmoxApiToken(credentialsId: 'pve', secretVariable: 'PVE_SECRET', "
                                + "tokenIdVariable: 'PVE_ID')]) {\n    // some block\n}");
    }

    @Test
    void isUsedByTheJobOnThePageOfTheCredentials() throws Exception {
        logOf(
                Result.SUCCESS,
                "withCredentials([proxmoxApiToken(credentialsId: 'pve', secretVariable: 'PVE_SECRET')]) { }");
        ProxmoxApiToken token = CredentialsProvider.lookupCredentialsInItemGroup(
                        ProxmoxApiToken.class, jenkins.jenkins, hudson.security.ACL.SYSTEM2, List.of())
                .get(0);
        String page = jenkins.createWebClient()
                .goTo("credentials/store/system/domain/_/credential/" + token.getId())
                .asNormalizedText();
        assertThat(page, containsString("test0"));
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        assertThat(
                logOf(Result.FAILURE, "withCredentials([proxmoxApiToken(credentialsId: 'pve')]) { }"),
                containsString("ERROR: proxmoxApiToken: Name the environment variables for the token"));
        assertThat(
                logOf(Result.FAILURE, "withCredentials([proxmoxApiToken(credentialsId: 'gone', variable: 'PVE')]) { }"),
                containsString("Could not find credentials entry with ID 'gone'"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tokenIdVariable: 'PVE', secretVariable: 'PVE'        | PVE
            variable: 'PVE', secretVariable: 'PVE'               | PVE
            variable: 'PVE', tokenIdVariable: 'PVE_SECRET'       | PVE_SECRET
            variable: 'PVE', secretVariable: 'PVE_TOKEN_ID'      | PVE_TOKEN_ID
            """)
    void saysWhichVariableIsToHoldTwoThings(String variables, String name) throws Exception {
        String log = logOf(
                Result.FAILURE, "withCredentials([proxmoxApiToken(credentialsId: 'pve', " + variables + ")]) { }");
        assertThat(
                log,
                containsString("ERROR: proxmoxApiToken: The environment variable " + name
                        + " is given for two different values. Give each its own variable."));
        assertThat(log, not(containsString("\tat ")));
    }

    @Test
    void givesTheSamePartTwiceIfToldSo() throws Exception {
        String log = logOf(Result.SUCCESS, """
                withCredentials([proxmoxApiToken(credentialsId: 'pve', variable: 'PVE', tokenIdVariable: 'PVE_TOKEN_ID',
                        secretVariable: 'PVE_SECRET')]) {
                    echo "id ${env.PVE_TOKEN_ID}, both ${env.PVE}"
                }
                """);
        assertThat(log, containsString("id jenkins@pve!ci, both ****"));
    }

    @Test
    void saysInTheFormWhatIsMissing() {
        ProxmoxApiTokenBinding.DescriptorImpl form =
                jenkins.jenkins.getDescriptorByType(ProxmoxApiTokenBinding.DescriptorImpl.class);
        assertThat(form.doCheckTokenIdVariable("PVE_ID", "PVE_SECRET", "").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckTokenIdVariable("", "", "PVE").kind, is(FormValidation.Kind.OK));
        assertThat(form.doCheckTokenIdVariable("", "PVE_SECRET", "").kind, is(FormValidation.Kind.OK));
        FormValidation nothing = form.doCheckTokenIdVariable(" ", "", "");
        assertThat(nothing.kind, is(FormValidation.Kind.ERROR));
        assertThat(nothing.getMessage(), containsString("Name the environment variables for the token"));
        FormValidation same = form.doCheckTokenIdVariable("PVE", "PVE", "");
        assertThat(same.kind, is(FormValidation.Kind.ERROR));
        assertThat(same.getMessage(), containsString("PVE is given for two different values"));
        assertThat(form.doCheckSecretVariable("PVE-SECRET").kind, is(FormValidation.Kind.WARNING));
        assertThat(form.doCheckVariable("1PVE").kind, is(FormValidation.Kind.WARNING));
        assertThat(form.doCheckVariable("").kind, is(FormValidation.Kind.OK));
    }

    @Test
    void keepsAFieldEmptyThatWasLeftEmpty() throws Exception {
        FreeStyleProject job = jenkins.createFreeStyleProject();
        ProxmoxApiTokenBinding binding = new ProxmoxApiTokenBinding("pve");
        binding.setVariable("PVE");
        job.getBuildWrappersList().add(new SecretBuildWrapper(List.of(binding)));
        jenkins.configRoundtrip(job);
        jenkins.assertEqualDataBoundBeans(
                binding,
                job.getBuildWrappersList()
                        .get(SecretBuildWrapper.class)
                        .getBindings()
                        .get(0));
    }
}
