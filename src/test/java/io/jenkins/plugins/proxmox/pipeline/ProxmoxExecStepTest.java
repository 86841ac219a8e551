package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.build.GuestTimeline;
import io.jenkins.plugins.proxmox.build.TimelineEntry;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.simulator.AccessControl;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.jvnet.hudson.test.JenkinsRule;

@WithOneJenkins
class ProxmoxExecStepTest {

    private JenkinsRule jenkins;
    private ConfiguredProxmox lab;

    /** Something that a command leaves outside of its own files. */
    @TempDir
    private Path outside;

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

    private static TimelineEntry entry(WorkflowRun run) {
        List<TimelineEntry> entries = run.getAction(GuestTimeline.class).getEntries();
        assertThat(entries.size(), is(1));
        return entries.get(0);
    }

    @Test
    void runsAListAsItIs() throws Exception {
        WorkflowRun run =
                run(Result.SUCCESS, "proxmoxExec vmid: 101, command: ['printf', '[%s]\\n', 'ä $HOME', \"${1 + 1}\"]");
        jenkins.assertLogContains("[Proxmox VE] Running in VM 101 (web-1) on node pve1: printf [%s]", run);
        jenkins.assertLogContains("\n[ä $HOME]\n[2]\n", run);
        TimelineEntry entry = entry(run);
        assertThat(entry.getAction(), is("exec"));
        assertThat(entry.getGuest(), is("VM 101 (web-1)"));
        assertThat(entry.getOutcome(), is(TimelineEntry.Outcome.RAN));
        assertThat(lab.proxmox.cluster().guest(101).exec().files(), is(empty()));
    }

