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

    private static final int THREADS = 6;

    private static final ThreadPoolExecutor POOL = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new NamingThreadFactory(new DaemonThreadFactory(), "Proxmox VE"));

    static {
        POOL.allowCoreThreadTimeOut(true);
    }

    private ControllerThreads() {}

    /** The threads of all servers together. */
    @NonNull
    public static Workers workers() {
        return new Workers(POOL, Timer.get());
    }
}
