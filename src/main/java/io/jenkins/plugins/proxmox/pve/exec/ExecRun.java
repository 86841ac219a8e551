package io.jenkins.plugins.proxmox.pve.exec;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.exec.ExecState.Phase;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.operation.Deadline;
import io.jenkins.plugins.proxmox.pve.operation.ReloadingConnection;
import io.jenkins.plugins.proxmox.pve.operation.ServerConnection;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Runs a command in a guest: takes one step after the other in the threads of its connection, and holds no thread in
 * between. Starts from a given state, so that another process can continue where one left off.
 */
public final class ExecRun {

    /** Notified of each new state so that it can be saved. Its methods return immediately. */
    public interface Progress {

        /** For a command that need not continue in another process. */
        Progress UNSAVED = new Progress() {
            @Override
            public void reached(ExecState state) {
                // nobody wants to know
            }

            @Override
            public CompletionStage<?> save(ExecState state) {
                return CompletableFuture.completedFuture(null);
            }
        };

        /** Called with each state, after its output was logged. */
        void reached(ExecState state);

        /**
         * Called with each state that is to be saved: at each phase, and now and then while output is logged.
         *
         * @return completes when the state is saved. The command is not begun before that, and not at all if saving
         *     failed.
         */
        CompletionStage<?> save(ExecState state);
    }

    private static final Logger LOGGER = Logger.getLogger(ExecRun.class.getName());

    /** How long the command may take to end after the timeout, including all queries. */
    private static final Duration AFTER_TIMEOUT = Duration.ofMinutes(1);

    /** How long it may take to end after nobody waits for it any more. */
    private static final Duration AFTER_ABORT = Duration.ofSeconds(30);

    /** The interval at which the progress of the output is saved. */
    private static final Duration BETWEEN_SAVES = Duration.ofSeconds(2);

    private final ExecRequest request;
    private final WorkerThreads workers;
    private final ReloadingConnection settings;
    private final Consumer<String> log;
    private final Consumer<List<String>> lines;
    private final Progress progress;
    private final CommandOutput.Limits limits;
    private final CompletableFuture<ExecResult> end = new CompletableFuture<>();
    private volatile ExecState state;
    private volatile ServerConnection connection;
    private volatile ExecSteps steps;
    private volatile boolean aborted;

    /** The next step. */
    private Future<?> planned;

    /** The settings that are being read. */
    private CompletableFuture<?> awaited;

    private boolean savePlanned;
    private long lastSave = System.nanoTime() - BETWEEN_SAVES.toNanos();

    /**
     * Idle until {@link #begin} is called.
     *
     * @param from {@link ExecState#begin()}, or a saved state, {@linkplain ExecState#resumed() resumed}
     * @param workers for work without exchanges; exchanges run in those of the connection
     * @param log receives one readable line for each event
     * @param lines receives the lines of the output
     */
    public ExecRun(
            ExecRequest request,
            ExecState from,
            WorkerThreads workers,
            ServerConnection.Source source,
            Consumer<String> log,
            Consumer<List<String>> lines,
            Progress progress) {
        this(request, from, workers, source, log, lines, progress, CommandOutput.Limits.USUAL);
    }

    ExecRun(
            ExecRequest request,
            ExecState from,
            WorkerThreads workers,
            ServerConnection.Source source,
            Consumer<String> log,
            Consumer<List<String>> lines,
            Progress progress,
            CommandOutput.Limits limits) {
        this.request = request;
        this.state = from;
        this.workers = workers;
        this.settings = new ReloadingConnection(source, log);
        this.log = log;
        this.lines = lines;
        this.progress = progress;
        this.limits = limits;
    }

    /**
     * Starts the command. Returns immediately.
     *
     * @return the result, or the failure: {@link ProxmoxException}, {@link GuestException} or an exception of the
     *     source of the connection; cancelled when it was aborted
     */
    @NonNull
    public CompletableFuture<ExecResult> begin() {
        Deadline.set(limit(), workers, end, this::overdue);
        read(null);
        return end;
    }

    private Duration limit() {
        Duration left = request.timeout().minus(state.age());
        return (left.isNegative() ? Duration.ZERO : left).plus(AFTER_TIMEOUT);
    }

    private void overdue() {
        ExecSteps last = steps;
        String why = last == null
                ? Texts.of("exec.timeout-settings", request.timeout().toSeconds(), request.guest())
                : last.timeout(state);
        if (!end.isDone()) {
            tellWhatIsLeft();
        }
        if (end.completeExceptionally(new GuestException(why))) {
            forget();
        }
    }

    @NonNull
    public ExecState state() {
        return state;
    }

    /** The privileges that it needs from beginning to end; empty while the guest is unknown. */
    @NonNull
    public List<RequiredPrivilege> needs() {
        Integer vmid = request.guest().vmidOf(state.guest());
        return vmid == null ? List.of() : ExecRequest.needs(vmid);
    }

    /** The connection of the last step, to explain a failure with; null when there was none. */
    @CheckForNull
    public ServerConnection connection() {
        return connection;
    }

