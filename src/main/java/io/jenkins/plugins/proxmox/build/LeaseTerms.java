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
 * What a build wants of a guest that it borrows.
 *
 * @param server null for the default
 * @param credentialsId null for those of the server
 * @param timeout for starting the guest, and once more for putting it back
 * @param waitsForLock whether to wait, both times, until a lock of the guest is released
 * @param cancelsTask whether a task that is under way ends when the build is aborted
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

    /** Of what is left for putting back; the rest is for the plug. */
    private static final double SHARE_OF_SHUTDOWN = 2.0 / 3;

    private static final Duration LEAST_FOR_STOP = Duration.ofSeconds(30);

    /** Of the timeout: that much is kept for what follows the looks, but not more than a stop needs. */
    private static final int SHARE_KEPT = 3;

    private static final Duration SECOND = Duration.ofSeconds(1);

    /**
     * @throws IllegalArgumentException when the timeout makes no sense
     */
    public LeaseTerms {
        OperationRequest.requirePossible(timeout);
    }

    /** The same on that server. Whoever borrows settles for one: tomorrow the default may be another. */
    @NonNull
    public LeaseTerms on(@CheckForNull String settled) {
        return new LeaseTerms(settled, credentialsId, guest, timeout, waitsForLock, cancelsTask, onExit);
    }

    /** What makes the guest run, seen as {@code now} by one look. */
    OperationRequest toStart(String now) {
        return request(guest, now.equals("paused") ? PowerAction.RESUME : PowerAction.START, timeout);
    }

    /** How long one looks and waits, from when it is to be put back, before something is done with the guest. */
    Duration untilPutBack() {
        return timeout.minus(kept());
    }

    /** What each part of the way back has at least, also when the time is over. */
    Duration kept() {
        Duration share = Collections.min(List.of(timeout.dividedBy(SHARE_KEPT), LEAST_FOR_STOP));
        return Collections.max(List.of(share, SECOND));
    }

    /**
     * What puts the guest back. A shutdown that has the plug as last resort gets its share of the time only.
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

    /** Whether a guest that does not obey that action is stopped: only where nobody chose the action as such. */
    boolean hasLastResort(GuestOperation operation) {
        return operation.mayBeIgnored() && onExit == OnExit.RESTORE;
    }

    /**
     * What follows a shutdown that the guest did not obey. It is given 30 seconds also when the time is over.
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
