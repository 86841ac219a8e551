package io.jenkins.plugins.proxmox.freestyle;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertFalse;

import hudson.model.FreeStyleProject;
import hudson.model.Result;
import hudson.model.Run;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import java.util.List;
import javaposse.jobdsl.plugin.ExecuteDslScripts;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

/** Build steps and wrapper outside of the forms: in Pipelines and in Job DSL. */
@WithOneJenkins
class PipelineAndJobDslTest {

    private static final String OF_ALL = "vmid,name,server,node,credentialsId,timeout,waitForLock,waitFor,cancelTask";

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

    private WorkflowJob pipeline(String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return job;
    }

    @Test
    void aPipelineKnowsThemByClassAndBySymbol() throws Exception {
        WorkflowRun run = jenkins.buildAndAssertSuccess(pipeline("""
                step([$class: 'GuestBuildStep', action: 'start', vmid: '100'])
                echo "controlled ${env.PROXMOX_VMID} ${env.PROXMOX_NODE} ${env.PROXMOX_GUEST_NAME}"
                wrap([$class: 'StartedGuestWrapper', vmid: '200', onExit: 'stop']) {
                    echo "with ${env.PROXMOX_GUEST_NAME}"
                }
                node {
                    withEnv(['MINE=100']) {
                        proxmoxGuestAfterwards action: 'stop', vmid: '${MINE}', timeout: 60
                    }
                }
                """));
        jenkins.assertLogContains("controlled 100 pve1 build-agent", run);
        jenkins.assertLogContains("with proxy", run);
        assertThat(lab.proxmox.cluster().taskTypes(100), is(List.of("qmstart", "qmstop")));
        assertThat(lab.proxmox.cluster().taskTypes(200), is(List.of("vzstart", "vzstop")));
    }

    @Test
    void aDeclarativePipelineTakesThemToo() throws Exception {
        jenkins.buildAndAssertSuccess(pipeline("""
                pipeline {
                    agent none
                    stages {
                        stage('Reboot') {
                            steps { proxmoxGuestStarted(vmid: '100') { proxmoxGuest action: 'reboot', vmid: '100' } }
                        }
                    }
                    post { always { proxmoxGuestAfterwards action: 'stop', vmid: '101' } }
                }
                """));
        assertThat(lab.proxmox.cluster().taskTypes(100), is(List.of("qmstart", "qmreboot", "qmshutdown")));
        assertThat(lab.proxmox.cluster().taskTypes(101), is(List.of("qmstop")));
    }

    @Test
    void anAbortedPipelinePutsItsGuestBack() throws Exception {
        WorkflowRun run = pipeline("""
                proxmoxGuestStarted(vmid: 100) {
                    proxmoxGuest action: 'start', vmid: 105
                }
                """).scheduleBuild2(0).waitForStart();
        jenkins.waitForMessage("Requested start of VM 105", run);
        run.doStop();
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
        assertThat(lab.proxmox.cluster().taskTypes(100), is(List.of("qmstart", "qmshutdown")));
        assertFalse(lab.proxmox.cluster().guest(105).isRunning(), "still starting");
    }

    @Test
    void aPipelineFailsWithTheSameMessages() throws Exception {
        WorkflowRun run =
                jenkins.buildAndAssertStatus(Result.FAILURE, pipeline("proxmoxGuest action: 'explode', vmid: 100"));
        jenkins.assertLogContains("ERROR: action: \"explode\" is not known. Use one of start, stop,", run);
        run = jenkins.buildAndAssertStatus(Result.FAILURE, pipeline("proxmoxGuestStarted(name: '${X}') { }"));
        jenkins.assertLogContains("ERROR: name: \"${X}\" has no value", run);
        assertThat(JenkinsRule.getLog(run), not(containsString("\tat ")));
    }

