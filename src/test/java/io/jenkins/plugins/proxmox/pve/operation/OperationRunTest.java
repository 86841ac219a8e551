package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.threads.ConcurrencyLimit;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Operations on their way: what they cost, how they are given up, locks, changed settings. */
@ParameterizedClass
@EnumSource(Generation.class)
class OperationRunTest {

    @AutoClose
    private final Trial trial;

    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(2);
    private final WorkerThreads workers = new WorkerThreads(threads, threads, threads);
    private final List<Phase> phases = new CopyOnWriteArrayList<>();
    private volatile ServerConnection connection;

    OperationRunTest(Generation generation) {
        trial = new Trial(generation);
        connection = ServerConnection.of(trial.client, workers, new NodeRateLimit());
    }

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    private OperationRun run(OperationRequest request) {
        return run(request, OperationState.begin());
    }

    private OperationRun run(OperationRequest request, OperationState from) {
        return new OperationRun(request, from, workers, () -> connection, trial.log::add, this::note);
    }

    private CompletionStage<?> note(OperationState state) {
        phases.add(state.phase());
        return CompletableFuture.completedFuture(null);
    }

    private OperationRequest start(int vmid) {
        return trial.request(PowerAction.START, vmid);
    }

    private static Throwable failure(CompletableFuture<OperationState> end) {
        return assertThrows(ExecutionException.class, () -> end.get(30, TimeUnit.SECONDS))
                .getCause();
    }

    private void until(String line) throws Exception {
        Eventually.holds(line, () -> trial.log.stream().anyMatch(each -> each.contains(line)));
    }

    @Test
    void startsAStoppedGuestWithFourRequests() throws Exception {
        trial.cluster().timing(Duration.ofMillis(100), Duration.ZERO, Duration.ZERO);
        WholeOperation.of(run(start(100)));
        assertThat(
                trial.proxmox.requests().stream()
                        .map(ReceivedRequest::path)
                        .map(path -> path.substring(path.lastIndexOf('/') + 1))
                        .toList(),
                contains("resources", "start", "status", "current"));
    }

    /** The list of a real cluster is up to ten seconds behind; a start that is refused leaves a failed task there. */
    @Test
    void looksAtAGuestThatWasStartedAMomentAgoAndSendsNothing() throws Exception {
        WholeOperation.of(run(start(100)));
        trial.cluster().guest(100).listedAsStopped(true);
        assertThat(WholeOperation.of(run(start(100))).changed(), is(false));
        assertThat(trial.log, hasItem("VM 100 (build-agent) is already running, nothing to do"));
        assertThat(trial.proxmox.writes(), hasSize(1));
    }

    @Test
    void tellsEachPhaseBeforeItGoesOn() throws Exception {
        WholeOperation.of(run(start(100)));
        assertThat(phases, contains(Phase.REQUEST, Phase.AWAIT_TASK, Phase.CONFIRM, Phase.DONE));
    }

    @Test
    void sendsNothingWhenItsProgressCannotBeSaved() {
        OperationRun run = new OperationRun(
                start(100),
                OperationState.begin(),
                workers,
                () -> connection,
                trial.log::add,
                state -> CompletableFuture.failedFuture(new IOException("disk full")));
        assertThat(
                failure(run.begin()).getMessage(),
                is("Could not start VM 100 (build-agent): Jenkins could not save the build's state, so nothing was"
                        + " sent. java.io.IOException: disk full"));
        assertThat(trial.proxmox.writes(), is(empty()));
    }

