package io.jenkins.plugins.proxmox.lease;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.ExtensionList;
import hudson.model.PeriodicWork;
import hudson.model.Result;
import hudson.model.Run;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Puts back what builds have borrowed: for a step or a build wrapper that ends, and in the background for builds that are
 * over, were deleted, or went down with the controller. In the background, it tries until it succeeds, or until an
 * administrator strikes the lease out. Holds no thread for a lease.
 */
@Extension
public final class LeaseReturns extends PeriodicWork {

    private static final Logger LOGGER = Logger.getLogger(LeaseReturns.class.getName());

    private static final Duration FIRST_LOOK = Duration.ofSeconds(10);

    /** By the ID of the lease. */
    private final Map<String, ReturnAttempt> underWay = new ConcurrentHashMap<>();

    /** Starts that are under way in this process, by the ID of the lease. */
    private final Map<String, LeaseStart> starts = new ConcurrentHashMap<>();

    @NonNull
    public static LeaseReturns get() {
        return ExtensionList.lookupSingleton(LeaseReturns.class);
    }

    /**
     * Ends a lease: puts its guest back, unless others use it, who will, or keeps a clone for inspection. Joins an
     * attempt that is under way. Returns at once.
     *
     * @param failed whether the work with the guest has failed
     * @param listener receives what happens
     * @return completes when the guest is back, or with the failure as a build shows it; then the background tries again
     */
    @NonNull
    public CompletableFuture<Void> end(String id, boolean failed, TaskListener listener) {
        LeaseEntry entry = Leases.get().find(id);
        if (failed && entry != null && entry.isKept()) {
            // already, before the controller went down
            return CompletableFuture.completedFuture(null);
        }
        if (failed && entry != null && entry.isToBeKept()) {
            Instant until = Instant.now().plus(entry.terms().keptAfterFailure());
            Leases.get().keep(id, until);
            BuildConsole.of(listener).accept(Messages.LeaseReturns_kept(entry.guest(), inWords(until)));
            return CompletableFuture.completedFuture(null);
        }
        return attempt(id, listener);
    }

    /**
     * Ends a lease whose guest the caller has used until now. If the list does not have it any more, for example because
     * the disk was damaged, prints so. Otherwise as {@link #end}.
     */
    @NonNull
    public CompletableFuture<Void> endUse(String id, boolean failed, TaskListener listener) {
        if (Leases.get().find(id) == null) {
            BuildConsole.of(listener).accept(Messages.LeaseReturns_unknown());
        }
        return end(id, failed, listener);
    }

    private CompletableFuture<Void> attempt(String id, @CheckForNull TaskListener listener) {
        ReturnAttempt attempt = new ReturnAttempt(id, listener, () -> underWay.remove(id));
        ReturnAttempt running = underWay.putIfAbsent(id, attempt);
        if (running != null) {
            return running.end();
        }
        attempt.begin(starts.get(id));
        return attempt.end();
    }

    /** Remembers a start until it ends: it has to end before its guest can be put back. */
    void follow(String id, LeaseStart start) {
        starts.put(id, start);
        start.ended().thenRun(() -> starts.remove(id, start));
    }

    private static String inWords(Instant time) {
        return DateTimeFormatter.ofLocalizedDateTime(FormatStyle.MEDIUM, FormatStyle.LONG)
                .withZone(ZoneId.systemDefault())
                .format(time);
    }

    /** Puts the guest of a lease back in the background, whatever its time. */
    public void now(String id) {
        attempt(id, null);
    }

    /**
     * Puts the guest of a lease back at once that waits for another attempt, or removes a clone that is kept.
     *
     * @return whether it was begun; a guest that is in use is left alone
     */
    public boolean tryNow(String id) {
        LeaseEntry entry = Leases.get().find(id);
        if (entry == null || entry.next() == null) {
            return false;
        }
        now(id);
        return true;
    }

    @Override
    public long getRecurrencePeriod() {
        return TimeUnit.MINUTES.toMillis(1);
    }

    @Override
    public long getInitialDelay() {
        return FIRST_LOOK.toMillis();
    }

    @Override
    protected void doRun() {
        Leases.get().all().forEach(entry -> look(entry, false));
    }

    /** Puts back what a build, which has just ended or is being deleted, has not put back. */
    void takeOver(BuildReference ended) {
        // also of those that are not in the list yet
        starts.values().stream().filter(start -> start.isOf(ended)).forEach(LeaseStart::stop);
        Leases.get().all().stream().filter(entry -> entry.build().equals(ended)).forEach(entry -> look(entry, true));
    }

    private void look(LeaseEntry entry, boolean isOver) {
        try {
            lookAt(entry, isOver);
        } catch (RuntimeException | LinkageError e) {
            // one lease does not keep the others from going back
            LOGGER.log(Level.WARNING, e, () -> "Could not look after " + entry.guest() + " of " + entry.build());
        }
    }

    private void lookAt(LeaseEntry entry, boolean isOver) {
        if (underWay.containsKey(entry.id())) {
            return;
        }
        Instant next = entry.next();
        if (next != null) {
            if (Instant.now().isAfter(next)) {
                now(entry.id());
            }
        } else if (isOver || entry.build().isOver()) {
            end(entry.id(), hasFailed(entry.build()), TaskListener.NULL);
        }
    }

    private static boolean hasFailed(BuildReference ended) {
        Run<?, ?> build = ended.find();
        Result result = build == null ? null : build.getResult();
        return result != null && result.equals(Result.FAILURE);
    }
}
