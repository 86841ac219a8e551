package io.jenkins.plugins.proxmox.pve.lookup;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.OperationRun;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.pve.operation.OperationStateMachine;
import io.jenkins.plugins.proxmox.pve.operation.ServerConnection;
import io.jenkins.plugins.proxmox.pve.operation.Trial;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Many operations that wait for what others do with their guests: how soon each goes on, and what it costs. */
@ParameterizedClass
@EnumSource(Generation.class)
class GuestWatchTest {

    private static final int FIRST = 1000;

    @AutoClose
    private final Trial trial;

    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(4);
    private final WorkerThreads workers = new WorkerThreads(threads, threads, threads);
    private volatile ServerConnection connection;

    GuestWatchTest(Generation generation) {
        trial = new Trial(generation);
        connection = ServerConnection.of(trial.client, workers, new NodeRateLimit());
        trial.cluster().timing(Duration.ofMillis(100), Duration.ofHours(1), Duration.ZERO);
    }

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    private List<SimulatedGuest> guests(int number) {
        return IntStream.range(0, number)
                .mapToObj(i -> i % 2 == 0
                        ? trial.cluster().vm(FIRST + i, "pve1", "many-" + i)
                        : trial.cluster().container(FIRST + i, "pve1", "many-" + i))
                .toList();
    }

    private record Begun(OperationRun run, CompletableFuture<OperationState> end) {

        static Begun of(OperationRun run) {
            return new Begun(run, run.begin());
        }
    }

    private List<Begun> begin(PowerAction action, int number) {
        return IntStream.range(0, number)
                .mapToObj(
                        i -> trial.request(action, FIRST + i).waitsForLock(true).within(Duration.ofSeconds(60)))
                .map(request -> new OperationRun(
                        request,
                        OperationState.begin(),
                        workers,
                        () -> connection,
                        trial.log::add,
                        OperationRun.Progress.UNSAVED))
                .map(Begun::of)
                .toList();
    }

    /** Starts that many guests, which all wait for something else by now. */
    private List<CompletableFuture<OperationState>> start(int number) throws Exception {
        return waiting(begin(PowerAction.START, number));
    }

    private List<CompletableFuture<OperationState>> waiting(List<Begun> operations) throws Exception {
        Eventually.holds(
                "all wait",
                () -> operations.stream().allMatch(each -> OperationStateMachine.waitsForOthers(each.run.state())));
        Eventually.holds("nobody looks", () -> connection.guests().waits() == operations.size());
        return operations.stream().map(Begun::end).toList();
    }

