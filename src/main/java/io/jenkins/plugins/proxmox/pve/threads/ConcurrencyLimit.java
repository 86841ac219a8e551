package io.jenkins.plugins.proxmox.pve.threads;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A limited share of the threads of an executor: at most a given number of tasks run at a time, the others queue in
 * order. Tasks that hang in one lane do not use the threads of other lanes.
 */
public final class ConcurrencyLimit implements Executor {

    private static final Logger LOGGER = Logger.getLogger(ConcurrencyLimit.class.getName());

    private final Executor executor;
    private final int most;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int running;

    public ConcurrencyLimit(Executor executor, int most) {
        this.executor = executor;
        this.most = most;
    }

    @Override
    public void execute(Runnable task) {
        synchronized (this) {
            if (running >= most) {
                waiting.add(task);
                return;
            }
            running++;
        }
        try {
            executor.execute(() -> run(task));
        } catch (RuntimeException | Error e) {
            synchronized (this) {
                running--;
            }
            throw e;
        }
    }

    private void run(Runnable first) {
        for (Runnable task = first; task != null; task = next()) {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                // the other tasks in the lane must still run
                LOGGER.log(Level.WARNING, "A task failed in the background", e);
            }
        }
    }

    @CheckForNull
    private synchronized Runnable next() {
        Runnable task = waiting.poll();
        if (task == null) {
            running--;
        }
        return task;
    }

    /** Whether nothing runs or waits in it. */
    synchronized boolean isIdle() {
        return running == 0;
    }
}
