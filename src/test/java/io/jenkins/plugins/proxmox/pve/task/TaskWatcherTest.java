package io.jenkins.plugins.proxmox.pve.task;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.both;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.client.SettableClock;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import io.jenkins.plugins.proxmox.pve.threads.ConcurrencyLimit;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
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

/** Waiting for tasks: how each ends, what it costs, what it bears. */
@ParameterizedClass
@EnumSource(Generation.class)
class TaskWatcherTest {

    private static final String TOKEN = "jenkins@pve!ci";
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration LONG = Duration.ofHours(1);

    @AutoClose
    private final SimulatedProxmox proxmox;

    private final ExampleCluster example;
    private final SettableClock clock = new SettableClock();

    @AutoClose
    private final ProxmoxClient client;

    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(2);
    private final TaskWatcher watcher;
    private final List<String> log = new CopyOnWriteArrayList<>();

    TaskWatcherTest(Generation generation) {
        proxmox = SimulatedProxmox.start(generation);
        example = ExampleCluster.in(proxmox);
        client = clock.client(example.settings());
        watcher = new TaskWatcher(client, new WorkerThreads(threads, threads, threads), new NodeRateLimit());
    }

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    private Upid task(Duration takes, String exitStatus) {
        return Upid.parse(proxmox.cluster().task("pve1", TOKEN, takes, exitStatus));
    }

    private CompletableFuture<TaskOutcome> watch(Upid task) {
        return watcher.watch(task, log::add).toCompletableFuture();
    }

    private static TaskOutcome end(CompletableFuture<TaskOutcome> wait) throws Exception {
        return wait.get(20, TimeUnit.SECONDS);
    }

    private static Throwable failure(CompletableFuture<TaskOutcome> wait) {
        return assertThrows(ExecutionException.class, () -> end(wait)).getCause();
    }

    private List<String> asked() {
        return proxmox.requests().stream()
                .map(ReceivedRequest::path)
                .map(path -> path.endsWith("/tasks") ? "list" : path.substring(path.lastIndexOf('/') + 1))
                .toList();
    }

    @Test
    void tellsThatATaskEndedWell() throws Exception {
        Upid task = task(SHORT, "OK");
        TaskOutcome outcome = end(watch(task));
        assertThat(outcome.task(), is(task));
        assertThat(outcome.isSuccessful(), is(true));
        assertThat(outcome.status().warnings(), is(0));
        assertThat(outcome.lastLogLines(), is(empty()));
        assertThat(asked(), everyItem(is("status")));
        assertThat(log, is(empty()));
    }

    @Test
    void tellsTheNumberOfWarningsWithTheEndOfTheLog() throws Exception {
        TaskOutcome outcome = end(watch(task(SHORT, "WARNINGS: 3")));
        assertThat(outcome.isSuccessful(), is(true));
        assertThat(outcome.status().warnings(), is(3));
        assertThat(outcome.lastLogLines(), contains("TASK WARNINGS: 3"));
    }

    @Test
    void tellsTheTextOfAnErrorWithTheEndOfTheLog() throws Exception {
        TaskOutcome outcome = end(watch(task(SHORT, "start failed: no such volume")));
        assertThat(outcome.isSuccessful(), is(false));
        assertThat(outcome.status().exitStatus(), is("start failed: no such volume"));
        assertThat(outcome.lastLogLines(), contains("TASK ERROR: start failed: no such volume"));
    }

    /** As when the settings change and the client is closed just then, at which its pool of connections fails. */
    @Test
    void tellsTheOutcomeAlsoWhenReadingTheLogMeetsADefect() throws Exception {
        proxmox.inject(request -> request.path().endsWith("/log") && isClosed(client), new Fault.BreakBefore());
        TaskOutcome outcome = end(watch(task(SHORT, "start failed: no such volume")));
        assertThat(outcome.status().exitStatus(), is("start failed: no such volume"));
        assertThat(outcome.lastLogLines(), is(empty()));
        assertThat(watcher.waits(), is(0));
    }

