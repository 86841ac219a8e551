package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.model.Run;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.guest.OnExit;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestFinder;
import io.jenkins.plugins.proxmox.pve.lookup.GuestNotListedException;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.model.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.operation.Deadline;
import io.jenkins.plugins.proxmox.pve.operation.OperationRun;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.pve.operation.OperationTimeoutException;
import io.jenkins.plugins.proxmox.pve.operation.ReloadingConnection;
import io.jenkins.plugins.proxmox.pve.operation.ServerConnection;
import io.jenkins.plugins.proxmox.pve.operation.ShutdownIgnoredException;
import io.jenkins.plugins.proxmox.pve.task.RetryPolicy;
import io.jenkins.plugins.proxmox.pve.task.TaskOutcome;
import io.jenkins.plugins.proxmox.server.ControllerThreads;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A guest that a build borrows: it is started first and put back afterwards. Both the start and the return begin with a
 * check of the guest, which decides what to do, followed by an operation. Neither holds a thread. Each has one time
 * limit, which keeps running while the controller is down.
 */
public final class LeaseRun {

    /** Notified of each new state so that it can be saved. */
    @FunctionalInterface
    public interface Progress {

        /** For a lease that need not continue in another process. */
        Progress UNSAVED = lease -> CompletableFuture.completedFuture(null);

        /** Returns at once. The result completes when the lease is saved, as in {@link OperationRun.Progress}. */
        CompletionStage<?> reached(Lease lease);
    }

    private static final Logger LOGGER = Logger.getLogger(LeaseRun.class.getName());

    /** How soon to try again to follow a request after a failure. */
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofSeconds(5);

    private final Run<?, ?> build;
    private final TaskListener listener;
    private final LeaseTerms terms;
    private final Progress progress;
    private final Consumer<String> log;
    private final CompletableFuture<Lease> end = new CompletableFuture<>();
    private final ReloadingConnection settings;
    private volatile Lease lease;

    /** The connection of the last exchange; null before the first. */
    @CheckForNull
    private volatile ServerConnection connection;

    private BuildOperation operation;
    private volatile boolean abortWanted;
    private boolean givenUp;
    private volatile boolean toldNotListed;

    /**
     * Idle until {@link #start} or {@link #putBack} is called. Each object does only one of the two.
     *
     * @param from where it begins or continues
     */
    public LeaseRun(Run<?, ?> build, TaskListener listener, LeaseTerms terms, Lease from, Progress progress) {
        this.build = build;
        this.listener = listener;
        this.terms = terms;
        this.lease = from;
        this.progress = progress;
        this.log = BuildConsole.of(listener);
        this.settings = new ReloadingConnection(new BuildConnection(build, terms.server(), terms.credentialsId()), log);
    }

    @NonNull
    public Lease lease() {
        return lease;
    }

    /**
     * Starts the guest, unless it is already running.
     *
     * @return the lease once the guest is running; or the failure as a build shows it, or a
     *     {@link CancellationException}
     */
    @NonNull
    public CompletableFuture<Lease> start() {
        if (lease.request() != null) {
            attempt(null, this::operate);
            return end;
        }
        limitLooks(left());
        RetryPolicy retryPolicy = RetryPolicy.brief(log);
        connected(connection -> chooseStart(connection.client(), retryPolicy));
        return end;
    }

    private void chooseStart(ProxmoxClient client, RetryPolicy retryPolicy) throws ProxmoxException, GuestException {
        try {
            ListedGuest found = new GuestFinder(client).find(terms.guest());
            lease = lease.with(terms.toStart(client.status(found.location()).state()));
            retryPolicy.relieve();
        } catch (GuestNotListedException e) {
            if (!toldNotListed) {
                toldNotListed = true;
                log.accept(Messages.GuestReturn_notListed(e.getMessage()));
            }
            chooseStartAfter(BETWEEN_ATTEMPTS, retryPolicy);
            return;
        } catch (ProxmoxException e) {
            retryPolicy.bear(e, lease::waitsFor);
            chooseStartAfter(retryPolicy.pause(), retryPolicy);
            return;
        }
        operate();
    }

    private void chooseStartAfter(Duration pause, RetryPolicy retryPolicy) {
        ControllerThreads.workers().after(pause, () -> connected(anew -> chooseStart(anew.client(), retryPolicy)));
    }

    /** What is left of the time for the start or the return; negative when it is over. */
    private Duration left() {
        return terms.timeout().minus(Duration.between(lease.since(), Instant.now()));
    }

    /** Fails if checking the guest has led to nothing in that time. An operation has its own limit. */
    private void limitLooks(Duration limit) {
        Deadline.set(limit.isNegative() ? Duration.ZERO : limit, ControllerThreads.workers(), end, () -> {
            synchronized (this) {
                if (operation != null) {
                    return;
                }
            }
            Object guest = lease.guest() == null ? terms.guest() : lease.guest();
            end.completeExceptionally(
                    new AbortException(Messages.LeaseRun_timeout(terms.timeout().toSeconds(), guest)));
        });
    }