    private static List<String> statuses(List<CompletableFuture<OperationState>> ends) throws Exception {
        CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)).get(40, TimeUnit.SECONDS);
        return ends.stream().map(end -> end.join().status()).toList();
    }

    private static Throwable failure(CompletableFuture<OperationState> end) {
        return assertThrows(ExecutionException.class, () -> end.get(30, TimeUnit.SECONDS))
                .getCause();
    }

    private long lists() {
        return received("/cluster/resources");
    }

    private long looks() {
        return received("/status/current");
    }

    private long received(String end) {
        return trial.proxmox.requests().stream()
                .filter(request -> request.path().endsWith(end))
                .count();
    }

    @Test
    void asksAFewTimesASecondHoweverManyWaitForLocks() throws Exception {
        guests(300).forEach(guest -> guest.locked("backup"));
        List<CompletableFuture<OperationState>> ends = start(300);
        Eventually.holds("the list is asked", () -> lists() > 300);
        trial.proxmox.forgetRequests();
        long begun = System.nanoTime();
        Eventually.holds("it goes on", () -> looks() >= 3);
        double seconds = (System.nanoTime() - begun) / 1e9;
        assertThat(trial.proxmox.requests().size() / seconds, is(lessThan(5.0)));

        trial.proxmox.forgetRequests();
        IntStream.range(0, 300).forEach(i -> trial.cluster().guest(FIRST + i).locked(null));
        assertThat(statuses(ends), everyItem(is("running")));
        assertThat(trial.proxmox.writes(), hasSize(300));
        assertThat("before the request and after it", looks(), is(lessThan(2L * 300 + 20)));
    }

    @Test
    void looksAtThoseWhomHighAvailabilityHasChanged() throws Exception {
        guests(60).forEach(SimulatedGuest::highlyAvailable);
        List<CompletableFuture<OperationState>> ends = start(60);
        trial.cluster().guest(FIRST + 41).running();
        ends.get(41).get(5, TimeUnit.SECONDS);
        Eventually.holds("the others wait on", () -> connection.guests().waits() == 59);
        trial.cluster().guest(FIRST + 7).inHaState("error");
        assertThat(failure(ends.get(7)).getMessage(), startsWith("The HA manager could not start CT 1007 (many-7)"));
        ends.forEach(end -> end.cancel(false));
    }

    /** The list shows states with up to ten seconds delay. */
    @Test
    void seesAGuestRunThatTheListHasNotNoticed() throws Exception {
        List<SimulatedGuest> guests = guests(5);
        guests.forEach(SimulatedGuest::highlyAvailable);
        List<CompletableFuture<OperationState>> ends = start(5);
        guests.forEach(guest -> guest.listedAsStopped(true).running());
        assertThat(statuses(ends), everyItem(is("running")));
    }

    /** As after a stop that it has not shown: each look at the guest finds what the look before had found. */
    @Test
    void doesNotLookAgainAndAgainBecauseTheListIsBehind() throws Exception {
        List<SimulatedGuest> guests = guests(40);
        guests.forEach(guest -> guest.locked("snapshot").running().listedAsStopped(true));
        List<CompletableFuture<OperationState>> ends = waiting(begin(PowerAction.STOP, 40));
        Eventually.holds("each was looked at once more", () -> looks() >= 80);
        trial.proxmox.forgetRequests();
        Eventually.holds("two lists", () -> lists() >= 6);
        assertThat(looks(), is(lessThan(40L)));
        guests.forEach(guest -> guest.locked(null));
        assertThat(statuses(ends), everyItem(is("stopped")));
    }

    @Test
    void followsGuestsThatAreOnAnotherNodeNow() throws Exception {
        List<SimulatedGuest> guests = guests(6);
        guests.forEach(SimulatedGuest::highlyAvailable);
        List<CompletableFuture<OperationState>> ends = start(6);
        trial.cluster().node("pve3", true);
        guests.forEach(guest -> {
            guest.migrateTo("pve3");
            guest.running();
        });
        assertThat(statuses(ends), everyItem(is("running")));
        assertThat(trial.log, hasItem("VM 1000 (many-0) has moved to node pve3"));
    }

    @Test
    void goesOnAlthoughTheServerIsAwayForAWhile() throws Exception {
        List<SimulatedGuest> guests = guests(6);
        guests.forEach(SimulatedGuest::highlyAvailable);
        List<CompletableFuture<OperationState>> ends = start(6);
        trial.proxmox.stopListening();
        Eventually.holds("one tells", () -> trial.log.stream().anyMatch(line -> line.startsWith("Still ")));
        guests.forEach(SimulatedGuest::running);
        trial.proxmox.listenAgain();
        assertThat(statuses(ends), everyItem(is("running")));
    }

    @Test
    void endsAllWaitsOfATokenThatWasWithdrawn() throws Exception {
        guests(6).forEach(guest -> guest.locked("backup"));
        List<CompletableFuture<OperationState>> ends = start(6);
        trial.proxmox.access().deleteToken("jenkins@pve!ci");
        Eventually.holds("one tells", () -> trial.log.stream().anyMatch(line -> line.startsWith("Still ")));
        trial.clock.pass(Duration.ofMinutes(1));
        for (CompletableFuture<OperationState> end : ends) {
            assertThat(failure(end), is(instanceOf(AuthenticationFailedException.class)));
        }
        assertThat(connection.guests().waits(), is(0));
    }

    @Test
    void goesOnWithCredentialsThatWereExchangedMeanwhile() throws Exception {
        List<SimulatedGuest> guests = guests(6);
        guests.forEach(guest -> guest.locked("backup"));
        List<CompletableFuture<OperationState>> ends = start(6);
        trial.proxmox.access().deleteToken("jenkins@pve!ci");
        String secret = trial.proxmox.access().token("jenkins@pve!ci", false);
        try (ProxmoxClient renewed =
                new ProxmoxClient(trial.example.settings(ExampleCluster.token("jenkins@pve!ci", secret)))) {
            connection = ServerConnection.of(renewed, workers, new NodeRateLimit());
            guests.forEach(guest -> guest.locked(null));
            assertThat(statuses(ends), everyItem(is("running")));
        }
        assertThat(trial.proxmox.writes(), hasSize(6));
    }

    @Test
    void bearsAListThatIsRefused() throws Exception {
        List<SimulatedGuest> guests = guests(4);
        guests.forEach(SimulatedGuest::highlyAvailable);
        List<CompletableFuture<OperationState>> ends = start(4);
        for (int i = 0; i < 3; i++) {
            trial.proxmox.inject(
                    request -> request.path().endsWith("/cluster/resources"),
                    new Fault.Refuse(500, "got no worker upid - start worker failed"));
        }
        guests.forEach(SimulatedGuest::running);
        assertThat(statuses(ends), everyItem(is("running")));
    }

    @Test
    void forgetsThoseWhoGaveUpAndAsksNothingWhenNobodyWaits() throws Exception {
        guests(8).forEach(guest -> guest.locked("backup"));
        List<Begun> operations = begin(PowerAction.START, 8);
        waiting(operations);
        operations.forEach(each -> each.run.abort());
        Eventually.holds("none is left", () -> connection.guests().waits() == 0);
        trial.proxmox.forgetRequests();
        threads.schedule(() -> {}, 1500, TimeUnit.MILLISECONDS).get();
        assertThat(connection.guests().waits(), is(0));
        assertThat("what was on its way at most", trial.proxmox.requests().size(), is(lessThan(2)));
    }
}
