package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A limited share of the threads of an executor: at most so many tasks run at a time, the others in their order after
 * them. What hangs in one lane leaves the threads of the other lanes alone.
 */
public final class ConcurrencyLimit implements Executor {

    private static final Logger LOGGER = Logger.getLogger(ConcurrencyLimit.class.getName());

    private final Executor executor;
    private final int most;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int running;

    /**
     * @param most how many tasks may run at a time
     */
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
                // the others that wait in the lane are to run all the same
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
