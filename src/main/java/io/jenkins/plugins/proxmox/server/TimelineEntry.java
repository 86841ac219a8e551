package io.jenkins.plugins.proxmox.server;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Util;
import io.jenkins.plugins.proxmox.pve.guest.OperationState;
import io.jenkins.plugins.proxmox.pve.guest.PowerRequest;
import java.util.Date;
import java.util.concurrent.CancellationException;
import org.kohsuke.stapler.export.Exported;
import org.kohsuke.stapler.export.ExportedBean;

/** One operation on a guest that a build asked for, once it has ended: what its {@link GuestTimeline} keeps. */
@ExportedBean(defaultVisibility = 2)
public final class TimelineEntry {

    /** How an operation ended. */
    public enum Outcome {
        CHANGED,
        NOTHING_TO_DO,
        /** Its task began, and nobody waited for the end. */
        REQUESTED,
        FAILED,
        ABORTED;

        /** For the page. */
        @NonNull
        public String getDisplayName() {
            return switch (this) {
                case CHANGED -> Messages.TimelineEntry_changed();
                case NOTHING_TO_DO -> Messages.TimelineEntry_nothingToDo();
                case REQUESTED -> Messages.TimelineEntry_requested();
                case FAILED -> Messages.TimelineEntry_failed();
                case ABORTED -> Messages.TimelineEntry_aborted();
            };
        }
    }

    // texts and numbers only: what is kept with a build must be readable for years
    private final String server;
    private final String guest;
    private final String action;
    private final String node;
    private final String upid;
    private final long begunMillis;
    private final long durationMillis;
    private final Outcome outcome;
    private final String message;

    private TimelineEntry(
            String server, PowerRequest request, OperationState state, Outcome outcome, @CheckForNull String message) {
        this.server = server;
        this.guest = state.guest() == null
                ? request.guest().toString()
                : state.guest().toString();
        this.action = request.action().apiName();
        this.node = state.guest() == null ? null : state.guest().location().node();
        this.upid = state.upid() == null ? null : state.upid().text();
        this.begunMillis = state.begun().toEpochMilli();
        this.durationMillis = Math.max(0, System.currentTimeMillis() - begunMillis);
        this.outcome = outcome;
        this.message = message;
    }

    /**
     * The entry for an operation that ends now.
     *
     * @param failure null when it ended well
     */
    static TimelineEntry of(
            String server, PowerRequest request, OperationState state, @CheckForNull Throwable failure) {
        if (failure instanceof CancellationException) {
            return new TimelineEntry(server, request, state, Outcome.ABORTED, null);
        }
        if (failure != null) {
            return new TimelineEntry(server, request, state, Outcome.FAILED, failure.getMessage());
        }
        Outcome end =
                !state.changed() ? Outcome.NOTHING_TO_DO : request.awaited() ? Outcome.CHANGED : Outcome.REQUESTED;
        return new TimelineEntry(server, request, state, end, null);
    }

    @Exported
    public String getServer() {
        return server;
    }

    /** Such as {@code VM 100 (web-1)}. */
    @Exported
    public String getGuest() {
        return guest;
    }

    @Exported
    public String getAction() {
        return action;
    }

    /** Null when the guest was not found. */
    @CheckForNull
    @Exported
    public String getNode() {
        return node;
    }

    /** The task in Proxmox VE; null when there was none. */
    @CheckForNull
    @Exported
    public String getUpid() {
        return upid;
    }

    @Exported
    public long getBegunMillis() {
        return begunMillis;
    }

    @Exported
    public long getDurationMillis() {
        return durationMillis;
    }

    @Exported
    public Outcome getOutcome() {
        return outcome;
    }

    /** Why it failed; null when it did not. */
    @CheckForNull
    @Exported
    public String getMessage() {
        return message;
    }

    /** For the page. */
    public Date getBegun() {
        return new Date(begunMillis);
    }

    /** For the page. */
    public String getDuration() {
        return Util.getTimeSpanString(durationMillis);
    }

    long endMillis() {
        return begunMillis + durationMillis;
    }
}
