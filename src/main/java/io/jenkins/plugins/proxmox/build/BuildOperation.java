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
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * An operation on a guest for a build. It uses the server and the credentials that the build may use, prints its
 * progress and explains its failure in the build's log, and appears in the build's {@link GuestTimeline}. While it
 * waits, it follows changes of the configuration.
 */
public final class BuildOperation {

    private static final Logger LOGGER = Logger.getLogger(BuildOperation.class.getName());

    private final Run<?, ?> build;
    private final TaskListener listener;

    @CheckForNull
    private final String server;

    private final OperationRequest request;

    private final OperationRun.Progress progress;

    private final OperationRun operation;

    /**
     * Idle until {@link #begin} is called.
     *
     * @param server null for the default
     * @param credentialsId null for those of the server
     * @param from where it begins, or continues after a restart
     * @param progress notified of each phase
     */
    public BuildOperation(
            Run<?, ?> build,
            TaskListener listener,
            @CheckForNull String server,
            @CheckForNull String credentialsId,
            OperationRequest request,
            OperationState from,
            OperationRun.Progress progress) {
        this.build = build;
        this.listener = listener;
        this.server = server;
        this.request = request;
        this.progress = progress;
        this.operation = new OperationRun(
                request,
                from,
                ControllerThreads.workers(),
                new BuildConnection(build, server, credentialsId),
                BuildConsole.of(listener),
                this::reached);
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
    CompletableFuture<OperationState> beginUnexplained() {
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
    Throwable failed(Throwable failure) {
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
            keep(TimelineEntry.underWay(serverName(), request, reached));
            kept = BuildRecordWriter.write(build);
        } else if (reached.phase() == Phase.AWAIT_TASK) {
            keep(TimelineEntry.underWay(serverName(), request, reached));
            BuildRecordWriter.writeSoon(build);
        }
        return progress.reached(reached).thenCombine(kept, (saved, written) -> saved);
    }

    private void keepEnd(@CheckForNull Throwable failure) {
        keep(TimelineEntry.of(serverName(), request, operation.state(), failure));
        BuildRecordWriter.writeSoon(build);
    }

    private void keep(TimelineEntry entry) {
        try {
            GuestTimeline.put(build, entry);
        } catch (RuntimeException e) {
            // this does not affect the operation itself
            LOGGER.log(Level.WARNING, "Could not keep what was done with " + entry.getGuest() + " in " + build, e);
        }
    }

    private String serverName() {
        return ProxmoxServers.nameOf(build.getParent(), server);
    }

    @NonNull
    public OperationState state() {
        return operation.state();
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
