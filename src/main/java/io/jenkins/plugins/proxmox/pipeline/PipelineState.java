package io.jenkins.plugins.proxmox.pipeline;

import com.google.common.util.concurrent.ListenableFuture;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.jenkinsci.plugins.workflow.steps.StepContext;

/** The state of a Pipeline on disk, written in the one thread of that Pipeline, which may be busy with its script. */
final class PipelineState {

    private PipelineState() {}

    /**
     * Saves what the steps of the build remember at present, one of which has come to that phase of an operation. Returns at
     * once. What only looks at the guest before the end of the operation is not worth it: the whole Pipeline is written each
     * time, and who goes on from the phase before comes to the same end.
     *
     * @return when it is saved, or why it could not be
     */
    static CompletionStage<Void> of(StepContext context, OperationState.Phase reached) {
        return switch (reached) {
            case CONFIRM, DONE -> CompletableFuture.completedFuture(null);
            case FIND, REQUEST, LOOK, AWAIT_TASK -> of(context);
        };
    }

    /**
     * Saves what the steps of the build remember at present. Returns at once.
     *
     * @return when it is saved, or why it could not be
     */
    private static CompletionStage<Void> of(StepContext context) {
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
