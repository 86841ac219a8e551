package io.jenkins.plugins.proxmox.pve.operation;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.AvailabilityAnswer;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.task.TaskOutcome;
import io.jenkins.plugins.proxmox.pve.text.MessageBundle;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
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
 * Runs an operation: takes one step after the other in the threads of its connection, and holds no thread in between.
 * Starts from a given state, so that another process can continue where one left off.
 */
public final class OperationRun {

    /** Notified of each new state so that it can be saved. */
    @FunctionalInterface
    public interface Progress {

        /** For an operation that need not continue in another process. */
        Progress UNSAVED = state -> CompletableFuture.completedFuture(null);

        /**
         * Returns immediately.
         *
         * @return completes when the state is saved. The request is not sent before that, and not at all if saving
         *     failed: a process that resumed the operation would not know about it. After the request nothing waits for
         *     saving, because the task can be found.
         */
        CompletionStage<?> reached(OperationState state);
    }

    private static final Logger LOGGER = Logger.getLogger(OperationRun.class.getName());

    /** The interval at which a wait that needs nothing else checks for changed settings. */
    private static final Duration LOOK_FOR_CHANGES = Duration.ofSeconds(10);

    /** How long a last query may take after the timeout. */
    private static final Duration LAST_LOOK = Duration.ofSeconds(10);

    private final OperationRequest whole;

    /** The part of it that runs: the operation, or its last resort. */
    private volatile OperationRequest request;

    private final WorkerThreads workers;
    private final ReloadingConnection settings;
    private final Consumer<String> log;
    private final Progress progress;
    private final CompletableFuture<OperationState> end = new CompletableFuture<>();
    private volatile OperationState state;
    private volatile ServerConnection connection;
    private volatile OperationStateMachine steps;
    private final AtomicBoolean taskWasLeft = new AtomicBoolean();

    /** Completes when the current step, or the last one, has ended. */
    private CompletableFuture<Void> stepEnd = CompletableFuture.completedFuture(null);

    /** How far the task is; null if that is not known. */
    @CheckForNull
    private volatile TaskProgress taskProgress;

    /** The next step, or the check that interrupts a wait for a task. */
    private Future<?> planned;

    /** The end of a task, or a change of the guest by others. */
    private CompletableFuture<?> awaited;

    /**
     * Idle until {@link #begin} is called.
     *
     * @param from {@link OperationState#begin()}, or a saved state, {@linkplain OperationState#resumed() resumed}
     * @param workers for work without exchanges; exchanges run in those of the connection
     * @param log receives one readable line for each event
     */
    public OperationRun(
            OperationRequest request,
            OperationState from,
            WorkerThreads workers,
            ServerConnection.Source source,
            Consumer<String> log,
            Progress progress) {
        this.whole = request;
        OperationRequest last = from.history().lastResort() ? request.lastResort(from.age()) : null;
        this.request = last == null ? request.firstPart() : last;
        this.state = from;
        this.workers = workers;
        this.settings = new ReloadingConnection(source, log);
        this.log = log;
        this.progress = progress;
    }

    /**
     * Starts the operation. Returns immediately.
     *
     * @return the final state, or the failure: {@link ProxmoxException}, {@link GuestException} or an exception of the
     *     source of the connection
     */
    public CompletableFuture<OperationState> begin() {
        Deadline.set(limit(), workers, end, this::overdue);
        read(null);
        return end;
    }

    /** How long it may still take, including a last query. */
    private Duration limit() {
        Duration left = whole.timeout().minus(state.age());
        Duration more = whole.operation().lastResort() == null
                ? LAST_LOOK
                : LAST_LOOK.plus(OperationRequest.LEAST_FOR_LAST_RESORT);
        return (left.isNegative() ? Duration.ZERO : left).plus(more);
    }

    private void overdue() {
        OperationStateMachine last = steps;
        GuestException over = last == null ? neverBegun() : last.timeout(state);
        if (end.completeExceptionally(over)) {
            forget();
            leaveTaskAtTimeout();
        }
    }

    private GuestException neverBegun() {
        Object guest = state.guest() == null ? request.guest() : state.guest();
        return new GuestException(MessageBundle.sentences(
                Texts.of(
                        "timeout.settings",
                        request.timeout().toSeconds(),
                        request.operation().on(guest)),
                settings.trouble()));
    }

    public OperationState state() {
        return state;
    }

    /**
     * The last state of an operation that has ended. After an abort or a timeout, a step may still be running, above all
     * the request: its answer may be on its way.
     *
     * @return completes when no step is running any more and none will
     */
    public CompletableFuture<OperationState> atRest() {
        CompletableFuture<Void> last;
        synchronized (this) {
            last = stepEnd;
        }
        return last.thenApply(ended -> state);
    }

    /**
     * The privileges that it needs from beginning to end; empty while the guest is unknown. Reads the guest's
     * configuration if they depend on it.
     */
    public List<RequiredPrivilege> needs() {
        ObservedGuest guest = state.guest();
        Integer vmid = request.guest().vmidOf(guest);
        return vmid == null
                ? List.of()
                : request.needs(vmid, guest == null ? null : guest.location().type(), config(guest));
    }

