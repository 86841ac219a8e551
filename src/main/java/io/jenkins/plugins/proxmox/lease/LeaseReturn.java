package io.jenkins.plugins.proxmox.lease;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.build.BuildOperation;
import io.jenkins.plugins.proxmox.pve.guest.CloneSequence;
import io.jenkins.plugins.proxmox.pve.guest.OnExit;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationTimeoutException;
import io.jenkins.plugins.proxmox.pve.operation.ServerConnection;
import io.jenkins.plugins.proxmox.pve.operation.ShutdownIgnoredException;
import io.jenkins.plugins.proxmox.pve.task.TaskOutcome;
import io.jenkins.plugins.proxmox.server.ControllerThreads;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Puts the guest of a lease back, or removes it. */
final class LeaseReturn extends LeaseRun {

    /** How soon to try again to follow a request after a failure. */
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofSeconds(5);

    /**
     * Idle until {@link #putBack} is called. Acts in the name of the build that has borrowed the guest, even if that is
     * over.
     */
    LeaseReturn(Leases leases, LeaseEntry entry, TaskListener listener) {
        super(leases, entry, entry.duty().terms(), entry.duty().build().returning(), listener);
    }

    /**
     * Puts the guest back as the terms say. If its start has not ended yet, waits for that first.
     *
     * @return the lease once the guest is back; or the failure as a build shows it
     */
    @NonNull
    CompletableFuture<Lease> putBack() {
        if (terms.cloning() != null) {
            attempt(null, this::remove);
        } else if (terms.onExit() == OnExit.LEAVE || lease.guest() == null) {
            finish();
        } else if (lease.request() != null) {
            attempt(null, this::operate);
        } else {
            // one part for awaiting the start, one for the checks
            limitLooks(Collections.max(List.of(left(), terms.kept().multipliedBy(2))));
            Upid start = lease.startUnderWay();
            if (start == null) {
                attempt(null, () -> goBack(GuestReturn.Start.OVER));
            } else {
                connected(connection -> awaitStart(connection, start));
            }
        }
        return end;
    }

    /** Begins, or continues, the next operation that removes a clone. */
    private void remove() {
        Integer clone = lease.cloneVmid();
        CloneSequence cloning = terms.cloning();
        OperationRequest next = clone == null || cloning == null
                ? null
                : cloning.removal(clone, lease.guest() != null, lease.done().size());
        if (next == null) {
            finish();
            return;
        }
        if (lease.request() == null) {
            lease = lease.with(next);
        }
        operate();
    }

    private void goBack(GuestReturn.Start start) {
        OperationRequest rollback = lease.done().isEmpty() ? terms.toRollBack(lease.selector()) : null;
        if (rollback == null) {
            chooseReturn(start);
        } else {
            lease = lease.with(rollback);
            operate();
        }
    }

    /**
     * The outcome of the task does not matter, nor whether Jenkins may watch it. The state of the guest afterwards
     * decides.
     */
    private void awaitStart(ServerConnection connection, Upid task) {
        log.accept(Messages.LeaseRun_awaitsStart(task));
        Duration limit = Collections.max(List.of(left().minus(terms.kept()), terms.kept()));
        CompletableFuture<TaskOutcome> start = connection
                .tasks()
                .watch(task, log)
                .toCompletableFuture()
                .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS);
        end.whenComplete((returned, aborted) -> start.cancel(false));
        start.whenComplete((outcome, failure) -> attempt(null, () -> goBack(startAfter(task, outcome, failure))));
    }

    private static GuestReturn.Start startAfter(
            Upid task, @CheckForNull TaskOutcome outcome, @CheckForNull Throwable failure) {
        if (failure instanceof TimeoutException) {
            return GuestReturn.Start.UNDER_WAY;
        }
        return task.isHaRequest() && (outcome == null || outcome.isSuccessful())
                ? GuestReturn.Start.LEFT_TO_HIGH_AVAILABILITY
                : GuestReturn.Start.OVER;
    }

    private void chooseReturn(GuestReturn.Start start) {
        GuestReturn guestReturn = new GuestReturn(terms, lease, start, log);
        connected(connection -> look(guestReturn, connection));
    }

    private void look(GuestReturn guestReturn, ServerConnection connection) throws ProxmoxException, GuestException {
        GuestReturn.Decision decision = guestReturn.look(connection.client());
        Duration again = decision.again();
        PowerAction action = decision.action();
        if (again != null) {
            ControllerThreads.workers().after(again, () -> connected(anew -> look(guestReturn, anew)));
        } else if (action != null) {
            lease = lease.with(terms.toPutBack(lease.selector(), action, left()));
            operate();
        } else {
            finish();
        }
    }

    @Override
    void goOn() {
        if (terms.cloning() != null) {
            remove();
        } else if (terms.onExit() == OnExit.ROLLBACK && lease.done().size() == 1) {
            chooseReturn(GuestReturn.Start.OVER);
        } else {
            finish();
        }
    }

    private void finish() {
        lease = lease.returned();
        end.complete(lease);
    }

    @Override
    void failed(BuildOperation last, Throwable failure) {
        if (failure instanceof ShutdownIgnoredException
                && terms.hasLastResort(lease.underWay().operation())) {
            log.accept(last.failed(failure).getMessage());
            log.accept(Messages.LeaseRun_stops());
            lease = lease.with(terms.lastResort(lease.selector(), left()));
            operate();
        } else if (mayStillLeadBack(failure) && left().compareTo(BETWEEN_ATTEMPTS) > 0) {
            log.accept(Messages.LeaseRun_looksAgain(
                    lease.underWay().operation(), failure.getMessage(), BETWEEN_ATTEMPTS.toSeconds()));
            lease = lease.withMoreTime(left());
            ControllerThreads.workers().after(BETWEEN_ATTEMPTS, this::operate);
        } else {
            if (!mayStillLeadBack(failure)) {
                lease = lease.lookingAgain();
            }
            fail(last, failure);
        }
    }

    /**
     * Whether an earlier request may still put the guest back: its task continues even if following it failed.
     */
    private boolean mayStillLeadBack(Throwable failure) {
        return (failure instanceof IOException || failure instanceof OperationTimeoutException) && lease.isRequested();
    }

    @Override
    String overdue() {
        return Messages.LeaseRun_timeout(terms.timeout().toSeconds(), entry.guest());
    }
}
