package io.jenkins.plugins.proxmox.pve.guest;

import edu.umd.cs.findbugs.annotations.Nullable;
import java.io.Serializable;

/**
 * What has come between an operation and its end so far.
 *
 * @param relocations how often the guest was found on another node than thought
 * @param lockTimeouts how often the request failed because another task was at work on the guest
 * @param resent whether the request was sent once more, since no task of the first one appeared
 * @param hold what is waited out before the request is sent; null when nothing is
 * @param advice what was told about the present wait, since it takes long; null when nothing was
 */
record Incidents(
        int relocations,
        int lockTimeouts,
        boolean resent,
        @Nullable Hold hold,
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

    static final Incidents NONE = new Incidents(0, 0, false, null, null);

    boolean isHeldBy(Hold.Kind kind) {
        return hold != null && hold.kind() == kind;
    }

    /** Whether the request waits for others to be done with the guest. */
    boolean isInTheWay() {
        return hold != null || lockTimeouts > 0;
    }

    /** Nothing is waited out any more before the request. */
    Incidents over() {
        return new Incidents(relocations, lockTimeouts, resent, null, null);
    }

    Incidents heldBy(Hold by) {
        return new Incidents(relocations, lockTimeouts, resent, by, by.equals(hold) ? advice : null);
    }

    Incidents advised(Advice told) {
        return new Incidents(relocations, lockTimeouts, resent, hold, told);
    }

    Incidents elsewhere() {
        return new Incidents(relocations + 1, lockTimeouts, resent, null, null);
    }

    Incidents lockTimeout() {
        return new Incidents(relocations, lockTimeouts + 1, resent, null, null);
    }

    Incidents sentAgain() {
        return new Incidents(relocations, lockTimeouts, true, null, null);
    }
}
