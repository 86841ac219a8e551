package io.jenkins.plugins.proxmox.pve.guest;

import io.jenkins.plugins.proxmox.pve.client.PowerAction;
import java.io.Serializable;
import java.time.Duration;

/**
 * What is wanted of a guest.
 *
 * @param timeout for the whole operation, from the beginning to the confirmed end state
 * @param awaited whether to await the task and confirm the end state, or to return once the task has begun
 */
public record PowerRequest(GuestSelector guest, PowerAction action, Duration timeout, boolean awaited)
        implements Serializable {

    /** Long enough for a machine that shuts down unhurriedly. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(5);

    private static final Duration LONGEST_TIMEOUT = Duration.ofDays(7);

    /**
     * @throws IllegalArgumentException when the timeout is not between one second and seven days
     */
    public PowerRequest {
        if (timeout.compareTo(Duration.ofSeconds(1)) < 0 || timeout.compareTo(LONGEST_TIMEOUT) > 0) {
            throw new IllegalArgumentException("timeout: " + timeout.toSeconds() + " is not between 1 and "
                    + LONGEST_TIMEOUT.toSeconds() + " seconds.");
        }
    }

    /**
     * The seconds that Proxmox VE gives the guest to obey: a little less than the whole, so that its own error, which
     * says more than a timeout here, still arrives.
     */
    long secondsForGuest() {
        long all = timeout.toSeconds();
        return awaited ? Math.max(1, all - Math.max(2, all / 20)) : all;
    }
}
