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
 */
record Incidents(
        int relocations,
        int lockTimeouts,
        boolean resent,
        @Nullable Hold hold) implements Serializable {

    static final Incidents NONE = new Incidents(0, 0, false, null);

    boolean isHeldBy(Hold.Kind kind) {
        return hold != null && hold.kind() == kind;
    }

    /** Whether the request waits for others to be done with the guest. */
    boolean isInTheWay() {
        return hold != null || lockTimeouts > 0;
    }

    /** Nothing is waited out any more before the request. */
    Incidents over() {
        return new Incidents(relocations, lockTimeouts, resent, null);
    }

    Incidents heldBy(Hold by) {
        return new Incidents(relocations, lockTimeouts, resent, by);
    }

    Incidents elsewhere() {
        return new Incidents(relocations + 1, lockTimeouts, resent, null);
    }

    Incidents lockTimeout() {
        return new Incidents(relocations, lockTimeouts + 1, resent, null);
    }

    Incidents sentAgain() {
        return new Incidents(relocations, lockTimeouts, true, null);
    }
}
