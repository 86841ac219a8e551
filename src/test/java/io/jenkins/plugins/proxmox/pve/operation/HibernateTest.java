package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.diagnosis.Cause;
import io.jenkins.plugins.proxmox.pve.diagnosis.Diagnosis;
import io.jenkins.plugins.proxmox.pve.diagnosis.FailureExplainer;
import io.jenkins.plugins.proxmox.pve.guest.HibernateOperation;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.HostShell;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A second kind of operation, of which the driver knows nothing. */
@ParameterizedClass
@EnumSource(Generation.class)
class HibernateTest {

    private static final HibernateOperation HIBERNATE = new HibernateOperation();

    private static final String TOKEN = "ci@pve!jenkins";

    @AutoClose
    private final Trial trial;

    @AutoClose("shutdownNow")
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(4);

    HibernateTest(Generation generation) {
        trial = new Trial(generation);
        trial.proxmox.access().role("space", "Datastore.AllocateSpace");
        trial.proxmox.access().grant("/storage", "jenkins@pve", "space");
    }

    @BeforeEach
    void isQuick() {
        trial.cluster().timing(Duration.ofMillis(40), Duration.ofMillis(20), Duration.ofMillis(20));
    }

    private OperationRequest hibernation(int vmid) {
        return OperationRequest.of(new GuestSelector(vmid, null, null), HIBERNATE)
                .within(Duration.ofSeconds(30));
    }

    @Test
    void writesTheMemoryOfARunningMachineToDiskAndAStartBringsItBack() throws Exception {
        trial.cluster().vm(300, "pve1", "desk").running();
        OperationState end = trial.run(hibernation(300));
        assertThat(end.changed(), is(true));
        assertThat(end.status(), is("stopped"));
        assertThat(end.upid().type(), is("qmsuspend"));
        assertThat(trial.client.status(end.guest().location()).isHibernated(), is(true));
        assertThat(trial.log, hasItem(containsString("Requested hibernate of VM 300 (desk)")));

        assertThat(trial.run(PowerAction.START, 300).status(), is("running"));
        assertThat(trial.client.status(end.guest().location()).lock() == null, is(true));
    }

    @Test
    void hibernatesAPausedMachine() throws Exception {
        trial.cluster().vm(300, "pve1", "desk").paused();
        assertThat(trial.run(hibernation(300)).changed(), is(true));
    }

    @Test
    void hasNothingToDoForAMachineThatIsHibernated() throws Exception {
        trial.cluster().vm(300, "pve1", "desk").stopped().locked("suspended");
        assertThat(trial.run(hibernation(300)).changed(), is(false));
        assertThat(trial.proxmox.writes(), is(empty()));
    }

    @Test
    void refusesWhatCannotBeHibernatedBeforeAnythingIsSent() {
        trial.cluster().vm(300, "pve1", "off").stopped();
        trial.cluster().container(301, "pve1", "ct").running();
        trial.cluster().vm(302, "pve1", "cared-for").running().inHaState("started");
        trial.cluster().vm(303, "pve1", "full").halted("io-error");
        assertRefused(300, "Cannot hibernate VM 300 (off): it is stopped. Use start first.");
        assertRefused(301, "Cannot hibernate CT 301 (ct): containers cannot be hibernated. Use shutdown and start.");
        assertRefused(302, "Cannot hibernate VM 302 (cared-for): it is managed by HA");
        assertRefused(303, "Cannot hibernate VM 303 (full): it is halted because it could not read or write a disk");
        assertThat(trial.proxmox.writes(), is(empty()));
    }

    private void assertRefused(int vmid, String message) {
        var refusal = assertThrows(GuestException.class, () -> trial.run(hibernation(vmid)));
        assertThat(refusal.getMessage(), containsString(message));
    }

    @Test
    void waitsForABackupWhenThatIsWanted() throws Exception {
        var guest = trial.cluster().vm(300, "pve1", "desk").running().locked("backup");
        OperationState[] end = new OperationState[1];
        Thread waits = new Thread(() -> {
            try {
                end[0] = trial.run(hibernation(300).waitsForLock(true));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        waits.start();
        Eventually.holds(
                "the wait for the lock",
                () -> trial.log.stream().anyMatch(line -> line.contains("is locked (backup)")));
        assertThat(trial.proxmox.writes(), is(empty()));
        guest.locked(null);
        waits.join(30_000);
        assertThat(end[0].changed(), is(true));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isSentOnceWhenItsAnswerIsLost(boolean arrived) throws Exception {
        var guest = trial.cluster().vm(300, "pve1", "desk").running();
        trial.proxmox.inject(ReceivedRequest::isWrite, arrived ? new Fault.BreakAfter() : new Fault.BreakBefore());
        OperationState end = trial.run(hibernation(300));
        assertThat(end.changed(), is(true));
        assertThat(guest.isRunning(), is(false));
        assertThat(trial.cluster().taskTypes(300), contains("qmsuspend"));
    }

    /** Who sees the guest, and so its configuration, learns all that is needed at once. */
    @ParameterizedTest
    @ValueSource(strings = {"local", "tank", "fast"})
    void passesAfterTheAdviceOfItsExplanation(String storage) throws Exception {
        var guest = trial.cluster().vm(300, "pve1", "desk").running().onStorage("local");
        if (storage.equals("tank")) {
            guest.onStorage("tank");
        } else if (storage.equals("fast")) {
            guest.savesStateOn("fast");
        }
        var access = trial.proxmox.access();
        access.user("ci@pve");
        access.role("JenkinsPower", "VM.Audit,VM.PowerMgmt");
        access.grant("/vms/300", "ci@pve", "JenkinsPower");
        access.grant("/vms/300", TOKEN, "JenkinsPower");
        try (ProxmoxClient client = new ProxmoxClient(
                ExampleCluster.settings(trial.proxmox, ExampleCluster.token(TOKEN, access.token(TOKEN, true))))) {
            Diagnosis refused = refused(client);
            List<String> commands = refused.causes().stream()
                    .map(Cause::commands)
                    .flatMap(List::stream)
                    .toList();
            assertThat(
                    commands,
                    hasItem("pveum acl modify /storage/" + storage + " --tokens '" + TOKEN + "' --roles JenkinsSpace"));
            assertThat(commands, hasItem(endsWith("--roles JenkinsHibernate")));
            new HostShell(access).paste(commands);
            assertThat(
                    WholeOperation.of(client, hibernation(300), trial.log::add).changed(), is(true));
        }
    }

    private Diagnosis refused(ProxmoxClient client) throws Exception {
        ServerConnection connection =
                ServerConnection.of(client, new WorkerThreads(threads, threads, threads), new NodeRateLimit());
        OperationRun run = new OperationRun(
                hibernation(300),
                OperationState.begin(),
                connection.workers(),
                () -> connection,
                line -> {},
                OperationRun.Progress.UNSAVED);
        var failure = assertThrows(ExecutionException.class, () -> run.begin().get(30, TimeUnit.SECONDS));
        return new FailureExplainer(client).explain((PermissionDeniedException) failure.getCause(), run.needs());
    }
}
