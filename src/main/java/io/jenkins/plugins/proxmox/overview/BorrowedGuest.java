package io.jenkins.plugins.proxmox.overview;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.model.Run;
import io.jenkins.plugins.proxmox.lease.LeaseEntry;
import java.time.Instant;
import java.util.stream.Collectors;

/** One guest that a build has borrowed, as a page shows it. All of it is plain text. */
public final class BorrowedGuest {

    private final LeaseEntry lease;

    BorrowedGuest(LeaseEntry lease) {
        this.lease = lease;
    }

    /** The id of its lease. */
    @NonNull
    public String getId() {
        return lease.id();
    }

    /** Such as {@code VM 100 (web-1)}. */
    @NonNull
    public String getGuest() {
        return lease.guest();
    }

    @NonNull
    public String getServer() {
        return lease.server();
    }

    /** Whether it is removed rather than put back. */
    public boolean isClone() {
        return lease.isClone();
    }

    /** Whether an attempt to put it back is under way. */
    public boolean isUnderWay() {
        return lease.next() == null;
    }

    public int getFailures() {
        return lease.failures();
    }

    /** When to try again, or until when it is kept, as {@code 2026-11-26T20:41:23Z}; null while it is being put back. */
    @CheckForNull
    public String getNext() {
        Instant next = lease.next();
        return next == null ? null : next.toString();
    }

    /** Why it was not put back, in one line. For administrators only. */
    @NonNull
    public String getHeadline() {
        return failure().lines().findFirst().orElse("");
    }

    /** What happened before and how to fix it, in several lines; empty when there is nothing to add. As the headline. */
    @NonNull
    public String getExplanation() {
        return failure().lines().skip(1).collect(Collectors.joining("\n"));
    }

    private String failure() {
        String failure = lease.failure();
        return failure == null ? "" : failure;
    }

    /** The build that has borrowed it; null when it was deleted, or the user may not see it. */
    @CheckForNull
    public Run<?, ?> getBuild() {
        return lease.build().visible();
    }

    /** The name of that build, for those who may see all. */
    @NonNull
    public String getBuildName() {
        return lease.build().toString();
    }
}