    /**
     * Puts the guest back as the terms say. If its start has not ended yet, waits for that first.
     *
     * @return the lease once the guest is back; or the failure as a build shows it, or a {@link CancellationException}
     */
    @NonNull
    public CompletableFuture<Lease> putBack() {
        if (lease.phase() != Lease.Phase.RETURNING) {
            lease = lease.returning();
        }
        if (terms.onExit() == OnExit.LEAVE || lease.guest() == null) {
            finish();
        } else if (lease.request() != null) {
            attempt(null, this::operate);
        } else {
            // one part for awaiting the start, one for the checks
            limitLooks(Collections.max(List.of(left(), terms.kept().multipliedBy(2))));
            Upid start = lease.startUnderWay();
            if (start == null) {
                chooseReturn(GuestReturn.Start.OVER);
            } else {
                connected(connection -> awaitStart(connection, start));
            }
        }
        return end;
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
        start.whenComplete((outcome, failure) -> chooseReturn(startAfter(task, outcome, failure)));
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

    private void operate() {
        BuildOperation next;
        synchronized (this) {
            if (end.isDone() || givenUp) {
                return;
            }
            next = new BuildOperation(
                    build,
                    listener,
                    terms.server(),
                    terms.credentialsId(),
                    lease.request(),
                    lease.operation(),
                    this::reached);
            operation = next;
        }
        next.beginUnexplained().whenComplete((state, failure) -> ended(next, failure));
    }

    private CompletionStage<?> reached(OperationState state) {
        synchronized (this) {
            lease = lease.with(state);
        }
        CompletionStage<?> saved = progress.reached(lease);
        if (abortWanted && !lease.isStartUncertain()) {
            // after this step, which decides what happens to the task
            ControllerThreads.workers().now(this::giveUp);
        }
        return saved;
    }

    private void ended(BuildOperation last, @CheckForNull Throwable failure) {
        lease = lease.with(last.state());
        if (end.isDone()) {
            // given up a moment ago
            return;
        }
        if (failure == null) {
            finish();
        } else if (failure instanceof ShutdownIgnoredException && hasLastResort()) {
            log.accept(last.failed(failure).getMessage());
            log.accept(Messages.LeaseRun_stops());
            lease = lease.with(terms.lastResort(lease.selector(), left()));
            operate();
        } else if (isToBeTakenUpAgain(failure)) {
            log.accept(Messages.LeaseRun_looksAgain(
                    lease.underWay().operation(), failure.getMessage(), BETWEEN_ATTEMPTS.toSeconds()));
            takeUpAgain();
        } else {
            end.completeExceptionally(last.failed(failure));
        }
    }

    private boolean hasLastResort() {
        return lease.phase() == Lease.Phase.RETURNING
                && terms.hasLastResort(lease.underWay().operation());
    }

    /**
     * Whether an earlier request may still put the guest back: its task continues even if following it failed, and
     * there is time to check again.
     */
    private boolean isToBeTakenUpAgain(Throwable failure) {
        return lease.phase() == Lease.Phase.RETURNING
                && (failure instanceof IOException || failure instanceof OperationTimeoutException)
                && lease.isRequested()
                && left().compareTo(BETWEEN_ATTEMPTS) > 0;
    }

    private void takeUpAgain() {
        Duration soFar = Duration.between(lease.operation().begun(), Instant.now());
        lease = lease.withTime(soFar.plus(left()));
        ControllerThreads.workers().after(BETWEEN_ATTEMPTS, this::operate);
    }

    private void finish() {
        lease = lease.phase() == Lease.Phase.STARTING ? lease.leased() : lease.returned();
        end.complete(lease);
    }

    /**
     * Ends the current operation. A task in Proxmox VE continues unless the terms say otherwise. This happens at once,
     * except while it is not known whether a request to start the guest arrived. Then it waits for the answer first,
     * since the guest must be put back if it did.
     */
    public void abort() {
        synchronized (this) {
            if (operation != null && !abortWanted && lease.isStartUncertain()) {
                abortWanted = true;
                log.accept(Messages.LeaseRun_awaitsAnswer());
                return;
            }
        }
        giveUp();
    }

    /** Ends it at once in any case, even between two operations. */
    public void giveUp() {
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
    private interface Exchange {
        void with(ServerConnection connection) throws ProxmoxException, GuestException;
    }

    @FunctionalInterface
    private interface Work {
        void run() throws IOException, GuestException;
    }

    /** Runs an exchange in the threads of the current connection. */
    private void connected(Exchange exchange) {
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

    private void connected(ServerConnection present, Exchange exchange) throws AbortException {
        List<ServerAddress> addresses = present.client().addresses();
        if (lease.isElsewhere(addresses)) {
            throw new AbortException(
                    Messages.BuildConnection_anotherServer(terms.server(), addresses, lease.addresses()));
        }
        lease = lease.on(addresses);
        connection = present;
        present.workers().now(() -> attempt(present.client(), () -> exchange.with(present)));
    }

    /** The rights for starting a guest, which are also those for putting it back. */
    private List<RequiredPrivilege> needs() {
        Integer vmid = terms.guest().vmidOf(lease.guest());
        return vmid == null ? List.of() : new PowerOperation(PowerAction.START).needs(vmid, GuestConfig.UNKNOWN);
    }

    private void attempt(@CheckForNull ProxmoxClient client, Work work) {
        if (end.isDone()) {
            return;
        }
        try {
            work.run();
        } catch (RejectedExecutionException e) {
            LOGGER.log(Level.FINE, "No thread goes on any more", e);
        } catch (IOException | GuestException | RuntimeException | LinkageError e) {
            // catch everything: a wait that never ends is worse
            end.completeExceptionally(BuildConsole.failure(e, client, needs(), listener));
        }
    }
}
