package io.jenkins.plugins.proxmox.pve.guest;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.guest.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.task.TaskOutcome;
import io.jenkins.plugins.proxmox.pve.task.Workers;
import io.jenkins.plugins.proxmox.pve.text.Wording;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * An operation on its way: takes one step after the other in the threads of its connection and holds none of them in
 * between. Begins where a state says, so that another process can go on where one left off.
 */
public final class OperationRun {

    /** Told how far it came, to save that. */
    @FunctionalInterface
    public interface Progress {

        /** Of an operation that needs not go on in another process. */
        Progress UNSAVED = state -> CompletableFuture.completedFuture(null);

        /**
         * Returns at once.
         *
         * @return when it is saved. The request is not sent before, and not at all if saving failed: whoever took the
         *     operation up then would not know of it. After the request nothing waits, since its task can be found.
         */
        CompletionStage<?> reached(OperationState state);
    }

    private static final Logger LOGGER = Logger.getLogger(OperationRun.class.getName());

    /** How soon a wait that needs nothing else follows changed settings. */
    private static final Duration LOOK_FOR_CHANGES = Duration.ofSeconds(10);

    /** How long a last look may take when the time is over, before it ends without. */
    private static final Duration LAST_LOOK = Duration.ofSeconds(10);

    private final PowerRequest request;
    private final Workers workers;
    private final PresentSettings settings;
    private final Consumer<String> log;
    private final Progress progress;
    private final CompletableFuture<OperationState> end = new CompletableFuture<>();
    private volatile OperationState state;
    private volatile Connection connection;
    private volatile GuestOperation operation;
    private final AtomicBoolean taskWasLeft = new AtomicBoolean();

    /** The next step, or what wakes a wait for a task. */
    private Future<?> planned;

    /** The end of a task, or a change of the guest by others. */
    private CompletableFuture<?> awaited;

    /**
     * Does nothing before {@link #begin}.
     *
     * @param from {@link OperationState#begin()}, or a saved state, {@linkplain OperationState#resumed() resumed}
     * @param workers for what makes no exchange; exchanges run in those of the connection
     * @param log takes one readable line for each thing that happened
     */
    public OperationRun(
            PowerRequest request,
            OperationState from,
            Workers workers,
            Connection.Source source,
            Consumer<String> log,
            Progress progress) {
        this.request = request;
        this.state = from;
        this.workers = workers;
        this.settings = new PresentSettings(source, log);
        this.log = log;
        this.progress = progress;
    }

    /**
     * Begins. Returns at once.
     *
     * @return the state at the end, or why it failed: {@link ProxmoxException}, {@link GuestException} or what the
     *     source of the connection throws
     */
    public CompletableFuture<OperationState> begin() {
        Deadline.set(limit(), workers, end, this::overdue);
        read(null);
        return end;
    }

    /** How long it may still take, a last look included. */
    private Duration limit() {
        Duration left = request.timeout().minus(state.age());
        return (left.isNegative() ? Duration.ZERO : left).plus(LAST_LOOK);
    }

    private void overdue() {
        GuestOperation last = operation;
        GuestException over = last == null ? neverBegun() : last.timeout(state);
        if (end.completeExceptionally(over)) {
            forget();
        }
    }

    private GuestException neverBegun() {
        Object guest = state.guest() == null ? request.guest() : state.guest();
        return new GuestException(Wording.sentences(
                Texts.of("timeout.settings", request.timeout().toSeconds(), request.action(), guest),
                settings.trouble()));
    }

    /** How far it is. */
    public OperationState state() {
        return state;
    }

    /** The rights that it needs from its beginning to its end; empty while it is not known which guest is meant. */
    public List<RequiredPrivilege> needs() {
        return request.guest().needs(request.action(), state.guest());
    }

    /** The connection of the last step, to explain a failure with; null when there was none. */
    @CheckForNull
    public Connection connection() {
        return connection;
    }

