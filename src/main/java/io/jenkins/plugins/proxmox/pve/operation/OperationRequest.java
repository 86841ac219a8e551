package io.jenkins.plugins.proxmox.pve.operation;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.access.GuestRight;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * An operation to run on a guest.
 *
 * @param timeout for the whole operation, from the beginning to the confirmed end state
 * @param awaited whether to wait for the task and confirm the end state, or to return once the task has begun
 * @param waitsForLock whether to wait until a lock of the guest, such as that of a backup, is released
 * @param cancelsTask whether to cancel the task as well when the wait is given up
 * @param availability what to wait for once the guest runs
 */
public record OperationRequest(
        GuestSelector guest,
        GuestOperation operation,
        Duration timeout,
        boolean awaited,
        boolean waitsForLock,
        boolean cancelsTask,
        Availability availability)
        implements Serializable {

    /** Long enough for a machine that shuts down slowly. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(5);

    /** Share of the time for an operation that has a last resort, and the least for that. */
    private static final double SHARE_BEFORE_LAST_RESORT = 2.0 / 3;

    static final Duration LEAST_FOR_LAST_RESORT = Duration.ofSeconds(30);

    public static final Duration LONGEST_TIMEOUT = Duration.ofDays(7);

    /**
     * @throws IllegalArgumentException when the timeout is not between one second and seven days, or the guest does not
     *     run after the operation or is not waited for, so that nothing of it becomes available
     */
    public OperationRequest {
        Objects.requireNonNull(guest, "guest");
        Objects.requireNonNull(operation, "operation");
        Objects.requireNonNull(timeout, "timeout");
        requirePossible(timeout);
        if (availability.isOfTheGuestItself()) {
            if (!operation.goal(GuestType.QEMU).equals("running")) {
                throw new IllegalArgumentException(Texts.of("availability.other-action", availability, operation));
            }
            if (!awaited) {
                throw new IllegalArgumentException(Texts.of("availability.not-awaited", availability));
            }
        }
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
        return new OperationRequest(guest, operation, DEFAULT_TIMEOUT, true, false, false, Availability.RUNNING);
    }

    /** The same for another operation, which ends once the guest is in the wanted state. */
    public OperationRequest of(GuestOperation other) {
        return new OperationRequest(guest, other, timeout, awaited, waitsForLock, cancelsTask, Availability.RUNNING);
    }

    /** The same for another guest. */
    public OperationRequest on(GuestSelector other) {
        return new OperationRequest(other, operation, timeout, awaited, waitsForLock, cancelsTask, availability);
    }

    public OperationRequest within(Duration limit) {
        return new OperationRequest(guest, operation, limit, awaited, waitsForLock, cancelsTask, availability);
    }

    public OperationRequest awaited(boolean wanted) {
        return new OperationRequest(guest, operation, timeout, wanted, waitsForLock, cancelsTask, availability);
    }

    public OperationRequest waitsForLock(boolean wanted) {
        return new OperationRequest(guest, operation, timeout, awaited, wanted, cancelsTask, availability);
    }

    public OperationRequest cancelsTask(boolean wanted) {
        return new OperationRequest(guest, operation, timeout, awaited, waitsForLock, wanted, availability);
    }

    /** The request before its last resort, which gets the rest of the time. */
    OperationRequest firstPart() {
        Duration share = Duration.ofMillis((long) (timeout.toMillis() * SHARE_BEFORE_LAST_RESORT));
        boolean hasLastResort = awaited && operation.lastResort() != null;
        return hasLastResort ? within(Collections.max(List.of(share, Duration.ofSeconds(1)))) : this;
    }

    /**
     * The request of its last resort; null when it has none.
     *
     * @param age of the whole
     */
    @CheckForNull
    OperationRequest lastResort(Duration age) {
        GuestOperation last = operation.lastResort();
        if (last == null) {
            return null;
        }
        Duration limit = Collections.max(List.of(timeout, age.plus(LEAST_FOR_LAST_RESORT)));
        return new OperationRequest(guest, last, limit, awaited, waitsForLock, cancelsTask, availability);
    }

    public OperationRequest until(Availability wanted) {
        return new OperationRequest(guest, operation, timeout, awaited, waitsForLock, cancelsTask, wanted);
    }

    /**
     * The privileges that an identity needs for it, as {@link GuestOperation#needs}.
     *
     * @param type null while it is not known
     */
    public List<RequiredPrivilege> needs(int vmid, @Nullable GuestType type, GuestConfig config) {
        List<RequiredPrivilege> needs = new ArrayList<>(operation.needs(vmid, config));
        if (type != null && availability.asksAgent(type)) {
            needs.add(GuestRight.AGENT.on(vmid));
        }
        return needs;
    }
}
