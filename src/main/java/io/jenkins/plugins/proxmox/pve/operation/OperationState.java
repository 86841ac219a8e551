package io.jenkins.plugins.proxmox.pve.operation;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.lookup.RunState;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;

/**
 * How far an operation is: all that is needed to go on with it, in this process or in another one.
 *
 * @param phase what comes next
 * @param begun when the operation began
 * @param phaseBegun when the present phase began
 * @param before the guest just before the request; null until there is one
 * @param guest the guest as last seen; null until it is found
 * @param upid the task; null until there is one
 * @param changed whether a request of ours brought the guest where it is
 * @param history what came in between
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

    /** The phases in their order. */
    public enum Phase {
        /** Look where the guest lives and how it is. */
        FIND,
        /** Send the request. */
        REQUEST,
        /** The request may have been sent: look for its task before anything else. */
        LOOK,
        /** Wait for the end of the task. */
        AWAIT_TASK,
        /** Wait until the guest is as wanted. */
        CONFIRM,
        /** Nothing more to do. */
        DONE
    }

    /** The state at the beginning of an operation. */
    public static OperationState begin() {
        Instant now = Instant.now();
        return new OperationState(Phase.FIND, now, now, null, null, null, false, OperationHistory.NONE);
    }

    /**
     * This state as it is to be taken up by another process than the one that saved it: a request that was about to
     * be sent may have been sent.
     */
    public OperationState resumed() {
        return phase == Phase.REQUEST ? at(Phase.LOOK) : this;
    }

    /** Whether another process that goes on from {@code earlier} would not know all that matters by now. */
    boolean isToBeSavedAfter(OperationState earlier) {
        return phase != earlier.phase || !history.equals(earlier.history);
    }

    /** Whether the operation is over. */
    public boolean isDone() {
        return phase == Phase.DONE;
    }

    /** Whether nothing was looked at and nothing done yet. */
    boolean isUntouched() {
        return phase == Phase.FIND && guest == null;
    }

    /** What the operation waits for, in words. */
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

    /** The same once more, after nothing of the first one was found. */
    OperationState toBeSentAgain() {
        return new OperationState(Phase.REQUEST, begun, Instant.now(), guest, guest, null, false, history.sentAgain());
    }

    OperationState withTask(Upid task) {
        return new OperationState(Phase.AWAIT_TASK, begun, Instant.now(), before, guest, task, true, history);
    }

    OperationState done(boolean byUs) {
        return new OperationState(Phase.DONE, begun, Instant.now(), before, guest, upid, byUs, history);
    }

    /** Looks at the guest again, since the request was certainly not carried out. */
    OperationState notSent() {
        return foundBefore(Instant.now(), history.over());
    }

    /** Looks at the guest again until the other task that is at work on it has done, before anything is sent. */
    OperationState afterLockTimeout() {
        return foundBefore(Instant.now(), history.lockTimeout());
    }

    /** Looks at the guest again until that is over, before anything is sent. */
    OperationState heldBy(WaitReason reason) {
        return foundBefore(reason.equals(history.waitsFor()) ? phaseBegun : Instant.now(), history.heldBy(reason));
    }

    /** Looks at the guest again, though what was waited out is over. */
    OperationState noLongerHeld() {
        return foundBefore(phaseBegun, history.over());
    }

    /** The same after that was told, which is not to be told again. */
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