    /** One line for what a value cannot be; a parameter that there is not fails while Jenkins makes the step. */
    @Test
    void aPipelineTakesAndRefusesValuesByTheSameRule() throws Exception {
        for (String values : List.of(
                "vmid: 101, timeout: 60, wait: true, waitForLock: null, cancelTask: ''",
                "vmid: 101L, timeout: 60.0, wait: ' true ', waitForLock: 'false', cancelTask: ' '",
                "vmid: ' 101 ', timeout: ' 60 ', wait: null, name: null, server: ' ', node: ''")) {
            for (String script : List.of(
                    "proxmoxGuest action: 'reboot', " + values,
                    "pipeline { agent none\nstages { stage('Reboot') { steps { proxmoxGuest action: 'reboot', " + values
                            + " } } } }")) {
                WorkflowRun run = jenkins.buildAndAssertSuccess(pipeline(script));
                jenkins.assertLogContains("VM 101 (web-1) is running on node pve1, confirmed after", run);
            }
        }
        for (String[] each : new String[][] {
            {"proxmoxGuest action: 'start', vmid: 101, wait: 'maybe'", "wait: \"maybe\" is neither true nor false."},
            {"proxmoxGuest action: 'start', vmid: [101]", "vmid: \"[101]\" is not a VMID"},
            {"proxmoxGuest 'strat'", "No guest is given"},
            {"proxmoxGuestStarted(vmid: 101, timeout: 12.5) { }", "timeout: \"12.5\" is not a whole number of seconds."}
        }) {
            WorkflowRun run = jenkins.buildAndAssertStatus(Result.FAILURE, pipeline(each[0]));
            jenkins.assertLogContains("ERROR: " + each[1], run);
            assertThat(JenkinsRule.getLog(run), not(containsString("\tat ")));
        }
        for (String[] each : new String[][] {
            {
                "proxmoxGuest action: 'start', vmid: 101, waitForLocks: true",
                "There is no parameter \"waitForLocks\". Did you mean waitForLock?"
            },
            {"step([$class: 'GuestBuildStep', action: 'start', vm: 101])", "There is no parameter \"vm\"."},
            {"proxmoxGuestStarted(name: ['web-1']) { }", "name: \"[web-1]\" is not a string."}
        }) {
            WorkflowRun run = jenkins.buildAndAssertStatus(Result.FAILURE, pipeline(each[0]));
            jenkins.assertLogContains(each[1], run);
        }
    }

    private FreeStyleProject seed(String jobDsl) throws Exception {
        ExecuteDslScripts script = new ExecuteDslScripts();
        script.setUseScriptText(true);
        script.setScriptText("freeStyleJob('made') {\n" + jobDsl + "\n}");
        FreeStyleProject seed = jenkins.createFreeStyleProject("seed");
        seed.getBuildersList().add(script);
        return seed;
    }

    private FreeStyleProject made(String jobDsl) throws Exception {
        jenkins.buildAndAssertSuccess(seed(jobDsl));
        return jenkins.jenkins.getItemByFullName("made", FreeStyleProject.class);
    }

    @Test
    void jobDslSetsEveryFieldOfTheBuildStep() throws Exception {
        FreeStyleProject made = made("""
                steps {
                    proxmoxGuest {
                        action('start')
                        vmid('105')
                        server('lab')
                        credentialsId('ci')
                        node('pve1')
                        timeout('60')
                        wait(false)
                        waitForLock(true)
                        cancelTask(true)
                    }
                }
                """);
        GuestBuildStep expected = new GuestBuildStep("start");
        expected.setVmid("105");
        expected.setServer("lab");
        expected.setCredentialsId("ci");
        expected.setNode("pve1");
        expected.setTimeout("60");
        expected.setWait(false);
        expected.setWaitForLock(true);
        expected.setCancelTask(true);
        jenkins.assertEqualBeans(
                expected, made.getBuildersList().get(GuestBuildStep.class), "action,wait,forceStop," + OF_ALL);
        jenkins.buildAndAssertSuccess(made);
    }

