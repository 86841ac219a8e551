package io.jenkins.plugins.proxmox.server;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.util.DaemonThreadFactory;
import hudson.util.NamingThreadFactory;
import io.jenkins.plugins.proxmox.pve.task.Workers;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import jenkins.util.Timer;

/** The few threads in which the controller talks to Proxmox VE, whatever the number of builds that wait for it. */
public final class ControllerThreads {

    private static final ThreadPoolExecutor EXCHANGES = pool(6, "Proxmox VE");

    /** For what must not wait until a server that hangs gives a thread back. */
    private static final ThreadPoolExecutor PUNCTUAL = pool(1, "Proxmox VE deadlines");

    private ControllerThreads() {}

    private static ThreadPoolExecutor pool(int threads, String name) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                30,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new NamingThreadFactory(new DaemonThreadFactory(), name));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** The threads of all servers together. */
    @NonNull
    public static Workers workers() {
        return new Workers(EXCHANGES, PUNCTUAL, Timer.get());
    }
}
