package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;

import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.CredentialsStore;
import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import com.cloudbees.plugins.credentials.common.StandardCredentials;
import com.cloudbees.plugins.credentials.domains.Domain;
import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvnet.hudson.test.JenkinsRule;

/** Builds that wait: for a lock, until they are aborted, while the configuration changes. */
@WithOneJenkins
class WaitingBuildTest {

    private static WorkflowRun build(JenkinsRule jenkins, String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return job.scheduleBuild2(0).waitForStart();
    }

    private static WorkflowRun ended(JenkinsRule jenkins, Result result, WorkflowRun run) throws Exception {
        return jenkins.assertBuildStatus(result, jenkins.waitForCompletion(run));
    }

    @Test
    void waitsUntilABackupIsOver(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = build(jenkins, "proxmoxVm action: 'start', vmid: 203, waitForLock: true");
            jenkins.waitForMessage("CT 203 (ct-in-backup) is locked (backup); waiting until it is unlocked", run);
            assertThat(lab.proxmox.writes(), is(List.of()));
            lab.proxmox.cluster().guest(203).locked(null);
            ended(jenkins, Result.SUCCESS, run);
            assertThat(lab.proxmox.writes().size(), is(1));
        }
    }

    @Test
    void namesTheLockWhenItIsNotToWait(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = ended(jenkins, Result.FAILURE, build(jenkins, "proxmoxVm action: 'start', vmid: 103"));
            jenkins.assertLogContains("VM is locked (backup). Try again when the backup is over, or set", run);
        }
    }

    @Test
    void saysInWordsWhatItWaitsFor(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = build(jenkins, "proxmoxVm action: 'start', vmid: 105");
            jenkins.waitForMessage("Requested start of VM 105", run);
            Eventually.holds("it waits for the task", () -> status(run).startsWith("waiting for task UPID:pve1:"));
            assertThat(status(run), containsString(" of VM 105 (slow)"));
            run.doStop();
            ended(jenkins, Result.ABORTED, run);
        }
    }

    private static String status(WorkflowRun run) throws Exception {
        return run.getExecution().getCurrentExecutions(true).get().get(0).getStatus();
    }

    @Test
    void leavesTheTaskAloneWhenItsTimeIsOver(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            long begun = System.nanoTime();
            WorkflowRun run = ended(
                    jenkins,
                    Result.ABORTED,
                    build(jenkins, "timeout(time: 2, unit: 'SECONDS') { proxmoxVm action: 'start', vmid: 105 }"));
            assertThat(Duration.ofNanos(System.nanoTime() - begun), is(lessThan(Duration.ofSeconds(18))));
            jenkins.assertLogContains(":qmstart:105:jenkins@pve!ci: continues in Proxmox VE", run);
            assertThat(lab.proxmox.writes(), is(List.of("POST /nodes/pve1/qemu/105/status/start")));
        }
    }

    @Test
    void cancelsTheTaskOfAnAbortedBuildIfToldSo(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = build(jenkins, "proxmoxVm action: 'start', vmid: 105, cancelTask: true");
            jenkins.waitForMessage("Requested start of VM 105", run);
            Eventually.holds("it waits for the task", () -> status(run).startsWith("waiting for task"));
            run.doStop();
            ended(jenkins, Result.ABORTED, run);
            Eventually.holds(
                    "the task is cancelled",
                    () -> lab.proxmox.writes().stream()
                            .anyMatch(write -> write.startsWith("DELETE /nodes/pve1/tasks/")));
            assertThat(lab.proxmox.cluster().guest(105).isRunning(), is(false));
        }
    }

    @Test
    void failsClearlyWhenItsServerIsDeleted(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = build(jenkins, "proxmoxVm action: 'start', vmid: 105, server: 'lab'");
            jenkins.waitForMessage("Requested start of VM 105", run);
            ProxmoxServer other = new ProxmoxServer("other", "pve.example.org");
            ProxmoxConfiguration.get().setServers(List.of(other));
            ended(jenkins, Result.FAILURE, run);
            jenkins.assertLogContains("lab", run);
            jenkins.assertLogContains("other", run);
        }
    }

    @Test
    void failsClearlyWhenItsServerIsRenamed(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            WorkflowRun run = build(jenkins, "proxmoxVm action: 'start', vmid: 103, waitForLock: true, server: 'lab'");
            jenkins.waitForMessage("VM 103 (in-backup) is locked (backup)", run);
            rename("lab", "production");
            ended(jenkins, Result.FAILURE, run);
            jenkins.assertLogContains("no Proxmox VE server named \"lab\". Configured servers: production.", run);
            assertThat(lab.proxmox.writes(), is(empty()));
        }
    }

    /** As the form does: all servers are made anew. */
    private static void rename(String from, String to) throws Exception {
        ProxmoxConfiguration configuration = ProxmoxConfiguration.get();
        List<ProxmoxServer> servers = new ArrayList<>();
        for (ProxmoxServer old : configuration.getServers()) {
            ProxmoxServer server =
                    new ProxmoxServer(old.getName().equals(from) ? to : old.getName(), old.getAddresses());
            server.setCredentialsId(old.getCredentialsId());
            server.setFingerprint(old.getFingerprint());
            server.setCaCertificates(old.getCaCertificates());
            servers.add(server);
        }
        configuration.setServers(servers);
    }

    @Test
    void failsRatherThanUseAnotherServerThatTookTheName(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                ConfiguredProxmox other = ConfiguredProxmox.unconfigured()) {
            ConfiguredProxmox.add(ConfiguredProxmox.token("theirs", "jenkins@pve!ci", other.example.ciSecret()));
            WorkflowRun run = build(jenkins, "proxmoxVm action: 'start', vmid: 103, waitForLock: true, server: 'lab'");
            jenkins.waitForMessage("VM 103 (in-backup) is locked (backup)", run);
            ProxmoxServer theirs = new ProxmoxServer("lab", other.proxmox.address());
            theirs.setCredentialsId("theirs");
            theirs.setVerificationOff(true);
            ProxmoxConfiguration.get().setServers(List.of(theirs));
            ended(jenkins, Result.FAILURE, run);
            jenkins.assertLogContains("The name \"lab\" now belongs to another Proxmox VE server", run);
            assertThat(lab.proxmox.writes(), is(empty()));
            assertThat(other.requests(), is(0));
        }
    }

    @Test
    void staysWithItsServerWhenAnotherOneBecomesTheDefault(JenkinsRule jenkins) throws Exception {
        staysWithItsServer(jenkins, "", other -> {
            other.server("other", "theirs");
            List<ProxmoxServer> servers =
                    new ArrayList<>(ProxmoxConfiguration.get().getServers());
            Collections.reverse(servers);
            ProxmoxConfiguration.get().setServers(servers);
        });
    }

    /** As after one wrong save on the global page, which used to end every wait on that server. */
    @ParameterizedTest
    @EnumSource(Generation.class)
    void goesOnWhileTheSettingsOfItsServerCannotBeUsed(Generation generation, JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start(generation)) {
            WorkflowRun run = build(jenkins, "proxmoxVm action: 'start', vmid: 103, waitForLock: true");
            jenkins.waitForMessage("VM 103 (in-backup) is locked (backup)", run);
            ProxmoxServer broken = new ProxmoxServer("lab", lab.proxmox.address());
            broken.setCredentialsId("ci");
            broken.setFingerprint("AB:CD");
            ProxmoxConfiguration.get().setServers(List.of(broken));
            jenkins.waitForMessage(
                    "Jenkins cannot use the current settings of the server and continues with the previous ones.", run);
            lab.proxmox.cluster().guest(103).locked(null);
            ended(jenkins, Result.SUCCESS, run);
            WorkflowRun next = ended(jenkins, Result.FAILURE, build(jenkins, "proxmoxVm action: 'stop', vmid: 103"));
            jenkins.assertLogContains("The Proxmox VE server \"lab\" cannot be used:", next);
        }
    }

    /** A change of the configuration, which brings in another server. */
    private interface Change {
        void make(ConfiguredProxmox other) throws Exception;
    }

    private static void staysWithItsServer(JenkinsRule jenkins, String further, Change change) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start();
                ConfiguredProxmox other = ConfiguredProxmox.unconfigured()) {
            ConfiguredProxmox.add(ConfiguredProxmox.token("theirs", "jenkins@pve!ci", other.example.ciSecret()));
            WorkflowRun run = build(jenkins, "proxmoxVm action: 'start', vmid: 103, waitForLock: true" + further);
            jenkins.waitForMessage("VM 103 (in-backup) is locked (backup); waiting until it is unlocked", run);
            change.make(other);
            lab.proxmox.cluster().guest(103).locked(null);
            ended(jenkins, Result.SUCCESS, run);
            assertThat(lab.proxmox.writes().size(), is(1));
            assertThat(other.requests(), is(0));
        }
    }

    @Test
    void goesOnWithTheSecretThatReplacesTheOldOne(JenkinsRule jenkins) throws Exception {
        try (ConfiguredProxmox lab = ConfiguredProxmox.start()) {
            lab.proxmox.cluster().guest(105).startTakes(Duration.ofSeconds(4));
            WorkflowRun run = build(jenkins, "proxmoxVm action: 'start', vmid: 105");
            jenkins.waitForMessage("Requested start of VM 105", run);
            String secret = lab.proxmox.access().token("jenkins@pve!ci", false);
            replace(ConfiguredProxmox.token("ci", "jenkins@pve!ci", secret));
            ended(jenkins, Result.SUCCESS, run);
            assertThat(lab.proxmox.writes().size(), is(1));
        }
    }

    private static void replace(StandardCredentials credentials) throws Exception {
        CredentialsStore store = CredentialsProvider.lookupStores(jenkins.model.Jenkins.get())
                .iterator()
                .next();
        StandardCredentials old =
                (StandardCredentials) SystemCredentialsProvider.getInstance().getCredentials().stream()
                        .filter(each -> each instanceof StandardCredentials named
                                && named.getId().equals(credentials.getId()))
                        .findFirst()
                        .orElseThrow();
        store.updateCredentials(Domain.global(), old, credentials);
    }
}