    private static boolean isClosed(ProxmoxClient client) {
        try {
            client.close();
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void asksTheListOnceForMany() throws Exception {
        List<CompletableFuture<TaskOutcome>> waits = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            waits.add(watch(task(Duration.ofMillis(300 + 20 * i), i % 2 == 0 ? "OK" : "WARNINGS: 1")));
        }
        for (CompletableFuture<TaskOutcome> wait : waits) {
            assertThat(end(wait).isSuccessful(), is(true));
        }
        assertThat("every task has ended within 1.1 s", asked().size(), is(lessThan(40)));
        assertThat(asked(), hasItem("list"));
        assertThat(watcher.waits(), is(0));
    }

    @Test
    void tellsTheOutcomeOfManyThatFailAtOnceThoughNotTheirLogs() throws Exception {
        List<CompletableFuture<TaskOutcome>> waits = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            waits.add(watch(task(LONG, "storage 'nfs' is not online")));
        }
        proxmox.cluster().endTasks(100);
        for (CompletableFuture<TaskOutcome> wait : waits) {
            assertThat(end(wait).status().exitStatus(), is("storage 'nfs' is not online"));
        }
        assertThat(asked().stream().filter("log"::equals).count(), is(lessThanOrEqualTo(4L)));
    }

    @Test
    void neverAsksANodeMoreThanThreeTimesASecond() throws Exception {
        for (int i = 0; i < 20; i++) {
            watch(task(LONG, "OK"));
        }
        watch(task(SHORT, "failed"));
        long begun = System.nanoTime();
        Eventually.holds("asked some times", () -> proxmox.requests().size() >= 10);
        double seconds = (System.nanoTime() - begun) / 1e9;
        assertThat(proxmox.requests().size() / seconds, is(lessThan(3.4)));
        assertThat("ten requests take nine pauses of a third of a second", seconds, is(greaterThan(2.9)));
    }

    @Test
    void sharesThePaceOfANodeWithOtherIdentitiesInTurns() throws Exception {
        String secret = proxmox.access().token("jenkins@pve!other", false);
        NodeRateLimit pace = new NodeRateLimit();
        TaskWatcher one = new TaskWatcher(client, new WorkerThreads(threads, threads, threads), pace);
        try (ProxmoxClient otherClient =
                new ProxmoxClient(example.settings(ExampleCluster.token("jenkins@pve!other", secret)))) {
            TaskWatcher other = new TaskWatcher(otherClient, new WorkerThreads(threads, threads, threads), pace);
            for (int i = 0; i < 20; i++) {
                one.watch(task(LONG, "OK"), line -> {});
            }
            other.watch(Upid.parse(proxmox.cluster().task("pve1", "jenkins@pve!other", LONG, "OK")), line -> {});
            long begun = System.nanoTime();
            Eventually.holds("asked some times", () -> proxmox.requests().size() >= 10);
            double seconds = (System.nanoTime() - begun) / 1e9;
            assertThat("nine pauses of a third of a second", seconds, is(greaterThan(2.9)));
            assertThat(
                    "in turns",
                    asked().stream().filter("status"::equals).count(),
                    is(both(greaterThan(3L)).and(lessThan(7L))));
        }
    }

    @Test
    void asksNothingWhenNobodyWaitsAnyMore() throws Exception {
        List<CompletableFuture<TaskOutcome>> waits = List.of(watch(task(LONG, "OK")), watch(task(LONG, "OK")));
        Eventually.holds("it has begun", () -> !proxmox.requests().isEmpty());
        waits.forEach(wait -> wait.cancel(false));
        assertThat(watcher.waits(), is(0));
        int asked = proxmox.requests().size();
        // more than the longest pause at this age
        assertThrows(
                java.util.concurrent.TimeoutException.class, () -> new CompletableFuture<>().get(1, TimeUnit.SECONDS));
        assertThat("one may have been on its way", proxmox.requests().size(), is(lessThanOrEqualTo(asked + 1)));
    }

    @Test
    void waitsOnWhenTheServerIsRestartedAndTellsItOnce() throws Exception {
        CompletableFuture<TaskOutcome> wait = watch(task(Duration.ofMillis(1500), "OK"));
        Eventually.holds("it has begun", () -> !proxmox.requests().isEmpty());
        proxmox.stopListening();
        Eventually.holds("it was noticed", () -> !log.isEmpty());
        proxmox.listenAgain();
        assertThat(end(wait).isSuccessful(), is(true));
        assertThat(
                log.stream().filter(line -> line.startsWith("Still")).toList(),
                contains(containsString("Still waiting for task UPID:pve1:")));
    }