    /**
     * Ends the wait at once, whatever it waits for. The task in Proxmox VE is ended only if the request says so. What
     * was about to be sent in this moment may still be sent.
     *
     * @return false when it had ended before
     */
    public boolean abort() {
        if (!end.cancel(false)) {
            return false;
        }
        forget();
        leaveTask(state);
        return true;
    }

    private synchronized void forget() {
        if (planned != null) {
            planned.cancel(false);
        }
        if (awaited != null) {
            awaited.cancel(false);
        }
    }

    /** What becomes of the task when nobody waits for it any more. */
    private void leaveTask(OperationState left) {
        Upid task = left.upid();
        Connection last = connection;
        boolean runs = task != null && left.phase() == Phase.AWAIT_TASK && last != null;
        // both who gives up and the step that was under way meanwhile come here
        if (!runs || !taskWasLeft.compareAndSet(false, true)) {
            return;
        }
        if (!request.cancelsTask()) {
            log.accept(Texts.of("task.goes-on", task));
            return;
        }
        last.workers().now(() -> {
            try {
                last.client().cancelTask(task);
                log.accept(Texts.of("task.cancelled", task));
            } catch (ProxmoxException e) {
                log.accept(Texts.of("task.not-cancelled", task, e.getMessage()));
            }
        });
    }

    /**
     * Reads the settings anew and goes on with them.
     *
     * @param refusal of the present settings; null at the beginning
     */
    private void read(@CheckForNull ProxmoxException refusal) {
        Connection last = connection;
        Workers next = last == null ? workers : last.workers();
        CompletableFuture<Connection> reading =
                settings.read(workers, last != null || !state.isUntouched(), limit().plus(LAST_LOOK));
        synchronized (this) {
            awaited = reading;
        }
        reading.whenComplete((read, failure) -> next.now(() -> goOnWith(read, failure, refusal)));
        if (end.isDone()) {
            forget();
        }
    }

    private void goOnWith(
            @CheckForNull Connection read, @CheckForNull Throwable failure, @CheckForNull ProxmoxException refusal) {
        if (end.isDone() || failure instanceof CancellationException) {
            // given up while they were read
            return;
        }
        if (failure != null) {
            failed(failure);
        } else if (refusal != null && read == connection) {
            failed(refusal);
        } else {
            use(read);
            if (refusal != null && state.phase() == Phase.AWAIT_TASK) {
                await(state);
            } else {
                advance();
            }
        }
    }

    /** Leads the next step to a thread of the present connection. */
    private void goOn() {
        try {
            use(settings.present(connection));
            advance();
        } catch (IOException | RuntimeException e) {
            failed(e);
        }
    }

    private void advance() {
        connection.workers().now(() -> step(() -> operation.advance(state)));
    }

    private void use(Connection present) {
        if (present == connection) {
            return;
        }
        if (connection != null) {
            log.accept(Texts.of("settings.changed"));
        }
        connection = present;
        operation = new GuestOperation(present.client(), request, log);
    }

    private interface Step {
        OperationState take() throws Exception;
    }

    private void step(Step step) {
        if (end.isDone()) {
            return;
        }
        try {
            OperationState before = state;
            OperationState after = step.take();
            state = after;
            CompletionStage<?> saved = after.isToBeSavedAfter(before) ? progress.reached(after) : null;
            if (saved != null && after.phase() == Phase.REQUEST) {
                saved.whenComplete((done, failure) -> sendOnceSaved(failure));
            } else {
                follow(after);
            }
        } catch (AuthenticationFailedException | PermissionDeniedException e) {
            refused(e);
        } catch (Exception | LinkageError e) {
            // whatever it is: a wait that never ends is worse
            failed(e);
        }
    }

