package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.model.Run;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationRun;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.operation.ServerConnection;
import io.jenkins.plugins.proxmox.server.ControllerThreads;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;

/**
 * An operation on a guest for a build, or in the name of one that is over. It uses the server and the credentials that the build may use, prints its
 * progress and explains its failure in the build's log, and appears in the build's {@link GuestTimeline}. While it
 * waits, it follows changes of the configuration.
 */
public final class BuildOperation {

    private final BuildConnection connection;
    private final TaskListener listener;

    private final OperationRequest request;

    private final OperationRun.Progress progress;

    private final OperationRun operation;

    /**
     * Idle until {@link #begin} is called.
     *
     * @param connection for all operations of one work, so that they are on one server
     * @param from where it begins, or continues after a restart
     * @param progress notified of each phase
     */
    public BuildOperation(
            BuildConnection connection,
            TaskListener listener,
            OperationRequest request,
            OperationState from,
            OperationRun.Progress progress) {
        this.connection = connection;
        this.listener = listener;
        this.request = request;
        this.progress = progress;
        this.operation = new OperationRun(
                request, from, ControllerThreads.workers(), connection, BuildConsole.of(listener), this::reached);
    }

    /**
     * Begins or continues, in the threads of the controller. The caller need not wait for the future.
     *
     * @return the final state or, as cause of a {@link CompletionException}, the failure as a build shows it. For
     *     problems that people can fix, this is an {@link AbortException} with one short message, and the log already
     *     explains it.
     */
    @NonNull
    public CompletableFuture<OperationState> begin() {
        return begin(this::failed);
    }

    /**
     * The same for a caller that decides what to do about a failure: continue with another operation, or call
     * {@link #failed}.
     *
     * @return the final state, or the original failure
     */
    @NonNull
    public CompletableFuture<OperationState> beginUnexplained() {
        return begin(UnaryOperator.identity());
    }

    private CompletableFuture<OperationState> begin(UnaryOperator<Throwable> told) {
        CompletableFuture<OperationState> end = new CompletableFuture<>();
        operation.begin().whenComplete((state, failure) -> {
            if (failure != null) {
                end.completeExceptionally(told.apply(failure));
                return;
            }
            keepEnd(null);
            end.complete(state);
        });
        return end;
    }

    /**
     * Explains the failure in the log and saves it as the outcome of the operation.
     *
     * @return the failure as a build shows it
     */
    @NonNull
    public Throwable failed(Throwable failure) {
        if (failure instanceof CancellationException) {
            keepEnd(failure);
            return failure;
        }
        ServerConnection last = operation.connection();
        Throwable explained =
                BuildConsole.failure(failure, last == null ? null : last.client(), operation.needs(), listener);
        keepEnd(explained);
        return explained;
    }

    /** Adds the operation to the timeline before its request is sent, and updates it once its task is known. */
    private CompletionStage<?> reached(OperationState reached) {
        CompletableFuture<Void> kept = CompletableFuture.completedFuture(null);
        if (reached.phase() == Phase.REQUEST) {
            Run<?, ?> build = connection.user().build();
            if (build != null) {
                GuestTimeline.keep(build, TimelineEntry.underWay(connection.serverName(), request, reached));
                kept = BuildRecordWriter.write(build);
            }
        } else if (reached.phase() == Phase.AWAIT_TASK) {
            keepSoon(TimelineEntry.underWay(connection.serverName(), request, reached));
        }
        return progress.reached(reached).thenCombine(kept, (saved, written) -> saved);
    }

    private void keepEnd(@CheckForNull Throwable failure) {
        keepSoon(TimelineEntry.of(connection.serverName(), request, operation.state(), failure));
    }

    private void keepSoon(TimelineEntry entry) {
        Run<?, ?> build = connection.user().build();
        if (build != null) {
            GuestTimeline.keep(build, entry);
            BuildRecordWriter.writeSoon(build);
        }
    }

    /** A description of what it waits for. */
    @NonNull
    public String waitsFor() {
        return operation.waitsFor();
    }

    @NonNull
    public OperationState state() {
        return operation.state();
    }

    /** See {@link OperationRun#atRest}. */
    @NonNull
    public CompletableFuture<OperationState> atRest() {
        return operation.atRest();
    }

    /**
     * Ends the wait at once. The task in Proxmox VE continues unless the request says otherwise.
     *
     * @return false if the operation had already ended
     */
    public boolean abort() {
        return operation.abort();
    }
}
