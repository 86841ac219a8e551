package io.jenkins.plugins.proxmox.pve.operation;

import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.time.Duration;

/**
 * An operation to run on a guest.
 *
 * @param timeout for the whole operation, from the beginning to the confirmed end state
 * @param awaited whether to wait for the task and confirm the end state, or to return once the task has begun
 * @param waitsForLock whether to wait until a lock of the guest, such as that of a backup, is released
 * @param cancelsTask whether to cancel the task as well when the wait is given up
 */
public record OperationRequest(
        GuestSelector guest,
        GuestOperation operation,
        Duration timeout,
        boolean awaited,
        boolean waitsForLock,
        boolean cancelsTask)
        implements Serializable {

    /** Long enough for a machine that shuts down slowly. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(5);

    private static final Duration LONGEST_TIMEOUT = Duration.ofDays(7);

    /**
     * @throws IllegalArgumentException when the timeout is not between one second and seven days
     */
    public OperationRequest {
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

    /**
     * The operation with the default timeout, awaited. A lock is an error, and the task continues when nobody waits.
     */
    public static OperationRequest of(GuestSelector guest, GuestOperation operation) {
        return new OperationRequest(guest, operation, DEFAULT_TIMEOUT, true, false, false);
    }

    public OperationRequest within(Duration limit) {
        return new OperationRequest(guest, operation, limit, awaited, waitsForLock, cancelsTask);
    }

    public OperationRequest awaited(boolean wanted) {
        return new OperationRequest(guest, operation, timeout, wanted, waitsForLock, cancelsTask);
    }

    public OperationRequest waitsForLock(boolean wanted) {
        return new OperationRequest(guest, operation, timeout, awaited, wanted, cancelsTask);
    }

    public OperationRequest cancelsTask(boolean wanted) {
        return new OperationRequest(guest, operation, timeout, awaited, waitsForLock, wanted);
    }
}
