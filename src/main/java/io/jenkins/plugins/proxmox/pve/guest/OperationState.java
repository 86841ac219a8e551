package io.jenkins.plugins.proxmox.pve.guest;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.client.Upid;
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
 * @param relocations how often the guest was found on another node than thought
 * @param lock the lock of the guest whose end is awaited, such as {@code backup}; null when none is
 */
public record OperationState(
        Phase phase,
        Instant begun,
        Instant phaseBegun,
        @Nullable Sighting before,
        @Nullable Sighting guest,
        @Nullable Upid upid,
        boolean changed,
        int relocations,
        @Nullable String lock)
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
        return new OperationState(Phase.FIND, now, now, null, null, null, false, 0, null);
    }

    /**
     * This state as it is to be taken up by another process than the one that saved it: a request that was about to
     * be sent may have been sent.
     */
    public OperationState resumed() {
        return phase == Phase.REQUEST ? at(Phase.LOOK) : this;
    }

    /** Whether the operation is over. */
    public boolean isDone() {
        return phase == Phase.DONE;
    }

    /** What the operation waits for, in words. */
    public String waitsFor() {
        return switch (phase) {
            case FIND -> lock == null ? "looking for the guest" : "waiting for the lock (" + lock + ") of " + guest;
            case REQUEST -> "sending the request for " + guest;
            case LOOK -> "looking whether the request for " + guest + " arrived";
            case AWAIT_TASK -> "waiting for task " + upid + " of " + guest;
            case CONFIRM -> "waiting for " + guest + ", still " + status() + " after its task";
            case DONE -> guest + " is " + status();
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
        return new OperationState(next, begun, Instant.now(), before, guest, upid, changed, relocations, lock);
    }

    OperationState seeing(Sighting seen) {
        return new OperationState(phase, begun, phaseBegun, before, seen, upid, changed, relocations, lock);
    }

    OperationState toBeRequested() {
        return new OperationState(Phase.REQUEST, begun, Instant.now(), guest, guest, null, false, relocations, null);
    }

    OperationState withTask(Upid task) {
        return new OperationState(Phase.AWAIT_TASK, begun, Instant.now(), before, guest, task, true, relocations, null);
    }

    OperationState done(boolean byUs) {
        return new OperationState(Phase.DONE, begun, Instant.now(), before, guest, upid, byUs, relocations, null);
    }

    /** Looks at the guest again before anything is sent once more. */
    OperationState again() {
        return new OperationState(Phase.FIND, begun, Instant.now(), null, guest, null, false, relocations, null);
    }

    /** Looks at the guest again until that lock is gone, before anything is sent. */
    OperationState lockedBy(String name) {
        Instant since = name.equals(lock) ? phaseBegun : Instant.now();
        return new OperationState(Phase.FIND, begun, since, null, guest, null, false, relocations, name);
    }

    OperationState elsewhere() {
        return new OperationState(Phase.FIND, begun, Instant.now(), null, null, null, false, relocations + 1, null);
    }
}