    @Test
    void jobDslSetsEveryFieldOfTheSnapshotStep() throws Exception {
        FreeStyleProject made = made("""
                steps {
                    proxmoxGuestSnapshot {
                        action('create')
                        vmid(101)
                        snapshot('clean')
                        description('made by ${JOB_NAME}')
                        memory(true)
                        ifExists('replace')
                        server('lab')
                        credentialsId('ci')
                        node('pve1')
                        timeout(60)
                        waitForLock(true)
                        cancelTask(true)
                    }
                    proxmoxGuestSnapshot {
                        action('rollback')
                        vmid('${PROXMOX_VMID}')
                        snapshot('clean')
                        start(' true ')
                        ifMissing('ignore')
                    }
                }
                """);
        SnapshotBuildStep expected = new SnapshotBuildStep("create");
        expected.setVmid("101");
        expected.setSnapshot("clean");
        expected.setDescription("made by ${JOB_NAME}");
        expected.setMemory(true);
        expected.setIfExists("replace");
        expected.setServer("lab");
        expected.setCredentialsId("ci");
        expected.setNode("pve1");
        expected.setTimeout("60");
        expected.setWaitForLock(true);
        expected.setCancelTask(true);
        jenkins.assertEqualBeans(
                expected,
                made.getBuildersList().get(SnapshotBuildStep.class),
                "action,snapshot,description,memory,start,ifExists,ifMissing," + OF_ALL);
        Run<?, ?> build = jenkins.buildAndAssertSuccess(made);
        jenkins.assertLogContains("VM 101 (web-1) is already running, nothing to do", build);
        assertThat(lab.proxmox.cluster().taskTypes(101), is(List.of("qmsnapshot", "qmrollback")));
    }

    @Test
    void jobDslRunsCommandsInGuests() throws Exception {
        FreeStyleProject made = made("""
                steps {
                    proxmoxGuestCommand {
                        command('echo "$GREETING from a guest"')
                        vmid('101')
                        env('GREETING=Hello')
                        timeout(60)
                    }
                }
                """);
        jenkins.assertLogContains("Hello from a guest", jenkins.buildAndAssertSuccess(made));
    }

    @Test
    void jobDslSetsEveryFieldOfTheStepsThatCloneAndDelete() throws Exception {
        lab.proxmox.access().role("builder", "Datastore.AllocateSpace,SDN.Use");
        lab.proxmox.access().grant("/storage", "jenkins@pve", "builder");
        lab.proxmox.access().grant("/sdn", "jenkins@pve", "builder");
        lab.proxmox.cluster().vm(9000, "pve1", "golden").template();
        lab.proxmox.cluster().pool("ci");
        FreeStyleProject made = made("""
                steps {
                    proxmoxGuestClone {
                        template('9000')
                        vmid('555')
                        name('agent-${BUILD_NUMBER}')
                        storage('local')
                        pool('ci')
                        full(true)
                        tags('a, b')
                        description('made by ${JOB_NAME}')
                        cores(2)
                        memory('2048')
                        diskSize('32G')
                        start(true)
                        waitFor('ip')
                        server('lab')
                        credentialsId('ci')
                        node('pve1')
                        timeout(60)
                        waitForLock(true)
                        cancelTask(true)
                    }
                    proxmoxGuestDeletion {
                        vmid('${PROXMOX_VMID}')
                        stop(true)
                        purge(' true ')
                        ifMissing('ignore')
                        server('lab')
                        credentialsId('ci')
                        node('pve1')
                        timeout(60)
                    }
                }
                """);
        CloneBuildStep clone = new CloneBuildStep("9000");
        clone.setVmid("555");
        clone.setName("agent-${BUILD_NUMBER}");
        clone.setStorage("local");
        clone.setPool("ci");
        clone.setFull("true");
        clone.setTags("a, b");
        clone.setDescription("made by ${JOB_NAME}");
        clone.setCores("2");
        clone.setMemory("2048");
        clone.setDiskSize("32G");
        clone.setStart(true);
        clone.setWaitFor("ip");
        clone.setServer("lab");
        clone.setCredentialsId("ci");
        clone.setNode("pve1");
        clone.setTimeout("60");
        clone.setWaitForLock(true);
        clone.setCancelTask(true);
        jenkins.assertEqualBeans(
                clone,
                made.getBuildersList().get(CloneBuildStep.class),
                "template,storage,pool,full,tags,description,cores,memory,diskSize,start," + OF_ALL);
        DeletionBuildStep deletion = new DeletionBuildStep();
        deletion.setVmid("${PROXMOX_VMID}");
        deletion.setStop(true);
        deletion.setPurge(true);
        deletion.setIfMissing("ignore");
        deletion.setServer("lab");
        deletion.setCredentialsId("ci");
        deletion.setNode("pve1");
        deletion.setTimeout("60");
        jenkins.assertEqualBeans(
                deletion,
                made.getBuildersList().get(DeletionBuildStep.class),
                "vmid,name,server,node,credentialsId,timeout,waitForLock,cancelTask,stop,purge,force,ifMissing");
        jenkins.buildAndAssertSuccess(made);
        assertThat(lab.proxmox.cluster().taskTypes(555), is(List.of("resize", "qmstart", "qmstop", "qmdestroy")));
    }

