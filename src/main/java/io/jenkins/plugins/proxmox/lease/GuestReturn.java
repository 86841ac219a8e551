package io.jenkins.plugins.proxmox.lease;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestFinder;
import io.jenkins.plugins.proxmox.pve.lookup.GuestNotListedException;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.task.PollInterval;
import io.jenkins.plugins.proxmox.pve.task.RetryPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Decides how to put a borrowed guest back. Checks its state, and checks again if one answer is not enough. If the
 * server is not reachable at that moment, this retries for as long as the terms allow.
 */
final class GuestReturn {

    /** What to do: check again after a while, carry out an action or, with neither, nothing. */
    record Decision(
            @CheckForNull Duration again, @CheckForNull PowerAction action) {}

    private static final Decision NOTHING = new Decision(null, null);

    /** What is known about the start of a guest that has not been seen running. */
    enum Start {
        /** It has ended, or there was none: the state of the guest is final. */
        OVER,
        /** The HA manager was asked to start the guest, and does so later. */
        LEFT_TO_HIGH_AVAILABILITY,
        /** Its task is still running, and the time to wait for it is over. */
        UNDER_WAY
    }

    private final LeaseTerms terms;
    private final Lease lease;
    private final Start start;
    private final Consumer<String> log;
    private final RetryPolicy retryPolicy;
    private final Instant begun = Instant.now();
    private boolean toldNotListed;

    GuestReturn(LeaseTerms terms, Lease lease, Start start, Consumer<String> log) {
        this.terms = terms;
        this.lease = lease;
        this.start = start;
        this.log = log;
        this.retryPolicy = new RetryPolicy(log);
    }

    /**
     * @throws ProxmoxException when the server refuses, as when the identity may not see the guest any more, or is not
     *     reached and the time is over
     * @throws GuestException when the guest is certainly gone, may still start, or is not known to the cluster in time
     */
    @NonNull
    Decision look(ProxmoxClient client) throws ProxmoxException, GuestException {
        GuestStatus now;
        try {
            ListedGuest found = new GuestFinder(client).find(lease.selector());
            now = client.status(found.location());
        } catch (GuestNotListedException e) {
            if (isLate()) {
                throw e;
            }
            tellOnce(e);
            return later();
        } catch (ProxmoxException e) {
            if (isLate()) {
                throw e;
            }
            retryPolicy.bear(e, () -> Messages.GuestReturn_waits(lease.guest()));
            return new Decision(retryPolicy.pause(), null);
        }
        retryPolicy.relieve();
        if (start == Start.UNDER_WAY && !now.running()) {
            throw new GuestException(Messages.GuestReturn_mayComeUp(
                    lease.guest(), lease.operation().upid()));
        }
        return mayStartLater(now) && !isLate() ? later() : decide(now);
    }

    private void tellOnce(GuestNotListedException unknown) {
        if (!toldNotListed) {
            toldNotListed = true;
            log.accept(Messages.GuestReturn_notListed(unknown.getMessage()));
        }
    }

    private Decision decide(GuestStatus now) {
        String guest = String.valueOf(lease.guest());
        Optional<PowerAction> action = terms.onExit().action(lease.found(), now);
        if (action.isPresent()) {
            log.accept(Messages.GuestReturn_action(guest, action.get(), terms.onExit(), lease.found()));
            return new Decision(null, action.get());
        }
        log.accept(
                now.state().equals(lease.found())
                        ? Messages.GuestReturn_asFound(guest, now.state())
                        : Messages.GuestReturn_leftSo(guest, now.state()));
        return NOTHING;
    }

    /**
     * The HA manager starts a guest some seconds after the task that asked for it. Until then, the state of the guest
     * is not final.
     */
    private boolean mayStartLater(GuestStatus now) {
        return start == Start.LEFT_TO_HIGH_AVAILABILITY
                && now.haManaged()
                && !now.running()
                && !"error".equals(now.haState());
    }

    private boolean isLate() {
        return age(lease.since()).compareTo(terms.untilPutBack()) > 0;
    }

    private Decision later() {
        return new Decision(PollInterval.after(age(begun)), null);
    }

    private static Duration age(Instant since) {
        return Duration.between(since, Instant.now());
    }
}
