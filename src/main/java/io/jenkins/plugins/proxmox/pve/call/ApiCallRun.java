package io.jenkins.plugins.proxmox.pve.call;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.call.ApiCallState.Phase;
import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.operation.Deadline;
import io.jenkins.plugins.proxmox.pve.operation.ReloadingConnection;
import io.jenkins.plugins.proxmox.pve.operation.ServerConnection;
import io.jenkins.plugins.proxmox.pve.task.RetryPolicy;
import io.jenkins.plugins.proxmox.pve.task.TaskOutcome;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
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
 * Makes one call and awaits its task. Holds no thread in between. A read is repeated while the server is in trouble. A
 * write is sent once: what any call does is not known here, so a task in a list cannot be recognized as its own.
 */
public final class ApiCallRun {

    /** Notified of each new state so that it can be saved. */
    @FunctionalInterface
    public interface Progress {
        /**
         * Returns immediately.
         *
         * @return completes when the state is saved; a write is not sent before that, and not at all if saving failed
         */
        CompletionStage<?> reached(ApiCallState state);
    }

    /** Whether the call is still allowed, which is asked each time before it is sent. */
    @FunctionalInterface
    public interface Admission {
        /**
         * @throws IOException when it is not
         */
        void check() throws IOException;
    }

    private static final Logger LOGGER = Logger.getLogger(ApiCallRun.class.getName());

    /** The interval at which a wait for a task checks for changed settings. */
    private static final Duration LOOK_FOR_CHANGES = Duration.ofSeconds(10);

    private final ApiCall call;
    private final WorkerThreads workers;
    private final ReloadingConnection settings;
    private final Admission admission;
    private final Consumer<String> log;
    private final Progress progress;
    private final RetryPolicy retryPolicy;
    private final CallFailures failures;
    private final CompletableFuture<ApiCallState> end = new CompletableFuture<>();
    private final AtomicBoolean taskWasLeft = new AtomicBoolean();
    private volatile ApiCallState state;
    private volatile ServerConnection connection;

    /** The next attempt, or the check that interrupts a wait for a task. */
    private Future<?> planned;

    /** Settings that are being read, or the end of a task. */
    private CompletableFuture<?> awaited;

    /**
     * Idle until {@link #begin} is called.
     *
     * @param from {@link ApiCallState#begin()} or a saved state
     * @param workers for work without exchanges; exchanges run in those of the connection
     * @param log receives one readable line for each event
     */
    public ApiCallRun(
            ApiCall call,
            ApiCallState from,
            WorkerThreads workers,
            ServerConnection.Source source,
            Admission admission,
            Consumer<String> log,
            Progress progress) {
        this.call = call;
        this.state = from;
        this.workers = workers;
        this.settings = new ReloadingConnection(source, log);
        this.admission = admission;
        this.log = log;
        this.progress = progress;
        this.retryPolicy = RetryPolicy.brief(log);
        this.failures = new CallFailures(call);
    }

    /**
     * Starts or continues the call. Returns immediately.
     *
     * @return the final state, or the failure: {@link ProxmoxException}, {@link ApiCallException} or an exception of
     *     the source of the connection
     */
    @NonNull
    public CompletableFuture<ApiCallState> begin() {
        if (state.phase() == Phase.DONE) {
            end.complete(state);
            return end;
        }
        Deadline.set(left(), workers, end, this::overdue);
        read(null);
        return end;
    }

    private Duration left() {
        Duration left = call.timeout().minus(state.age());
        return left.isNegative() ? Duration.ZERO : left;
    }

    private void overdue() {
        if (end.completeExceptionally(failures.timeout(state, retryPolicy.trouble()))) {
            forget();
        }
    }

    @NonNull
    public ApiCallState state() {
        return state;
    }

    /** The last connection, to explain a failure with; null when there was none. */
    @CheckForNull
    public ServerConnection connection() {
        return connection;
    }

