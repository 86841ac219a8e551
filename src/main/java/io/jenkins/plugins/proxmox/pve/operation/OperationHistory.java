package io.jenkins.plugins.proxmox.pve.operation;

import edu.umd.cs.findbugs.annotations.Nullable;
import java.io.Serializable;

/**
 * What has come between an operation and its end so far.
 *
 * @param relocations how often the guest was found on another node than thought
 * @param lockTimeouts how often the request failed because another task was at work on the guest
 * @param resent whether the request was sent once more, since no task of the first one appeared
 * @param waitsFor what is waited out before the request is sent; null when nothing is
 * @param advice what was told about the present wait, since it takes long; null when nothing was
 */
record OperationHistory(
        int relocations,
        int lockTimeouts,
        boolean resent,
        @Nullable WaitReason waitsFor,
        @Nullable Advice advice) implements Serializable {

    /** Told once, and not again after a restart. */
    enum Advice {
        /** How to release a lock whose task no longer exists. */
        LOCK_LEFT_BEHIND,
        /** That high availability does nothing about the guest, for a reason that the identity may not see. */
        HIGH_AVAILABILITY_IDLE,
        /** That it is disarmed. */
        HIGH_AVAILABILITY_DISARMED
    }

    static final OperationHistory NONE = new OperationHistory(0, 0, false, null, null);

    boolean isHeldBy(WaitReason.Kind kind) {
        return waitsFor != null && waitsFor.kind() == kind;
    }

    /** Whether the request waits for others to be done with the guest. */
    boolean isInTheWay() {
        return waitsFor != null || lockTimeouts > 0;
    }

    /** Nothing is waited out any more before the request. */
    OperationHistory over() {
        return new OperationHistory(relocations, lockTimeouts, resent, null, null);
    }

    OperationHistory heldBy(WaitReason by) {
        return new OperationHistory(relocations, lockTimeouts, resent, by, by.equals(waitsFor) ? advice : null);
    }

    OperationHistory advised(Advice told) {
        return new OperationHistory(relocations, lockTimeouts, resent, waitsFor, told);
    }

    OperationHistory elsewhere() {
        return new OperationHistory(relocations + 1, lockTimeouts, resent, null, null);
    }

    OperationHistory lockTimeout() {
        return new OperationHistory(relocations, lockTimeouts + 1, resent, null, null);
    }

    OperationHistory sentAgain() {
        return new OperationHistory(relocations, lockTimeouts, true, null, null);
    }
}
