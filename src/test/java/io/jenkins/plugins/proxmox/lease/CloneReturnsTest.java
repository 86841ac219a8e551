package io.jenkins.plugins.proxmox.lease;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import com.cloudbees.hudson.plugins.folder.Folder;
import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.CredentialsStore;
import com.cloudbees.plugins.credentials.domains.Domain;
import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.WithOneJenkins;
import io.jenkins.plugins.proxmox.pipeline.PipelineGate;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;
import org.jvnet.hudson.test.JenkinsRule;

/** A clone that was made for a build goes in the end, and nothing else, whatever others have done to it meanwhile. */
@WithOneJenkins
@ParameterizedClass
@CsvSource({"V8, vm", "V9, vm", "V8, ct", "V9, ct"})
class CloneReturnsTest {

    private static final int CLONE = 107;

    @Parameter(0)
    private Generation generation;

    @Parameter(1)
    private String kind;

    private final PipelineGate gate = new PipelineGate();
    private JenkinsRule jenkins;
    private ConfiguredProxmox lab;
    private SimulatedCluster cluster;

    @BeforeEach
    void startServer(JenkinsRule rule) {
        jenkins = rule;
        lab = ConfiguredProxmox.start(generation);
        cluster = lab.proxmox.cluster();
        guest(cluster, 9000, "golden").template();
        lab.proxmox.access().role("Clones", "Datastore.AllocateSpace,SDN.Use");
        lab.proxmox.access().grant("/storage", "jenkins@pve", "Clones");
        lab.proxmox.access().grant("/sdn", "jenkins@pve", "Clones");
    }

    @AfterEach
    void stopServer() {
        lab.close();
    }

    private SimulatedGuest guest(SimulatedCluster where, int vmid, String name) {
        return kind.equals("ct") ? where.container(vmid, "pve1", name) : where.vm(vmid, "pve1", name);
    }

    private String task(String action) {
        return (kind.equals("ct") ? "vz" : "qm") + action;
    }

    private WorkflowRun begin(String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return job.scheduleBuild2(0).waitForStart();
    }

    /** A build that uses a clone until {@link #end}. */
    private WorkflowRun use() throws Exception {
        WorkflowRun run = begin("withProxmoxVm(template: 9000, full: true, timeout: 8) { " + gate + " }");
        gate.await(run);
        return run;
    }

    private void end(WorkflowRun run, Result result) throws Exception {
        gate.open();
        jenkins.assertBuildStatus(result, jenkins.waitForCompletion(run));
    }

    private static LeaseEntry onlyLease() {
        List<LeaseEntry> all = Leases.get().all();
        assertThat(all, hasSize(1));
        return all.get(0);
    }

    private static void againUntilItIsGone() throws Exception {
        LeaseReturns.get().now(onlyLease().id());
        Eventually.holds("the clone is gone", () -> Leases.get().all().isEmpty());
    }

    @Test
    void isRemovedAlsoIfItRunsAgainAfterItsStop() throws Exception {
        WorkflowRun run = use();
        cluster.guest(CLONE).failsAt(task("destroy"), "storage 'nfs' is not online");
        end(run, Result.FAILURE);
        assertThat(onlyLease().failures(), is(1));
        cluster.guest(CLONE).running();
        againUntilItIsGone();
        assertThat(cluster.guest(CLONE), is(nullValue()));
    }

    @Test
    void staysInTheListIfItsNotesWereEdited() throws Exception {
        WorkflowRun run = use();
        SimulatedGuest clone = cluster.guest(CLONE);
        String notes = clone.configured("description");
        clone.configured("description", "mine now");
        end(run, Result.FAILURE);
        jenkins.assertLogContains("its description no longer has the mark of this build.", run);
        assertThat(onlyLease().failure(), containsString("no longer has the mark of this build"));
        assertThat(clone.isRunning(), is(true));
        clone.configured("description", notes);
        againUntilItIsGone();
        assertThat(cluster.guest(CLONE), is(nullValue()));
    }

    @Test
    void staysIfSomebodyHasProtectedIt() throws Exception {
        WorkflowRun run = use();
        SimulatedGuest clone = cluster.guest(CLONE).protectedFromDeletion();
        end(run, Result.FAILURE);
        jenkins.assertLogContains("somebody has protected the clone against deletion.", run);
        assertThat(clone.isRunning(), is(true));
        clone.configured("protection", "0");
        againUntilItIsGone();
        assertThat(cluster.guest(CLONE), is(nullValue()));
    }

    @Test
    void staysInTheListWhileItIsHidden() throws Exception {
        WorkflowRun run = use();
        lab.proxmox.access().revoke("/vms", "jenkins@pve");
        end(run, Result.FAILURE);
        jenkins.assertLogContains("403 Permission check failed (/vms/107, VM.Audit)", run);
        assertThat(onlyLease().failures(), is(1));
        lab.proxmox.access().grant("/vms", "jenkins@pve", "PVEVMAdmin");
        againUntilItIsGone();
        assertThat(cluster.guest(CLONE), is(nullValue()));
    }