    @Test
    void aPipelineTakesTheSnapshotStepToo() throws Exception {
        WorkflowRun run = jenkins.buildAndAssertSuccess(pipeline("""
                proxmoxGuestSnapshot action: 'create', vmid: 200, snapshot: 'clean', memory: null, ifExists: ''
                step([$class: 'SnapshotBuildStep', action: 'list', vmid: '200'])
                """));
        jenkins.assertLogContains("CT 200 (proxy) on node pve1 has one snapshot: clean", run);
        for (String[] each : new String[][] {
            {"proxmoxGuestSnapshot action: 'crate', vmid: 200", "ERROR: action: \"crate\" is not known. Did you mean"},
            {
                "proxmoxGuestSnapshot action: 'create', vmid: 200, snapshots: 'clean'",
                "There is no parameter \"snapshots\". Did you mean snapshot?"
            }
        }) {
            jenkins.assertLogContains(each[1], jenkins.buildAndAssertStatus(Result.FAILURE, pipeline(each[0])));
        }
    }

    @Test
    void jobDslGivesValuesOfAnyKind() throws Exception {
        FreeStyleProject made = made("""
                def seconds = 60
                steps {
                    proxmoxGuest {
                        action('reboot')
                        vmid(101)
                        name(null)
                        server(' ')
                        node('')
                        timeout("${seconds}")
                        wait(' true ')
                        waitForLock(null)
                        cancelTask('')
                    }
                    proxmoxGuest {
                        action('start')
                        vmid('101')
                        timeout(120 / 2)
                        wait('maybe')
                    }
                }
                """);
        Run<?, ?> build = jenkins.buildAndAssertStatus(Result.FAILURE, made);
        jenkins.assertLogContains("VM 101 (web-1) is running on node pve1, confirmed after", build);
        jenkins.assertLogContains("ERROR: wait: \"maybe\" is neither true nor false.", build);
        assertThat(JenkinsRule.getLog(build), not(containsString("\tat ")));
        assertThat(lab.proxmox.cluster().taskTypes(101), is(List.of("qmreboot")));
    }

    @Test
    void jobDslRefusesAMisspelledParameter() throws Exception {
        Run<?, ?> seed = jenkins.buildAndAssertStatus(
                Result.FAILURE, seed("steps { proxmoxGuest { action('start'); vmid(100); waitForLocks(true) } }"));
        jenkins.assertLogContains("waitForLocks()", seed);
        assertThat(JenkinsRule.getLog(seed), not(containsString("\tat ")));
    }