    /**
     * Ends the command in the guest and then the wait, which is cancelled at the latest after half a minute.
     *
     * @return false when it had already ended
     */
    public boolean abort() {
        if (end.isDone()) {
            return false;
        }
        aborted = true;
        if (!state.isInGuest()) {
            return cancel();
        }
        Deadline.set(AFTER_ABORT, workers, end, this::giveUp);
        synchronized (this) {
            if (planned != null && planned.cancel(false)) {
                plan(Duration.ZERO, this::goOn);
            }
        }
        return true;
    }

    /** Ends the wait immediately, whatever the command in the guest does. */
    public void giveUp() {
        if (cancel()) {
            tellWhatIsLeft();
        }
    }

    private boolean cancel() {
        boolean first = end.cancel(false);
        forget();
        return first;
    }

    /** Says what the end of the wait leaves in the guest. */
    private void tellWhatIsLeft() {
        ExecState left = state;
        switch (left.phase()) {
            case START, RUN, STOP -> log.accept(Texts.of("exec.may-still-run", left.guest(), left.id()));
            case STORE, DRAIN, STDOUT, REMOVE -> log.accept(Texts.of("exec.files-left", left.guest(), left.id()));
            case FIND, DONE -> {
                // nothing
            }
        }
    }

    private synchronized void forget() {
        if (planned != null) {
            planned.cancel(false);
        }
        if (awaited != null) {
            awaited.cancel(false);
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
                settings.read(workers, last != null || state.isInGuest(), limit());
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
            advance();
        }
    }

    private void goOn() {
        try {
            use(settings.present(connection));
            advance();
        } catch (IOException | RuntimeException e) {
            failed(e);
        }
    }

    private void use(ServerConnection present) {
        if (present == connection) {
            return;
        }
        if (connection != null) {
            log.accept(Texts.of("settings.changed"));
        }
        connection = present;
        steps = new ExecSteps(present.client(), request, log, lines, limits);
    }

    /** Runs the next step in a thread of the current connection; queries of a running command take turns. */
    private void advance() {
        ServerConnection with = connection;
        if (steps.isQueryNext(state) && !aborted) {
            with.tasks().pace().askGuest(state.guest().location().node(), with.workers(), this::step);
        } else {
            with.workers().now(this::step);
        }
    }

    private void step() {
        if (end.isDone()) {
            return;
        }
        try {
            ExecState before = toBeStopped(state);
            if (before == null) {
                cancel();
                return;
            }
            ExecState after = steps.advance(before);
            boolean matters = after.isToBeSavedAfter(state);
            state = after;
            progress.reached(after);
            if (after.isDone()) {
                complete(after);
            } else if (after.phase() != before.phase() && isToBeSavedFirst(after.phase())) {
                progress.save(after).whenComplete((done, failure) -> goOnOnceSaved(after, failure));
            } else {
                if (matters) {
                    progress.save(after);
                } else if (after.offset() > before.offset()) {
                    saveSoon();
                }
                plan(steps.pause(), this::goOn);
            }
        } catch (AuthenticationFailedException | PermissionDeniedException e) {
            // nothing was carried out: tries again with other credentials, if there are any by now
            read(e);
        } catch (Exception | LinkageError e) {
            // whatever it is: a wait that never ends is worse
            failed(e);
        }
    }

    @CheckForNull
    private ExecState toBeStopped(ExecState current) {
        boolean told = current.end() != null && current.end().kind() == ExecEnd.Kind.ABORTED;
        return aborted && !told ? steps.aborted(current) : current;
    }

    /** Whether a process that resumed must know of the phase before it begins. */
    private static boolean isToBeSavedFirst(Phase phase) {
        return phase == Phase.START || phase == Phase.REMOVE;
    }

    /** Called in the thread that saved the state. */
    private void goOnOnceSaved(ExecState saved, @CheckForNull Throwable failure) {
        try {
            if (failure == null) {
                plan(Duration.ZERO, this::goOn);
                return;
            }
            Throwable why = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
            if (saved.phase() == Phase.START) {
                failed(new GuestException(Texts.of("exec.not-saved", saved.guest(), why)));
            } else {
                LOGGER.log(Level.WARNING, "The files of a command stay in " + saved.guest(), why);
                complete(saved);
            }
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private synchronized void saveSoon() {
        if (savePlanned) {
            return;
        }
        savePlanned = true;
        long pause = Math.max(0, lastSave + BETWEEN_SAVES.toNanos() - System.nanoTime());
        workers.punctually(Duration.ofNanos(pause), this::saveOffset);
    }

    private void saveOffset() {
        synchronized (this) {
            savePlanned = false;
            lastSave = System.nanoTime();
        }
        if (!end.isDone()) {
            progress.save(state);
        }
    }

    private void complete(ExecState done) {
        switch (done.end().kind()) {
            case EXITED -> end.complete(new ExecResult(done.guest(), done.end().exitCode(), done.stdout()));
            case ABORTED -> cancel();
            case FAILED ->
                end.completeExceptionally(new GuestException(done.end().why()));
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

    private void failed(Throwable e) {
        if (e instanceof RejectedExecutionException) {
            // the process is shutting down; the saved state continues in the next one
            LOGGER.log(Level.FINE, "No thread goes on any more", e);
            return;
        }
        if (!end.isDone()) {
            tellWhatIsLeft();
        }
        if (!end.completeExceptionally(e)) {
            LOGGER.log(Level.FINE, "Failed after it was given up", e);
        }
    }
}
