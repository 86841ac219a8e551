package io.jenkins.plugins.proxmox.pipeline;

import com.google.common.util.concurrent.ListenableFuture;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.jenkinsci.plugins.workflow.steps.StepContext;

/** The state of a Pipeline on disk. The Pipeline's only thread writes it, and may be busy with the script. */
final class PipelineSaver {

    private PipelineSaver() {}

    /**
     * Saves the current state of the build's steps when an operation has reached that phase. Returns at once. Does not
     * save for phases that only check the guest before the operation ends. Each save writes the whole Pipeline, and
     * continuing from the phase before leads to the same end.
     *
     * @return completes when it is saved, or with the reason why it could not be
     */
    static CompletionStage<Void> of(StepContext context, OperationState.Phase reached) {
        return switch (reached) {
            case CONFIRM, DONE -> CompletableFuture.completedFuture(null);
            case FIND, REQUEST, LOOK, AWAIT_TASK, AVAILABLE -> of(context);
        };
    }

    /**
     * Saves the current state of the build's steps. Returns at once.
     *
     * @return completes when it is saved, or with the reason why it could not be
     */
    static CompletionStage<Void> of(StepContext context) {
        ListenableFuture<Void> saving = context.saveState();
        CompletableFuture<Void> saved = new CompletableFuture<>();
        saving.addListener(() -> complete(saving, saved), Runnable::run);
        return saved;
    }

    private static void complete(ListenableFuture<Void> done, CompletableFuture<Void> saved) {
        try {
            saved.complete(done.get());
        } catch (ExecutionException e) {
            saved.completeExceptionally(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            saved.completeExceptionally(e);
        } catch (RuntimeException e) {
            saved.completeExceptionally(e);
        }
    }
}