    /**
     * Ends the wait immediately. Cancels the task in Proxmox VE only if the call says so.
     *
     * @return false when it had already ended
     */
    public boolean abort() {
        if (!end.cancel(false)) {
            return false;
        }
        forget();
        leaveTask();
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

    /** Cancels or leaves the task when nobody waits for it any more. */
    private void leaveTask() {
        Upid task = state.task();
        ServerConnection last = connection;
        // called both by the thread that aborts and by the one that sent the request meanwhile
        if (task != null && last != null && taskWasLeft.compareAndSet(false, true)) {
            last.leave(task, call.cancelsTask(), log);
        }
    }

    /**
     * Reads the settings again and continues with them.
     *
     * @param refusal caused by the current settings; null at the beginning
     */
    private void read(@CheckForNull ProxmoxException refusal) {
        CompletableFuture<ServerConnection> reading = settings.read(workers, state.phase() != Phase.READY, left());
        synchronized (this) {
            awaited = reading;
        }
        reading.whenComplete((read, failure) -> guarded(() -> goOnWith(read, failure, refusal)));
        if (end.isDone()) {
            forget();
        }
    }

    private void goOnWith(
            @CheckForNull ServerConnection read,
            @CheckForNull Throwable failure,
            @CheckForNull ProxmoxException refusal) {
        if (failure instanceof CancellationException) {
            return;
        }
        if (failure != null) {
            failed(state.phase() == Phase.SENT ? failures.lost(failure.getMessage(), null, state) : failure);
        } else if (refusal != null && read == connection) {
            troubled(refusal);
        } else {
            use(read);
            advance();
        }
    }

    private void use(ServerConnection present) {
        if (connection != null && present != connection) {
            log.accept(Texts.of("settings.changed"));
        }
        connection = present;
    }

    /** Continues with the current settings. */
    private void goOn() throws IOException {
        use(settings.present(connection));
        advance();
    }

    private void advance() {
        switch (state.phase()) {
            case READY -> {
                if (call.isWrite()) {
                    sendOnceSaved();
                } else {
                    exchange(this::send);
                }
            }
            case SENT -> exchange(() -> lost(Texts.of("call.interrupted")));
            case AWAIT_TASK -> await();
            case DONE -> end.complete(state);
        }
    }

    private void sendOnceSaved() {
        state = state.at(Phase.SENT);
        progress.reached(state).whenComplete((saved, failure) -> {
            if (failure == null) {
                exchange(this::send);
                return;
            }
            state = state.at(Phase.READY);
            failed(failures.notSaved(failure instanceof CompletionException wrapped ? wrapped.getCause() : failure));
        });
    }

    private void send() throws IOException {
        try {
            admission.check();
            Serializable answer = connection.client().raw().answer(call.request());
            retryPolicy.relieve();
            answered(answer);
        } catch (AuthenticationFailedException | PermissionDeniedException e) {
            // nothing was carried out: tries again with other credentials, if there are any by now
            state = state.at(Phase.READY);
            read(e);
        } catch (ProxmoxException e) {
            troubled(e);
        }
    }

    private void answered(@CheckForNull Serializable answer) {
        Upid task = call.isWrite() && answer instanceof String text && Upid.isUpid(text) ? Upid.parse(text) : null;
        if (task == null || !call.awaited()) {
            log.accept(Texts.of(task == null ? "call.answered" : "call.task", call, String.valueOf(task)));
            state = state.answered(task, answer);
            // a write must not count as lost when the process ends now
            CompletionStage<?> saved =
                    call.isWrite() ? progress.reached(state) : CompletableFuture.completedStage(null);
            saved.whenComplete((done, failure) -> end.complete(state));
            return;
        }
        log.accept(Texts.of("call.task", call, task));
        state = state.awaiting(task);
        progress.reached(state);
        if (end.isCancelled()) {
            // aborted while the request was being sent
            leaveTask();
        } else if (!end.isDone()) {
            await();
        }
    }

    private void troubled(ProxmoxException met) {
        if (call.isWrite() && met.mayHaveBeenExecuted()) {
            lost(met.getMessage());
            return;
        }
        if (state.phase() == Phase.AWAIT_TASK || call.isWrite() && !isBeforehand(met)) {
            failed(met);
            return;
        }
        try {
            retryPolicy.bear(met, () -> Texts.of("call.waits", call));
            state = state.at(Phase.READY);
            plan(retryPolicy.pause(), this::goOn);
        } catch (ProxmoxException last) {
            failed(last);
        }
    }

    /** Whether a write certainly did not begin, so that it can be sent again. */
    private static boolean isBeforehand(ProxmoxException met) {
        return !(met instanceof RequestRejectedException rejected) || rejected.isRefusedBeforehand();
    }

    private void lost(String why) {
        ServerConnection last = connection;
        failed(failures.lost(why, last == null ? null : last.client(), state));
    }

    private void await() {
        ServerConnection with = connection;
        CompletionStage<TaskOutcome> stage = with.tasks().watch(state.task(), log);
        synchronized (this) {
            awaited = stage.toCompletableFuture();
        }
        stage.whenComplete((outcome, failure) -> guarded(() -> taskEnded(with, outcome, failure)));
        plan(LOOK_FOR_CHANGES, this::lookForChanges);
        if (end.isDone()) {
            // given up before the wait was known
            forget();
        }
    }

    private void lookForChanges() throws IOException {
        ServerConnection present = settings.present(connection);
        if (present == connection) {
            plan(LOOK_FOR_CHANGES, this::lookForChanges);
        } else if (stopAwaiting()) {
            use(present);
            await();
        }
    }

    private synchronized boolean stopAwaiting() {
        return awaited.cancel(false);
    }

    private void taskEnded(ServerConnection with, @CheckForNull TaskOutcome outcome, @CheckForNull Throwable failure) {
        if (with != connection || failure instanceof CancellationException) {
            return;
        }
        if (failure instanceof PermissionDeniedException && !with.client().isOwn(state.task())) {
            failed(failures.unseen(state.task(), with.client().identity()));
        } else if (failure instanceof AuthenticationFailedException || failure instanceof PermissionDeniedException) {
            read((ProxmoxException) failure);
        } else if (failure != null) {
            failed(failure);
        } else if (!outcome.isSuccessful()) {
            failed(failures.taskFailed(outcome));
        } else {
            log.accept(Texts.of(
                    "task.ended", outcome.task().type(), outcome.status().exitStatus()));
            outcome.lastLogLines().forEach(line -> log.accept("  " + line));
            state = state.at(Phase.DONE);
            end.complete(state);
        }
    }

    /** Work that may fail for reasons that end the call. */
    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }

    private void exchange(Step step) {
        connection.workers().now(() -> guarded(step));
    }

    private synchronized void plan(Duration pause, Step next) {
        if (planned != null) {
            planned.cancel(false);
        }
        if (!end.isDone()) {
            planned = workers.after(pause, () -> guarded(next));
        }
    }

    private void guarded(Step step) {
        if (end.isDone()) {
            return;
        }
        try {
            step.run();
        } catch (Exception | LinkageError e) {
            // whatever it is: a wait that never ends is worse
            failed(e);
        }
    }

    private void failed(Throwable e) {
        if (e instanceof RejectedExecutionException) {
            // the process is shutting down; the saved state continues in the next one
            LOGGER.log(Level.FINE, "No thread goes on any more", e);
            return;
        }
        if (end.completeExceptionally(e)) {
            forget();
        } else {
            LOGGER.log(Level.FINE, "Failed after it was given up", e);
        }
    }
}