    @Test
    void runsTextThroughAShell() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, """
                proxmoxExec name: 'web-1', command: '''
                    a=1
                    echo "a is $a"
                '''
                proxmoxExec name: 'web-1', shell: '/bin/bash -c', command: 'b=(1 2); echo "b has ${#b[@]}"'
                proxmoxExec name: 'web-1', shell: ['/bin/bash', '-ec'], command: 'echo one; false || true'
                """);
        jenkins.assertLogContains("\na is 1\n", run);
        jenkins.assertLogContains("\nb has 2\n", run);
    }

    @Test
    void passesVariablesAndInput() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, """
                proxmoxExec vmid: 101, env: [A: "it's ä", N: 5], command: 'echo "$A $N"'
                proxmoxExec vmid: 101, env: ['A=x=y'], command: 'echo "$A"'
                proxmoxExec vmid: 101, env: 'A=1\\nB= 2', command: 'echo "$A$B"'
                proxmoxExec vmid: 101, input: 'first\\nlast', command: ['cat', '-n']
                echo "blanks: ${proxmoxExec(vmid: '101', input: ' \\n', returnStdout: true, command: 'wc -c').trim()}"
                """);
        jenkins.assertLogContains("\nit's ä 5\n", run);
        jenkins.assertLogContains("\nx=y\n", run);
        jenkins.assertLogContains("\n1 2\n", run);
        jenkins.assertLogContains("     2\tlast\n", run);
        jenkins.assertLogContains("blanks: 2", run);
    }

    @Test
    void returnsStandardOutput() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, """
                def text = proxmoxExec vmid: 101, returnStdout: true, command: 'echo secret; echo told >&2'
                echo "returned ${text.length()} ${text.trim().reverse()}"
                """);
        jenkins.assertLogContains("returned 7 terces", run);
        jenkins.assertLogContains("\ntold\n", run);
        jenkins.assertLogNotContains("\nsecret\n", run);
    }

    @Test
    void returnsTheExitCode() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, """
                def code = proxmoxExec vmid: 101, returnStatus: 'true', command: 'exit 3'
                echo "code ${code + 1}"
                """);
        jenkins.assertLogContains("code 4", run);
        assertThat(entry(run).getMessage(), is("Exit code 3"));
    }

    @Test
    void failsWithTheExitCode() throws Exception {
        Map<String, String> messages = Map.of(
                "exit 3",
                "exit code 3.",
                "kill -9 $$",
                "exit code 137, which usually means that signal 9 (SIGKILL) ended it.",
                "no-such-program",
                "exit code 127, which usually means that there is no such program.");
        for (Map.Entry<String, String> each : messages.entrySet()) {
            WorkflowRun run = run(Result.FAILURE, "proxmoxExec vmid: 101, command: '" + each.getKey() + "'");
            jenkins.assertLogContains("ERROR: The command in VM 101 (web-1) returned " + each.getValue(), run);
            assertThat(entry(run).getOutcome(), is(TimelineEntry.Outcome.FAILED));
        }
    }

    @Test
    void worksInDeclarativePipelines() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, """
                pipeline {
                    agent none
                    stages {
                        stage('Test') {
                            steps {
                                proxmoxExec vmid: '101', command: ['echo', 'as a list'], timeout: '60', returnStdout: false
                                proxmoxExec vmid: 101, command: 'echo as text', env: [A: 'b'], timeout: 60
                                script {
                                    echo proxmoxExec(vmid: 101, command: 'echo returned', returnStdout: true)
                                }
                            }
                        }
                    }
                }
                """);
        jenkins.assertLogContains("\nas a list\n", run);
        jenkins.assertLogContains("\nas text\n", run);
        jenkins.assertLogContains("\nreturned\n", run);
    }

    /** The arguments of a call, and a part of what it is refused with. */
    private static final String REFUSED = """
            vmid: 101                                                            | command is missing.
            vmid: 101, command: ' '                                              | command is missing.
            vmid: 101, command: []                                               | command is empty.
            vmid: 101, command: [a: 1]                                           | command: "{a=1}" is neither a list nor text.
            vmid: 101, command: ['a', null]                                      | command contains "null", which is not a string.
            vmid: 101, command: ['a'], shell: 'sh -c'                            | shell has no effect on a list
            vmid: 101, command: 'a', env: ['A']                                  | env: "A" is not of the form NAME=value.
            vmid: 101, command: 'a', env: ['A B': 'c']                           | env: "A B" is not the name of a variable.
            vmid: 101, command: 'a', timeout: 'soon'                             | timeout: "soon" is not a whole number of seconds.
            vmid: 101, command: 'a\\0b'                                          | command contains a NUL character
            vmid: 101, command: 'a', returnStdout: true, returnStatus: true      | returnStdout and returnStatus cannot be used together.
            vmid: 101, command: 'a', returnStatsu: true                          | There is no parameter "returnStatsu". Did you mean returnStatus?
            command: 'a'                                                         | No guest is given
            vmid: 201, command: 'a'                                              | pct exec 201 -- COMMAND
            vmid: 100, command: 'a'                                              | VM 100 is not running. Start it first.
            """;

    @Test
    void refusesWithOneLine() throws Exception {
        for (String each : REFUSED.lines().toList()) {
            String[] columns = each.split("\\|");
            WorkflowRun run = run(Result.FAILURE, "proxmoxExec " + columns[0]);
            jenkins.assertLogContains(columns[1].strip(), run);
            jenkins.assertLogNotContains("\tat ", run);
        }
        assertThat(lab.proxmox.writes(), is(empty()));
    }

    @Test
    void endsTheCommandWhenTheBuildIsAborted() throws Exception {
        WorkflowRun run = job("proxmoxExec vmid: 101, command: 'echo $$ >" + outside
                        + "/pid; echo begun; sleep 600 & wait'")
                .scheduleBuild2(0)
                .waitForStart();
        jenkins.waitForMessage("begun", run);
        run.doStop();
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
        jenkins.assertLogContains("[Proxmox VE] The command in VM 101 (web-1) was ended", run);
        assertThat(isAlive(), is(false));
        assertThat(entry(run).getOutcome(), is(TimelineEntry.Outcome.ABORTED));
        assertThat(lab.proxmox.cluster().guest(101).exec().files(), is(empty()));
    }

    /** Whatever the end of the command meets, the build is not one that failed. */
    @Test
    void staysAbortedWhenTheCommandCannotBeEnded() throws Exception {
        WorkflowRun run = job("catchError(buildResult: 'UNSTABLE', catchInterruptions: false) { proxmoxExec vmid: 101, "
                        + "command: 'echo begun; sleep 60' }; echo 'went on'")
                .scheduleBuild2(0)
                .waitForStart();
        jenkins.waitForMessage("begun", run);
        lab.proxmox.inject(
                request -> request.path().endsWith("/agent/exec"),
                new Fault.Refuse(400, "Parameter verification failed."));
        lab.proxmox.inject(
                request -> request.path().endsWith("/agent/exec"),
                new Fault.Refuse(400, "Parameter verification failed."));
        run.doStop();
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
        jenkins.assertLogNotContains("went on", run);
    }

    private boolean isAlive() throws Exception {
        long pid = Long.parseLong(Files.readString(outside.resolve("pid")).strip());
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    @Test
    void endsTheCommandAfterItsTimeout() throws Exception {
        WorkflowRun run = run(
                Result.FAILURE,
                "proxmoxExec vmid: 101, timeout: 1, command: 'echo $$ >" + outside + "/pid; sleep 600'");
        jenkins.assertLogContains(
                "ERROR: Timeout of 1 s: the command in VM 101 (web-1) did not end in that time.", run);
        Eventually.holds("it is ended", () -> !isAlive());
    }

    @Test
    void saysInTheStatusOfTheStepWhatItWaitsFor() throws Exception {
        WorkflowRun run = job("proxmoxExec vmid: 101, command: 'echo begun; sleep 600'")
                .scheduleBuild2(0)
                .waitForStart();
        jenkins.waitForMessage("begun", run);
        var execution = run.getExecution().getCurrentExecutions(false).get();
        assertThat(execution.get(0).getStatus(), is("running the command in VM 101 (web-1)"));
        run.doStop();
        jenkins.waitForCompletion(run);
    }

    @Test
    void masksSecretsInTheOutput() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, """
                withCredentials([proxmoxApiToken(credentialsId: 'ci', secretVariable: 'SECRET')]) {
                    proxmoxExec vmid: 101, env: [S: env.SECRET], command: 'echo "<$S>"'
                }
                """);
        jenkins.assertLogContains("<****>", run);
        assertThat(JenkinsRule.getLog(run), not(containsString(lab.example.ciSecret())));
    }

    @Test
    void explainsAMissingRight() throws Exception {
        AccessControl access = lab.proxmox.access();
        access.role("Look", "VM.Audit,VM.PowerMgmt,VM.GuestAgent.Audit");
        access.user("weak@pve");
        access.grant("/vms", "weak@pve", "Look");
        ConfiguredProxmox.add(ConfiguredProxmox.token("weak", "weak@pve!ci", access.token("weak@pve!ci", false)));
        WorkflowRun run = run(Result.FAILURE, "proxmoxExec vmid: 101, credentialsId: 'weak', command: 'true'");
        jenkins.assertLogContains("VM.GuestAgent.Unrestricted", run);
        jenkins.assertLogContains("pveum role add JenkinsExec --privs 'VM.Audit VM.GuestAgent.Unrestricted'", run);
        jenkins.assertLogContains("pveum acl modify /vms/101", run);
    }

    @Test
    void runsOnAnOlderServer() throws Exception {
        lab.close();
        lab = ConfiguredProxmox.unconfigured(Generation.V8);
        ConfiguredProxmox.add(ConfiguredProxmox.token("old", "jenkins@pve!ci", lab.example.ciSecret()));
        lab.server("old", "old");
        WorkflowRun run =
                run(Result.SUCCESS, "proxmoxExec server: 'old', vmid: 101, command: ['wc', '-c'], input: 'x' * 300000");
        jenkins.assertLogContains("\n300000\n", run);
    }
}