    @Test
    void isStruckOutOnceItIsGoneAlsoForOneWhoWouldNotSeeIt() throws Exception {
        WorkflowRun run = use();
        lab.proxmox.access().revoke("/vms", "jenkins@pve");
        cluster.remove(CLONE);
        end(run, Result.SUCCESS);
        assertThat(Leases.get().all(), is(empty()));
    }

    @Test
    void isNotLookedForWhereItWasRefused() throws Exception {
        SimulatedGuest theirs = guest(cluster, 555, "of-another").locked(kind.equals("ct") ? "create" : "clone");
        WorkflowRun run = begin("withProxmoxVm(template: 9000, vmid: 555, full: true) { }");
        jenkins.assertBuildStatus(Result.FAILURE, jenkins.waitForCompletion(run));
        jenkins.assertLogContains("555", run);
        jenkins.assertLogNotContains("is locked", run);
        assertThat(Leases.get().all(), is(empty()));
        assertThat(cluster.guest(555), is(theirs));
    }

    /** Gives the name of the server to another cluster, and takes it back when closed. */
    private final class OtherCluster implements AutoCloseable {

        private final List<ProxmoxServer> before = ProxmoxConfiguration.get().getServers();
        private final ConfiguredProxmox other = ConfiguredProxmox.unconfigured(generation);

        OtherCluster() {
            ConfiguredProxmox.add(ConfiguredProxmox.token("other", "jenkins@pve!ci", other.example.ciSecret()));
            ProxmoxConfiguration.get().setServers(List.of());
            other.server("lab", "other");
        }

        @Override
        public void close() {
            ProxmoxConfiguration.get().setServers(before);
            other.close();
        }
    }

    @Test
    void isNotLookedForOnAnotherServerOfThatName() throws Exception {
        WorkflowRun run = use();
        try (OtherCluster renamed = new OtherCluster()) {
            guest(renamed.other.proxmox.cluster(), CLONE, "of-another").running();
            end(run, Result.FAILURE);
            jenkins.assertLogContains("now belongs to another Proxmox VE server", run);
            assertThat(renamed.other.proxmox.writes(), is(empty()));
        }
        assertThat(onlyLease().failures(), is(1));
        againUntilItIsGone();
        assertThat(cluster.guest(CLONE), is(nullValue()));
    }

    @Test
    void isNotTakenForAGuestOfAnotherServerThatIsRolledBack() throws Exception {
        guest(cluster, 300, "shared").snapshot("clean");
        WorkflowRun run =
                begin("withProxmoxVm(vmid: 300, snapshot: 'clean', onExit: 'rollback', timeout: 8) { " + gate + " }");
        gate.await(run);
        try (OtherCluster renamed = new OtherCluster()) {
            guest(renamed.other.proxmox.cluster(), 300, "of-another")
                    .snapshot("clean")
                    .running();
            end(run, Result.FAILURE);
            assertThat(renamed.other.proxmox.writes(), is(empty()));
        }
        LeaseReturns.get().now(onlyLease().id());
        Eventually.holds("the guest is back", () -> Leases.get().all().isEmpty());
        assertThat(cluster.guest(300).isRunning(), is(false));
    }

    /** A branch job of a multibranch project goes with its branch; its folder, which has the credentials, stays. */
    @Test
    void isRemovedWithTheCredentialsOfTheFolderOfItsDeletedJob() throws Exception {
        Folder folder = jenkins.createProject(Folder.class, "team");
        for (CredentialsStore store : CredentialsProvider.lookupStores(folder)) {
            if (store.getContext() == folder) {
                store.addCredentials(
                        Domain.global(), ConfiguredProxmox.token("of-team", "jenkins@pve!ci", lab.example.ciSecret()));
            }
        }
        WorkflowJob job = folder.createProject(WorkflowJob.class, "branch");
        job.setDefinition(new CpsFlowDefinition(
                "withProxmoxVm(template: 9000, full: true, credentialsId: 'of-team', timeout: 8) { " + gate + " }",
                true));
        WorkflowRun run = job.scheduleBuild2(0).waitForStart();
        gate.await(run);
        assertThat(cluster.guest(CLONE), is(notNullValue()));
        cluster.guest(CLONE).failsAt(task("destroy"), "storage 'nfs' is not online");
        job.delete();
        Eventually.holds(
                "the first attempt has failed",
                () -> Leases.get().all().stream().anyMatch(entry -> entry.failures() == 1));
        againUntilItIsGone();
        assertThat(cluster.guest(CLONE), is(nullValue()));
    }
}
