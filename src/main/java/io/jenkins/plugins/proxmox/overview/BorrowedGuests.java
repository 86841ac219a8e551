package io.jenkins.plugins.proxmox.overview;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.lease.LeaseEntry;
import io.jenkins.plugins.proxmox.lease.LeaseReturns;
import io.jenkins.plugins.proxmox.lease.Leases;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.logging.Logger;
import jenkins.model.Jenkins;
import org.kohsuke.stapler.HttpResponse;
import org.kohsuke.stapler.HttpResponses;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * The section of the overview with the guests that builds have borrowed: those that are not back although they should be,
 * clones that are kept for inspection and, in short, those in use. Asks no server. For users with Manage, as the page;
 * only administrators see explanations and change anything.
 */
public final class BorrowedGuests {

    private static final Logger LOGGER = Logger.getLogger(BorrowedGuests.class.getName());

    /** How often an attempt may fail before Jenkins warns. */
    private static final int FAILURES_TO_BEAR = 3;

    /** How many of those in use are named. */
    private static final int MOST_NAMED = 20;

    static final int SECONDS_FOR_DISK = 20;

    BorrowedGuests() {}

    /** Those whose return has failed three times or more. */
    @NonNull
    static List<BorrowedGuest> unreturned() {
        return those(lease -> hasFailed(lease) && lease.failures() >= FAILURES_TO_BEAR);
    }

    private static boolean hasFailed(LeaseEntry lease) {
        return lease.isReturning() && lease.failures() > 0;
    }

    private static List<BorrowedGuest> those(Predicate<LeaseEntry> wanted) {
        return Leases.get().all().stream()
                .filter(wanted)
                .map(BorrowedGuest::new)
                .toList();
    }

    /** Whether there is nothing to show. */
    public boolean isEmpty() {
        return Leases.get().all().isEmpty();
    }

    /** Whether some are being put back at this moment, so that the section will soon look different. */
    public boolean isBusy() {
        return !those(lease -> lease.isReturning() && lease.next() == null).isEmpty();
    }

    /** Those whose return has failed, and those being tried again. */
    @NonNull
    public List<BorrowedGuest> getFailed() {
        return those(BorrowedGuests::hasFailed);
    }

    /** Clones that are kept for inspection. */
    @NonNull
    public List<BorrowedGuest> getKept() {
        return those(LeaseEntry::isKept);
    }

    /** The first twenty that builds use. */
    @NonNull
    public List<BorrowedGuest> getNamedInUse() {
        return those(LeaseEntry::isUsing).stream().limit(MOST_NAMED).toList();
    }

    /** How many builds use, in words; empty for none. */
    @NonNull
    public String getInUse() {
        int count = those(LeaseEntry::isUsing).size();
        return count == 0 ? "" : Messages.BorrowedGuests_inUse(count);
    }

    /** How many of them are not named, in words; empty for none. */
    @NonNull
    public String getMoreInUse() {
        int more = those(LeaseEntry::isUsing).size() - MOST_NAMED;
        return more <= 0 ? "" : Messages.BorrowedGuests_more(more);
    }

    /** How many are being put back for the first time, or wait for their turn, in words; empty for none. */
    @NonNull
    public String getOthers() {
        int returning =
                those(lease -> lease.isReturning() && lease.failures() == 0).size();
        int waiting = those(lease -> !lease.isReturning() && !lease.isUsing() && !lease.isKept())
                .size();
        String first = returning == 0 ? "" : Messages.BorrowedGuests_returning(returning);
        String second = waiting == 0 ? "" : Messages.BorrowedGuests_waiting(waiting);
        return (first + " " + second).strip();
    }

    /** Puts a guest back, or removes a clone that is kept, at once rather than later. */
    @POST
    public HttpResponse doTryAgain(@QueryParameter String id) {
        Jenkins.get().checkPermission(Jenkins.ADMINISTER);
        LeaseReturns.get().tryNow(id);
        return HttpResponses.ok();
    }

    /** Strikes out a lease whose guest could not be put back. */
    @POST
    public HttpResponse doLeave(@QueryParameter String id)
            throws InterruptedException, ExecutionException, TimeoutException {
        Jenkins.get().checkPermission(Jenkins.ADMINISTER);
        LeaseEntry lease = Leases.get().find(id);
        if (lease != null && Leases.get().giveUp(id).get(SECONDS_FOR_DISK, TimeUnit.SECONDS)) {
            LOGGER.info(() -> Messages.BorrowedGuests_left(
                    Jenkins.getAuthentication2().getName(), lease.guest(), lease.server(), lease.build()));
        }
        return HttpResponses.ok();
    }
}
