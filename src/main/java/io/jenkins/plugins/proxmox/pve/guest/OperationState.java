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
 */
public record OperationState(
        Phase phase,
        Instant begun,
        Instant phaseBegun,
        @Nullable Sighting before,
        @Nullable Sighting guest,
        @Nullable Upid upid,
        boolean changed,
        int relocations)
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
        return new OperationState(Phase.FIND, now, now, null, null, null, false, 0);
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
            case FIND -> "looking for the guest";
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
        return new OperationState(next, begun, Instant.now(), before, guest, upid, changed, relocations);
    }

    OperationState seeing(Sighting seen) {
        return new OperationState(phase, begun, phaseBegun, before, seen, upid, changed, relocations);
    }

    OperationState toBeRequested() {
        return new OperationState(Phase.REQUEST, begun, Instant.now(), guest, guest, null, false, relocations);
    }

    OperationState withTask(Upid task) {
        return new OperationState(Phase.AWAIT_TASK, begun, Instant.now(), before, guest, task, true, relocations);
    }

    OperationState done(boolean byUs) {
        return new OperationState(Phase.DONE, begun, Instant.now(), before, guest, upid, byUs, relocations);
    }

    /** Looks at the guest again before anything is sent once more. */
    OperationState again() {
        return new OperationState(Phase.FIND, begun, Instant.now(), null, guest, null, false, relocations);
    }

    OperationState elsewhere() {
        return new OperationState(Phase.FIND, begun, Instant.now(), null, null, null, false, relocations + 1);
    }
}
