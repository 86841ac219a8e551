package io.jenkins.plugins.proxmox.pve.operation;

import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A limit that is enforced even when a hanging server keeps all threads for exchanges busy. Checks now and then whether
 * it is still needed, so that it does not keep finished operations in memory.
 */
public final class Deadline {

    private static final Logger LOGGER = Logger.getLogger(Deadline.class.getName());

    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(10);

    private final long at;
    private final WorkerThreads workers;
    private final Future<?> end;
    private final Runnable over;

    private Deadline(Duration limit, WorkerThreads workers, Future<?> end, Runnable over) {
        this.at = System.nanoTime() + limit.toNanos();
        this.workers = workers;
        this.end = end;
        this.over = over;
    }

    /** Runs {@code over}, which makes no exchange, after {@code limit} if {@code end} is not done by then. */
    public static void set(Duration limit, WorkerThreads workers, Future<?> end, Runnable over) {
        new Deadline(limit, workers, end, over).look();
    }

    private void look() {
        if (end.isDone()) {
            return;
        }
        long left = at - System.nanoTime();
        if (left <= 0) {
            over.run();
            return;
        }
        try {
            workers.punctually(Duration.ofNanos(Math.min(left, BETWEEN_LOOKS.toNanos())), this::look);
        } catch (RejectedExecutionException e) {
            LOGGER.log(Level.FINE, "The process is going down, and nobody looks any more", e);
        }
    }
}
