package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import com.cloudbees.hudson.plugins.folder.Folder;
import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.CredentialsStore;
import com.cloudbees.plugins.credentials.domains.Domain;
import hudson.model.ParametersAction;
import hudson.model.ParametersDefinitionProperty;
import hudson.model.Result;
import hudson.model.StringParameterDefinition;
import hudson.model.StringParameterValue;
import hudson.util.Secret;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.build.GuestTimeline;
import io.jenkins.plugins.proxmox.build.TimelineEntry;
import io.jenkins.plugins.proxmox.credentials.ProxmoxApiToken;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

/** Each mistake has one clear message and sends nothing that could change something. */
@WithOneJenkins
class BadInputTest {

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

    private WorkflowRun fails(WorkflowJob job, String script, String message) throws Exception {
        job.setDefinition(new CpsFlowDefinition(script, true));
        WorkflowRun run = jenkins.buildAndAssertStatus(Result.FAILURE, job);
        jenkins.assertLogContains("ERROR: " + message, run);
        assertThat(JenkinsRule.getLog(run), not(containsString("\tat ")));
        return run;
    }

    private void failsAndSendsNothing(String script, String message) throws Exception {
        fails(jenkins.createProject(WorkflowJob.class), script, message);
        assertThat(script, lab.requests(), is(0));
    }

    @Test
    void aGuestIsNamedOnceAndRight() throws Exception {
        failsAndSendsNothing("proxmoxVm action: 'start'", "No guest is given: set vmid: 100 or name: 'web-1'.");
        failsAndSendsNothing(
                "proxmoxVm action: 'start', vmid: 100, name: 'web-1'",
                "Both vmid: 100 and name: 'web-1' are given: set only one of them.");
        failsAndSendsNothing(
                "proxmoxVm action: 'start', vmid: 0",
                "vmid: \"0\" is not a VMID. VMIDs are numbers from 100 to 999999999.");
        failsAndSendsNothing(
                "proxmoxVm action: 'start', vmid: -100",
                "vmid: \"-100\" is not a VMID. VMIDs are numbers from 100 to 999999999.");
        failsAndSendsNothing(
                "def id = 'web-1'\nproxmoxVm(action: 'start', vmid: id)",
                "vmid: \"web-1\" is not a VMID. VMIDs are numbers from 100 to 999999999. "
                        + "To choose a guest by name, use name.");
        failsAndSendsNothing(
                "def id = ''\nproxmoxVm(action: 'start', vmid: id)",
                "No guest is given: set vmid: 100 or name: 'web-1'.");
        failsAndSendsNothing("proxmoxStatus vmid: 12345678901", "vmid: \"12345678901\" is not a VMID");
    }

    @Test
    void theActionIsKnown() throws Exception {
        failsAndSendsNothing(
                "proxmoxVm action: 'explode', vmid: 100",
                "action: \"explode\" is not known. "
                        + "Use one of start, stop, shutdown, reboot, reset, suspend, resume, hibernate.");
        failsAndSendsNothing("proxmoxVm vmid: 100", "action is missing. Use one of start, ");
        failsAndSendsNothing("proxmoxVm 'start'", "No guest is given");
        failsAndSendsNothing(
                "proxmoxVm action: 'strat', vmid: 100", "action: \"strat\" is not known. Did you mean start? ");
        failsAndSendsNothing(
                "withProxmoxVm(vmid: 100, onExit: 'restor') { }",
                "onExit: \"restor\" is not known. Did you mean restore? "
                        + "The choices are restore, shutdown, stop, rollback, leave.");
    }

    @Test
    void theTimeoutIsPossible() throws Exception {
        failsAndSendsNothing("proxmoxVm action: 'start', vmid: 100, timeout: 0", "timeout: 0 is not between 1 and");
    }

    private static String declarative(String step) {
        return "pipeline {\nagent none\nstages { stage('Test') { steps {\n" + step + "\n} } }\n}";
    }

