package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.NonNull;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The threads of this plugin: one pool for all that blocks, whose idle threads end after half a minute. The pool has no
 * limit of its own, since servers that hang would use it up and leave nothing to the others. Whoever runs something
 * slow in it keeps to a {@link ConcurrencyLimit}.
 */
public final class ProxmoxThreads {

    private static final AtomicLong STARTED = new AtomicLong();

    private static final Executor POOL = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), ProxmoxThreads::thread);

    private ProxmoxThreads() {}

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "Proxmox VE [#" + STARTED.incrementAndGet() + "]");
        thread.setDaemon(true);
        // the class loader of the thread that happens to need a new one is not to be kept
        thread.setContextClassLoader(ProxmoxThreads.class.getClassLoader());
        return thread;
    }

    /** Runs each task at once, in a thread that was idle or in a new one. */
    @NonNull
    public static Executor pool() {
        return POOL;
    }
}
