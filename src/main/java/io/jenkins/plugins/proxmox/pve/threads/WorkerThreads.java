package io.jenkins.plugins.proxmox.pve.threads;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The few threads that talk to servers, and the clock that schedules them. No thread is held between two exchanges.
 *
 * @param executor runs exchanges, which block
 * @param punctual runs work without exchanges, even while hanging servers keep all threads of the executor busy
 * @param timer only hands work over to the two when it is due
 */
public record WorkerThreads(Executor executor, Executor punctual, ScheduledExecutorService timer) {

    /** Runs {@code task} as soon as a thread is free. */
    public void now(Runnable task) {
        executor.execute(task);
    }

    /** Runs {@code task} after {@code delay}. The future cancels it until it runs. */
    public Future<?> after(Duration delay, Runnable task) {
        return timer.schedule(() -> executor.execute(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * Runs {@code task}, which makes no exchange, after {@code delay}, even when hanging servers keep the threads for
     * exchanges busy. The future cancels it until it runs.
     */
    public Future<?> punctually(Duration delay, Runnable task) {
        return timer.schedule(() -> punctual.execute(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    }
}