    /** A scripted Pipeline hands over what it has; a declarative one checks the kinds of literals before it runs. */
    private void failsInBothSyntaxes(String step, String message) throws Exception {
        failsAndSendsNothing(step, message);
        failsAndSendsNothing(declarative(step), message);
    }

    @Test
    void aValueThatCannotBeReadIsRefusedInOneLine() throws Exception {
        for (String[] each : new String[][] {
            {"timeout: 'soon'", "timeout: \"soon\" is not a whole number of seconds."},
            {"timeout: 12.5", "timeout: \"12.5\" is not a whole number of seconds."},
            {"timeout: [60]", "timeout: \"[60]\" is not a whole number of seconds."},
            {"timeout: true", "timeout: \"true\" is not a whole number of seconds."},
            {"timeout: -1", "timeout: -1 is not between 1 and 604800 seconds."},
            {"timeout: '99999999999'", "timeout: 99999999999 is not between 1 and 604800 seconds."},
            {"waitForLock: 'yes'", "waitForLock: \"yes\" is neither true nor false."},
            {"waitForLock: 0", "waitForLock: \"0\" is neither true nor false."},
            {"cancelTask: [true]", "cancelTask: \"[true]\" is neither true nor false."},
            {"server: ['lab']", "server: \"[lab]\" is not a string."}
        }) {
            failsInBothSyntaxes("proxmoxVm action: 'start', vmid: 105, " + each[0], each[1]);
            failsInBothSyntaxes("withProxmoxVm(vmid: 105, " + each[0] + ") { echo 'in it' }", each[1]);
        }
        failsInBothSyntaxes(
                "proxmoxVm action: 'start', vmid: 105, wait: 'maybe'", "wait: \"maybe\" is neither true nor false.");
        failsInBothSyntaxes("proxmoxVm action: 'start', vmid: [105]", "vmid: \"[105]\" is not a VMID");
        failsInBothSyntaxes("withProxmoxVm(vmid: 105.5) { }", "vmid: \"105.5\" is not a VMID");
        failsInBothSyntaxes("proxmoxStatus vmid: [vmid: 105]", "vmid: \"{vmid=105}\" is not a VMID");
        failsInBothSyntaxes("proxmoxStatus name: ['web-1']", "name: \"[web-1]\" is not a string.");
        failsInBothSyntaxes(
                "proxmoxStatus vmid: 105, checkPermissions: 'maybe'",
                "checkPermissions: \"maybe\" is neither true nor false.");
    }

    @Test
    void aBlockHasAGuestOrAClone() throws Exception {
        for (String[] each : new String[][] {
            {"template: ''", "No guest is given: set vmid: 100 or name: 'web-1'."},
            {"vmid: 105, onExit: 'rollback'", "onExit: 'rollback' needs a snapshot."},
            {"vmid: 105, snapshot: '1st'", "snapshot: \"1st\" cannot be the name of a snapshot."},
            {"vmid: 105, storage: 'nfs'", "storage: is only for a clone. Name what to clone with template: 9000."},
            {"vmid: 105, sshKeys: ['ssh-ed25519 AAAA']", "sshKeys: is only for a clone."},
            {"vmid: 105, keepFor: 2", "keepFor: is only for a clone."},
            {"vmid: 105, keepOnFailure: true", "keepOnFailure: is only for a clone."},
            {"template: 9000, onExit: 'stop'", "onExit: a clone is removed at the end."},
            {"template: 9000, keepFor: 2", "keepFor: needs keepOnFailure: true."},
            {"template: 9000, keepOnFailure: 'maybe'", "keepOnFailure: \"maybe\" is neither true nor false."},
            {"template: 9000, keepOnFailure: true, keepFor: 0", "keepFor: \"0\" is not a whole number from 1 to 2160."},
            {"template: 9000, keepOnFailure: true, keepFor: 'long'", "keepFor: \"long\" is not a whole number"},
            {"template: 9000, cores: 'many'", "cores: \"many\" is not a whole number from 1 to 1024."},
            {"template: 9000, snapshot: '1st'", "snapshot: \"1st\" cannot be the name of a snapshot."},
            {"template: 9000, timeout: 'soon'", "timeout: \"soon\" is not a whole number of seconds."}
        }) {
            failsInBothSyntaxes("withProxmoxVm(" + each[0] + ") { echo 'in it' }", each[1]);
        }
    }

