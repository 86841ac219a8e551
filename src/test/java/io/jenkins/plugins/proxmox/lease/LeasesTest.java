package io.jenkins.plugins.proxmox.lease;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.guest.OnExit;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who may start a guest that several builds use, and who puts it back. */
class LeasesTest {

    @TempDir
    private Path home;

    private Leases leases;

    private final List<String> told = Collections.synchronizedList(new ArrayList<>());

    @BeforeEach
    void open() {
        leases = new Leases(home.resolve("leases.json"));
    }

    /** The last one covers all before. */
    @AfterEach
    void awaitWrites() throws Exception {
        leases.put(lease("last", OnExit.LEAVE)).get();
    }

    private static LeaseEntry lease(String id, int vmid, String server, OnExit onExit, String snapshot) {
        return lease(id, LeaseTerms.of("lab", "token-" + id, start(vmid), onExit, snapshot), List.of(), vmid, server);
    }

    private static OperationRequest start(int vmid) {
        return OperationRequest.of(new GuestSelector(vmid, null, null), new PowerOperation(PowerAction.START));
    }

    private static LeaseEntry lease(String id, LeaseTerms terms, List<String> enclosing, int vmid, String server) {
        return LeaseEntry.begin(id, new BuildReference("job-" + id, 1), terms, enclosing)
                .with(Lease.begin().of(seen(vmid, "stopped")).on(List.of(ServerAddress.parse(server))));
    }

    private static LeaseEntry lease(String id, OnExit onExit) {
        return lease(id, 100, "pve.example.org", onExit, null);
    }

    private static LeaseEntry exclusive(String id) {
        return lease(id, 100, "pve.example.org", OnExit.RESTORE, "clean");
    }

    private static LeaseEntry inside(String outer, String id, String snapshot) {
        LeaseTerms terms = LeaseTerms.of("lab", null, start(100), OnExit.RESTORE, snapshot);
        return lease(id, terms, List.of(outer), 100, "pve.example.org");
    }

    /** As another process reads it. */
    private Leases afterRestart() throws Exception {
        leases.put(lease("flush", 999, "pve.example.org", OnExit.LEAVE, null)).get();
        return new Leases(home.resolve("leases.json"));
    }

    private static ObservedGuest seen(int vmid, String state) {
        return new ObservedGuest(
                new GuestLocation("pve1", GuestType.QEMU, vmid), "", state, "", 0, false, null, null, Instant.now());
    }

    private CompletableFuture<Leases.Turn> ask(LeaseEntry entry) {
        return ask(leases, entry);
    }

    private CompletableFuture<Leases.Turn> ask(Leases list, LeaseEntry entry) {
        return list.turn(entry, blocker -> told.add(entry.id() + " waits for " + blocker.build()));
    }

    private static LeaseEntry granted(CompletableFuture<Leases.Turn> turn) throws Exception {
        return turn.get(5, TimeUnit.SECONDS).lease();
    }

    private static String refusal(CompletableFuture<?> refused) {
        ExecutionException e = assertThrows(ExecutionException.class, () -> refused.get(5, TimeUnit.SECONDS));
        return e.getCause().getMessage();
    }

    /** Its guest runs by now, and was found in that state. */
    private void use(String id, String found) throws Exception {
        LeaseEntry entry = leases.find(id);
        Lease used = entry.lease()
                .with(entry.terms().toStart("stopped"))
                .with(OperationState.begin())
                .next()
                .leased()
                .of(seen(100, "running"));
        String before = entry.lease().found() == null ? found : entry.lease().found();
        leases.put(id, used.foundAs(before)).get();
    }

    @Test
    void theFirstOneBeginsAtOnceAndTheNextOnceItRuns() throws Exception {
        assertThat(granted(ask(lease("a", OnExit.RESTORE))).lease().phase(), is(Lease.Phase.STARTING));
        CompletableFuture<Leases.Turn> second = ask(lease("b", OnExit.RESTORE));
        assertThat(second.isDone(), is(false));
        use("a", "stopped");
        assertThat("as the first one found it", granted(second).lease().found(), is("stopped"));
        assertThat(told, contains("b waits for job-a #1"));
    }

    @Test
    void theLastOneOutPutsItBackAsTheFirstFoundIt() throws Exception {
        granted(ask(lease("a", OnExit.RESTORE)));
        use("a", "stopped");
        granted(ask(lease("b", OnExit.RESTORE)));
        use("b", "running");
        Leases.Departure first = leases.leave("a");
        assertThat(first.returning(), is(nullValue()));
        assertThat(first.heir().id(), is("b"));
        LeaseEntry last = leases.leave("b").returning();
        assertThat(last.lease().found(), is("stopped"));
        assertThat(last.lease().phase(), is(Lease.Phase.RETURNING));
    }

