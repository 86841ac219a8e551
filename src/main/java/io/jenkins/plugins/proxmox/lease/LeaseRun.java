package io.jenkins.plugins.proxmox.lease;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import hudson.AbortException;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.build.BuildConnection;
import io.jenkins.plugins.proxmox.build.BuildConsole;
import io.jenkins.plugins.proxmox.build.BuildOperation;
import io.jenkins.plugins.proxmox.build.KnownServer;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.NoSuchGuestException;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.operation.Deadline;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.pve.operation.ReloadingConnection;
import io.jenkins.plugins.proxmox.pve.operation.ServerConnection;
import io.jenkins.plugins.proxmox.server.ControllerThreads;
import io.jenkins.plugins.proxmox.server.ServerUser;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * One direction of a lease: {@link LeaseStart} gets its guest running, {@link LeaseReturn} puts it back. Each begins with
 * a check of the guest, which decides what to do, followed by operations; a clone needs no check. Neither holds a thread.
 * Each has one time limit, which keeps running while the controller is down.
 */
abstract class LeaseRun {

    private static final Logger LOGGER = Logger.getLogger(LeaseRun.class.getName());

    final Leases leases;
    final LeaseEntry entry;
    final LeaseTerms terms;
    final Consumer<String> log;
    final CompletableFuture<Lease> end = new CompletableFuture<>();
    volatile Lease lease;

    private final TaskListener listener;
    private final KnownServer begun;
    private final BuildConnection server;
    private final ReloadingConnection settings;

    /** The connection of the last exchange; null before the first. */
    @CheckForNull
    private volatile ServerConnection connection;

    @CheckForNull
    private BuildOperation operation;

    private boolean givenUp;

    /** Whether there is no such guest any more. */
    private volatile boolean guestIsGone;

    LeaseRun(Leases leases, LeaseEntry entry, LeaseTerms terms, ServerUser user, TaskListener listener) {
        this.leases = leases;
        this.entry = entry;
        this.listener = listener;
        this.terms = terms;
        this.lease = entry.lease();
        this.log = BuildConsole.of(listener);
        this.begun = new KnownServer(lease.addresses());
        this.server = new BuildConnection(user, terms.server(), terms.credentialsId(), begun);
        this.settings = new ReloadingConnection(server, log);
    }

    /** Continues after an operation that has succeeded: with the next one, or to the end. */
    abstract void goOn() throws IOException, GuestException;

    /** Deals with an operation that has failed: begins another one, or {@linkplain #fail fails}. */
    abstract void failed(BuildOperation last, Throwable failure);

    /** Why the checks of the guest have led to nothing in time. */
    abstract String overdue();

    final boolean isGuestGone() {
        return guestIsGone;
    }

    /** What is left of the time for the start or the return; negative when it is over. */
    final Duration left() {
        Duration left = terms.timeout().minus(Duration.between(lease.since(), Instant.now()));
        // the clock may have been set back since then
        return Collections.min(List.of(left, terms.timeout()));
    }

    /** Fails if checking the guest has led to nothing in that time. An operation has its own limit. */
    final void limitLooks(Duration limit) {
        Deadline.set(limit.isNegative() ? Duration.ZERO : limit, ControllerThreads.workers(), end, () -> {
            synchronized (this) {
                if (operation != null) {
                    return;
                }
                // nor does an operation begin at this moment
                givenUp = true;
            }
            end.completeExceptionally(new AbortException(overdue()));
        });
    }

    /** Begins or continues the operation that the lease has chosen. */
    final void operate() {
        if (lease.operation().isDone()) {
            // saved just before the process went down
            lease = lease.next();
            attempt(null, this::goOn);
            return;
        }
        BuildOperation next;
        synchronized (this) {
            if (end.isDone() || givenUp) {
                return;
            }
            next = new BuildOperation(server, listener, lease.request(), lease.operation(), this::reached);
            operation = next;
        }
        next.beginUnexplained().whenComplete((state, failure) -> ended(next, failure));
    }

    /** Keeps the state of the operation; see {@link io.jenkins.plugins.proxmox.pve.operation.OperationRun.Progress}. */
    CompletionStage<?> reached(OperationState state) {
        synchronized (this) {
            lease = lease.with(state);
        }
        return save();
    }

    final CompletionStage<?> save() {
        synchronized (this) {
            lease = lease.on(begun.addresses());
        }
        return leases.put(entry.id(), lease);
    }

    /** The last state of an operation that has ended. */
    void ended(OperationState state) {
        lease = lease.with(state);
    }

    private void ended(BuildOperation last, @CheckForNull Throwable failure) {
        ended(last.state());
        if (end.isDone()) {
            // given up a moment ago
            return;
        }
        if (failure == null) {
            lease = lease.next();
            attempt(null, this::goOn);
        } else {
            failed(last, failure);
        }
    }

    /** Ends with that failure of the operation, and explains it. */
    final void fail(BuildOperation last, Throwable failure) {
        guestIsGone = failure instanceof NoSuchGuestException;
        // nobody waits for that
        save();
        end.completeExceptionally(last.failed(failure));
    }

    /** Ends at once in any case, even between two operations. */
    final void giveUpAtOnce() {
        BuildOperation last;
        synchronized (this) {
            givenUp = true;
            last = operation;
        }
        if (last == null || !last.abort()) {
            end.cancel(false);
        }
    }

    @FunctionalInterface
    interface Exchange {
        void with(ServerConnection connection) throws IOException, GuestException;
    }

    @FunctionalInterface
    interface Work {
        void run() throws IOException, GuestException;
    }

    /** Runs an exchange in the threads of the current connection. */
    final void connected(Exchange exchange) {
        try {
            ServerConnection last = connection;
            if (last != null) {
                attempt(null, () -> connected(settings.present(last), exchange));
                return;
            }
            settings.read(ControllerThreads.workers(), lease.phase() == Lease.Phase.RETURNING, terms.timeout())
                    .whenComplete((read, failure) -> attempt(null, () -> {
                        if (failure instanceof IOException told) {
                            throw told;
                        }
                        if (failure != null) {
                            throw new IllegalStateException(failure);
                        }
                        connected(read, exchange);
                    }));
        } catch (RejectedExecutionException e) {
            // the process is shutting down; the next one continues from the saved state
            LOGGER.log(Level.FINE, "No thread goes on any more", e);
        }
    }

    private void connected(ServerConnection present, Exchange exchange) {
        synchronized (this) {
            lease = lease.on(begun.addresses());
        }
        connection = present;
        present.workers().now(() -> attempt(present.client(), () -> exchange.with(present)));
    }

    /** The rights for starting a guest, which are also those for putting it back. */
    private List<RequiredPrivilege> needs() {
        ObservedGuest guest = lease.guest();
        Integer vmid = terms.guest().vmidOf(guest);
        GuestType type = guest == null ? null : guest.location().type();
        return vmid == null ? List.of() : terms.toStart("stopped").needs(vmid, type, GuestConfig.UNKNOWN);
    }

    final void attempt(@CheckForNull ProxmoxClient client, Work work) {
        if (end.isDone()) {
            return;
        }
        try {
            work.run();
        } catch (RejectedExecutionException e) {
            LOGGER.log(Level.FINE, "No thread goes on any more", e);
        } catch (IOException | GuestException | RuntimeException | LinkageError e) {
            guestIsGone = e instanceof NoSuchGuestException;
            // catch everything: a wait that never ends is worse
            end.completeExceptionally(BuildConsole.failure(e, client, needs(), listener));
        }
    }
}
