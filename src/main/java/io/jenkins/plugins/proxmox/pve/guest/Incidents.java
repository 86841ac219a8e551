package io.jenkins.plugins.proxmox.pve.guest;

import edu.umd.cs.findbugs.annotations.Nullable;
import java.io.Serializable;

/**
 * What has come between an operation and its end so far.
 *
 * @param relocations how often the guest was found on another node than thought
 * @param lockTimeouts how often the request failed because another task was at work on the guest
 * @param resent whether the request was sent once more, since no task of the first one appeared
 * @param lock the lock of the guest whose end is awaited, such as {@code backup}; null when none is
 * @param haState the state of high availability whose end is awaited, such as {@code migrate}; null when none is
 */
record Incidents(
        int relocations,
        int lockTimeouts,
        boolean resent,
        @Nullable String lock,
        @Nullable String haState) implements Serializable {

    static final Incidents NONE = new Incidents(0, 0, false, null, null);

    /** Whether the end of a lock or of a state of high availability is awaited. */
    boolean isHeld() {
        return lock != null || haState != null;
    }

    /** Whether the request waits for others to be done with the guest. */
    boolean isInTheWay() {
        return isHeld() || lockTimeouts > 0;
    }

    /** Nothing is awaited any more before the request. */
    Incidents over() {
        return new Incidents(relocations, lockTimeouts, resent, null, null);
    }

    Incidents lockedBy(String name) {
        return new Incidents(relocations, lockTimeouts, resent, name, null);
    }

    Incidents heldBy(String state) {
        return new Incidents(relocations, lockTimeouts, resent, null, state);
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