    @Test
    void waitsOnWhenAConnectionBreaksAmidTheAnswer() throws Exception {
        for (int i = 0; i < 3; i++) {
            proxmox.inject(request -> true, new Fault.BreakAfter());
        }
        List<CompletableFuture<TaskOutcome>> waits = List.of(watch(task(SHORT, "OK")), watch(task(SHORT, "OK")));
        for (CompletableFuture<TaskOutcome> wait : waits) {
            assertThat(end(wait).isSuccessful(), is(true));
        }
    }

    @Test
    void waitsForATaskOfANodeThatIsOff() throws Exception {
        CompletableFuture<TaskOutcome> wait = watch(task(SHORT, "OK"));
        proxmox.cluster().node("pve1", false);
        Eventually.holds("it was noticed", () -> !log.isEmpty());
        assertThat(wait.isDone(), is(false));
        proxmox.cluster().node("pve1", true);
        assertThat(end(wait).isSuccessful(), is(true));
    }

    @Test
    void asksATaskItselfThatIsNoLongerListed() throws Exception {
        Upid rotated = task(Duration.ofMillis(1), "OK");
        Eventually.holds("it has ended", () -> proxmox.cluster().endOf(rotated.text()) != null);
        proxmox.cluster().unlist(rotated.text());
        CompletableFuture<TaskOutcome> wait = watch(rotated);
        CompletableFuture<TaskOutcome> other = watch(task(SHORT, "OK"));
        CompletableFuture<TaskOutcome> third = watch(task(SHORT, "OK"));
        assertThat(end(wait).isSuccessful(), is(true));
        assertThat(end(other).isSuccessful(), is(true));
        assertThat(end(third).isSuccessful(), is(true));
    }

    @Test
    void asksEachTaskWhenTheListIsRefused() throws Exception {
        String reason = "Permission check failed (/nodes/pve1, Sys.Audit)";
        proxmox.inject(
                request -> request.path().endsWith("/tasks"),
                new Fault.Answer(403, reason, "application/json", "{\"data\":null}"));
        CompletableFuture<TaskOutcome> one = watch(task(SHORT, "OK"));
        CompletableFuture<TaskOutcome> other = watch(task(SHORT, "OK"));
        assertThat(end(one).isSuccessful(), is(true));
        assertThat(end(other).isSuccessful(), is(true));
        assertThat(asked(), hasItem("status"));
    }

    @Test
    void returnsToTheListAfterItFailedForOnce() throws Exception {
        proxmox.inject(
                request -> request.path().endsWith("/tasks"),
                new Fault.Answer(500, "got timeout", "application/json", "{\"data\":null}"));
        for (int i = 0; i < 60; i++) {
            watch(task(LONG, "OK"));
        }
        Eventually.holds("asked some times", () -> proxmox.requests().size() >= 4);
        CompletableFuture<TaskOutcome> last = watch(task(SHORT, "OK"));
        // sixty-one looks at single tasks would take longer
        assertThat(last.get(19, TimeUnit.SECONDS).isSuccessful(), is(true));
        assertThat(asked().stream().filter("list"::equals).count(), is(greaterThan(1L)));
    }

    @Test
    void doesNotLetThoseWaitThatAreListedForThoseThatAreNot() throws Exception {
        for (int i = 0; i < 30; i++) {
            Upid unlisted = task(LONG, "OK");
            proxmox.cluster().unlist(unlisted.text());
            watch(unlisted);
        }
        Eventually.holds("some were asked for", () -> asked().contains("status"));
        long begun = System.nanoTime();
        CompletableFuture<TaskOutcome> listed = watch(task(SHORT, "OK"));
        assertThat(end(listed).isSuccessful(), is(true));
        assertThat("seconds", (System.nanoTime() - begun) / 1e9, is(lessThan(4.0)));
    }

    @Test
    void endsWhenTheTaskIsUnknown() {
        Upid unknown = Upid.parse("UPID:pve1:00000001:00000001:6B049232:qmstart:100:jenkins@pve!ci:");
        assertThat(failure(watch(unknown)), is(instanceOf(RequestRejectedException.class)));
        assertThat(watcher.waits(), is(0));
    }

