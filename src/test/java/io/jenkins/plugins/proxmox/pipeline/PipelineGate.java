package io.jenkins.plugins.proxmox.pipeline;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.test.steps.SemaphoreStep;

/**
 * A step at which a Pipeline waits until the test opens it. Each has a name of its own, because a Jenkins that tests
 * share remembers those of earlier tests.
 */
public final class PipelineGate {

    private static final AtomicInteger MADE = new AtomicInteger();

    private final String name = "gate-" + MADE.incrementAndGet();

    /** Waits until the Pipeline has reached it. */
    public void await(WorkflowRun run) throws IOException, InterruptedException {
        SemaphoreStep.waitForStart(name + "/1", run);
    }

    public void open() {
        SemaphoreStep.success(name + "/1", null);
    }

    /** The step, for a script. */
    @Override
    public String toString() {
        return "semaphore '" + name + "'";
    }
}
