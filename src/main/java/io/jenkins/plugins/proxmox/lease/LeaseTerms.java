package io.jenkins.plugins.proxmox.lease;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.guest.CloneSequence;
import io.jenkins.plugins.proxmox.pve.guest.OnExit;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotRollback;
import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import java.io.Serializable;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * What a build asks for when it borrows a guest.
 *
 * @param server null for the default
 * @param credentialsId null for those of the server
 * @param guest the guest, or the template to clone
 * @param timeout for starting the guest, and again for putting it back
 * @param waitsForLock whether to wait, both times, until a lock of the guest is released
 * @param cancelsTask whether aborting the build cancels the current task
 * @param availability what to wait for once the guest runs
 * @param snapshot to which the guest is taken back before it is used; null for none
 * @param cloning makes the guest that is used and removed afterwards; null for a guest that exists
 * @param keptAfterFailure how long a clone is kept for inspection after the work in it failed; null for not at all
 */
public record LeaseTerms(
        @CheckForNull String server,
        @CheckForNull String credentialsId,
        @NonNull GuestSelector guest,
        @NonNull Duration timeout,
        boolean waitsForLock,
        boolean cancelsTask,
        @NonNull Availability availability,
        @NonNull OnExit onExit,
        @CheckForNull String snapshot,
        @CheckForNull CloneSequence cloning,
        @CheckForNull Duration keptAfterFailure)
        implements Serializable {

    /** Share of the time left for putting the guest back. The rest is for pulling the plug. */
    private static final double SHARE_OF_SHUTDOWN = 2.0 / 3;

    private static final Duration LEAST_FOR_STOP = Duration.ofSeconds(30);

    /** Divisor of the timeout: that share is reserved for what follows the checks, but not more than a stop needs. */
    private static final int SHARE_KEPT = 3;

    /**
     * @throws IllegalArgumentException when the timeout is not possible, or there is no snapshot for a rollback
     */
    public LeaseTerms {
        Objects.requireNonNull(guest, "guest");
        Objects.requireNonNull(availability, "availability");
        Objects.requireNonNull(onExit, "onExit");
        OperationRequest.requirePossible(timeout);
        if (onExit == OnExit.ROLLBACK && snapshot == null) {
            throw new IllegalArgumentException(Messages.LeaseTerms_rollbackWithoutSnapshot());
        }
    }

    /** Terms for a guest that exists. */
    @NonNull
    public static LeaseTerms of(
            @CheckForNull String server,
            @CheckForNull String credentialsId,
            OperationRequest request,
            OnExit onExit,
            @CheckForNull String snapshot) {
        return new LeaseTerms(
                server,
                credentialsId,
                request.guest(),
                request.timeout(),
                request.waitsForLock(),
                request.cancelsTask(),
                request.availability(),
                onExit,
                snapshot,
                null,
                null);
    }

    /** Terms for a guest that is made for the work and removed afterwards. */
    @NonNull
    public static LeaseTerms of(
            @CheckForNull String server,
            @CheckForNull String credentialsId,
            CloneSequence cloning,
            @CheckForNull Duration keptAfterFailure) {
        OperationRequest request = cloning.cloning();
        return new LeaseTerms(
                server,
                credentialsId,
                request.guest(),
                cloning.timeout(),
                request.waitsForLock(),
                request.cancelsTask(),
                cloning.availability(),
                OnExit.LEAVE,
                null,
                cloning,
                keptAfterFailure);
    }

    /** The same terms for that server. A lease keeps its server, because the default can be another one tomorrow. */
    @NonNull
    public LeaseTerms on(@CheckForNull String settled) {
        return new LeaseTerms(
                settled,
                credentialsId,
                guest,
                timeout,
                waitsForLock,
                cancelsTask,
                availability,
                onExit,
                snapshot,
                cloning,
                keptAfterFailure);
    }

    /** Whether nobody else may use the guest when the work begins. */
    boolean isExclusive() {
        return snapshot != null;
    }

    /**
     * The next request that gets the guest running; null when all have been carried out.
     *
     * @param now the state of the guest before them
     * @param done the final states of those that have been carried out
     */
    @CheckForNull
    OperationRequest toStart(String now, List<OperationState> done) {
        if (cloning != null) {
            return cloning.next(done);
        }
        if (snapshot == null) {
            return done.isEmpty() ? toStart(now) : null;
        }
        return switch (done.size()) {
            case 0 -> request(guest, new SnapshotRollback(snapshot, false, true), timeout);
            case 1 -> toStart("stopped");
            default -> null;
        };
    }

    /** The request that gets the guest running, given its state {@code now}. */
    OperationRequest toStart(String now) {
        PowerAction action = now.equals("paused") ? PowerAction.RESUME : PowerAction.START;
        return request(guest, new PowerOperation(action), timeout).until(availability);
    }

    /** The request that takes the guest back to the snapshot at the end; null when that is not wanted. */
    @CheckForNull
    OperationRequest toRollBack(GuestSelector leased) {
        return onExit == OnExit.ROLLBACK
                ? request(leased, new SnapshotRollback(snapshot, false, false), timeout)
                : null;
    }

    /** How long to check and wait before doing something with a guest that is to be put back. */
    Duration untilPutBack() {
        return timeout.minus(kept());
    }

    /** The minimum time for each part of the return, even when the time is over. */
    Duration kept() {
        Duration share = Collections.min(List.of(timeout.dividedBy(SHARE_KEPT), LEAST_FOR_STOP));
        return Collections.max(List.of(share, Duration.ofSeconds(1)));
    }

    /**
     * The request that puts the guest back. A shutdown that can be followed by a forced stop gets only its share of the
     * time.
     *
     * @param left of the time for putting it back
     */
    OperationRequest toPutBack(GuestSelector leased, PowerAction action, Duration left) {
        if (action == PowerAction.STOP) {
            return lastResort(leased, left);
        }
        PowerOperation operation = new PowerOperation(action);
        Duration share =
                hasLastResort(operation) ? Duration.ofMillis((long) (left.toMillis() * SHARE_OF_SHUTDOWN)) : left;
        return request(leased, operation, Collections.max(List.of(share, kept())));
    }

    /** Whether the guest is stopped if it ignores that operation: only if nobody chose the operation explicitly. */
    boolean hasLastResort(GuestOperation operation) {
        return operation.mayBeIgnored() && onExit.restores();
    }

    /**
     * The request that follows a shutdown that the guest ignored. It gets 30 seconds even when the time is over.
     *
     * @param left of the time for putting the guest back
     */
    OperationRequest lastResort(GuestSelector leased, Duration left) {
        return request(leased, new PowerOperation(PowerAction.STOP), Collections.max(List.of(left, LEAST_FOR_STOP)));
    }

    private OperationRequest request(GuestSelector of, GuestOperation operation, Duration within) {
        return OperationRequest.of(of, operation)
                .within(within)
                .waitsForLock(waitsForLock)
                .cancelsTask(cancelsTask);
    }
}
