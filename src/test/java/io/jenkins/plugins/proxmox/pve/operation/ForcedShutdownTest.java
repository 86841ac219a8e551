package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.guest.GuestActions;
import io.jenkins.plugins.proxmox.pve.guest.HibernateOperation;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A shutdown after which the guest is off, whether it obeys or not. */
@ParameterizedClass
@EnumSource(Generation.class)
class ForcedShutdownTest {

    @AutoClose
    private final Trial trial;

    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(2);
    private final WorkerThreads workers = new WorkerThreads(threads, threads, threads);

    ForcedShutdownTest(Generation generation) {
        trial = new Trial(generation);
        trial.cluster().container(208, "pve1", "stubborn-ct").running().ignoresShutdown();
    }

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    private static OperationRequest shutdown(int vmid, Duration timeout) {
        return OperationRequest.of(new GuestSelector(vmid, null, null), new PowerOperation(PowerAction.SHUTDOWN, true))
                .within(timeout);
    }

    private List<ReceivedRequest> writes() {
        return trial.proxmox.requests().stream()
                .filter(ReceivedRequest::isWrite)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {108, 208})
    void letsProxmoxStopAGuestThatIgnoresIt(int vmid) throws Exception {
        OperationState end = trial.run(shutdown(vmid, Duration.ofSeconds(9)));
        assertThat(end.status(), is("stopped"));
        assertThat(end.changed(), is(true));
        assertThat(writes().size(), is(1));
        ReceivedRequest request = writes().get(0);
        assertThat(request.parameters().get("forceStop"), is("1"));
        assertThat(Integer.parseInt(request.parameters().get("timeout")), is(lessThan(5)));
    }

    @ParameterizedTest
    @ValueSource(ints = {101, 201})
    void stopsNoGuestThatObeys(int vmid) throws Exception {
        assertThat(trial.run(shutdown(vmid, Duration.ofSeconds(60))).status(), is("stopped"));
        assertThat(trial.log, not(hasItem("Stopping VM 101 (web-1) instead")));
        assertThat(writes().size(), is(1));
    }

    @Test
    void stopsAPausedVm() throws Exception {
        trial.cluster().guest(101).paused();
        assertThat(trial.run(shutdown(101, Duration.ofSeconds(60))).status(), is("stopped"));
        assertThat(trial.cluster().taskTypes(101), contains("qmshutdown"));
    }

    @Test
    void leavesAVmUnderHighAvailabilityToTheHaManager() throws Exception {
        trial.cluster().vm(150, "pve1", "kept-up").running().inHaState("started");
        assertThat(trial.run(shutdown(150, Duration.ofSeconds(60))).status(), is("stopped"));
        assertThat(writes().get(0).parameters().containsKey("forceStop"), is(false));
    }

    /** The HA manager only asks a container to shut down. */
    @Test
    void requestsAStopOfAContainerThatIgnoresTheHaManager() throws Exception {
        trial.cluster()
                .container(250, "pve1", "kept-up")
                .running()
                .ignoresShutdown()
                .inHaState("started");
        OperationState end = trial.run(shutdown(250, Duration.ofSeconds(3)));
        assertThat(end.status(), is("stopped"));
        assertThat(
                trial.proxmox.writes(),
                contains("POST /nodes/pve1/lxc/250/status/shutdown", "POST /nodes/pve1/lxc/250/status/stop"));
        assertThat(trial.log, hasItem("Stopping CT 250 (kept-up) instead"));
    }

    /** As after a restart of the controller. */
    @Test
    void goesOnWithTheStopInAnotherProcess() throws Exception {
        trial.cluster()
                .container(250, "pve1", "kept-up")
                .running()
                .ignoresShutdown()
                .inHaState("started");
        ServerConnection connection = ServerConnection.of(trial.client, workers, new NodeRateLimit());
        OperationRequest request = shutdown(250, Duration.ofSeconds(3));
        CompletableFuture<OperationState> stopping = new CompletableFuture<>();
        OperationRun first = new OperationRun(
                request, OperationState.begin(), workers, () -> connection, trial.log::add, reached -> {
                    if (reached.history().lastResort()) {
                        stopping.complete(reached);
                        return new CompletableFuture<Void>();
                    }
                    return CompletableFuture.completedFuture(null);
                });
        first.begin();
        OperationState saved = stopping.get(30, TimeUnit.SECONDS);
        first.abort();
        trial.cluster().guest(250).inHaState("started");
        OperationRun second = new OperationRun(
                request, saved, workers, () -> connection, trial.log::add, OperationRun.Progress.UNSAVED);
        CompletableFuture<OperationState> end = second.begin();
        Eventually.holds("stops", () -> trial.proxmox.writes().size() == 2);
        assertThat(end.get(30, TimeUnit.SECONDS).status(), is("stopped"));
    }

    @Test
    void isForShutdownsOnly() {
        IllegalArgumentException refusal = assertThrows(
                IllegalArgumentException.class, () -> GuestActions.forcingStop(new PowerOperation(PowerAction.REBOOT)));
        assertThat(refusal.getMessage(), is("forceStop: true is for action: 'shutdown', not for reboot."));
        assertThrows(IllegalArgumentException.class, () -> GuestActions.forcingStop(new HibernateOperation()));
    }
}
