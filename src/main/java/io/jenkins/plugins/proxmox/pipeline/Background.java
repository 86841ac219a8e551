package io.jenkins.plugins.proxmox.pipeline;

import hudson.util.DaemonThreadFactory;
import hudson.util.NamingThreadFactory;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import jenkins.util.Timer;

/** The few threads in which steps talk to servers. Between two exchanges a step holds none of them. */
final class Background {

    private static final int THREADS = 16;

    private static final ThreadPoolExecutor POOL = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new NamingThreadFactory(new DaemonThreadFactory(), "Proxmox VE steps"));

    static {
        POOL.allowCoreThreadTimeOut(true);
    }

    private Background() {}

    static Future<?> now(Runnable task) {
        return POOL.submit(task);
    }

    static Future<?> after(Duration delay, Runnable task) {
        return Timer.get().schedule(() -> now(task), delay.toMillis(), TimeUnit.MILLISECONDS);
    }
}