    @Test
    void anOptionOfADeclarativePipelineIsRefusedInTheSameWay() throws Exception {
        failsAndSendsNothing(
                "pipeline {\nagent none\noptions { withProxmoxVm(vmid: 100, timeout: 'soon') }\n"
                        + "stages { stage('Test') { steps { echo 'in it' } } }\n}",
                "timeout: \"soon\" is not a whole number of seconds.");
    }

    /** A declarative Pipeline refuses a name that is not known by itself, before it runs. */
    @Test
    void aMisspelledParameterIsRefusedWithTheNearestOne() throws Exception {
        failsAndSendsNothing(
                "proxmoxVm action: 'start', vmid: 100, waitForLocks: true",
                "There is no parameter \"waitForLocks\". Did you mean waitForLock?");
        failsAndSendsNothing(
                "withProxmoxVm(vmid: 100, onexit: 'stop') { }",
                "There is no parameter \"onexit\". Did you mean onExit?");
        failsAndSendsNothing("proxmoxStatus VMID: null", "There is no parameter \"VMID\". Did you mean vmid?");
        failsAndSendsNothing(
                "proxmoxStatus retries: 3",
                "There is no parameter \"retries\". "
                        + "Use one of addresses, checkPermissions, credentialsId, name, node, pool, server, status, tag, vmid.");
    }

    private WorkflowRun succeeds(String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.addProperty(new ParametersDefinitionProperty(
                new StringParameterDefinition("NOTHING", ""),
                new StringParameterDefinition("SECONDS", "60 "),
                new StringParameterDefinition("YES", " true")));
        job.setDefinition(new CpsFlowDefinition(script, true));
        return jenkins.buildAndAssertSuccess(job);
    }

    @Test
    void nullAndBlankAreAsIfNothingWasGiven() throws Exception {
        for (String nothing : List.of("null", "''", "' '", "params.NOTHING", "\"${params.NOTHING}\"")) {
            String steps = """
                    proxmoxVm action: 'reboot', vmid: 101, name: %1$s, server: %1$s, node: %1$s, credentialsId: %1$s, \
                            timeout: %1$s, wait: %1$s, waitForLock: %1$s, cancelTask: %1$s
                    withProxmoxVm(vmid: 100, name: %1$s, server: %1$s, node: %1$s, credentialsId: %1$s, \
                            timeout: %1$s, waitForLock: %1$s, cancelTask: %1$s, onExit: %1$s) { echo 'in it' }
                    proxmoxStatus vmid: %1$s, name: %1$s, server: %1$s, node: %1$s, checkPermissions: %1$s
                    """.formatted(nothing);
            for (String script : List.of(steps, declarative(steps))) {
                WorkflowRun run = succeeds(script);
                jenkins.assertLogContains("VM 101 (web-1) is running on node pve1, confirmed after", run);
                jenkins.assertLogContains("Putting VM 100 (build-agent) back: shutdown (onExit: restore", run);
                jenkins.assertLogContains("guests visible to jenkins@pve!ci", run);
            }
        }
    }