    private GuestConfig config(@CheckForNull ObservedGuest guest) {
        ServerConnection last = connection;
        if (guest == null || last == null || !request.operation().needsDependOnConfig()) {
            return GuestConfig.UNKNOWN;
        }
        try {
            return last.client().config(guest.location());
        } catch (ProxmoxException e) {
            LOGGER.log(Level.FINE, "The configuration could not be read, and what is needed is told without it", e);
            return GuestConfig.UNKNOWN;
        }
    }

    /** The connection of the last step, to explain a failure with; null when there was none. */
    @CheckForNull
    public ServerConnection connection() {
        return connection;
    }

    /**
     * Ends the wait immediately, whatever it waits for. Cancels the task in Proxmox VE only if the request says so. A
     * request that is just being sent may still be sent.
     *
     * @return false when it had already ended
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

    private void leaveTaskAtTimeout() {
        if (request.operation().cancelsTaskAtTimeout()) {
            leaveTask(state);
        }
    }

    /** Cancels or leaves the task when nobody waits for it any more. */
    private void leaveTask(OperationState left) {
        Upid task = left.upid();
        ServerConnection last = connection;
        boolean runs = task != null && left.phase() == Phase.AWAIT_TASK && last != null;
        // called both by the thread that aborts and by the step that was running meanwhile
        if (runs && taskWasLeft.compareAndSet(false, true)) {
            last.leave(task, request.cancelsTask(), log);
        }
    }