    @Test
    void aStopWaitsForTheLastOne() throws Exception {
        granted(ask(lease("a", OnExit.STOP)));
        use("a", "running");
        granted(ask(lease("b", OnExit.LEAVE)));
        use("b", "running");
        assertThat(leases.leave("a").heir().duty().terms().onExit(), is(OnExit.STOP));
        assertThat(leases.leave("b").returning().duty().terms().onExit(), is(OnExit.STOP));
    }

    @Test
    void guestsOfOtherServersAreOtherGuests() throws Exception {
        granted(ask(lease("a", OnExit.RESTORE)));
        granted(ask(lease("b", 100, "other.example.org", OnExit.RESTORE, null)));
        granted(ask(lease("c", 101, "pve.example.org", OnExit.RESTORE, null)));
        assertThat(told, is(empty()));
    }

    @Test
    void rollbacksOfOneGuestTakeTurnsInTheirOrder() throws Exception {
        granted(ask(exclusive("a")));
        use("a", "stopped");
        CompletableFuture<Leases.Turn> second = ask(exclusive("b"));
        CompletableFuture<Leases.Turn> third = ask(exclusive("c"));
        leases.leave("a");
        leases.remove("a");
        granted(second);
        assertThat(third.isDone(), is(false));
        use("b", "stopped");
        leases.leave("b");
        assertThat("while it is being put back", third.isDone(), is(false));
        leases.remove("b");
        granted(third);
    }

    @Test
    void aRollbackWaitsForAllWhoUseTheGuest() throws Exception {
        granted(ask(lease("a", OnExit.RESTORE)));
        use("a", "stopped");
        CompletableFuture<Leases.Turn> rollback = ask(exclusive("b"));
        granted(ask(lease("c", OnExit.RESTORE)));
        use("c", "running");
        leases.leave("a");
        assertThat(rollback.isDone(), is(false));
        leases.leave("c");
        leases.remove("c");
        granted(rollback);
    }

    @Test
    void whoGivesUpWaitingIsForgotten() throws Exception {
        granted(ask(exclusive("a")));
        use("a", "stopped");
        ask(exclusive("b"));
        CompletableFuture<Leases.Turn> third = ask(exclusive("c"));
        leases.leave("b");
        leases.leave("a");
        leases.remove("a");
        granted(third);
    }

    @Test
    void aGuestThatCouldNotBePutBackIsTakenOver() throws Exception {
        granted(ask(lease("a", OnExit.SHUTDOWN)));
        use("a", "stopped");
        leases.leave("a");
        CompletableFuture<Leases.Turn> next = ask(lease("b", OnExit.RESTORE));
        assertThat(next.isDone(), is(false));
        leases.park("a", "the server is away");
        LeaseEntry taken = granted(next);
        assertThat(taken.lease().found(), is("stopped"));
        assertThat(taken.duty().terms().onExit(), is(OnExit.SHUTDOWN));
        assertThat(leases.all().stream().map(LeaseEntry::id).toList(), contains("b"));
    }

    @ParameterizedTest
    @EnumSource(
            value = OnExit.class,
            names = {"RESTORE", "LEAVE"})
    void whoInheritsAGuestPutsItBackEvenIfItsOwnStartDoesNothing(OnExit onExit) throws Exception {
        granted(ask(lease("a", OnExit.RESTORE)));
        use("a", "stopped");
        granted(ask(lease("b", onExit)));
        assertThat(leases.leave("a").heir().id(), is("b"));
        LeaseEntry last = leases.leave("b").returning();
        assertThat(last.lease().found(), is("stopped"));
        assertThat(last.duty().terms().onExit(), is(OnExit.RESTORE));
    }

    @Test
    void whoTakesAGuestOverPutsItBackEvenIfItsOwnStartDoesNothing() throws Exception {
        granted(ask(lease("a", OnExit.RESTORE)));
        use("a", "stopped");
        leases.leave("a");
        leases.park("a", "the server is away");
        granted(ask(lease("b", OnExit.RESTORE)));
        Leases restarted = afterRestart();
        assertThat(restarted.leave("b").returning().lease().found(), is("stopped"));
        restarted.put(lease("last", OnExit.LEAVE)).get();
    }

    @Test
    void whoDidNothingPutsNothingBack() throws Exception {
        granted(ask(lease("a", OnExit.RESTORE)));
        assertThat(leases.leave("a").returning(), is(nullValue()));
        assertThat(leases.all(), is(empty()));
    }

