package io.jenkins.plugins.proxmox.pve.threads;

import edu.umd.cs.findbugs.annotations.NonNull;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The threads of this plugin: one pool for everything that blocks. Idle threads end after half a minute. The pool has
 * no limit of its own, because hanging servers would use it up and leave nothing for the others. Run slow tasks in it
 * through a {@link ConcurrencyLimit}.
 */
public final class ProxmoxThreads {

    private static final AtomicLong STARTED = new AtomicLong();

    private static final Executor POOL = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), ProxmoxThreads::thread);

    private ProxmoxThreads() {}

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "Proxmox VE [#" + STARTED.incrementAndGet() + "]");
        thread.setDaemon(true);
        // do not keep the class loader of the thread that happens to need a new one
        thread.setContextClassLoader(ProxmoxThreads.class.getClassLoader());
        return thread;
    }

    /** Runs each task immediately, in an idle thread or in a new one. */
    @NonNull
    public static Executor pool() {
        return POOL;
    }
}