    /**
     * Reads the settings again and continues with them.
     *
     * @param refusal caused by the current settings; null at the beginning
     */
    private void read(@CheckForNull ProxmoxException refusal) {
        ServerConnection last = connection;
        WorkerThreads next = last == null ? workers : last.workers();
        CompletableFuture<ServerConnection> reading =
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
            @CheckForNull ServerConnection read,
            @CheckForNull Throwable failure,
            @CheckForNull ProxmoxException refusal) {
        if (end.isDone() || failure instanceof CancellationException) {
            // aborted while they were read
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

    /** Runs the next step in a thread of the current connection. */
    private void goOn() {
        try {
            use(settings.present(connection));
            advance();
        } catch (IOException | RuntimeException e) {
            failed(e);
        }
    }

    private void advance() {
        connection.workers().now(() -> step(() -> steps.advance(state)));
    }

    private void use(ServerConnection present) {
        if (present == connection) {
            return;
        }
        if (connection != null) {
            log.accept(Texts.of("settings.changed"));
        }
        connection = present;
        steps = new OperationStateMachine(present.client(), request, log);
    }

    private void step(Callable<OperationState> step) {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        synchronized (this) {
            if (end.isDone()) {
                return;
            }
            stepEnd = ended;
        }
        try {
            take(step);
        } finally {
            ended.complete(null);
        }
    }

    private void take(Callable<OperationState> step) {
        try {
            OperationState before = state;
            OperationState after = step.call();
            state = after;
            CompletionStage<?> saved = after.isToBeSavedAfter(before) ? progress.reached(after) : null;
            if (saved != null && after.phase() == Phase.REQUEST) {
                saved.whenComplete((done, failure) -> sendOnceSaved(failure));
            } else {
                follow(after);
            }
        } catch (AuthenticationFailedException | PermissionDeniedException | PermissionDeniedException.Foreseen e) {
            // nothing was carried out: tries again with other credentials, if there are any by now
            if (end.isDone()) {
                failed(e);
            } else {
                read(e);
            }
        } catch (Exception | LinkageError e) {
            // whatever it is: a wait that never ends is worse
            failed(e);
        }
    }

    /** Called in the thread that saved the state. */
    private void sendOnceSaved(@CheckForNull Throwable failure) {
        try {
            if (failure == null) {
                plan(Duration.ZERO, this::goOn);
            } else {
                Throwable why = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
                failed(new GuestException(
                        Texts.of("request.not-saved", request.operation().on(state.guest()), why)));
            }
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private void follow(OperationState reached) {
        if (end.isCancelled()) {
            // aborted while the request was being sent
            leaveTask(reached);
        } else if (end.isDone()) {
            // the time was over before the answer came
            leaveTaskAtTimeout();
        } else if (reached.isDone()) {
            end.complete(reached);
        } else if (reached.phase() == Phase.AWAIT_TASK) {
            await(reached);
        } else if (reached.phase() == Phase.AVAILABLE) {
            awaitAvailable(reached);
        } else if (OperationStateMachine.waitsForOthers(reached)) {
            awaitOthers(reached);
        } else {
            plan(steps.pause(reached), this::goOn);
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
        Duration left = steps.left(at);
        if (left.isNegative()) {
            // one query and no more
            plan(Duration.ZERO, this::goOn);
            return;
        }
        CompletionStage<TaskOutcome> stage = connection.tasks().watch(at.upid(), log);
        synchronized (this) {
            awaited = stage.toCompletableFuture();
        }
        ServerConnection with = connection;
        stage.whenComplete((outcome, failure) -> with.workers().now(() -> taskAnswered(with, outcome, failure)));
        wakeUp(left);
    }

    private void awaitOthers(OperationState at) {
        ServerConnection with = connection;
        CompletableFuture<Void> look = with.guests().worthALook(at.guest(), steps.pause(at));
        synchronized (this) {
            awaited = look;
        }
        look.thenRun(() -> with.workers().now(this::lookAgain));
        wakeUp(steps.left(at));
    }

    private void awaitAvailable(OperationState at) {
        ServerConnection with = connection;
        CompletableFuture<AvailabilityAnswer> look = steps.look(at, with);
        synchronized (this) {
            awaited = look;
        }
        look.whenComplete((answer, failure) -> with.workers().now(() -> guestAnswered(with, look, answer, failure)));
        wakeUp(steps.left(at));
    }

    private void guestAnswered(
            ServerConnection with, CompletableFuture<?> look, AvailabilityAnswer answer, Throwable failure) {
        synchronized (this) {
            if (end.isDone() || with != connection || look != awaited || look.isCancelled()) {
                return;
            }
            if (planned != null) {
                planned.cancel(false);
            }
        }
        step(() -> steps.advance(state, answer, failure));
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
            // aborted before the awaited event was known
            forget();
            return;
        }
        boolean last = left.compareTo(LOOK_FOR_CHANGES) < 0;
        planned = workers.after(last ? left.plusMillis(10) : LOOK_FOR_CHANGES, this::wake);
    }

    /** The timeout has passed, or the settings may have changed. */
    private void wake() {
        if (!isAwaiting()) {
            return;
        }
        Duration left = steps.left(state);
        ServerConnection present;
        try {
            present = settings.present(connection);
        } catch (IOException | RuntimeException e) {
            forget();
            failed(e);
            return;
        }
        if (present == connection && !left.isNegative()) {
            readProgress();
            wakeUp(left);
        } else if (stopAwaiting()) {
            state = steps.seen(state);
            use(present);
            if (left.isNegative() || state.phase() != Phase.AWAIT_TASK) {
                advance();
            } else {
                await(state);
            }
        }
    }

    private void readProgress() {
        Upid task = state.upid();
        if (task == null
                || state.phase() != Phase.AWAIT_TASK
                || !request.operation().showsProgress()) {
            return;
        }
        TaskProgress known = taskProgress;
        TaskProgress current = known != null && known.isOf(task) ? known : new TaskProgress(task, log);
        taskProgress = current;
        ServerConnection with = connection;
        with.workers().now(() -> current.read(with.client()));
    }

    /** A description of what it waits for. */
    public String waitsFor() {
        TaskProgress known = taskProgress;
        String percentage = known == null || state.phase() != Phase.AWAIT_TASK ? null : known.percentage();
        return percentage == null ? state.waitsFor() : Texts.of("waits.progress", state.waitsFor(), percentage);
    }

    private synchronized boolean isAwaiting() {
        return !end.isDone() && awaited != null && !awaited.isDone();
    }

    /** Whether the wait was given up before the awaited event occurred. */
    private synchronized boolean stopAwaiting() {
        return awaited.cancel(false);
    }

    private void taskAnswered(ServerConnection with, TaskOutcome outcome, Throwable failure) {
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
                return steps.unseen(state, refusal);
            }
            if (failure instanceof Exception e) {
                throw e;
            }
            return steps.advance(state, outcome);
        });
    }

    /** Goes on with the last resort of an operation that the guest ignored, if it has one. */
    private boolean resort(ShutdownIgnoredException ignored) {
        OperationRequest last = state.history().lastResort() ? null : whole.lastResort(state.age());
        if (last == null || end.isDone()) {
            return false;
        }
        log.accept(ignored.getMessage());
        log.accept(Texts.of("shutdown.stops", state.guest()));
        request = last;
        state = state.forLastResort();
        steps = new OperationStateMachine(connection.client(), last, log);
        goOn();
        return true;
    }

    private void failed(Throwable e) {
        if (e instanceof ShutdownIgnoredException ignored && resort(ignored)) {
            return;
        }
        if (state.phase() == Phase.REQUEST
                && !state.history().resent()
                && (e instanceof IOException || e instanceof GuestException)) {
            // it was refused, or never left: nothing has to be undone, and the drawn VMID is of somebody else or free.
            // Whatever leaves it open whether the request arrived does not fail, but leads to the next phase.
            state = state.refused();
        }
        if (e instanceof RejectedExecutionException) {
            // the process is shutting down; the saved state continues in the next one
            LOGGER.log(Level.FINE, "No thread goes on any more", e);
            return;
        }
        if (!end.completeExceptionally(e)) {
            LOGGER.log(Level.FINE, "Failed after it was given up", e);
        } else if (e instanceof OperationTimeoutException) {
            leaveTaskAtTimeout();
        }
    }
}
