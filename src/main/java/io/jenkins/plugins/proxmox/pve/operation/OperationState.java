package io.jenkins.plugins.proxmox.pve.operation;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.lookup.RunState;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;

/**
 * The progress of an operation: everything needed to continue it, in this process or in another one.
 *
 * @param phase the next step
 * @param begun when the operation began
 * @param phaseBegun when the current phase began
 * @param before the guest just before the request; null until then
 * @param guest the guest as last seen; null until it is found
 * @param upid the task; null until there is one
 * @param changed whether a request of ours changed the guest to its current state
 * @param history the interruptions so far
 */
public record OperationState(
        Phase phase,
        Instant begun,
        Instant phaseBegun,
        @Nullable ObservedGuest before,
        @Nullable ObservedGuest guest,
        @Nullable Upid upid,
        boolean changed,
        OperationHistory history)
        implements Serializable {

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
        /** Nothing left to do. */
        DONE
    }

    public static OperationState begin() {
        Instant now = Instant.now();
        return new OperationState(Phase.FIND, now, now, null, null, null, false, OperationHistory.NONE);
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
        };
    }

    /** The guest's state as last seen, or {@code unknown}. */
    public String status() {
        return guest == null ? "unknown" : guest.status();
    }

    Duration age() {
        return Duration.between(begun, Instant.now());
    }

    Duration ageOfPhase() {
        return Duration.between(phaseBegun, Instant.now());
    }

    OperationState at(Phase next) {
        return new OperationState(next, begun, Instant.now(), before, guest, upid, changed, history);
    }

    OperationState seeing(ObservedGuest seen) {
        return new OperationState(phase, begun, phaseBegun, before, seen, upid, changed, history);
    }

    OperationState toBeRequested() {
        return new OperationState(Phase.REQUEST, begun, Instant.now(), guest, guest, null, false, history.over());
    }

    /** The state to send the request again, after no trace of the first one was found. */
    OperationState toBeSentAgain() {
        return new OperationState(Phase.REQUEST, begun, Instant.now(), guest, guest, null, false, history.sentAgain());
    }

    OperationState withTask(Upid task) {
        return new OperationState(Phase.AWAIT_TASK, begun, Instant.now(), before, guest, task, true, history);
    }

    OperationState done(boolean byUs) {
        return new OperationState(Phase.DONE, begun, Instant.now(), before, guest, upid, byUs, history);
    }

    /** Queries the guest again, because the request was certainly not carried out. */
    OperationState notSent() {
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
        return new OperationState(phase, begun, phaseBegun, before, guest, upid, changed, history.advised(told));
    }

    private OperationState foundBefore(Instant since, OperationHistory soFar) {
        return new OperationState(Phase.FIND, begun, since, null, guest, null, false, soFar);
    }

    OperationState elsewhere() {
        return new OperationState(Phase.FIND, begun, Instant.now(), null, null, null, false, history.elsewhere());
    }
}
