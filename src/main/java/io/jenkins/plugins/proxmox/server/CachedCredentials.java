package io.jenkins.plugins.proxmox.server;

import com.cloudbees.plugins.credentials.common.StandardCredentials;
import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import io.jenkins.plugins.proxmox.pve.client.Authentication;
import io.jenkins.plugins.proxmox.pve.operation.SettingsUnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Credentials as they were last read. They are read again when a use begins, after a refusal, soon after something was
 * saved that they may depend on, and otherwise at most once a minute. If the store fails, the last known credentials
 * stay in use.
 */
final class CachedCredentials {

    private static final Logger LOGGER = Logger.getLogger(CachedCredentials.class.getName());

    /** How long a secret counts as current: a store outside of Jenkins does not announce changes. */
    private static final Duration FRESH = Duration.ofMinutes(1);

    /** How long a wait keeps using a secret whatever is saved meanwhile: a busy controller saves all the time. */
    private static final Duration FRESH_DESPITE_SAVES = Duration.ofSeconds(2);

    /** How soon to read again after the store failed, or while the server refuses the credentials. */
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(10);

    /** How soon to look again for credentials that have vanished: many stores seem empty while they are unavailable. */
    private static final Duration AFTER_LOSS = Duration.ofSeconds(5);

    private static final Duration IDLE = Duration.ofMinutes(10);

    /** Looks up credentials and reads their secret. Blocks as long as their store takes. */
    @FunctionalInterface
    interface Reader {
        /**
         * @throws AbortException when the caller has no access to such credentials
         * @throws SettingsUnavailableException when their store failed, or they cannot be used
         */
        Found read() throws AbortException, SettingsUnavailableException;
    }

    record Found(StandardCredentials credentials, Authentication authentication) {}

    private final Reader reader;
    private final Executor threads;
    private final LongSupplier saves;
    private final LongSupplier nanoClock;
    private final SharedExecution<Found> readings = new SharedExecution<>(this::beginReading);

    @CheckForNull
    private Found found;

    /** Why there are no usable credentials; null when there are, or nothing was read yet. */
    @CheckForNull
    private IOException problem;

    /** Set when one look at the store seemed to show that the credentials are gone; null when they are there. */
    @CheckForNull
    private IOException loss;

    private long lostAt;
    private long usedAt;
    private long readAt;
    private long savesRead;
    private long due;

    /**
     * @param saves increases with each save of something that credentials may depend on
     * @param nanoClock the time, as in {@link System#nanoTime()}
     */
    CachedCredentials(Reader reader, Executor threads, LongSupplier saves, LongSupplier nanoClock) {
        this.reader = reader;
        this.threads = threads;
        this.saves = saves;
        this.nanoClock = nanoClock;
        this.usedAt = nanoClock.getAsLong();
        this.readAt = usedAt;
        this.due = usedAt;
    }

    /** Reads the credentials again. Returns at once; the failures are those of {@link Reader#read}. */
    @NonNull
    CompletableFuture<Found> read() {
        use();
        return readings.ask().handle((read, failure) -> {
            if (failure != null) {
                throw new CompletionException(failure instanceof IOException told ? copy(told) : failure);
            }
            return read;
        });
    }

    /**
     * The current credentials: read within the last minute and since something was saved, or earlier if their store
     * fails. Waits while they are being read.
     */
    @NonNull
    Found present() throws IOException {
        use();
        if (isDue(Duration.ZERO)) {
            readings.ask().exceptionally(toldBelow -> null).join();
        }
        synchronized (this) {
            if (loss != null) {
                throw copy(loss);
            }
            return Objects.requireNonNull(last(), "read, and neither found nor missed");
        }
    }

    /**
     * The credentials as last read. If they are due to be read again, this begins in the background.
     *
     * @return null while they are being read for the first time
     */
    @CheckForNull
    Found known() throws IOException {
        use();
        if (isDue(FRESH_DESPITE_SAVES) && readings.underWay() == null) {
            readings.ask();
        }
        return last();
    }

    /**
     * Called when the server refuses the credentials. Reads them again in the background, unless that was done
     * recently.
     */
    void doubt() {
        boolean readLately;
        synchronized (this) {
            readLately = nanoClock.getAsLong() - readAt < AFTER_FAILURE.toNanos();
        }
        if (!readLately && readings.underWay() == null) {
            readings.ask();
        }
    }

    @CheckForNull
    private synchronized Found last() throws IOException {
        if (problem != null) {
            throw copy(problem);
        }
        return found;
    }

    private synchronized void use() {
        usedAt = nanoClock.getAsLong();
    }

    synchronized boolean isIdle() {
        return nanoClock.getAsLong() - usedAt > IDLE.toNanos();
    }

    private synchronized boolean isDue(Duration freshDespiteSaves) {
        long now = nanoClock.getAsLong();
        boolean saved = saves.getAsLong() != savesRead && now - readAt >= freshDespiteSaves.toNanos();
        return saved || now - due >= 0;
    }

    private CompletableFuture<Found> beginReading() {
        CompletableFuture<Found> reading = new CompletableFuture<>();
        threads.execute(() -> {
            long savesBefore = saves.getAsLong();
            try {
                Found read = reader.read();
                noteFound(read, savesBefore);
                reading.complete(read);
            } catch (IOException | RuntimeException | LinkageError e) {
                noteFailure(e, savesBefore);
                reading.completeExceptionally(e);
            }
        });
        return reading;
    }

    private synchronized void noteFound(Found read, long savesBefore) {
        found = read;
        problem = null;
        loss = null;
        readAgainAfter(FRESH, savesBefore);
    }

    private synchronized void noteFailure(Throwable failure, long savesBefore) {
        LOGGER.log(Level.FINE, "Credentials could not be read", failure);
        if (failure instanceof AbortException gone) {
            noteLoss(gone, savesBefore);
        } else if (failure instanceof SettingsUnavailableException unusable && !unusable.mayPass()) {
            problem = unusable;
            readAgainAfter(FRESH, savesBefore);
        } else {
            if (found == null && problem == null) {
                problem = failure instanceof IOException told ? told : new IOException(failure);
            }
            readAgainAfter(AFTER_FAILURE, savesBefore);
        }
    }

    private void noteLoss(AbortException gone, long savesBefore) {
        long now = nanoClock.getAsLong();
        if (found == null || problem != null || loss != null && now - lostAt >= AFTER_LOSS.toNanos()) {
            found = null;
            loss = null;
            problem = gone;
            readAgainAfter(FRESH, savesBefore);
            return;
        }
        if (loss == null) {
            lostAt = now;
            ControllerThreads.workers().after(AFTER_LOSS, readings::ask);
        }
        loss = gone;
        readAgainAfter(AFTER_LOSS, savesBefore);
    }

    private void readAgainAfter(Duration pause, long savesBefore) {
        savesRead = savesBefore;
        readAt = nanoClock.getAsLong();
        due = readAt + pause.toNanos();
    }

    /** Returns a copy for each thread that throws it, since each may add to it. */
    private static IOException copy(IOException told) {
        if (told instanceof SettingsUnavailableException unavailable) {
            return new SettingsUnavailableException(unavailable.getMessage(), unavailable.mayPass(), unavailable);
        }
        return told instanceof AbortException ? new AbortException(told.getMessage()) : new IOException(told);
    }
}