    /** Its token may do more, and its snapshot is the one from before. */
    @Test
    void whoInheritsAGuestPutsItBackInTheNameOfWhoChangesMost() throws Exception {
        granted(ask(lease("a", 100, "pve.example.org", OnExit.ROLLBACK, "clean")));
        use("a", "stopped");
        granted(ask(lease("b", OnExit.RESTORE)));
        use("b", "running");
        leases.leave("a");
        leases.moved("job-a", "moved");
        ReturnDuty duty = leases.leave("b").returning().duty();
        assertThat(duty.build(), is(new BuildReference("moved", 1)));
        assertThat(duty.terms().credentialsId(), is("token-a"));
        assertThat(duty.terms().snapshot(), is("clean"));
    }

    @Test
    void goesBackToTheSnapshotOfTheFirstOfTwoRollbacks() throws Exception {
        granted(ask(lease("a", 100, "pve.example.org", OnExit.ROLLBACK, "clean")));
        use("a", "stopped");
        leases.leave("a");
        leases.park("a", "the server is away");
        granted(ask(lease("b", 100, "pve.example.org", OnExit.ROLLBACK, "other")));
        use("b", "running");
        assertThat(leases.leave("b").returning().duty().terms().snapshot(), is("clean"));
    }

    @Test
    void anHeirThatChangesMorePutsTheGuestBackInItsOwnName() throws Exception {
        granted(ask(lease("a", OnExit.RESTORE)));
        use("a", "stopped");
        granted(ask(lease("b", OnExit.STOP)));
        use("b", "running");
        leases.leave("a");
        assertThat(leases.leave("b").returning().duty().terms().credentialsId(), is("token-b"));
    }

    @Test
    void aStartDoesNotGoOnOnceItsLeaseIsGone() throws Exception {
        granted(ask(lease("a", OnExit.RESTORE)));
        Lease starting = leases.find("a").lease();
        use("a", "stopped");
        leases.leave("a");
        assertThat(refusal(leases.put("a", starting)), is(Messages.LeaseRun_struckOut()));
        assertThat(leases.find("a").lease().phase(), is(Lease.Phase.RETURNING));
        leases.remove("a");
        assertThat(refusal(leases.put("a", starting)), is(Messages.LeaseRun_struckOut()));
        assertThat(leases.all(), is(empty()));
    }

    @Test
    void whoIsStruckOutWhileWaitingIsTold() throws Exception {
        granted(ask(exclusive("a")));
        use("a", "stopped");
        CompletableFuture<Leases.Turn> second = ask(exclusive("b"));
        leases.remove("b");
        assertThat(refusal(second), is(Messages.LeaseRun_struckOut()));
    }

    /** Nobody knows whether the request arrived. */
    private void loseTheAnswerTo(String id) throws Exception {
        LeaseEntry entry = leases.find(id);
        OperationState sent = OperationState.begin();
        OperationState uncertain = new OperationState(
                OperationState.Phase.LOOK,
                sent.begun(),
                sent.phaseBegun(),
                seen(100, "stopped"),
                seen(100, "stopped"),
                null,
                null,
                false,
                sent.history(),
                sent.availability());
        leases.put(id, entry.lease().with(entry.terms().toStart("stopped")).with(uncertain))
                .get();
    }

    @Test
    void aStartOfWhichNobodyKnowsWhetherItArrivedIsShownAndCanBeStruckOut() throws Exception {
        granted(ask(lease("a", OnExit.RESTORE)));
        loseTheAnswerTo("a");
        assertThat(leases.giveUp("a").get(), is(false));
        assertThat(leases.find("a").isUsing(), is(true));
        leases.park("a", "the server is away");
        assertThat(leases.find("a").isUsing(), is(false));
        assertThat(leases.find("a").isReturning(), is(true));
        assertThat(leases.find("a").isParked(), is(true));
        assertThat(leases.giveUp("a").get(), is(true));
        assertThat(leases.all(), is(empty()));
    }

    @Test
    void aStartOfWhichNobodyKnowsWhetherItArrivedIsTakenOver() throws Exception {
        granted(ask(lease("a", OnExit.RESTORE)));
        loseTheAnswerTo("a");
        CompletableFuture<Leases.Turn> next = ask(lease("b", OnExit.LEAVE));
        assertThat(next.isDone(), is(false));
        leases.park("a", "the server is away");
        assertThat("as it was before the request", granted(next).lease().found(), is("stopped"));
        LeaseEntry last = leases.leave("b").returning();
        assertThat(last.duty().terms().onExit(), is(OnExit.RESTORE));
        assertThat(leases.all().stream().map(LeaseEntry::id).toList(), contains("b"));
    }

