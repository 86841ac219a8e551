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
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * An operation on a guest for a build: on the server and with the credentials that the build may use, told in its log,
 * its failure explained there, kept in the build's {@link GuestTimeline}. Follows changes of the configuration while it waits.
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
     * Does nothing before {@link #begin}.
     *
     * @param server null for the default
     * @param credentialsId null for those of the server
     * @param from where it begins, or goes on after a restart
     * @param progress told of each phase
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
     * Begins, or goes on, in the threads of the controller; the caller may wait for the future or not.
     *
     * @return the state at the end, or, as cause of a {@link CompletionException}, the failure as a build shows it:
     *     an {@link AbortException} with one short message for all that a person can mend, which is explained in the
     *     log by then
     */
    @NonNull
    public CompletableFuture<OperationState> begin() {
        CompletableFuture<OperationState> end = new CompletableFuture<>();
        beginUnexplained().whenComplete((state, failure) -> {
            if (failure == null) {
                end.complete(state);
            } else {
                end.completeExceptionally(failed(failure));
            }
        });
        return end;
    }

    /**
     * The same for one who decides what becomes of a failure: another operation takes it up, or it is {@link #failed}.
     *
     * @return the state at the end, or the failure as it is
     */
    @NonNull
    CompletableFuture<OperationState> beginUnexplained() {
        CompletableFuture<OperationState> end = new CompletableFuture<>();
        operation.begin().whenComplete((state, failure) -> {
            if (failure != null) {
                end.completeExceptionally(failure);
                return;
            }
            keepEnd(null);
            end.complete(state);
        });
        return end;
    }

    /**
     * Explains the failure in the log, and keeps it as the end of the operation.
     *
     * @return the failure as a build shows it
     */
    @NonNull
    Throwable failed(Throwable failure) {
        Throwable explained = explained(failure);
        keepEnd(explained);
        return explained;
    }

    /** Puts the operation into the timeline before its request leaves, and once more when its task is known. */
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
            // the operation itself goes on as it does
            LOGGER.log(Level.WARNING, "Could not keep what was done with " + entry.getGuest() + " in " + build, e);
        }
    }

    private String serverName() {
        return ProxmoxServers.nameOf(build.getParent(), server);
    }

    /** How far it is. */
    @NonNull
    public OperationState state() {
        return operation.state();
    }

    /**
     * Ends the wait at once; the task in Proxmox VE goes on unless the request says otherwise.
     *
     * @return false when it had ended before
     */
    public boolean abort() {
        return operation.abort();
    }

    private Throwable explained(Throwable failure) {
        ServerConnection last = operation.connection();
        return BuildConsole.failure(failure, last == null ? null : last.client(), operation.needs(), listener);
    }
}
