package io.jenkins.plugins.proxmox.pve.operation;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.lookup.AvailabilityProgress;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.lookup.RunState;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * The progress of an operation: everything needed to continue it, in this process or in another one.
 *
 * @param phase the next step
 * @param begun when the operation began
 * @param phaseBegun when the current phase began
 * @param before the guest just before the request; null until then
 * @param guest the guest as last seen; null until it is found
 * @param upid the task; null until there is one
 * @param target the VMID of the guest that the request creates; null for other operations, and until it is drawn. It
 *     stays drawn while a request that was refused waits.
 * @param changed whether a request of ours changed the guest to its current state
 * @param history the interruptions so far
 * @param availability how far the guest has come since it runs
 */
public record OperationState(
        Phase phase,
        Instant begun,
        Instant phaseBegun,
        @Nullable ObservedGuest before,
        @Nullable ObservedGuest guest,
        @Nullable Upid upid,
        @Nullable Integer target,
        boolean changed,
        OperationHistory history,
        AvailabilityProgress availability)
        implements Serializable {

    /** How long after the first search the task of a request may still appear. */
    private static final Duration LONGEST_SEARCHED = Duration.ofMinutes(1);

    public enum Phase {
        /** Find the guest and query its state. */
        FIND,
        /** Send the request. */
        REQUEST,
        /** The request may have been sent: look for its task before anything else. */
        LOOK,
        /** Wait until the task ends. */
        AWAIT_TASK,
        /** Wait until the guest is in the wanted state. */
        CONFIRM,
        /** Wait until the guest itself answers, has an address, or accepts connections. */
        AVAILABLE,
        /** Nothing left to do. */
        DONE
    }

    /**
     * @throws NullPointerException when a part is missing that every state has, as in a damaged file
     */
    public OperationState {
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(begun, "begun");
        Objects.requireNonNull(phaseBegun, "phaseBegun");
        Objects.requireNonNull(history, "history");
        Objects.requireNonNull(availability, "availability");
    }

    public static OperationState begin() {
        Instant now = Instant.now();
        return new OperationState(
                Phase.FIND, now, now, null, null, null, null, false, OperationHistory.NONE, AvailabilityProgress.NONE);
    }

    /**
     * This state for a process other than the one that saved it: a request that was about to be sent may have been
     * sent.
     */
    public OperationState resumed() {
        return phase == Phase.REQUEST ? at(Phase.LOOK) : this;
    }

    /** Whether a process that continues from {@code earlier} would lack something that matters. */
    boolean isToBeSavedAfter(OperationState earlier) {
        return phase != earlier.phase || !history.equals(earlier.history);
    }

    public boolean isDone() {
        return phase == Phase.DONE;
    }

    /**
     * Whether the request was sent twice, neither answer arrived, and there is still no task a minute later. Whoever
     * continues the operation learns nothing new.
     */
    public boolean isLost() {
        return phase == Phase.LOOK && history.resent() && ageOfPhase().compareTo(LONGEST_SEARCHED) > 0;
    }

    /** Whether nothing was queried and nothing done yet. */
    boolean isUntouched() {
        return phase == Phase.FIND && guest == null;
    }

    /** A description of what the operation waits for. */
    public String waitsFor() {
        return switch (phase) {
            case FIND -> waitsBeforeRequest();
            case REQUEST -> Texts.of("waits.request", guest);
            case LOOK -> Texts.of("waits.look", guest);
            case AWAIT_TASK -> Texts.of("waits.task", upid, guest);
            case CONFIRM -> Texts.of("waits.confirm", guest, status());
            case AVAILABLE ->
                availability.halted() == null
                        ? Texts.of("waits.available", guest)
                        : Texts.of("waits.halted", guest, availability.halted());
            case DONE -> Texts.of("guest.is", guest, status());
        };
    }

    private String waitsBeforeRequest() {
        WaitReason reason = history.waitsFor();
        if (reason == null) {
            return guest != null && history.lockTimeouts() > 0 ? Texts.of("waits.busy", guest) : Texts.of("waits.find");
        }
        return switch (reason.kind()) {
            case LOCK -> Texts.of("waits.lock", reason.detail(), guest);
            case HIGH_AVAILABILITY -> Texts.of("waits.ha", guest, reason.detail());
            case CHANGE ->
                Texts.of(
                        RunState.isBeginning(reason.detail()) ? "waits.start" : "waits.change", guest, reason.detail());
            case NODE -> Texts.of("waits.node", guest, reason.detail());
            case CLUSTER -> Texts.of("waits.cluster");
            case HIDDEN -> Texts.of("waits.hidden");
        };
    }

    /** The guest's state as last seen, or {@code unknown}. */
    public String status() {
        return guest == null ? "unknown" : guest.status();
    }

    /** Whether its task only files a request with the HA manager. */
    boolean isHaRequest() {
        return upid != null && upid.isHaRequest();
    }

    Duration age() {
        return Duration.between(begun, Instant.now());
    }

    Duration ageOfPhase() {
        return Duration.between(phaseBegun, Instant.now());
    }

    OperationState at(Phase next) {
        return new OperationState(
                next, begun, Instant.now(), before, guest, upid, target, changed, history, availability);
    }

    OperationState seeing(ObservedGuest seen) {
        return new OperationState(phase, begun, phaseBegun, before, seen, upid, target, changed, history, availability);
    }

    OperationState toBeRequested(@Nullable Integer drawn) {
        return new OperationState(
                Phase.REQUEST, begun, Instant.now(), guest, guest, null, drawn, false, history.over(), availability);
    }

    /** The state to send the request again, after no trace of the first one was found. */
    OperationState toBeSentAgain() {
        return new OperationState(
                Phase.REQUEST,
                begun,
                Instant.now(),
                guest,
                guest,
                null,
                target,
                false,
                history.sentAgain(),
                availability);
    }

    OperationState withTask(Upid task) {
        return new OperationState(
                Phase.AWAIT_TASK, begun, Instant.now(), before, guest, task, target, true, history, availability);
    }

    /** The same where another guest, which must stay, may have the VMID by now. */
    OperationState toBeCheckedAndSentAgain() {
        return foundBefore(Instant.now(), history.sentAgain());
    }

    /** The state after a request that was carried out by the time of its answer. */
    OperationState withoutTask() {
        return new OperationState(
                Phase.CONFIRM, begun, Instant.now(), before, guest, null, target, true, history, availability);
    }

    /** Draws another VMID, because somebody else has taken that of the last request. */
    OperationState toBeDrawnAgain() {
        return new OperationState(
                Phase.FIND, begun, Instant.now(), null, guest, null, null, false, history.drawnAgain(), availability);
    }

    /** The guest is in the wanted state; what may be left to wait for is the guest itself. */
    OperationState reached(boolean byUs, OperationRequest request) {
        return request.availability().isOfTheGuestItself()
                ? new OperationState(
                        Phase.AVAILABLE, begun, Instant.now(), before, guest, upid, target, byUs, history, availability)
                : done(byUs);
    }

    OperationState reaching(AvailabilityProgress progress) {
        return new OperationState(phase, begun, phaseBegun, before, guest, upid, target, changed, history, progress);
    }

    OperationState done(boolean byUs) {
        return new OperationState(
                Phase.DONE, begun, Instant.now(), before, guest, upid, target, byUs, history, availability);
    }

    /** The state after a failure that proves that the request was not carried out, so that nothing has to be undone. */
    OperationState refused() {
        return new OperationState(
                Phase.FIND, begun, Instant.now(), before, guest, null, null, false, history, availability);
    }

    /** Whether the request may still be carried out, or its task still be running. */
    public boolean isUncertain() {
        return phase == Phase.REQUEST || phase == Phase.LOOK || phase == Phase.AWAIT_TASK;
    }

    /** Queries the guest again, because the request was certainly not carried out. */
    public OperationState notSent() {
        return foundBefore(Instant.now(), history.over());
    }

    /** Queries the guest, and sends nothing, until the other task that is working on it has finished. */
    OperationState afterLockTimeout() {
        return foundBefore(Instant.now(), history.lockTimeout());
    }

    /** Queries the guest, and sends nothing, until that is over. */
    OperationState heldBy(WaitReason reason) {
        return foundBefore(reason.equals(history.waitsFor()) ? phaseBegun : Instant.now(), history.heldBy(reason));
    }

    /** Queries the guest again after a wait is over. */
    OperationState noLongerHeld() {
        return foundBefore(phaseBegun, history.over());
    }

    /** The same state after that advice was logged, which is not to be repeated. */
    OperationState advised(OperationHistory.Advice told) {
        return new OperationState(
                phase, begun, phaseBegun, before, guest, upid, target, changed, history.advised(told), availability);
    }

    private OperationState foundBefore(Instant since, OperationHistory soFar) {
        return new OperationState(Phase.FIND, begun, since, null, guest, null, target, false, soFar, availability);
    }

    /** Queries the guest for the operation that follows because it ignored this one. */
    OperationState forLastResort() {
        return foundBefore(Instant.now(), OperationHistory.ofLastResort());
    }

    OperationState elsewhere() {
        return new OperationState(
                Phase.FIND, begun, Instant.now(), null, null, null, target, false, history.elsewhere(), availability);
    }
}
