package io.jenkins.plugins.proxmox.lease;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.model.Run;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.build.BuildOperation;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestFinder;
import io.jenkins.plugins.proxmox.pve.lookup.GuestNotListedException;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.pve.task.RetryPolicy;
import io.jenkins.plugins.proxmox.server.ControllerThreads;
import io.jenkins.plugins.proxmox.server.ServerUser;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Gets the guest of a lease running, or makes it. */
public final class LeaseStart extends LeaseRun {

    /** How soon to look again for a guest that the cluster does not list. */
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);

    /** Null for one that only finds out whether a request arrived. */
    @CheckForNull
    private final Run<?, ?> build;

    private volatile boolean abortWanted;

    /** Whether the first request did not arrive, and the start was aborted meanwhile. */
    private volatile boolean notSentAgain;

    private volatile boolean toldNotListed;

    /** The last lease that this one had to wait for; null when there was none. */
    @CheckForNull
    private volatile LeaseEntry blocker;

    /** Idle until {@link #start} is called. */
    private LeaseStart(
            Leases leases, LeaseEntry entry, @CheckForNull Run<?, ?> build, ServerUser user, TaskListener listener) {
        super(leases, entry, entry.terms(), user, listener);
        this.build = build;
    }

    /**
     * A guest that the build borrows from now on, or since before a restart.
     *
     * @param id of the lease, unique for ever
     * @param enclosing the leases whose work borrows this guest, as far as they are known
     */
    @NonNull
    public static LeaseStart of(
            Run<?, ?> build, TaskListener listener, String id, LeaseTerms terms, EnclosingLeases enclosing) {
        Leases leases = Leases.get();
        LeaseEntry known = leases.find(id);
        LeaseEntry entry =
                known == null ? LeaseEntry.begin(id, BuildReference.of(build), terms, enclosing.ids()) : known;
        return new LeaseStart(leases, entry, build, ServerUser.of(build), listener);
    }

    /**
     * For finding out whether a request to start the guest arrived, if nobody will do that any more. If it did, the guest
     * is running in the end, or being cloned; otherwise nothing is sent again.
     */
    static CompletableFuture<?> settle(Leases leases, LeaseEntry entry, TaskListener listener) {
        Lease uncertain = entry.lease().resumed();
        LeaseEntry inTime = entry.with(uncertain.withMoreTime(entry.terms().timeout()));
        LeaseStart run = new LeaseStart(leases, inTime, null, entry.build().returning(), listener);
        CompletableFuture<?> settled = run.start();
        run.abort();
        return settled;
    }

    /** What it waits for, in words. */
    @NonNull
    public String waitsFor() {
        LeaseEntry other = blocker;
        return lease.phase() == Lease.Phase.WAITING && other != null ? waitsFor(other) : lease.waitsFor();
    }

    private String waitsFor(LeaseEntry other) {
        return other.isReturning()
                ? Messages.LeaseRun_waitsForReturn(lease.guest(), other.build())
                : Messages.LeaseRun_waits(lease.guest(), other.build());
    }

    /**
     * Starts the guest, unless it is already running; or makes it.
     *
     * @return the environment variables that describe the guest, once it is running; or the failure as a build shows
     *     it, or a {@link CancellationException}
     */
    @NonNull
    public CompletableFuture<Map<String, String>> start() {
        if (build != null) {
            LeaseReturns.get().follow(entry.id(), this);
        }
        if (lease.phase() == Lease.Phase.IN_USE) {
            end.complete(lease);
        } else if (lease.phase() == Lease.Phase.RETURNING || lease.phase() == Lease.Phase.KEPT) {
            end.completeExceptionally(new AbortException(Messages.LeaseRun_endsAlready(entry.guest())));
        } else if (lease.request() != null) {
            attempt(null, this::operate);
        } else if (terms.cloning() != null) {
            lease = lease.starting();
            leases.put(entered());
            attempt(null, () -> choose("stopped"));
        } else {
            limitLooks(left());
            find();
        }
        CompletableFuture<Map<String, String>> environment = new CompletableFuture<>();
        end.whenComplete((leased, failure) -> {
            if (failure == null) {
                environment.complete(leased.environment());
            } else {
                environment.completeExceptionally(failure);
            }
        });
        return environment;
    }

    private void find() {
        RetryPolicy retryPolicy = RetryPolicy.brief(log);
        connected(connection -> chooseStart(connection.client(), retryPolicy));
    }

    private void chooseStart(ProxmoxClient client, RetryPolicy retryPolicy) throws IOException, GuestException {
        GuestStatus now;
        try {
            ListedGuest found = new GuestFinder(client).find(terms.guest());
            now = client.status(found.location());
            lease = lease.of(ObservedGuest.of(found, now));
            retryPolicy.relieve();
        } catch (GuestNotListedException e) {
            if (!toldNotListed) {
                toldNotListed = true;
                log.accept(Messages.GuestReturn_notListed(e.getMessage()));
            }
            chooseStartAfter(BETWEEN_LOOKS, retryPolicy);
            return;
        } catch (ProxmoxException e) {
            retryPolicy.bear(e, lease::waitsFor);
            chooseStartAfter(retryPolicy.pause(), retryPolicy);
            return;
        }
        if (lease.phase() == Lease.Phase.WAITING) {
            awaitTurn(now.state());
        } else {
            choose(now.state());
        }
    }

    /** The entry of this lease, with the name that its job has now: it may have been renamed in the meantime. */
    private LeaseEntry entered() {
        LeaseEntry present = entry.with(lease);
        return build == null ? present : present.of(BuildReference.of(build));
    }

    /** Others may use the guest, or be about to start it or to put it back. */
    private void awaitTurn(String state) {
        if (end.isDone()) {
            // given up while the guest was looked at
            return;
        }
        CompletableFuture<Leases.Turn> asked = leases.turn(entered(), this::toldToWait);
        end.whenComplete((leased, failure) -> asked.cancel(false));
        asked.whenComplete((turn, failure) -> attempt(null, () -> {
            if (failure instanceof IOException never) {
                throw never;
            }
            lease = turn.lease().lease();
            if (turn.hadToWait() || terms.isExclusive()) {
                // others may have stopped it, or started it, since it was looked at
                find();
            } else {
                choose(state);
            }
        }));
    }

    private void toldToWait(LeaseEntry other) {
        blocker = other;
        log.accept(waitsFor(other));
        if (other.isReturning()) {
            // perhaps nobody does so at the moment
            LeaseReturns.get().now(other.id());
        }
    }

    /** Begins the next operation of the start, given the state of the guest before it. */
    private void choose(String now) throws AbortException {
        if (terms.isExclusive() && lease.found() == null) {
            lease = lease.foundAs(now);
        }
        OperationRequest next = terms.toStart(now, lease.done());
        if (next == null) {
            finish();
            return;
        }
        boolean first = lease.done().isEmpty();
        lease = lease.with(first ? next : next.within(Collections.max(List.of(left(), Duration.ofSeconds(1)))));
        operate();
    }

    private void chooseStartAfter(Duration pause, RetryPolicy retryPolicy) {
        ControllerThreads.workers().after(pause, () -> connected(anew -> chooseStart(anew.client(), retryPolicy)));
    }

    @Override
    void goOn() throws AbortException {
        // what follows the first operation does not depend on the state of the guest
        choose("stopped");
    }

    private void finish() throws AbortException {
        lease = lease.leased();
        if (leases.isPast(entry.id(), lease)) {
            throw Leases.struckOut();
        }
        save();
        end.complete(lease);
    }

    @Override
    CompletionStage<?> reached(OperationState state) {
        synchronized (this) {
            notSentAgain = abortWanted && state.phase() == OperationState.Phase.REQUEST;
            lease = notSentAgain ? lease.lookingAgain() : lease.with(state);
        }
        CompletionStage<?> saved = save();
        if (notSentAgain || abortWanted && !lease.isStartUncertain() && !isToBeAwaited()) {
            // after this step, which decides what happens to the task
            ControllerThreads.workers().now(this::giveUp);
        }
        return notSentAgain ? CompletableFuture.failedFuture(new CancellationException()) : saved;
    }

    @Override
    void ended(OperationState state) {
        if (!notSentAgain) {
            super.ended(state);
        }
    }

    @Override
    void failed(BuildOperation last, Throwable failure) {
        fail(last, failure);
    }

    /**
     * Ends the start. If it is not known whether its request arrived, waits for that first; if it did not, nothing is
     * sent again. If its task is running, it is cancelled, or awaited when the terms say so: the guest can only be put
     * back afterwards.
     */
    public void abort() {
        synchronized (this) {
            if (lease.isStartUncertain()) {
                if (!abortWanted) {
                    log.accept(Messages.LeaseRun_awaitsAnswer());
                }
                abortWanted = true;
                return;
            }
            if (isToBeAwaited()) {
                log.accept(Messages.LeaseRun_abortedWhileStarting());
                return;
            }
        }
        giveUp();
    }

    private boolean isToBeAwaited() {
        return lease.mayBeStarting() && !terms.cancelsTask();
    }

    /**
     * Ends the start like {@link #abort}, unless it has ended.
     *
     * @return completes when it has ended, so that it sends nothing more; never exceptionally
     */
    @NonNull
    CompletableFuture<Void> stop() {
        if (!end.isDone()) {
            abort();
        }
        return ended();
    }

    /** Whether that build borrows the guest. */
    boolean isOf(BuildReference other) {
        return build != null && BuildReference.of(build).equals(other);
    }

    /** Completes when the start has ended in any way. */
    @NonNull
    CompletableFuture<Void> ended() {
        return end.handle((leased, failure) -> null);
    }

    /** Ends the start at once in any case, even between two operations. */
    public void giveUp() {
        giveUpAtOnce();
    }

    @Override
    String overdue() {
        LeaseEntry other = blocker;
        Object guest = lease.guest() == null ? terms.guest() : lease.guest();
        long seconds = terms.timeout().toSeconds();
        if (lease.phase() != Lease.Phase.WAITING || other == null) {
            return Messages.LeaseRun_timeout(seconds, guest);
        }
        return other.isReturning()
                ? Messages.LeaseRun_returnTimeout(seconds, guest, other.build())
                : Messages.LeaseRun_turnTimeout(seconds, guest, other.build());
    }
}
