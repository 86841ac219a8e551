package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Util;
import io.jenkins.plugins.proxmox.pve.call.ApiCall;
import io.jenkins.plugins.proxmox.pve.call.ApiCallState;
import io.jenkins.plugins.proxmox.pve.exec.ExecRequest;
import io.jenkins.plugins.proxmox.pve.exec.ExecState;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.util.Date;
import java.util.concurrent.CancellationException;
import org.kohsuke.stapler.export.Exported;
import org.kohsuke.stapler.export.ExportedBean;

/**
 * One operation on a guest that a build requested, as its {@link GuestTimeline} saves it. Never changed, only replaced.
 */
@ExportedBean(defaultVisibility = 2)
public final class TimelineEntry {

    /** How an operation ended, if it has. */
    public enum Outcome {
        /** Its request is being sent, or was sent, and its end is awaited. */
        UNDER_WAY,
        CHANGED,
        NOTHING_TO_DO,
        /** A command in the guest ran to its end. */
        RAN,
        /** Its task began, and the build did not wait for the end. */
        REQUESTED,
        FAILED,
        ABORTED,
        /** The build ended before the operation, for example because the controller went down. Never written. */
        NOT_KNOWN;

        /** For the page. */
        @NonNull
        public String getDisplayName() {
            return switch (this) {
                case UNDER_WAY -> Messages.TimelineEntry_underWay();
                case CHANGED -> Messages.TimelineEntry_changed();
                case NOTHING_TO_DO -> Messages.TimelineEntry_nothingToDo();
                case RAN -> Messages.TimelineEntry_ran();
                case REQUESTED -> Messages.TimelineEntry_requested();
                case FAILED -> Messages.TimelineEntry_failed();
                case ABORTED -> Messages.TimelineEntry_aborted();
                case NOT_KNOWN -> Messages.TimelineEntry_notKnown();
            };
        }
    }

    // only text and numbers, so that the record of a build stays readable for years

