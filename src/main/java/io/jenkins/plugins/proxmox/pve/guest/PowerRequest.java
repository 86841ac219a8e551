package io.jenkins.plugins.proxmox.pve.guest;

import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import java.io.Serializable;
import java.time.Duration;
import java.util.Map;

/**
 * What is wanted of a guest.
 *
 * @param timeout for the whole operation, from the beginning to the confirmed end state
 * @param awaited whether to await the task and confirm the end state, or to return once the task has begun
 * @param waitsForLock whether to wait until a lock of the guest, such as that of a backup, is released
 * @param cancelsTask whether whoever gives up waiting ends the task as well
 */
public record PowerRequest(
        GuestSelector guest,
        PowerAction action,
        Duration timeout,
        boolean awaited,
        boolean waitsForLock,
        boolean cancelsTask)
        implements Serializable {

    /** Long enough for a machine that shuts down unhurriedly. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(5);

    /** What makes a stop end shutdowns of the guest that are under way, as far as the identity may end them. */
    static final String OVERRULE_SHUTDOWN = "overrule-shutdown";

    /** From the request until its managers have handed it on, and from the guest's end until they have noticed. */
    private static final long SECONDS_OF_HIGH_AVAILABILITY = 30;

    /** A container that does not shut down is waited for twice as long, and some more (PVE::LXC::vm_stop). */
    private static final long SECONDS_MORE_FOR_A_CONTAINER = 5;

    private static final Duration LONGEST_TIMEOUT = Duration.ofDays(7);

    /**
     * @throws IllegalArgumentException when the timeout is not between one second and seven days
     */
    public PowerRequest {
        requirePossible(timeout);
    }

    /**
     * @throws IllegalArgumentException when the timeout is not between one second and seven days
     */
    public static void requirePossible(Duration timeout) {
        if (timeout.compareTo(Duration.ofSeconds(1)) < 0 || timeout.compareTo(LONGEST_TIMEOUT) > 0) {
            throw new IllegalArgumentException(
                    Texts.of("request.timeout-range", timeout.toSeconds(), LONGEST_TIMEOUT.toSeconds()));
        }
    }

    /** The action with the default timeout, awaited; a lock is an error, and the task goes on when nobody waits. */
    public static PowerRequest of(GuestSelector guest, PowerAction action) {
        return new PowerRequest(guest, action, DEFAULT_TIMEOUT, true, false, false);
    }

    public PowerRequest within(Duration limit) {
        return new PowerRequest(guest, action, limit, awaited, waitsForLock, cancelsTask);
    }

    public PowerRequest awaited(boolean wanted) {
        return new PowerRequest(guest, action, timeout, wanted, waitsForLock, cancelsTask);
    }

    public PowerRequest waitsForLock(boolean wanted) {
        return new PowerRequest(guest, action, timeout, awaited, wanted, cancelsTask);
    }

    public PowerRequest cancelsTask(boolean wanted) {
        return new PowerRequest(guest, action, timeout, awaited, waitsForLock, wanted);
    }

    /**
     * The parameters of the request.
     *
     * @param left of the timeout
     */
    Map<String, String> parameters(Duration left, GuestType type, boolean haManaged) {
        if (action.waitsForGuest()) {
            return Map.of("timeout", String.valueOf(secondsForGuest(left, type, haManaged)));
        }
        // high availability has its own way to stop a guest that is being shut down (PVE::API2::Qemu, PVE::API2::LXC)
        return action == PowerAction.STOP && !haManaged ? Map.of(OVERRULE_SHUTDOWN, "1") : Map.of();
    }

    /**
     * The seconds that Proxmox VE gives the guest to obey: less than what is left of the timeout, so that its own error,
     * which says more than a timeout here, or the end that it makes of the guest, still arrives.
     */
    long secondsForGuest(Duration left, GuestType type, boolean haManaged) {
        if (!awaited) {
            return timeout.toSeconds();
        }
        long seconds = left.plusMillis(999).toSeconds();
        long rest = seconds - Math.max(2, seconds / 20);
        if (haManaged) {
            rest -= Math.min(SECONDS_OF_HIGH_AVAILABILITY, rest / 2);
        } else if (type == GuestType.LXC && action == PowerAction.SHUTDOWN) {
            rest = (rest - SECONDS_MORE_FOR_A_CONTAINER) / 2;
        }
        return Math.max(1, rest);
    }
}
