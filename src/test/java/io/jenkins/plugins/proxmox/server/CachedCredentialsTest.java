package io.jenkins.plugins.proxmox.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertThrows;

import hudson.AbortException;
import io.jenkins.plugins.proxmox.pve.client.TicketLogin;
import io.jenkins.plugins.proxmox.pve.operation.SettingsUnavailableException;
import io.jenkins.plugins.proxmox.server.CachedCredentials.Found;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** When credentials are read again, and what counts while they are. */
class CachedCredentialsTest {

    private static final Found OLD = found("old");
    private static final Found NEW = found("new");

    private final Queue<Runnable> readings = new ConcurrentLinkedQueue<>();
    private final AtomicLong saves = new AtomicLong();
    private final AtomicLong clock = new AtomicLong();
    private final CachedCredentials credentials =
            new CachedCredentials(this::answer, readings::add, saves::get, clock::get);

    /** What the next reading brings. */
    private Object next = OLD;

    private static Found found(String secret) {
        return new Found(null, new TicketLogin("jenkins@pve", secret));
    }

    private Found answer() throws AbortException, SettingsUnavailableException {
        if (next instanceof AbortException gone) {
            throw gone;
        }
        if (next instanceof SettingsUnavailableException unusable) {
            throw unusable;
        }
        return (Found) next;
    }

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    /** Lets what was begun read. */
    private void read(Object result) {
        next = result;
        readings.remove().run();
    }

    private void begin() {
        credentials.read();
        read(OLD);
    }

    @Test
    void areReadOnceAMinuteAtMost() throws Exception {
        begin();
        pass(Duration.ofSeconds(59));
        assertThat(credentials.known(), is(OLD));
        assertThat(readings.size(), is(0));
        pass(Duration.ofSeconds(1));
        assertThat("while they are read", credentials.known(), is(OLD));
        assertThat(credentials.known(), is(OLD));
        assertThat(readings.size(), is(1));
        read(NEW);
        assertThat(credentials.known(), is(NEW));
    }

    @Test
    void areReadSoonAfterSomethingWasSavedHoweverOftenThatIs() throws Exception {
        begin();
        pass(Duration.ofSeconds(1));
        saves.incrementAndGet();
        credentials.known();
        assertThat(readings.size(), is(0));
        pass(Duration.ofSeconds(1));
        credentials.known();
        read(NEW);
        assertThat(credentials.known(), is(NEW));
        assertThat(readings.size(), is(0));
    }

    @Test
    void areReadOnceForAllWhoAskBeforeThatBegins() throws Exception {
        List<CompletableFuture<Found>> first =
                Stream.generate(credentials::read).limit(10).toList();
        assertThat(readings.size(), is(1));
        read(OLD);
        assertThat("for those who came while it was under way", readings.size(), is(1));
        read(NEW);
        assertThat(readings.size(), is(0));
        assertThat(first.get(0).get(), is(OLD));
        for (CompletableFuture<Found> later : first.subList(1, 10)) {
            assertThat(later.get(), is(NEW));
        }
    }

    @Test
    void areNotKnownBeforeTheyWereRead() throws Exception {
        assertThat(credentials.known(), is(nullValue()));
        read(OLD);
        assertThat(credentials.known(), is(OLD));
    }

    @Test
    void stayAsTheyWereWhileTheirStoreIsAwayAndAreTriedAgain() throws Exception {
        begin();
        pass(Duration.ofMinutes(1));
        credentials.known();
        read(new SettingsUnavailableException("away", true, null));
        for (int i = 0; i < 3; i++) {
            assertThat(credentials.known(), is(OLD));
            assertThat(readings.size(), is(0));
            pass(Duration.ofSeconds(10));
            assertThat(credentials.known(), is(OLD));
            read(new SettingsUnavailableException("away", true, null));
        }
        pass(Duration.ofSeconds(10));
        credentials.known();
        read(NEW);
        assertThat(credentials.known(), is(NEW));
    }

    @Test
    void areUnknownToOneWhoBeginsWhileTheirStoreIsAway() {
        CompletableFuture<Found> reading = credentials.read();
        read(new SettingsUnavailableException("away", true, null));
        Throwable failure = assertThrows(ExecutionException.class, reading::get).getCause();
        assertThat(((SettingsUnavailableException) failure).mayPass(), is(true));
        assertThat(
                assertThrows(SettingsUnavailableException.class, credentials::known)
                        .mayPass(),
                is(true));
    }

    @Test
    void cannotBeUsedWhenWhatTheyHoldMakesNoSense() throws Exception {
        begin();
        pass(Duration.ofMinutes(1));
        credentials.known();
        read(new SettingsUnavailableException("no token", false, null));
        assertThat(
                assertThrows(SettingsUnavailableException.class, credentials::known)
                        .mayPass(),
                is(false));
        pass(Duration.ofMinutes(1));
        assertThrows(SettingsUnavailableException.class, credentials::known);
        read(NEW);
        assertThat(credentials.known(), is(NEW));
    }

    /** Many stores that are away seem to be empty. */
    @Test
    void areGoneOnlyWhenASecondLookDoesNotFindThemEither() throws Exception {
        begin();
        pass(Duration.ofMinutes(1));
        credentials.known();
        read(new AbortException("gone"));
        assertThat(credentials.known(), is(OLD));
        credentials.read();
        read(new AbortException("gone"));
        assertThat("at the same time", credentials.known(), is(OLD));
        pass(Duration.ofSeconds(5));
        credentials.known();
        read(new AbortException("gone"));
        assertThat(assertThrows(AbortException.class, credentials::known).getMessage(), is("gone"));
    }

    @Test
    void areGoneAtOnceForOneWhoBegins() throws Exception {
        begin();
        CompletableFuture<Found> reading = credentials.read();
        read(new AbortException("gone"));
        Throwable failure = assertThrows(ExecutionException.class, reading::get).getCause();
        assertThat(failure, is(instanceOf(AbortException.class)));
    }

    @Test
    void failForEachWithAFailureOfItsOwn() {
        credentials.read();
        read(new AbortException("gone"));
        IOException one = assertThrows(AbortException.class, credentials::known);
        IOException other = assertThrows(AbortException.class, credentials::known);
        assertThat(one == other, is(false));
    }

    @Test
    void areReadAgainWhileTheServerRefusesThem() throws Exception {
        begin();
        credentials.doubt();
        assertThat("read a moment ago", readings.size(), is(0));
        pass(Duration.ofSeconds(10));
        credentials.doubt();
        credentials.doubt();
        assertThat(readings.size(), is(1));
        read(NEW);
        assertThat(credentials.known(), is(NEW));
    }

    @Test
    void areForgottenWhenNobodyAsksForThem() {
        begin();
        pass(Duration.ofMinutes(10));
        assertThat(credentials.isIdle(), is(false));
        pass(Duration.ofSeconds(1));
        assertThat(credentials.isIdle(), is(true));
    }
}
