package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import com.cloudbees.hudson.plugins.folder.Folder;
import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.CredentialsStore;
import com.cloudbees.plugins.credentials.domains.Domain;
import hudson.model.Result;
import hudson.util.Secret;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.credentials.ProxmoxApiToken;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/** Each mistake has one clear message and sends nothing that could change something. */
@WithJenkins
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
        failsAndSendsNothing("proxmoxVm action: 'start'", "No guest is given: say vmid: 100 or name: 'web-1'.");
        failsAndSendsNothing(
                "proxmoxVm action: 'start', vmid: 100, name: 'web-1'",
                "Both vmid: 100 and name: 'web-1' are given: say only one of them.");
        failsAndSendsNothing("proxmoxVm action: 'start', vmid: 0", "0 is not a VMID: they go from 100 to 999999999.");
        failsAndSendsNothing(
                "proxmoxVm action: 'start', vmid: -100", "-100 is not a VMID: they go from 100 to 999999999.");
        failsAndSendsNothing(
                "def id = 'web-1'\nproxmoxVm(action: 'start', vmid: id)",
                "vmid: \"web-1\" is not a VMID: VMIDs are numbers from 100 to 999999999. "
                        + "To choose a guest by its name, use name.");
        failsAndSendsNothing("def id = ''\nproxmoxVm(action: 'start', vmid: id)", "vmid: \"\" is not a VMID");
        failsAndSendsNothing("proxmoxStatus vmid: 12345678901", "12345678901 is not a VMID");
        failsAndSendsNothing("proxmoxStatus node: 'pve1'", "No guest is given");
    }

    @Test
    void theActionIsKnown() throws Exception {
        failsAndSendsNothing(
                "proxmoxVm action: 'explode', vmid: 100",
                "\"explode\" is not an action. Use one of start, stop, shutdown, reboot, reset, suspend, resume.");
        failsAndSendsNothing("proxmoxVm vmid: 100", "\"\" is not an action.");
    }

    @Test
    void theTimeoutIsPossible() throws Exception {
        failsAndSendsNothing("proxmoxVm action: 'start', vmid: 100, timeout: 0", "timeout: 0 is not between 1 and");
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
                "There is no Proxmox VE server named \"nowhere\". Configured are: lab.");
        ProxmoxConfiguration.get().setServers(List.of());
        failsAndSendsNothing("proxmoxStatus()", "No Proxmox VE server is configured.");
    }

    @Test
    void theCredentialsExist() throws Exception {
        failsAndSendsNothing(
                "proxmoxVm action: 'start', vmid: 100, credentialsId: 'nothing'",
                "The Proxmox VE server \"lab\" cannot be used: "
                        + "there are no credentials \"nothing\" that this job may use.");
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
            {"no-bang", "This is a user without the name of a token"},
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