    @Test
    void sendsTheRequestOnlyWhenItsProgressIsSavedAndHoldsNoThreadMeanwhile() throws Exception {
        CompletableFuture<Void> saved = new CompletableFuture<>();
        WorkerThreads oneLane = new WorkerThreads(new ConcurrencyLimit(threads, 1), threads, threads);
        connection = ServerConnection.of(trial.client, oneLane, new NodeRateLimit());
        OperationRun run = new OperationRun(
                start(100), OperationState.begin(), workers, () -> connection, trial.log::add, state -> {
                    note(state);
                    return state.phase() == Phase.REQUEST ? saved : new CompletableFuture<>();
                });
        CompletableFuture<OperationState> end = run.begin();
        Eventually.holds("it is about to be sent", () -> phases.contains(Phase.REQUEST));
        CompletableFuture<Void> free = new CompletableFuture<>();
        oneLane.now(() -> free.complete(null));
        free.get(10, TimeUnit.SECONDS);
        assertThat(trial.proxmox.writes(), is(empty()));
        saved.complete(null);
        assertThat(
                "after the request nothing waits", end.get(10, TimeUnit.SECONDS).status(), is("running"));
        assertThat(trial.proxmox.writes(), hasSize(1));
    }

    @Test
    void leavesTheTaskAloneWhenItIsGivenUp() throws Exception {
        OperationRun run = run(start(105));
        CompletableFuture<OperationState> end = run.begin();
        Eventually.holds("it waits", () -> connection.tasks().waits() == 1);
        run.abort();
        assertThrows(CancellationException.class, () -> end.get(1, TimeUnit.SECONDS));
        assertThat(connection.tasks().waits(), is(0));
        until("continues in Proxmox VE");
        assertThat(trial.proxmox.writes(), contains(endsWith("/105/status/start")));
    }

    @Test
    void cancelsTheTaskWhenItIsGivenUpAndThatIsWanted() throws Exception {
        OperationRun run = run(start(105).cancelsTask(true));
        CompletableFuture<OperationState> end = run.begin();
        Eventually.holds("it waits", () -> connection.tasks().waits() == 1);
        run.abort();
        assertThrows(CancellationException.class, () -> end.get(1, TimeUnit.SECONDS));
        until("was cancelled");
        assertThat(trial.client.taskStatus(run.state().upid()).exitStatus(), is("interrupted by signal"));
        assertThat(trial.cluster().guest(105).isRunning(), is(false));
    }

    @Test
    void cancelsATaskWhoseRequestWasOnItsWayWhenItWasGivenUp() throws Exception {
        List<OperationRun> runs = new ArrayList<>();
        OperationRun run = new OperationRun(
                start(105).cancelsTask(true),
                OperationState.begin(),
                workers,
                () -> connection,
                trial.log::add,
                state -> {
                    if (state.phase() == Phase.AWAIT_TASK) {
                        runs.get(0).abort();
                    }
                    return note(state);
                });
        runs.add(run);
        CompletableFuture<OperationState> end = run.begin();
        assertThrows(CancellationException.class, () -> end.get(10, TimeUnit.SECONDS));
        until("was cancelled");
    }

    @Test
    void endsAtItsTimeoutThoughTheTaskGoesOn() {
        Throwable failure =
                failure(run(start(105).within(Duration.ofSeconds(1))).begin());
        assertThat(failure, is(instanceOf(GuestException.class)));
        assertThat(failure.getMessage(), startsWith("Timeout of 1 s: could not start VM 105 (slow)"));
        assertThat(failure.getMessage(), containsString("The task continues in Proxmox VE: UPID:pve1:"));
        assertThat(connection.tasks().waits(), is(0));
    }

    @Test
    void endsAtItsTimeoutThoughEveryThreadForTheServerHangs() throws Exception {
        WorkerThreads oneLane = new WorkerThreads(new ConcurrencyLimit(threads, 1), threads, threads);
        connection = ServerConnection.of(trial.client, oneLane, new NodeRateLimit());
        CountDownLatch release = new CountDownLatch(1);
        CompletableFuture<OperationState> end =
                run(start(105).within(Duration.ofSeconds(1))).begin();
        Eventually.holds("it waits", () -> connection.tasks().waits() == 1);
        oneLane.now(() -> await(release));
        Throwable failure = failure(end);
        release.countDown();
        assertThat(failure.getMessage(), startsWith("Timeout of 1 s: could not start VM 105 (slow)"));
        assertThat(failure.getMessage(), containsString("The task continues in Proxmox VE: UPID:pve1:"));
        assertThat(connection.tasks().waits(), is(0));
    }