    /** The second look comes after the answer to the first. */
    private void hasBeenAccepted() throws Exception {
        Eventually.holds("it was accepted", () -> proxmox.requests().size() >= 2);
    }

    @Test
    void endsEveryWaitWhenAccessIsWithdrawn() throws Exception {
        List<CompletableFuture<TaskOutcome>> waits =
                List.of(watch(task(LONG, "OK")), watch(task(LONG, "OK")), watch(task(LONG, "OK")));
        hasBeenAccepted();
        proxmox.access().deleteToken(TOKEN);
        Eventually.holds("all are told", () -> log.size() >= 3);
        clock.pass(Duration.ofMinutes(1));
        for (CompletableFuture<TaskOutcome> wait : waits) {
            assertThat(failure(wait), is(instanceOf(AuthenticationFailedException.class)));
        }
        assertThat(watcher.waits(), is(0));
    }

    @Test
    void waitsOnWhenANodeThatHasJustComeBackRefusesOnce() throws Exception {
        CompletableFuture<TaskOutcome> wait = watch(task(Duration.ofMillis(1500), "OK"));
        hasBeenAccepted();
        proxmox.inject(request -> true, new Fault.Refuse(401, "Authentication failed!"));
        assertThat(end(wait).isSuccessful(), is(true));
    }

    @Test
    void endsAtOnceWhenTheIdentityWasNeverAccepted() {
        proxmox.access().deleteToken(TOKEN);
        assertThat(failure(watch(task(LONG, "OK"))), is(instanceOf(AuthenticationFailedException.class)));
        assertThat(proxmox.requests(), hasSize(1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        302 | Found                 | <html>Log in</html>
        401 | Unauthorized          | Log in
        403 | Forbidden             | <html>Blocked</html>
        404 | Not Found             | default backend - 404
        408 | Request Time-out      | Too slow
        429 | Too Many Requests     | Slow down
        500 | Internal Server Error | <html>nginx</html>
        502 | Bad Gateway           | Bad Gateway
        524 | A Timeout Occurred    | error code: 524
        """)
    void waitsOnWhenSomethingInBetweenAnswers(int status, String reason, String body) throws Exception {
        CompletableFuture<TaskOutcome> wait = watch(task(SHORT, "OK"));
        proxmox.inject(request -> true, new Fault.Answer(status, reason, "text/html", body));
        assertThat(end(wait).isSuccessful(), is(true));
        assertThat(log.get(0), containsString(status + " " + reason));
    }

    @Test
    void leavesTheServerAloneAsLongAsIsAskedFor() throws Exception {
        Fault slowDown =
                new Fault.Answer(429, "Too Many Requests", "text/plain", "Slow down", Map.of("Retry-After", "3"));
        CompletableFuture<TaskOutcome> wait = watch(task(SHORT, "OK"));
        proxmox.inject(request -> true, slowDown);
        assertThat(end(wait).isSuccessful(), is(true));
        List<ReceivedRequest> requests = proxmox.requests();
        long pause = requests.get(1).nanos() - requests.get(0).nanos();
        assertThat(Duration.ofNanos(pause).toMillis(), is(greaterThanOrEqualTo(3000L)));
    }

    @Test
    void serversThatHangLeaveThreadsToOthers() throws Exception {
        WorkerThreads lane = new WorkerThreads(new ConcurrencyLimit(threads, 1), threads, threads);
        CompletableFuture<String> first = new CompletableFuture<>();
        CompletableFuture<String> second = new CompletableFuture<>();
        CompletableFuture<Void> hangs = new CompletableFuture<>();
        lane.now(() -> first.complete(String.valueOf(hangs.join())));
        lane.now(() -> second.complete("second"));
        CompletableFuture<String> elsewhere = new CompletableFuture<>();
        new WorkerThreads(threads, threads, threads).now(() -> elsewhere.complete("other"));
        assertThat(elsewhere.get(10, TimeUnit.SECONDS), is("other"));
        assertThat(second.isDone(), is(false));
        hangs.complete(null);
        assertThat(second.get(10, TimeUnit.SECONDS), is("second"));
    }
}