    @Test
    void numbersTrueAndFalseMayBeTexts() throws Exception {
        for (String[] each : new String[][] {
            {"60", "true"},
            {"60L", "' true '"},
            {"60.0", "\"${true}\""},
            {"120 / 2", "'TRUE'"},
            {"' 60 '", "!false"},
            {"params.SECONDS", "params.YES"},
            {"\"${params.SECONDS}\\n\"", "\"${params.YES}\\n\""}
        }) {
            String steps = """
                    proxmoxVm action: 'reboot', vmid: 101, timeout: %1$s, wait: %2$s, waitForLock: %2$s, cancelTask: %2$s
                    withProxmoxVm(vmid: 100, timeout: %1$s, waitForLock: %2$s, cancelTask: %2$s) { echo 'in it' }
                    proxmoxStatus vmid: 101, checkPermissions: %2$s
                    """.formatted(each[0], each[1]);
            for (String script : List.of(steps, declarative(steps))) {
                WorkflowRun run = succeeds(script);
                jenkins.assertLogContains("VM 101 (web-1) is running on node pve1, confirmed after", run);
                jenkins.assertLogContains("jenkins@pve!ci can use these actions on VM 101", run);
            }
        }
    }

    /** What somebody might type into a parameter of a job. */
    private static final String HOSTILE =
            "x\n[Proxmox VE] forged\r\nERROR: forged\rforged\u0085forged\u2028forged\u2029forged"
                    + "\u202e\u2066\u200b\ufeff\u001b[8mha:AAAA\u001b[0m\u001b[2J\u0007\b\u009b";

