package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.model.Result;
import hudson.model.Run;
import io.jenkins.plugins.proxmox.build.BuildSequence;
import io.jenkins.plugins.proxmox.build.GuestResult;
import io.jenkins.plugins.proxmox.build.KnownServer;
import io.jenkins.plugins.proxmox.pve.sequence.OperationSequence;
import io.jenkins.plugins.proxmox.pve.sequence.SequenceState;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;

/**
 * Runs the operations of a step. Holds no thread while it waits. The {@link SequenceState} survives a restart. It is
 * saved at each phase, above all before a request is sent and after it was sent.
 */
final class SequenceExecution extends StepExecution {
    private static final long serialVersionUID = 1L;

    private final OperationSequence sequence;

    @CheckForNull
    private String server;

    @CheckForNull
    private final String credentialsId;

    private final KnownServer begun = new KnownServer();

    private volatile SequenceState state = SequenceState.begin();

    private transient BuildSequence operations;

    /** Why the step is to end; null unless it was aborted in this process. */
    private transient volatile Throwable abortCause;

    SequenceExecution(StepContext context, OperationSequence sequence, GuestStep step) {
        super(context);
        this.sequence = sequence;
        this.server = step.getServer();
        this.credentialsId = step.getCredentialsId();
    }

    @Override
    public boolean start() throws IOException, InterruptedException {
        begin();
        return false;
    }

    @Override
    public void onResume() {
        state = state.resumed();
        try {
            begin();
        } catch (IOException | InterruptedException e) {
            getContext().onFailure(e);
        }
    }

    private void begin() throws IOException, InterruptedException {
        Run<?, ?> run = getContext().get(Run.class);
        server = ProxmoxServers.nameOf(run.getParent(), server);
        operations = new BuildSequence(
                run, StepLog.of(getContext()), server, credentialsId, begun, sequence, state, this::save);
        operations.begin().whenComplete(this::end);
    }

    private void end(SequenceState done, Throwable failure) {
        Throwable cause = abortCause;
        if (failure == null) {
            getContext().onSuccess(GuestResult.of(sequence, done));
        } else if (failure instanceof CancellationException) {
            getContext().onFailure(cause == null ? new FlowInterruptedException(Result.ABORTED) : cause);
        } else {
            getContext().onFailure(failure);
        }
    }

    @Override
    public void stop(@NonNull Throwable cause) {
        abortCause = cause;
        if (operations == null || !operations.abort()) {
            getContext().onFailure(cause);
        }
    }

    @Override
    public String getStatus() {
        return operations == null ? state.current().waitsFor() : operations.waitsFor();
    }

    private CompletionStage<Void> save(SequenceState reached) {
        state = reached;
        return PipelineSaver.of(getContext(), reached.current().phase());
    }
}
