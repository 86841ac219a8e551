package io.jenkins.plugins.proxmox.pve.task;

import io.jenkins.plugins.proxmox.pve.client.ConcurrencyLimit;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The few threads that talk to servers, and the clock that tells when. Between two exchanges nobody holds a thread.
 *
 * @param executor runs exchanges, which block
 * @param punctual runs what makes no exchange, also while servers that hang keep all threads of the executor
 * @param timer only hands over to the two when it is time
 */
public record Workers(Executor executor, Executor punctual, ScheduledExecutorService timer) {

    /** The same threads for all. */
    public Workers(Executor executor, ScheduledExecutorService timer) {
        this(executor, executor, timer);
    }

    /** Runs {@code task} as soon as a thread is free. */
    public void now(Runnable task) {
        executor.execute(task);
    }

    /** Runs {@code task} after {@code delay}; the future takes it back as long as it does not run. */
    public Future<?> after(Duration delay, Runnable task) {
        return timer.schedule(() -> executor.execute(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * Runs {@code task}, which makes no exchange, after {@code delay}, also when servers that hang keep the threads that
     * are for them; the future takes it back as long as it does not run.
     */
    public Future<?> punctually(Duration delay, Runnable task) {
        return timer.schedule(() -> punctual.execute(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** The same threads, but at most {@code most} of them at a time: a server that hangs leaves some to the others. */
    public Workers atMost(int most) {
        return new Workers(new ConcurrencyLimit(executor, most), punctual, timer);
    }
}