    /** Called in the thread that saved. */
    private void sendOnceSaved(@CheckForNull Throwable failure) {
        try {
            if (failure == null) {
                plan(Duration.ZERO, this::goOn);
            } else {
                Throwable why = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
                failed(new GuestException(Texts.of("request.not-saved", request.action(), state.guest(), why)));
            }
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private void follow(OperationState reached) {
        if (end.isCancelled()) {
            // aborted while the request was on its way
            leaveTask(reached);
        } else if (reached.isDone()) {
            end.complete(reached);
        } else if (reached.phase() == Phase.AWAIT_TASK) {
            await(reached);
        } else if (GuestOperation.waitsForOthers(reached)) {
            awaitOthers(reached);
        } else {
            plan(operation.pause(reached), this::goOn);
        }
    }

    private synchronized void plan(Duration pause, Runnable next) {
        if (end.isDone()) {
            return;
        }
        if (pause.isZero()) {
            connection.workers().now(next);
        } else {
            planned = connection.workers().after(pause, next);
        }
    }

    private void await(OperationState at) {
        Duration left = operation.left(at);
        if (left.isNegative()) {
            // one look and no more
            plan(Duration.ZERO, this::goOn);
            return;
        }
        CompletionStage<TaskOutcome> stage = connection.tasks().watch(at.upid(), log);
        synchronized (this) {
            awaited = stage.toCompletableFuture();
        }
        Connection with = connection;
        stage.whenComplete((outcome, failure) -> with.workers().now(() -> taskAnswered(with, outcome, failure)));
        wakeUp(left);
    }

    private void awaitOthers(OperationState at) {
        Connection with = connection;
        CompletableFuture<Void> look = with.guests().worthALook(at.guest(), operation.pause(at));
        synchronized (this) {
            awaited = look;
        }
        look.thenRun(() -> with.workers().now(this::lookAgain));
        wakeUp(operation.left(at));
    }

    private void lookAgain() {
        synchronized (this) {
            if (planned != null) {
                planned.cancel(false);
            }
        }
        goOn();
    }

    private synchronized void wakeUp(Duration left) {
        if (end.isDone()) {
            // given up before what is awaited was known
            forget();
            return;
        }
        boolean last = left.compareTo(LOOK_FOR_CHANGES) < 0;
        planned = workers.after(last ? left.plusMillis(10) : LOOK_FOR_CHANGES, this::wake);
    }

    /** The time is over, or the settings may have changed. */
    private void wake() {
        if (!isAwaiting()) {
            return;
        }
        Duration left = operation.left(state);
        Connection present;
        try {
            present = settings.present(connection);
        } catch (IOException | RuntimeException e) {
            forget();
            failed(e);
            return;
        }
        if (present == connection && !left.isNegative()) {
            wakeUp(left);
        } else if (stopAwaiting()) {
            use(present);
            if (left.isNegative() || state.phase() != Phase.AWAIT_TASK) {
                advance();
            } else {
                await(state);
            }
        }
    }

    private synchronized boolean isAwaiting() {
        return !end.isDone() && awaited != null && !awaited.isDone();
    }

    /** Whether the wait was given up before what it is for came. */
    private synchronized boolean stopAwaiting() {
        return awaited.cancel(false);
    }

    private void taskAnswered(Connection with, TaskOutcome outcome, Throwable failure) {
        synchronized (this) {
            if (end.isDone() || with != connection || awaited.isCancelled()) {
                return;
            }
            if (planned != null) {
                planned.cancel(false);
            }
        }
        step(() -> {
            if (failure instanceof PermissionDeniedException refusal) {
                return operation.unseen(state, refusal);
            }
            if (failure instanceof Exception e) {
                throw e;
            }
            return operation.advance(state, outcome);
        });
    }

    /** Nothing was carried out: with other credentials, if there are any by now, it is tried again. */
    private void refused(ProxmoxException refusal) {
        read(refusal);
    }

    private void failed(Throwable e) {
        if (e instanceof RejectedExecutionException) {
            // the process is going down; what was saved goes on in the next one
            LOGGER.log(Level.FINE, "No thread goes on any more", e);
            return;
        }
        if (!end.completeExceptionally(e)) {
            LOGGER.log(Level.FINE, "Failed after it was given up", e);
        }
    }
}
