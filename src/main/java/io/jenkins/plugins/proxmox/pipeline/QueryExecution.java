package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.model.Run;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.build.GuestQuery;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;

/**
 * A step that only asks the server. Holds no thread while it waits. After a restart it asks again, which is safe because
 * it changes nothing.
 */
abstract class QueryExecution extends StepExecution {
    private static final long serialVersionUID = 1L;

    private transient volatile CompletableFuture<?> answer;

    QueryExecution(StepContext context) {
        super(context);
    }

    /** What the step asks. */
    abstract GuestQuery<?> query(Run<?, ?> build, TaskListener listener);

    @Override
    public boolean start() throws IOException, InterruptedException {
        CompletableFuture<?> asked = query(
                        getContext().get(Run.class), getContext().get(TaskListener.class))
                .begin();
        answer = asked;
        asked.whenComplete((found, failure) -> {
            if (failure == null) {
                getContext().onSuccess(found);
            } else {
                getContext().onFailure(failure);
            }
        });
        return false;
    }

    @Override
    public void onResume() {
        try {
            start();
        } catch (IOException | InterruptedException e) {
            getContext().onFailure(e);
        }
    }

    @Override
    public void stop(@NonNull Throwable cause) {
        CompletableFuture<?> asked = answer;
        if (asked == null) {
            getContext().onFailure(cause);
        } else {
            asked.completeExceptionally(cause);
        }
    }
}
