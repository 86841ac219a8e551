package io.jenkins.plugins.proxmox.pipeline;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.model.TaskListener;
import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jenkinsci.plugins.workflow.steps.StepContext;

/** The log of a step, for one that begins or continues. */
final class StepLog {

    private static final Logger LOGGER = Logger.getLogger(StepLog.class.getName());

    private StepLog() {}

    /**
     * The log of the step; one that keeps nothing if the step can write nothing more. After a crash, the Pipeline continues
     * from its last saved state, which can be older than its graph: then it waits for a step whose end the graph has
     * already, and nothing can be added to the log of that (DefaultStepContext, getListener).
     */
    @NonNull
    static TaskListener of(StepContext context) throws InterruptedException {
        try {
            TaskListener listener = context.get(TaskListener.class);
            return listener == null ? TaskListener.NULL : listener;
        } catch (IOException e) {
            LOGGER.log(Level.FINE, e, () -> "Nothing can be logged for " + context);
            return TaskListener.NULL;
        }
    }
}