    private static void await(CountDownLatch release) {
        try {
            release.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void looksAgainWhenTheServerIsGoneJustAfterTheTaskFailed() throws Exception {
        trial.cluster().vm(162, "pve1", "tried-twice").failsToStart("VM 162 already running");
        for (int i = 0; i < 4; i++) {
            trial.proxmox.inject(request -> request.path().endsWith("/162/status/current"), new Fault.BreakBefore());
        }
        Throwable failure = failure(run(start(162)).begin());
        assertThat(failure, is(instanceOf(GuestException.class)));
        assertThat(failure.getMessage(), containsString("failed: VM 162 already running"));
        assertThat(trial.proxmox.writes(), hasSize(1));
    }

    @ParameterizedTest
    @CsvSource({"103, VM 103 (in-backup)", "203, CT 203 (ct-in-backup)"})
    void waitsUntilALockIsReleasedAndSendsTheRequestOnce(int vmid, String guest) throws Exception {
        CompletableFuture<OperationState> end =
                run(start(vmid).waitsForLock(true)).begin();
        until(guest + " is locked (backup); waiting until it is unlocked");
        assertThat(trial.proxmox.writes(), is(empty()));
        trial.cluster().guest(vmid).locked(null);
        assertThat(end.get(10, TimeUnit.SECONDS).status(), is("running"));
        assertThat(trial.proxmox.writes(), hasSize(1));
        assertThat(trial.log, hasItem(guest + " is no longer locked (backup)"));
    }

    @Test
    void waitsForALockThatCameBetweenLookAndRequest() throws Exception {
        OperationRun run = new OperationRun(
                start(100).waitsForLock(true),
                OperationState.begin(),
                workers,
                () -> connection,
                trial.log::add,
                state -> {
                    if (state.phase() == Phase.REQUEST && phases.isEmpty()) {
                        trial.cluster().guest(100).locked("snapshot");
                    }
                    return note(state);
                });
        CompletableFuture<OperationState> end = run.begin();
        until("VM 100 (build-agent) is locked (snapshot); waiting");
        trial.cluster().guest(100).locked(null);
        assertThat(end.get(10, TimeUnit.SECONDS).status(), is("running"));
    }

    @Test
    void saysWhichLockWasAwaitedWhenTheTimeIsOver() {
        Throwable failure = failure(
                run(start(103).waitsForLock(true).within(Duration.ofSeconds(1))).begin());
        assertThat(
                failure.getMessage(),
                is("Timeout of 1 s: could not start VM 103 (in-backup) in that time. State reached: stopped, "
                        + "still waiting until VM 103 (in-backup) is unlocked (backup). If no task is working on the guest"
                        + " any more, see the log for how to release the lock."));
    }

    @Test
    void namesTheLockThatIsInTheWay() {
        Throwable failure = failure(run(start(103)).begin());
        assertThat(
                failure.getMessage(),
                containsString("failed: VM is locked (backup). Try again when the backup is "
                        + "over, or set waitForLock: true."));
    }

    @Test
    void startsAHibernatedGuestAlthoughItIsLocked() throws Exception {
        trial.cluster().vm(160, "pve1", "asleep").locked("suspended");
        assertThat(WholeOperation.of(run(start(160).waitsForLock(true))).status(), is("running"));
    }

    @Test
    void understandsThatTheListWasBehindAndTheGuestRunsAlready() throws Exception {
        trial.cluster().vm(161, "pve1", "just-started").running();
        OperationState listed =
                Trial.until(Phase.REQUEST, trial.operation(PowerAction.START, 100), OperationState.begin());
        ObservedGuest stopped = new ObservedGuest(
                trial.client.guests().stream()
                        .filter(guest -> guest.location().vmid() == 161)
                        .findFirst()
                        .orElseThrow()
                        .location(),
                "just-started",
                "stopped",
                "",
                0,
                false,
                null,
                null,
                listed.guest().at());
        OperationState end =
                WholeOperation.of(run(start(161), listed.seeing(stopped).toBeRequested(null)));
        assertThat(end.changed(), is(false));
        assertThat(trial.log, hasItem("VM 161 (just-started) is running because of another request"));
    }

    @Test
    void goesOnWithTheSecretThatReplacedTheOldOne() throws Exception {
        trial.cluster().guest(105).startTakes(Duration.ofMillis(1500));
        CompletableFuture<OperationState> end = run(start(105)).begin();
        Eventually.holds("it waits", () -> connection.tasks().waits() == 1);
        trial.proxmox.access().deleteToken("jenkins@pve!ci");
        String secret = trial.proxmox.access().token("jenkins@pve!ci", false);
        try (ProxmoxClient renewed =
                new ProxmoxClient(trial.example.settings(ExampleCluster.token("jenkins@pve!ci", secret)))) {
            connection = ServerConnection.of(renewed, workers, new NodeRateLimit());
            assertThat(end.get(20, TimeUnit.SECONDS).status(), is("running"));
        }
        assertThat(trial.log, hasItem("The settings of the server have changed; continuing with the new ones"));
        assertThat(trial.proxmox.writes(), hasSize(1));
    }

    @Test
    void watchesTheGuestItselfWhenAnotherTokenMayNotSeeTheTask() throws Exception {
        trial.cluster().guest(105).startTakes(Duration.ofMillis(1500));
        CompletableFuture<OperationState> end = run(start(105)).begin();
        Eventually.holds("it waits", () -> connection.tasks().waits() == 1);
        trial.proxmox.access().deleteToken("jenkins@pve!ci");
        String secret = trial.proxmox.access().token("jenkins@pve!next", false);
        try (ProxmoxClient renewed =
                new ProxmoxClient(trial.example.settings(ExampleCluster.token("jenkins@pve!next", secret)))) {
            connection = ServerConnection.of(renewed, workers, new NodeRateLimit());
            assertThat(end.get(20, TimeUnit.SECONDS).status(), is("running"));
        }
        assertThat(trial.log, hasItem(endsWith("watching VM 105 (slow) itself")));
        assertThat(trial.proxmox.writes(), hasSize(1));
    }

    @Test
    void failsWhenAccessIsWithdrawnAndNothingReplacesIt() throws Exception {
        CompletableFuture<OperationState> end = run(start(105)).begin();
        Eventually.holds("it waits", () -> connection.tasks().waits() == 1);
        trial.proxmox.access().deleteToken("jenkins@pve!ci");
        until("Still waiting for task");
        trial.clock.pass(Duration.ofMinutes(1));
        assertThat(failure(end), is(instanceOf(AuthenticationFailedException.class)));
    }

    @Test
    void failsClearlyWhenTheServerIsGoneFromTheSettings() throws Exception {
        List<Boolean> gone = new CopyOnWriteArrayList<>();
        OperationRun run = new OperationRun(
                start(105),
                OperationState.begin(),
                workers,
                () -> {
                    if (!gone.isEmpty()) {
                        throw new IOException("There is no server \"lab\" any more.");
                    }
                    return connection;
                },
                trial.log::add,
                OperationRun.Progress.UNSAVED);
        CompletableFuture<OperationState> end = run.begin();
        Eventually.holds("it waits", () -> connection.tasks().waits() == 1);
        gone.add(true);
        assertThat(failure(end).getMessage(), is("There is no server \"lab\" any more."));
        assertThat(connection.tasks().waits(), is(0));
    }

    @Test
    void holdsNoThreadForEachOfManyWaits() throws Exception {
        List<CompletableFuture<OperationState>> ends = new ArrayList<>();
        for (int vmid = 300; vmid < 350; vmid++) {
            trial.cluster().vm(vmid, "pve1", "many-" + vmid).startTakes(Duration.ofSeconds(1));
            ends.add(run(start(vmid)).begin());
        }
        for (CompletableFuture<OperationState> end : ends) {
            assertThat(end.get(30, TimeUnit.SECONDS).status(), is("running"));
        }
        assertThat(trial.proxmox.writes(), hasSize(50));
        long looks = trial.proxmox.requests().stream()
                .filter(request -> request.path().contains("/tasks"))
                .count();
        assertThat("one list for all of them", looks, is(lessThanOrEqualTo(25L)));
        assertThat(trial.log, not(hasItem(startsWith("Still"))));
    }
}
