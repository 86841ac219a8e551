package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import hudson.model.ParametersAction;
import hudson.model.ParametersDefinitionProperty;
import hudson.model.Result;
import hudson.model.StringParameterDefinition;
import hudson.model.StringParameterValue;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.jvnet.hudson.test.JenkinsRule;

/** The steps in declarative Pipelines, which check their parameters before anything runs and know options. */
@WithOneJenkins
class DeclarativePipelineTest {

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

    private WorkflowJob job(String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return job;
    }

    private WorkflowRun run(Result result, String script) throws Exception {
        return jenkins.buildAndAssertStatus(result, job(script));
    }

    private List<String> tasks() {
        return lab.proxmox.cluster().taskTypes(100);
    }

    @Test
    void aGuestRunsForSomeStepsOfAStage() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, """
                pipeline {
                    agent none
                    stages {
                        stage('Test') {
                            steps {
                                withProxmoxVm(vmid: 100) {
                                    echo "in it: ${PROXMOX_VMID} ${PROXMOX_NODE} ${PROXMOX_GUEST_NAME}"
                                }
                                proxmoxStatus vmid: 100
                            }
                        }
                    }
                }
                """);
        jenkins.assertLogContains("in it: 100 pve1 build-agent", run);
        jenkins.assertLogContains("VM 100 (build-agent) on node pve1 is stopped", run);
        assertThat(tasks(), is(List.of("qmstart", "qmshutdown")));
    }

    @Test
    void aGuestRunsForAllStagesAndWhatComesAfterThem() throws Exception {
        WorkflowRun run = run(Result.FAILURE, """
                pipeline {
                    agent none
                    options { withProxmoxVm(vmid: 100) }
                    stages {
                        stage('Build') { steps { echo "builds with ${PROXMOX_GUEST_NAME}" } }
                        stage('Test') { steps { error "the tests of ${PROXMOX_GUEST_NAME} are red" } }
                    }
                    post { always { echo "afterwards with ${PROXMOX_GUEST_NAME}" } }
                }
                """);
        jenkins.assertLogContains("builds with build-agent", run);
        jenkins.assertLogContains("ERROR: the tests of build-agent are red", run);
        jenkins.assertLogContains("afterwards with build-agent", run);
        assertThat(tasks(), is(List.of("qmstart", "qmshutdown")));
    }

    @Test
    void aGuestRunsForOneStageBeforeItsAgentIsAwaited() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, """
                pipeline {
                    agent none
                    stages {
                        stage('Test') {
                            agent any
                            options { withProxmoxVm(vmid: 100, onExit: 'stop') }
                            steps { echo "tests with ${PROXMOX_GUEST_NAME}" }
                        }
                        stage('Publish') {
                            steps { echo "publishes without: ${env.PROXMOX_GUEST_NAME}" }
                        }
                    }
                }
                """);
        String log = JenkinsRule.getLog(run);
        assertThat(log.indexOf("is running on node pve1") < log.indexOf("Running on Jenkins"), is(true));
        jenkins.assertLogContains("tests with build-agent", run);
        jenkins.assertLogContains("publishes without: null", run);
        assertThat(tasks(), is(List.of("qmstart", "qmstop")));
    }

    @Test
    void aFreshGuestIsMadeForABuildAndThrownAway() throws Exception {
        lab.proxmox.access().role("builder", "Datastore.AllocateSpace,SDN.Use");
        lab.proxmox.access().grant("/storage", "jenkins@pve", "builder");
        lab.proxmox.access().grant("/sdn", "jenkins@pve", "builder");
        lab.proxmox.cluster().vm(9000, "pve1", "golden").template();
        WorkflowRun run = run(Result.SUCCESS, """
                pipeline {
                    agent none
                    environment { AGENT = "agent-${env.BUILD_NUMBER}" }
                    stages {
                        stage('Make') {
                            steps {
                                proxmoxClone template: 9000, name: env.AGENT, cores: 2, tags: ['ci'], start: true, waitFor: 'ip'
                            }
                        }
                        stage('Use') {
                            steps { proxmoxVm action: 'reboot', name: env.AGENT }
                        }
                    }
                    post { always { proxmoxDelete name: env.AGENT, stop: true, ifMissing: 'ignore' } }
                }
                """);
        jenkins.assertLogContains("VM 107 (agent-1) has the address 192.0.2.108", run);
        jenkins.assertLogContains("VM 107 (agent-1) is deleted, confirmed", run);
        assertThat(lab.proxmox.cluster().taskTypes(107), is(List.of("qmstart", "qmreboot", "qmstop", "qmdestroy")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"proxmoxClone template: 'golden', vmid: '555'", "proxmoxClone 'golden'"})
    void aTemplateIsANumberOrAText(String call) throws Exception {
        lab.proxmox.cluster().vm(9000, "pve1", "golden").template();
        WorkflowRun run =
                run(Result.FAILURE, "pipeline { agent none\nstages { stage('Make') { steps { " + call + " } } } }");
        jenkins.assertLogContains("Permission check failed (/storage/local, Datastore.AllocateSpace)", run);
    }

    @Test
    void aCloneRunsForAllStagesAndIsRemovedAfterThem() throws Exception {
        lab.proxmox.cluster().vm(9000, "pve1", "golden").template();
        lab.proxmox.access().role("Clones", "Datastore.AllocateSpace,SDN.Use");
        lab.proxmox.access().grant("/storage", "jenkins@pve", "Clones");
        lab.proxmox.access().grant("/sdn", "jenkins@pve", "Clones");
        WorkflowRun run = run(Result.SUCCESS, """
                pipeline {
                    agent none
                    options { withProxmoxVm(template: 'golden', vmid: '150', name: 'fresh', full: true, cores: 2) }
                    stages {
                        stage('Test') { steps { proxmoxStatus vmid: env.PROXMOX_VMID } }
                    }
                }
                """);
        jenkins.assertLogContains("VM 150 (fresh) on node pve1 is running", run);
        assertThat(lab.proxmox.cluster().taskTypes(150), is(List.of("qmstart", "qmstop", "qmdestroy")));
    }

    @Test
    void aGuestGoesBackToASnapshotBeforeAndAfterAStage() throws Exception {
        lab.proxmox.cluster().guest(100).snapshot("clean");
        run(Result.SUCCESS, """
                pipeline {
                    agent none
                    stages {
                        stage('Test') {
                            options { withProxmoxVm(vmid: 100, snapshot: 'clean', onExit: 'rollback') }
                            steps { echo "tests with ${PROXMOX_GUEST_NAME}" }
                        }
                    }
                }
                """);
        assertThat(tasks(), is(List.of("qmrollback", "qmstart", "qmrollback")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"100", "'100'", "\"100\"", "params.VMID", "\"${params.VMID}\"", "' 100 '"})
    void aVmidIsANumberOrAText(String vmid) throws Exception {
        WorkflowJob job = job("""
                pipeline {
                    agent none
                    stages {
                        stage('Start') {
                            options { withProxmoxVm(vmid: %1$s) }
                            steps {
                                withProxmoxVm(vmid: %1$s) { echo 'in it' }
                                proxmoxStatus vmid: %1$s
                                proxmoxVm action: 'reboot', vmid: %1$s
                            }
                        }
                    }
                }
                """.formatted(vmid));
        job.addProperty(new ParametersDefinitionProperty(new StringParameterDefinition("VMID")));
        jenkins.assertBuildStatusSuccess(
                job.scheduleBuild2(0, new ParametersAction(new StringParameterValue("VMID", "100"))));
        assertThat(tasks(), is(List.of("qmstart", "qmreboot", "qmshutdown")));
    }

    @Test
    void aTextThatIsNoVmidIsRefusedWithOneMessage() throws Exception {
        for (String step : List.of(
                "proxmoxVm action: 'start', vmid: 'web-1'",
                "proxmoxStatus vmid: 'web-1'",
                "withProxmoxVm(vmid: 'web-1') { echo 'in it' }")) {
            WorkflowRun run = run(
                    Result.FAILURE, "pipeline { agent none\nstages { stage('Mistake') { steps { " + step + " } } } }");
            jenkins.assertLogContains("ERROR: vmid: \"web-1\" is not a VMID", run);
            assertThat(JenkinsRule.getLog(run), not(containsString("\tat ")));
        }
        assertThat(lab.requests(), is(0));
    }

    @Test
    void aMisspelledParameterIsRefusedBeforeAnythingRuns() throws Exception {
        WorkflowRun run = run(Result.FAILURE, """
                pipeline {
                    agent none
                    stages { stage('Test') { steps { withProxmoxVm(vmid: 100, atExit: 'stop') { echo 'in it' } } } }
                }
                """);
        jenkins.assertLogContains("Invalid parameter \"atExit\", did you mean \"onExit\"?", run);
        assertThat(lab.requests(), is(0));
    }
}
