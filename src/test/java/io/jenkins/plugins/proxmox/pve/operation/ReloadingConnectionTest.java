package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** When an operation reads settings and secret, and what it does while it cannot. */
@ParameterizedClass
@EnumSource(Generation.class)
class ReloadingConnectionTest {

    private static final SettingsUnavailableException STORE_AWAY =
            new SettingsUnavailableException("The vault is sealed.", true, null);

    private static final SettingsUnavailableException CONTRADICTION =
            new SettingsUnavailableException("Two kinds of trust are configured.", false, null);

    @AutoClose
    private final Trial trial;

    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(2);
    private final ExecutorService deadlines =
            Executors.newSingleThreadExecutor(task -> new Thread(task, "the thread of the deadlines"));
    private final WorkerThreads workers = new WorkerThreads(threads, deadlines, threads);
    private final Settings settings = new Settings();

    ReloadingConnectionTest(Generation generation) {
        trial = new Trial(generation);
        settings.connection = ServerConnection.of(trial.client, workers, new NodeRateLimit());
    }

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
        deadlines.shutdownNow();
    }

    /** Settings that count who asks for them, and cannot be had at will. */
    private static final class Settings implements ServerConnection.Source {

        volatile ServerConnection connection;

        /** Why the present settings cannot be used; null when they can. */
        volatile IOException unusable;

        /** What comes of the next reads; after them, the connection. */
        final Queue<CompletionStage<ServerConnection>> nextReads = new ArrayDeque<>();

        final List<String> askedIn = new CopyOnWriteArrayList<>();
        volatile int reads;

        @Override
        public ServerConnection connection() throws IOException {
            askedIn.add(Thread.currentThread().getName());
            if (unusable != null) {
                throw unusable;
            }
            return connection;
        }

        @Override
        public synchronized CompletionStage<ServerConnection> read() {
            reads++;
            CompletionStage<ServerConnection> next = nextReads.poll();
            return next == null ? CompletableFuture.completedFuture(connection) : next;
        }

        void nextReadFails(IOException why) {
            nextReads.add(CompletableFuture.failedFuture(why));
        }
    }

    private OperationRun run(OperationRequest request, OperationState from) {
        return new OperationRun(request, from, workers, settings, trial.log::add, OperationRun.Progress.UNSAVED);
    }

    private CompletableFuture<OperationState> begin(OperationRequest request) {
        return run(request, OperationState.begin()).begin();
    }

    private OperationRequest start(int vmid) {
        return trial.request(PowerAction.START, vmid);
    }

    private static Throwable failure(CompletableFuture<OperationState> end) {
        return assertThrows(ExecutionException.class, () -> end.get(30, TimeUnit.SECONDS))
                .getCause();
    }

    private void untilLogged(String line) throws Exception {
        Eventually.holds(line, () -> trial.log.stream().anyMatch(each -> each.startsWith(line)));
    }

    private List<String> logged(String line) {
        return trial.log.stream().filter(each -> each.startsWith(line)).toList();
    }

    @Test
    void areReadOnceHoweverManyStepsFollow() throws Exception {
        assertThat(begin(start(100)).get(30, TimeUnit.SECONDS).status(), is("running"));
        assertThat(settings.reads, is(1));
    }

    @Test
    void areNotAskedForInTheThreadOfTheDeadlines() throws Exception {
        trial.cluster().guest(105).startTakes(Duration.ofSeconds(12));
        assertThat(begin(start(105)).get(30, TimeUnit.SECONDS).status(), is("running"));
        assertThat(settings.askedIn, is(not(empty())));
        assertThat(settings.askedIn, everyItem(startsWith("pool-")));
    }

    @Test
    void areAwaitedWhileTheStoreOfTheSecretIsAway() throws Exception {
        settings.nextReadFails(STORE_AWAY);
        CompletableFuture<OperationState> end = begin(start(100));
        untilLogged("Jenkins cannot read the settings of the server yet and keeps trying. The vault is sealed.");
        assertThat(end.get(30, TimeUnit.SECONDS).status(), is("running"));
        assertThat(settings.reads, is(2));
        assertThat(trial.log, hasItem("Jenkins can use the settings of the server again"));
    }

    @Test
    void areAwaitedNoLongerThanTheTimeGiven() {
        for (int i = 0; i < 10; i++) {
            settings.nextReadFails(STORE_AWAY);
        }
        Throwable failure = failure(begin(start(100).within(Duration.ofSeconds(1))));
        assertThat(
                failure.getMessage(),
                is("Timeout of 1 s: could not start guest 100 in that time. Jenkins did not get the settings and"
                        + " credentials of the server. The vault is sealed."));
        assertThat(trial.proxmox.requests(), is(empty()));
        assertThat("told once", trial.log, hasSize(1));
    }

    @Test
    void canBeGivenUpWhileTheyAreRead() {
        settings.nextReads.add(new CompletableFuture<>());
        OperationRun run = run(start(100), OperationState.begin());
        CompletableFuture<OperationState> end = run.begin();
        assertThat(run.abort(), is(true));
        assertThrows(CancellationException.class, () -> end.get(1, TimeUnit.SECONDS));
    }

    @Test
    void failAnOperationThatHasNotBegunWhenTheyContradictThemselves() {
        settings.nextReadFails(CONTRADICTION);
        assertThat(failure(begin(start(100))), is(CONTRADICTION));
        assertThat(trial.proxmox.requests(), is(empty()));
    }

    @Test
    void areLeftAsTheyWereWhileTheNewOnesCannotBeUsed() throws Exception {
        CompletableFuture<OperationState> end = begin(start(103).waitsForLock(true));
        untilLogged("VM 103 (in-backup) is locked (backup)");
        settings.unusable = CONTRADICTION;
        untilLogged("Jenkins cannot use the current settings of the server and continues with the previous ones. Two");
        int asked = settings.askedIn.size();
        Eventually.holds("it looks on", () -> settings.askedIn.size() > asked + 2);
        trial.cluster().guest(103).locked(null);
        assertThat(end.get(30, TimeUnit.SECONDS).status(), is("running"));
        assertThat("told once", logged("Jenkins cannot use"), hasSize(1));
        assertThat(settings.reads, is(1));
    }

    @Test
    void areFollowedWhenTheyCanBeUsedAgain() throws Exception {
        CompletableFuture<OperationState> end = begin(start(103).waitsForLock(true));
        untilLogged("VM 103 (in-backup) is locked (backup)");
        settings.unusable = CONTRADICTION;
        untilLogged("Jenkins cannot use the current settings");
        try (ProxmoxClient other = new ProxmoxClient(trial.example.settings())) {
            settings.connection = ServerConnection.of(other, workers, new NodeRateLimit());
            settings.unusable = null;
            untilLogged("Jenkins can use the settings of the server again");
            untilLogged("The settings of the server have changed; continuing with the new ones");
            trial.cluster().guest(103).locked(null);
            assertThat(end.get(30, TimeUnit.SECONDS).status(), is("running"));
        }
    }

    @Test
    void areReadAnewAfterARefusalAlsoWhenTheStoreIsAwayThen() throws Exception {
        trial.cluster().guest(105).startTakes(Duration.ofMillis(1500));
        CompletableFuture<OperationState> end = begin(start(105));
        Eventually.holds("it waits", () -> settings.connection.tasks().waits() == 1);
        CompletableFuture<ServerConnection> held = new CompletableFuture<>();
        settings.nextReadFails(STORE_AWAY);
        settings.nextReads.add(held);
        trial.proxmox.inject(
                request -> request.path().contains("/tasks/"),
                new Fault.Refuse(403, "Permission check failed (/nodes/pve1, Sys.Audit)"));
        untilLogged("Jenkins cannot read the settings of the server yet");
        trial.proxmox.forgetRequests();
        Eventually.holds("they are read again", () -> settings.reads == 3);
        assertThat("who was refused does not ask on", trial.proxmox.requests(), is(empty()));
        settings.connection = ServerConnection.of(trial.client, workers, new NodeRateLimit());
        held.complete(settings.connection);
        assertThat(end.get(30, TimeUnit.SECONDS).status(), is("running"));
        assertThat(settings.reads, is(3));
        assertThat(trial.proxmox.writes(), is(empty()));
    }

    /** An identity that was accepted before has a minute, which ends with the time of the operation here. */
    @Test
    void areReadAnewOnceBeforeARefusalIsFinal() throws Exception {
        CompletableFuture<OperationState> end = begin(start(105).within(Duration.ofSeconds(3)));
        Eventually.holds("it waits", () -> settings.connection.tasks().waits() == 1);
        trial.proxmox.access().deleteToken("jenkins@pve!ci");
        assertThat(failure(end), is(instanceOf(AuthenticationFailedException.class)));
        assertThat(settings.reads, is(2));
    }

    @Test
    void areAwaitedAfterARestartWhateverIsWrongWithThem() throws Exception {
        OperationState waiting =
                Trial.until(Phase.AWAIT_TASK, trial.operation(PowerAction.START, 100), OperationState.begin());
        settings.nextReadFails(CONTRADICTION);
        OperationState end = run(start(100), waiting.resumed()).begin().get(30, TimeUnit.SECONDS);
        assertThat(end.status(), is("running"));
        assertThat(logged("Jenkins cannot read the settings"), hasSize(1));
        assertThat(trial.proxmox.writes(), contains("POST /nodes/pve1/qemu/100/status/start"));
    }

    @Test
    void endAWaitWhenTheJobMayNoLongerUseThem() throws Exception {
        CompletableFuture<OperationState> end = begin(start(103).waitsForLock(true));
        untilLogged("VM 103 (in-backup) is locked (backup)");
        settings.unusable = new IOException("The job may not use the server any more.");
        assertThat(failure(end).getMessage(), is("The job may not use the server any more."));
        assertThat(trial.proxmox.writes(), is(empty()));
    }
}
