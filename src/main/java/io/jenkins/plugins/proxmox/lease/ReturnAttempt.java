package io.jenkins.plugins.proxmox.lease;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * One attempt to end a lease: stops its start if that is under way, finds out whether the last request of the start
 * arrived, and puts the guest back. Whatever happens, the lease is then struck out, or parked for another attempt.
 */
final class ReturnAttempt {

    private static final Logger LOGGER = Logger.getLogger(ReturnAttempt.class.getName());

    private final Leases leases = Leases.get();
    private final String id;
    private final ReturnLog log;
    private final Runnable over;
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    /**
     * Idle until {@link #begin} is called.
     *
     * @param listener receives what happens; null if nobody does
     * @param over called when another attempt may begin, just before the {@link #end}
     */
    ReturnAttempt(String id, @CheckForNull TaskListener listener, Runnable over) {
        this.id = id;
        this.log = new ReturnLog(listener);
        this.over = over;
    }

    /** Completes when the guest is back, or with the failure as a build shows it. */
    @NonNull
    CompletableFuture<Void> end() {
        return end;
    }

    /**
     * @param start of the guest, in this process; null if there is none
     */
    void begin(@CheckForNull LeaseStart start) {
        if (start == null) {
            run(this::settle);
        } else {
            start.stop().thenRun(() -> run(this::settle));
        }
    }

    /** Runs a part of the attempt. Catches everything: otherwise nobody would ever try again. */
    private void run(Runnable part) {
        try {
            part.run();
        } catch (RuntimeException | LinkageError e) {
            end(leases.find(id), false, e);
        }
    }

    private void settle() {
        LeaseEntry entry = leases.find(id);
        if (entry == null || !entry.lease().isStartUncertain() || entry.lease().isOld()) {
            putBack();
            return;
        }
        leases.change(id, LeaseEntry::trying);
        LeaseStart.settle(leases, entry, log)
                .whenComplete((environment, failure) -> run(() -> {
                    LeaseEntry settled = leases.find(id);
                    if (failure != null && settled != null && settled.lease().isStartUncertain()) {
                        end(settled, false, failure);
                    } else {
                        putBack();
                    }
                }));
    }

    private void putBack() {
        Leases.Departure departure = leases.leave(id);
        LeaseEntry returning = departure.returning();
        if (returning == null) {
            tell(departure.heir());
            over.run();
            end.complete(null);
            return;
        }
        LeaseReturn back = new LeaseReturn(leases, returning, log);
        back.putBack().whenComplete((returned, failure) -> run(() -> end(returning, back.isGuestGone(), failure)));
    }

    private void tell(@CheckForNull LeaseEntry heir) {
        if (heir != null) {
            BuildConsole.of(log)
                    .accept(Messages.LeaseReturns_handedOver(
                            heir.guest(), heir.build(), heir.duty().terms().onExit()));
        }
    }

    private void end(@CheckForNull LeaseEntry entry, boolean isGone, @CheckForNull Throwable failure) {
        try {
            if (failure == null || isGone) {
                leases.remove(id);
            } else if (entry != null) {
                LOGGER.log(
                        Level.WARNING, failure, () -> "Could not put back " + entry.guest() + " of " + entry.build());
                leases.park(id, (words(failure) + "\n" + log.text()).strip());
            }
        } finally {
            over.run();
            if (failure == null) {
                end.complete(null);
            } else {
                end.completeExceptionally(entry == null ? failure : told(entry, isGone, failure));
            }
        }
    }

    private static Throwable told(LeaseEntry entry, boolean isGone, Throwable failure) {
        if (!(failure instanceof AbortException)) {
            return failure;
        }
        String what = entry.isClone()
                ? Messages.LeaseReturns_notRemoved(entry.guest(), words(failure))
                : Messages.LeaseReturns_notPutBack(entry.guest(), words(failure));
        return new AbortException(isGone ? what : what + " " + Messages.LeaseReturns_triesAgain());
    }

    /** Some failures have no message, only a name. */
    private static String words(Throwable failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }
}