    @Test
    void noTextOfOthersBeginsALineOfTheLog() throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.addProperty(new ParametersDefinitionProperty(new StringParameterDefinition("TEXT", "")));
        for (String step : List.of(
                "proxmoxVm action: params.TEXT, vmid: 100",
                "proxmoxVm action: 'start', vmid: params.TEXT",
                "proxmoxVm action: 'start', name: params.TEXT",
                "proxmoxVm action: 'start', vmid: 100, name: params.TEXT",
                "proxmoxVm action: 'start', vmid: 100, server: params.TEXT",
                "proxmoxVm action: 'start', vmid: 100, node: params.TEXT",
                "proxmoxVm action: 'start', vmid: 100, credentialsId: params.TEXT",
                "proxmoxVm action: 'start', vmid: 100, timeout: params.TEXT",
                "proxmoxVm action: 'start', vmid: 100, wait: params.TEXT",
                "proxmoxVm action: 'start', vmid: [params.TEXT]",
                "proxmoxVm action: 'start', name: [params.TEXT]",
                "proxmoxVm([action: 'start', (params.TEXT): 100])",
                "withProxmoxVm(name: params.TEXT) { }",
                "withProxmoxVm(vmid: 100, server: params.TEXT) { }",
                "withProxmoxVm(vmid: 100, onExit: params.TEXT) { }",
                "proxmoxStatus name: params.TEXT",
                "proxmoxStatus server: params.TEXT",
                declarative("proxmoxVm action: 'start', name: params.TEXT"),
                declarative("withProxmoxVm(vmid: 100, server: \"${params.TEXT}\") { echo 'in it' }"))) {
            for (String text : List.of(HOSTILE, "x\nforged " + "y".repeat(100_000))) {
                job.setDefinition(new CpsFlowDefinition(step, true));
                WorkflowRun run = jenkins.assertBuildStatus(
                        Result.FAILURE,
                        job.scheduleBuild2(0, new ParametersAction(new StringParameterValue("TEXT", text))));
                holdsNoForgedLine(step, run);
            }
        }
        assertThat(lab.proxmox.writes(), is(List.of()));
    }

    private static void holdsNoForgedLine(String step, WorkflowRun run) throws Exception {
        ByteArrayOutputStream raw = new ByteArrayOutputStream();
        run.getLogText().writeRawLogTo(0, raw);
        String log = raw.toString(StandardCharsets.UTF_8);
        assertThat(step, log, not(containsString("\tat ")));
        List<String> told = log.lines().filter(line -> line.contains("forged")).toList();
        assertThat(step, told, is(not(empty())));
        for (String line : told) {
            assertThat(step, line, anyOf(startsWith("ERROR: "), startsWith("[Proxmox VE] ")));
            assertThat(step, line, not(anyOf(startsWith("ERROR: forged"), startsWith("[Proxmox VE] forged"))));
            assertThat(step, line, is(SafeText.line(line)));
            assertThat(step, line.length(), is(lessThan(3000)));
        }
    }

    @Test
    void noTextOfOthersBeginsALineOfTheTimeline() throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.addProperty(new ParametersDefinitionProperty(new StringParameterDefinition("TEXT", "")));
        for (String step : List.of(
                "proxmoxVm action: 'start', name: params.TEXT",
                "proxmoxVm action: 'start', vmid: 100, server: params.TEXT",
                "proxmoxVm action: 'start', vmid: 100, credentialsId: params.TEXT")) {
            job.setDefinition(new CpsFlowDefinition(step, true));
            WorkflowRun run = jenkins.assertBuildStatus(
                    Result.FAILURE,
                    job.scheduleBuild2(0, new ParametersAction(new StringParameterValue("TEXT", HOSTILE))));
            TimelineEntry entry =
                    run.getAction(GuestTimeline.class).getEntries().get(0);
            for (String text : List.of(entry.getServer(), entry.getGuest(), entry.getMessage())) {
                assertThat(step, text, is(SafeText.line(text)));
            }
        }
    }

    /** The pages of a build show it beside the name of the step. */
    @Test
    void noTextOfOthersBeginsALineOfTheArguments() {
        Map<String, Object> arguments = new HashMap<>();
        arguments.put("action", "start\nforged");
        arguments.put("vmid", null);
        arguments.put("name", "web\u2028forged");
        arguments.put("timeout", 60);
        assertThat(new ProxmoxVmStep.DescriptorImpl().argumentsToString(arguments), is("start forged web forged"));
        assertThat(new WithProxmoxVmStep.DescriptorImpl().argumentsToString(arguments), is("web forged"));
        assertThat(new ProxmoxStatusStep.DescriptorImpl().argumentsToString(arguments), is("web forged"));
        assertThat(new ProxmoxStatusStep.DescriptorImpl().argumentsToString(Map.of()), nullValue());
    }

    @Test
    void aHostileNodeNameNeverReachesAPath() throws Exception {
        for (String node : List.of(
                "../../access/users",
                "pve1/../pve2",
                "%2e%2e",
                "pve1%2fqemu",
                "pve1?x=y",
                "pve1#x",
                "pve1\\r\\nHost: evil",
                " pve1",
                "pvé")) {
            failsAndSendsNothing("proxmoxVm action: 'stop', vmid: 101, node: \"" + node + "\"", "\"");
            failsAndSendsNothing("proxmoxStatus vmid: 101, node: \"" + node + "\"", "\"");
        }
    }

    @Test
    void theServerIsConfigured() throws Exception {
        failsAndSendsNothing(
                "proxmoxVm action: 'start', vmid: 100, server: 'nowhere'",
                "There is no Proxmox VE server named \"nowhere\". Configured servers: lab.");
        ProxmoxConfiguration.get().setServers(List.of());
        failsAndSendsNothing("proxmoxStatus()", "No Proxmox VE server is configured.");
    }

    @Test
    void theCredentialsExist() throws Exception {
        failsAndSendsNothing(
                "proxmoxVm action: 'start', vmid: 100, credentialsId: 'nothing'",
                "The Proxmox VE server \"lab\" cannot be used: "
                        + "there are no credentials \"nothing\" that this job can use.");
        lab.server("other", "gone");
        failsAndSendsNothing(
                "proxmoxVm action: 'start', vmid: 100, server: 'other'",
                "The Proxmox VE server \"other\" cannot be used: its credentials \"gone\" do not exist");
        lab.server("bare", "");
        failsAndSendsNothing(
                "proxmoxVm action: 'start', vmid: 100, server: 'bare'",
                "The Proxmox VE server \"bare\" cannot be used: it has no credentials, and the step names none.");
    }

    @Test
    void theCredentialsAreInTheScopeOfTheJob() throws Exception {
        Folder mine = jenkins.createProject(Folder.class, "mine");
        Folder others = jenkins.createProject(Folder.class, "others");
        CredentialsStore theirStore =
                CredentialsProvider.lookupStores(others).iterator().next();
        theirStore.addCredentials(
                Domain.global(), ConfiguredProxmox.token("theirs", "jenkins@pve!ci", lab.example.ciSecret()));
        ConfiguredProxmox.add(new ProxmoxApiToken(
                CredentialsScope.SYSTEM, "system", null, "jenkins@pve!ci", Secret.fromString(lab.example.ciSecret())));
        for (String id : List.of("theirs", "system")) {
            fails(
                    mine.createProject(WorkflowJob.class, "job-" + id),
                    "proxmoxVm action: 'start', vmid: 100, credentialsId: '" + id + "'",
                    "The Proxmox VE server \"lab\" cannot be used: there are no credentials \"" + id + "\"");
        }
        assertThat(lab.requests(), is(0));

        WorkflowJob theirs = others.createProject(WorkflowJob.class, "job");
        theirs.setDefinition(
                new CpsFlowDefinition("proxmoxVm action: 'start', vmid: 100, credentialsId: 'theirs'", true));
        jenkins.buildAndAssertSuccess(theirs);
    }

    @Test
    void credentialsThatCannotBeATokenAreNamedWithoutTheirSecret() throws Exception {
        ConfiguredProxmox.add(ConfiguredProxmox.secretText("half", "only-a-secret-b7c1"));
        ConfiguredProxmox.add(ConfiguredProxmox.token("no-bang", "jenkins@pve", "secret-b7c1"));
        ConfiguredProxmox.add(ConfiguredProxmox.login("no-realm", "jenkins", "secret-b7c1"));
        for (String[] each : new String[][] {
            {"half", "The text is not a token of the form user@realm!name=secret."},
            {"no-bang", "This is a user without a token name"},
            {"no-realm", "\"jenkins\" is not a user of the form user@realm"}
        }) {
            WorkflowRun run = fails(
                    jenkins.createProject(WorkflowJob.class),
                    "proxmoxStatus vmid: 100, credentialsId: '" + each[0] + "'",
                    "The Proxmox VE server \"lab\" cannot be used: credentials \"" + each[0] + "\": " + each[1]);
            assertThat(JenkinsRule.getLog(run), not(containsString("b7c1")));
        }
        assertThat(lab.requests(), is(0));
    }

    @Test
    void guestsThatAreNotThereAreExplained() throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        fails(job, "proxmoxVm action: 'start', vmid: 999", "There is no guest 999 in the cluster.");
        fails(job, "proxmoxVm action: 'start', name: 'web'", "There is no guest \"web\" among the ");
        lab.proxmox.cluster().vm(120, "pve1", "web-1");
        fails(
                job,
                "proxmoxVm action: 'start', name: 'web-1'",
                "More than one guest is named \"web-1\": VM 101 (web-1) on node pve1, VM 120 (web-1) on node pve1. "
                        + "Choose one by vmid.");
        fails(
                job,
                "proxmoxVm action: 'start', vmid: 100, node: 'pve2'",
                "There is no guest 100 on node pve2: VM 100 (build-agent) on node pve1. "
                        + "Leave out node, or correct it.");
        fails(job, "proxmoxVm action: 'start', vmid: 999, node: 'pve9'", "There is no node pve9 in the cluster");
        assertThat(lab.proxmox.writes(), is(List.of()));
    }

    @Test
    void aContainerHasNoReset() throws Exception {
        fails(
                jenkins.createProject(WorkflowJob.class),
                "proxmoxVm action: 'reset', vmid: 201",
                "Cannot reset CT 201 (cache): containers have no reset. Use reboot.");
        assertThat(lab.proxmox.writes(), is(List.of()));
    }
}