    /** The same for all entries of one operation, in every process. */
    private final String operation;

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
            String server,
            OperationRequest request,
            OperationState state,
            Outcome outcome,
            @CheckForNull String message) {
        this.operation = state.begun() + " " + request.operation().name() + " " + request.guest();
        this.server = SafeText.singleLine(server);
        this.guest = String.valueOf(state.guest() == null ? request.guest() : state.guest());
        this.action = request.operation().name();
        this.node = state.guest() == null ? null : state.guest().location().node();
        this.upid = state.upid() == null ? null : state.upid().text();
        this.begunMillis = state.begun().toEpochMilli();
        this.durationMillis = millisSince(begunMillis);
        this.outcome = outcome;
        this.message = message == null ? null : SafeText.line(message);
    }

    private TimelineEntry(
            String server, ApiCall call, ApiCallState state, Outcome outcome, @CheckForNull String message) {
        this.operation = state.begun() + " " + call;
        this.server = SafeText.singleLine(server);
        this.guest = call.path().toString();
        this.action = call.method().name();
        this.node = call.path().node();
        this.upid = state.task() == null ? null : state.task().text();
        this.begunMillis = state.begun().toEpochMilli();
        this.durationMillis = millisSince(begunMillis);
        this.outcome = outcome;
        this.message = message == null ? null : SafeText.line(message);
    }

    private TimelineEntry(
            String server, ExecRequest request, ExecState state, Outcome outcome, @CheckForNull String message) {
        // several commands may begin in one guest at the same moment
        this.operation = state.id();
        this.server = SafeText.singleLine(server);
        this.guest = String.valueOf(state.guest() == null ? request.guest() : state.guest());
        this.action = ExecRequest.NAME;
        this.node = state.guest() == null ? null : state.guest().location().node();
        this.upid = null;
        this.begunMillis = state.begun().toEpochMilli();
        this.durationMillis = millisSince(begunMillis);
        this.outcome = outcome;
        this.message = message == null ? null : SafeText.line(message);
    }

    private TimelineEntry(
            TimelineEntry other,
            @CheckForNull String upid,
            long durationMillis,
            Outcome outcome,
            @CheckForNull String message) {
        this.operation = other.operation;
        this.server = other.server;
        this.guest = other.guest;
        this.action = other.action;
        this.node = other.node;
        this.upid = upid;
        this.begunMillis = other.begunMillis;
        this.durationMillis = durationMillis;
        this.outcome = outcome;
        this.message = message;
    }

    private static long millisSince(long begin) {
        return Math.max(0, System.currentTimeMillis() - begin);
    }

    @NonNull
    static TimelineEntry underWay(String server, OperationRequest request, OperationState state) {
        return new TimelineEntry(server, request, state, Outcome.UNDER_WAY, null);
    }

    /**
     * An entry for an operation that ends now.
     *
     * @param failure null if it succeeded
     */
    @NonNull
    static TimelineEntry of(
            String server, OperationRequest request, OperationState state, @CheckForNull Throwable failure) {
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

    /** An entry for a call of the API, whose path stands in place of a guest. */
    @NonNull
    static TimelineEntry underWay(String server, ApiCall call, ApiCallState state) {
        return new TimelineEntry(server, call, state, Outcome.UNDER_WAY, null);
    }

    /**
     * An entry for a call of the API that ends now.
     *
     * @param failure null if it succeeded
     */
    @NonNull
    static TimelineEntry of(String server, ApiCall call, ApiCallState state, @CheckForNull Throwable failure) {
        if (failure instanceof CancellationException) {
            return new TimelineEntry(server, call, state, Outcome.ABORTED, null);
        }
        return failure == null
                ? new TimelineEntry(
                        server, call, state, state.isRequested() ? Outcome.REQUESTED : Outcome.CHANGED, null)
                : new TimelineEntry(server, call, state, Outcome.FAILED, failure.getMessage());
    }

    @NonNull
    static TimelineEntry underWay(String server, ExecRequest request, ExecState state) {
        return new TimelineEntry(server, request, state, Outcome.UNDER_WAY, null);
    }

    /** An entry for a command that ended by itself. */
    @NonNull
    static TimelineEntry ran(String server, ExecRequest request, ExecState state, int exitCode) {
        String message = exitCode == 0 ? null : Messages.TimelineEntry_exitCode(exitCode);
        return new TimelineEntry(server, request, state, Outcome.RAN, message);
    }

    /** An entry for a command that failed or was aborted. */
    @NonNull
    static TimelineEntry failed(String server, ExecRequest request, ExecState state, Throwable failure) {
        return failure instanceof CancellationException
                ? new TimelineEntry(server, request, state, Outcome.ABORTED, null)
                : new TimelineEntry(server, request, state, Outcome.FAILED, failure.getMessage());
    }

    /**
     * Whether this entry and {@code before} belong to the same operation. Two entries that have ended do not, even when
     * parallel branches began them at the same moment.
     */
    boolean continues(TimelineEntry before) {
        boolean eitherIsUnderWay = outcome == Outcome.UNDER_WAY || before.outcome == Outcome.UNDER_WAY;
        return eitherIsUnderWay && operation.equals(before.operation);
    }

    boolean isOver() {
        return outcome != Outcome.UNDER_WAY;
    }

    /** The entry to keep in place of {@code before}. */
    @NonNull
    TimelineEntry after(TimelineEntry before) {
        // the answer to a request may arrive after the build gave up; then the task is known that continues
        boolean late = outcome == Outcome.UNDER_WAY && before.outcome != Outcome.UNDER_WAY;
        return late && before.upid == null
                ? new TimelineEntry(before, upid, before.durationMillis, before.outcome, before.message)
                : late ? before : this;
    }

    /**
     * The entry as it reads now.
     *
     * @param over whether the build is over, so that nothing awaits the end of an operation any more
     */
    @NonNull
    TimelineEntry read(boolean over) {
        if (outcome != Outcome.UNDER_WAY) {
            return this;
        }
        return over
                ? new TimelineEntry(
                        this, upid, durationMillis, Outcome.NOT_KNOWN, Messages.TimelineEntry_notKnownSince())
                : new TimelineEntry(this, upid, millisSince(begunMillis), outcome, message);
    }

    @Exported
    public String getServer() {
        return server;
    }

    /** Such as {@code VM 100 (web-1)}, or the path of a call of the API. */
    @Exported
    public String getGuest() {
        return guest;
    }

    @Exported
    public String getAction() {
        return action;
    }

    /** Null when the guest was not found, or a call of the API names no node. */
    @CheckForNull
    @Exported
    public String getNode() {
        return node;
    }

    /** The task in Proxmox VE; null when there was none, or it is not known yet. */
    @CheckForNull
    @Exported
    public String getUpid() {
        return upid;
    }

    @Exported
    public long getBegunMillis() {
        return begunMillis;
    }

    /** The time until now for an operation that is under way; null when the duration is not known. */
    @CheckForNull
    @Exported
    public Long getDurationMillis() {
        return outcome == Outcome.NOT_KNOWN ? null : durationMillis;
    }

    @Exported
    public Outcome getOutcome() {
        return outcome;
    }

    /** Why it failed, or why the outcome is not known; null otherwise. */
    @CheckForNull
    @Exported
    public String getMessage() {
        return message;
    }

    /** For the page. */
    public Date getBegun() {
        return new Date(begunMillis);
    }

    /** For the page; null when it is not known. */
    @CheckForNull
    public String getDuration() {
        Long known = getDurationMillis();
        return known == null ? null : Util.getTimeSpanString(known);
    }

    /** When it ended, or was last known to be under way. */
    long endMillis() {
        return begunMillis + durationMillis;
    }
}
