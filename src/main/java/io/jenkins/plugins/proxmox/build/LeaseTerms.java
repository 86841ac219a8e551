package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.guest.OnExit;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import java.io.Serializable;
import java.time.Duration;
import java.util.Collections;
import java.util.List;

/**
 * What a build asks for when it borrows a guest.
 *
 * @param server null for the default
 * @param credentialsId null for those of the server
 * @param timeout for starting the guest, and again for putting it back
 * @param waitsForLock whether to wait, both times, until a lock of the guest is released
 * @param cancelsTask whether aborting the build cancels the current task
 */
public record LeaseTerms(
        @CheckForNull String server,
        @CheckForNull String credentialsId,
        @NonNull GuestSelector guest,
        @NonNull Duration timeout,
        boolean waitsForLock,
        boolean cancelsTask,
        @NonNull OnExit onExit)
        implements Serializable {

    /** Share of the time left for putting the guest back. The rest is for pulling the plug. */
    private static final double SHARE_OF_SHUTDOWN = 2.0 / 3;

    private static final Duration LEAST_FOR_STOP = Duration.ofSeconds(30);

    /** Divisor of the timeout: that share is reserved for what follows the checks, but not more than a stop needs. */
    private static final int SHARE_KEPT = 3;

    /**
     * @throws IllegalArgumentException when the timeout is not possible
     */
    public LeaseTerms {
        OperationRequest.requirePossible(timeout);
    }

    /** The same terms for that server. A lease keeps its server, because the default can be another one tomorrow. */
    @NonNull
    public LeaseTerms on(@CheckForNull String settled) {
        return new LeaseTerms(settled, credentialsId, guest, timeout, waitsForLock, cancelsTask, onExit);
    }

    /** The request that gets the guest running, given its state {@code now}. */
    OperationRequest toStart(String now) {
        return request(guest, now.equals("paused") ? PowerAction.RESUME : PowerAction.START, timeout);
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
        Duration share = hasLastResort(new PowerOperation(action))
                ? Duration.ofMillis((long) (left.toMillis() * SHARE_OF_SHUTDOWN))
                : left;
        return request(leased, action, Collections.max(List.of(share, kept())));
    }

    /** Whether the guest is stopped if it ignores that operation: only if nobody chose the operation explicitly. */
    boolean hasLastResort(GuestOperation operation) {
        return operation.mayBeIgnored() && onExit == OnExit.RESTORE;
    }

    /**
     * The request that follows a shutdown that the guest ignored. It gets 30 seconds even when the time is over.
     *
     * @param left of the time for putting the guest back
     */
    OperationRequest lastResort(GuestSelector leased, Duration left) {
        return request(leased, PowerAction.STOP, Collections.max(List.of(left, LEAST_FOR_STOP)));
    }

    private OperationRequest request(GuestSelector of, PowerAction action, Duration within) {
        return OperationRequest.of(of, new PowerOperation(action))
                .within(within)
                .waitsForLock(waitsForLock)
                .cancelsTask(cancelsTask);
    }
}