    @Test
    void jobDslSetsEveryFieldOfThePostBuildStep() throws Exception {
        FreeStyleProject made = made("""
                publishers {
                    proxmoxGuestAfterwards {
                        action('shutdown')
                        when('success')
                        name('web-1')
                        server('lab')
                        credentialsId('ci')
                        node('pve1')
                        timeout('60')
                        wait(false)
                        waitForLock(true)
                        cancelTask(true)
                    }
                }
                """);
        GuestPostBuildStep expected = new GuestPostBuildStep("shutdown");
        expected.setWhen("success");
        expected.setName("web-1");
        expected.setServer("lab");
        expected.setCredentialsId("ci");
        expected.setNode("pve1");
        expected.setTimeout("60");
        expected.setWait(false);
        expected.setWaitForLock(true);
        expected.setCancelTask(true);
        jenkins.assertEqualBeans(
                expected,
                made.getPublishersList().get(GuestPostBuildStep.class),
                "action,when,wait,forceStop," + OF_ALL);
        jenkins.buildAndAssertSuccess(made);
        assertThat(lab.proxmox.cluster().taskTypes(101), is(List.of("qmshutdown")));
    }

    @Test
    void jobDslSetsEveryFieldOfTheWrapper() throws Exception {
        FreeStyleProject made = made("""
                wrappers {
                    proxmoxGuestStarted {
                        name('build-agent')
                        onExit('stop')
                        server('lab')
                        credentialsId('ci')
                        node('pve1')
                        timeout('60')
                        waitForLock(true)
                        cancelTask(true)
                    }
                }
                """);
        StartedGuestWrapper expected = new StartedGuestWrapper();
        expected.setName("build-agent");
        expected.setOnExit("stop");
        expected.setServer("lab");
        expected.setCredentialsId("ci");
        expected.setNode("pve1");
        expected.setTimeout("60");
        expected.setWaitForLock(true);
        expected.setCancelTask(true);
        jenkins.assertEqualBeans(
                expected, made.getBuildWrappersList().get(StartedGuestWrapper.class), "onExit," + OF_ALL);
        jenkins.buildAndAssertSuccess(made);
        assertThat(lab.proxmox.cluster().taskTypes(100), is(List.of("qmstart", "qmstop")));
    }

    @Test
    void jobDslSetsEveryFieldOfAWrapperThatMakesAClone() throws Exception {
        FreeStyleProject made = made("""
                wrappers {
                    proxmoxGuestStarted {
                        template(9000)
                        vmid(150)
                        name('build-${BUILD_NUMBER}')
                        targetNode('pve1')
                        storage('local-lvm')
                        pool('ci')
                        full(true)
                        snapshot('clean')
                        tags('ci, linux')
                        description('made by Job DSL')
                        cores(2)
                        memory(2048)
                        diskSize('64G')
                        ciUser('jenkins')
                        sshKeys('ssh-ed25519 AAAA one')
                        ipConfig('ip=dhcp')
                        nameserver('192.0.2.53')
                        waitFor('ip')
                        keepOnFailure(true)
                        keepFor(2)
                        timeout(600)
                    }
                }
                """);
        StartedGuestWrapper expected = new StartedGuestWrapper();
        expected.setTemplate("9000");
        expected.setVmid("150");
        expected.setName("build-${BUILD_NUMBER}");
        expected.setTargetNode("pve1");
        expected.setStorage("local-lvm");
        expected.setPool("ci");
        expected.setFull("true");
        expected.setSnapshot("clean");
        expected.setTags("ci, linux");
        expected.setDescription("made by Job DSL");
        expected.setCores("2");
        expected.setMemory("2048");
        expected.setDiskSize("64G");
        expected.setCiUser("jenkins");
        expected.setSshKeys("ssh-ed25519 AAAA one");
        expected.setIpConfig("ip=dhcp");
        expected.setNameserver("192.0.2.53");
        expected.setWaitFor("ip");
        expected.setKeepOnFailure(true);
        expected.setKeepFor("2");
        expected.setTimeout("600");
        jenkins.assertEqualBeans(
                expected,
                made.getBuildWrappersList().get(StartedGuestWrapper.class),
                "template,targetNode,storage,pool,full,snapshot,tags,description,cores,memory,diskSize,ciUser,sshKeys,"
                        + "ipConfig,nameserver,onExit,keepOnFailure,keepFor," + OF_ALL);
    }
}
