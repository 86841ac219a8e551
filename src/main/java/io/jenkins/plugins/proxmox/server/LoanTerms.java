package io.jenkins.plugins.proxmox.server;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.client.PowerAction;
import io.jenkins.plugins.proxmox.pve.guest.GuestSelector;
import io.jenkins.plugins.proxmox.pve.guest.OnExit;
import io.jenkins.plugins.proxmox.pve.guest.PowerRequest;
import java.io.Serializable;
import java.time.Duration;

/**
 * What a build wants of a guest that it borrows.
 *
 * @param server null for the default
 * @param credentialsId null for those of the server
 * @param timeout for starting the guest, and once more for putting it back
 * @param waitsForLock whether to wait, both times, until a lock of the guest is released
 * @param cancelsTask whether a task that is under way ends when the build is aborted
 */
public record LoanTerms(
        @CheckForNull String server,
        @CheckForNull String credentialsId,
        @NonNull GuestSelector guest,
        @NonNull Duration timeout,
        boolean waitsForLock,
        boolean cancelsTask,
        @NonNull OnExit onExit)
        implements Serializable {

    /** Of the timeout; the rest is for the plug. */
    private static final double SHARE_OF_SHUTDOWN = 2.0 / 3;

    private static final Duration LEAST_FOR_STOP = Duration.ofSeconds(30);

    /**
     * @throws IllegalArgumentException when the timeout makes no sense
     */
    public LoanTerms {
        PowerRequest.requirePossible(timeout);
    }

    /** The same on that server. Whoever borrows settles for one: tomorrow the default may be another. */
    @NonNull
    public LoanTerms on(@CheckForNull String settled) {
        return new LoanTerms(settled, credentialsId, guest, timeout, waitsForLock, cancelsTask, onExit);
    }

    /** What makes the guest run, seen as {@code now} by one look. */
    PowerRequest toStart(String now) {
        return request(guest, now.equals("paused") ? PowerAction.RESUME : PowerAction.START, timeout);
    }

    /** What puts the guest back. A shutdown that has the plug as last resort gets its share of the time only. */
    PowerRequest toPutBack(GuestSelector lent, PowerAction action) {
        return request(lent, action, hasLastResort(action) ? timeForShutdown() : timeout);
    }

    /** Whether a guest that does not obey that action is stopped: only where nobody chose the action as such. */
    boolean hasLastResort(PowerAction action) {
        return action == PowerAction.SHUTDOWN && onExit == OnExit.RESTORE;
    }

    /** What follows a shutdown that the guest did not obey. */
    PowerRequest lastResort(GuestSelector lent) {
        Duration rest = timeout.minus(timeForShutdown());
        return request(lent, PowerAction.STOP, rest.compareTo(LEAST_FOR_STOP) < 0 ? LEAST_FOR_STOP : rest);
    }

    private Duration timeForShutdown() {
        return Duration.ofSeconds(Math.max(1, (long) (timeout.toSeconds() * SHARE_OF_SHUTDOWN)));
    }

    private PowerRequest request(GuestSelector of, PowerAction action, Duration within) {
        return PowerRequest.of(of, action)
                .within(within)
                .waitsForLock(waitsForLock)
                .cancelsTask(cancelsTask);
    }
}
