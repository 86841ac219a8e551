package io.jenkins.plugins.proxmox.pve.task;

import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A wait for a task. Times are of {@link System#nanoTime()}. */
final class TaskWait {

    private final Upid task;
    private final RetryPolicy retryPolicy;
    private final CompletableFuture<TaskOutcome> end = new CompletableFuture<>();
    private final long begun = System.nanoTime();
    private volatile long due;
    private volatile boolean listed = true;

    TaskWait(Upid task, Consumer<String> log) {
        this.task = task;
        this.retryPolicy = new RetryPolicy(log);
        this.due = begun + PollInterval.ofTask(Duration.ZERO).toNanos();
    }

    Upid task() {
        return task;
    }

    CompletableFuture<TaskOutcome> end() {
        return end;
    }

    /** When its task is next queried. */
    long due() {
        return due;
    }

    /** Whether the node's list can answer it, as far as is known. */
    boolean isListed() {
        return listed;
    }

    /** Records that the list does not contain its task: the next query is for the task itself. */
    void isNotListed() {
        listed = false;
    }

    /** Records that the task was queried and is still running. */
    void stillRuns(double jitter) {
        retryPolicy.relieve();
        listed = true;
        long now = System.nanoTime();
        due = now + (long) (PollInterval.ofTask(Duration.ofNanos(now - begun)).toNanos() * jitter);
    }

    /** Tolerates an error that may pass until {@code next}, and ends with a final one. */
    void met(ProxmoxException trouble, long next) {
        due = next;
        try {
            retryPolicy.bear(trouble, () -> Texts.of("patience.task", task));
        } catch (ProxmoxException isFinal) {
            end.completeExceptionally(isFinal);
        }
    }
}
