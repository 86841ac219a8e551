package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.model.Run;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.pve.sequence.OperationSequence;
import io.jenkins.plugins.proxmox.pve.sequence.SequenceRun;
import io.jenkins.plugins.proxmox.pve.sequence.SequenceState;
import io.jenkins.plugins.proxmox.server.ServerUser;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/** A {@link SequenceRun} of a build: each of its operations is a {@link BuildOperation}. */
public final class BuildSequence {

    /** For a sequence that need not continue in another process. */
    public static final SequenceRun.Progress UNSAVED = state -> CompletableFuture.completedFuture(null);

    private final SequenceRun sequence;

    /**
     * Idle until {@link #begin} is called.
     *
     * @param server null for the default
     * @param credentialsId null for those of the server
     * @param begun the server on which it has begun, to be saved with the state
     * @param from where it begins, or continues after a restart
     */
    public BuildSequence(
            Run<?, ?> build,
            TaskListener listener,
            @CheckForNull String server,
            @CheckForNull String credentialsId,
            KnownServer begun,
            OperationSequence sequence,
            SequenceState from,
            SequenceRun.Progress progress) {
        BuildConnection connection = new BuildConnection(ServerUser.of(build), server, credentialsId, begun);
        this.sequence = new SequenceRun(
                sequence,
                from,
                (request, state, reached) ->
                        new Operation(new BuildOperation(connection, listener, request, state, reached)),
                BuildConsole.of(listener),
                progress);
    }

    private record Operation(BuildOperation operation) implements SequenceRun.Operation {

        @Override
        public CompletableFuture<OperationState> begin() {
            return operation.beginUnexplained();
        }

        @Override
        public OperationState state() {
            return operation.state();
        }

        @Override
        public String waitsFor() {
            return operation.waitsFor();
        }

        @Override
        public boolean abort() {
            return operation.abort();
        }

        @Override
        public CompletableFuture<OperationState> atRest() {
            return operation.atRest();
        }

        @Override
        public Throwable failed(Throwable failure) {
            return operation.failed(failure);
        }
    }

    /**
     * Begins or continues, in the threads of the controller.
     *
     * @return the final state; the failure as a build shows it; or a {@link CancellationException}, after {@link #abort}
     */
    @NonNull
    public CompletableFuture<SequenceState> begin() {
        CompletableFuture<SequenceState> end = new CompletableFuture<>();
        sequence.begin().whenComplete((state, failure) -> {
            if (failure instanceof CancellationException) {
                end.cancel(false);
            } else if (failure instanceof GuestException) {
                // of an earlier process, whose log explains it
                end.completeExceptionally(new AbortException(failure.getMessage()));
            } else if (failure != null) {
                end.completeExceptionally(failure);
            } else {
                end.complete(state);
            }
        });
        return end;
    }

    /** A description of what it waits for. */
    @NonNull
    public String waitsFor() {
        return sequence.waitsFor();
    }

    /** See {@link SequenceRun#abort}. */
    public boolean abort() {
        return sequence.abort();
    }
}