    @Test
    void aReturnThatTheLastProcessBeganIsAwaited() throws Exception {
        granted(ask(lease("a", OnExit.RESTORE)));
        use("a", "stopped");
        leases.leave("a");
        Leases restarted = afterRestart();
        CompletableFuture<Leases.Turn> next = ask(restarted, lease("b", OnExit.RESTORE));
        assertThat(next.isDone(), is(false));
        restarted.remove("a");
        granted(next);
        restarted.put(lease("last", OnExit.LEAVE)).get();
    }

    @Test
    void aRequestThatMayStillTakeTheGuestDownIsAwaited() throws Exception {
        granted(ask(lease("a", OnExit.RESTORE)));
        use("a", "stopped");
        LeaseEntry returning = leases.leave("a").returning();
        leases.put("a", returning.lease().with(start(100)));
        leases.park("a", "the server is away");
        CompletableFuture<Leases.Turn> next = ask(lease("b", OnExit.RESTORE));
        assertThat(next.isDone(), is(false));
        leases.put("a", returning.lease().lookingAgain());
        granted(next);
    }

    @Test
    void goesBackAlsoAfterTheClockWasSetBack() throws Exception {
        granted(ask(lease("a", OnExit.RESTORE)));
        use("a", "stopped");
        Instant tomorrow = Instant.now().plus(Duration.ofDays(1));
        OperationState begun = OperationState.begin();
        OperationState later = new OperationState(
                OperationState.Phase.AWAIT_TASK,
                tomorrow,
                tomorrow,
                null,
                begun.guest(),
                null,
                null,
                true,
                begun.history(),
                begun.availability());
        leases.put("a", leases.leave("a").returning().lease().with(start(100)).with(later));
        leases.park("a", "the server is away");
        assertThat("looks again", leases.leave("a").returning().lease().request(), is(nullValue()));
    }

    @Test
    void aRollbackInsideWorkWithTheGuestFailsAtOnce() throws Exception {
        granted(ask(lease("a", OnExit.RESTORE)));
        use("a", "stopped");
        granted(ask(lease("b", OnExit.RESTORE)));
        use("b", "running");
        granted(ask(inside("b", "c", null)));
        use("c", "running");
        assertThat(refusal(ask(inside("b", "d", "clean"))), containsString("Name the snapshot there"));
        assertThat(told, is(empty()));
    }

    @Test
    void saysWhetherOthersMayHaveChangedTheGuest() throws Exception {
        assertThat(ask(exclusive("a")).get(5, TimeUnit.SECONDS).hadToWait(), is(false));
        use("a", "stopped");
        CompletableFuture<Leases.Turn> second = ask(exclusive("b"));
        leases.leave("a");
        leases.remove("a");
        assertThat(second.get(5, TimeUnit.SECONDS).hadToWait(), is(true));
    }

    @Test
    void keepsTheNewNameOfAJobThatIsRenamedWhileItWaits() throws Exception {
        granted(ask(exclusive("a")));
        use("a", "stopped");
        CompletableFuture<Leases.Turn> second = ask(exclusive("b"));
        leases.moved("job-b", "renamed");
        leases.leave("a");
        leases.remove("a");
        assertThat(granted(second).build(), is(new BuildReference("renamed", 1)));
    }

    @Test
    void triesAgainAfterGrowingPauses() throws Exception {
        granted(ask(lease("a", OnExit.RESTORE)));
        use("a", "stopped");
        for (long minutes : new long[] {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
            leases.leave("a");
            leases.park("a", "the server is away");
            long seconds =
                    leases.find("a").next().getEpochSecond() - Instant.now().getEpochSecond();
            assertThat(Math.round(seconds / 60.0), is(minutes));
        }
        assertThat(leases.find("a").failures(), is(9));
    }

    @Test
    void isReadAgainAfterTheProcessWasKilled() throws Exception {
        granted(ask(lease("a", OnExit.RESTORE)));
        use("a", "stopped");
        assertThat(new Leases(home.resolve("leases.json")).all(), is(leases.all()));
    }

    @Test
    void saysThatAStateCouldNotBeWritten() throws Exception {
        Leases full = new Leases(home.resolve("file").resolve("leases.json"));
        Files.writeString(home.resolve("file"), "no folder");
        ExecutionException e = assertThrows(
                ExecutionException.class,
                () -> full.put(lease("a", OnExit.RESTORE)).get());
        assertThat(e.getCause() instanceof java.io.IOException, is(true));
    }

    @Test
    void followsJobsThatAreRenamed() {
        leases.put(LeaseFileTest.entry("a"));
        leases.moved("folder", "team/folder");
        assertThat(leases.find("a").build(), is(new BuildReference("team/folder/job", 12)));
        leases.moved("team/fold", "x");
        assertThat(leases.find("a").build(), is(new BuildReference("team/folder/job", 12)));
    }
}
