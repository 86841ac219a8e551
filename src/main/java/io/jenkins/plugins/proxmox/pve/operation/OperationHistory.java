package io.jenkins.plugins.proxmox.pve.operation;

import edu.umd.cs.findbugs.annotations.Nullable;
import java.io.Serializable;

/**
 * The interruptions of an operation so far.
 *
 * @param relocations how often the guest was found on another node than expected
 * @param lockTimeouts how often the request failed because another task was working on the guest
 * @param draws how often a VMID was drawn again
 * @param resent whether the request was sent again, because no task of the first one appeared
 * @param lastResort whether the guest ignored the operation, and its last resort runs
 * @param waitsFor what the operation waits for before it sends the request; null when nothing
 * @param advice what was logged about the current wait because it takes long; null when nothing
 */
record OperationHistory(
        int relocations,
        int lockTimeouts,
        int draws,
        boolean resent,
        boolean lastResort,
        @Nullable WaitReason waitsFor,
        @Nullable Advice advice)
        implements Serializable {

    /** Logged once, and not again after a restart. */
    enum Advice {
        /** How to release a lock whose task no longer exists. */
        LOCK_LEFT_BEHIND,
        /** That the HA manager does nothing about the guest, for a reason that the identity may not see. */
        HIGH_AVAILABILITY_IDLE,
        /** That HA is disarmed. */
        HIGH_AVAILABILITY_DISARMED
    }

    static final OperationHistory NONE = new OperationHistory(0, 0, 0, false, false, null, null);

    boolean isHeldBy(WaitReason.Kind kind) {
        return waitsFor != null && waitsFor.kind() == kind;
    }

    /** Whether the request waits until others have finished with the guest. */
    boolean isInTheWay() {
        return waitsFor != null || lockTimeouts > 0;
    }

    /** The same history when nothing delays the request any more. */
    OperationHistory over() {
        return new OperationHistory(relocations, lockTimeouts, draws, resent, lastResort, null, null);
    }

    OperationHistory heldBy(WaitReason by) {
        return new OperationHistory(
                relocations, lockTimeouts, draws, resent, lastResort, by, by.equals(waitsFor) ? advice : null);
    }

    OperationHistory advised(Advice told) {
        return new OperationHistory(relocations, lockTimeouts, draws, resent, lastResort, waitsFor, told);
    }

    OperationHistory elsewhere() {
        return new OperationHistory(relocations + 1, lockTimeouts, draws, resent, lastResort, null, null);
    }

    OperationHistory lockTimeout() {
        return new OperationHistory(relocations, lockTimeouts + 1, draws, resent, lastResort, null, null);
    }

    OperationHistory sentAgain() {
        return new OperationHistory(relocations, lockTimeouts, draws, true, lastResort, null, null);
    }

    OperationHistory drawnAgain() {
        return new OperationHistory(relocations, lockTimeouts, draws + 1, resent, lastResort, null, null);
    }

    /** Begins anew for the last resort. */
    static OperationHistory ofLastResort() {
        return new OperationHistory(0, 0, 0, false, true, null, null);
    }
}
