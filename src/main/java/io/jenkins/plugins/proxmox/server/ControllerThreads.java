package io.jenkins.plugins.proxmox.server;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.security.ACL;
import hudson.security.ACLContext;
import io.jenkins.plugins.proxmox.pve.threads.ConcurrencyLimit;
import io.jenkins.plugins.proxmox.pve.threads.ProxmoxThreads;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.util.concurrent.Executor;
import jenkins.util.Timer;

/**
 * The controller's threads for Proxmox VE, however many builds wait for it. All come from one pool. Tasks that wait for
 * something slow stay in a lane for each server, so that servers that hang, however many, do not block the others.
 */
public final class ControllerThreads {

    private static final Executor POOL = task -> ProxmoxThreads.pool().execute(() -> asController(task));

    private static final int EXCHANGES_PER_SERVER = 4;

    /** Questions that the guests of a server answer, which may each take some seconds. */
    private static final int QUESTIONS_PER_SERVER = 12;

    private static final Executor AT_ONCE = new ConcurrencyLimit(POOL, 4);

    private static final Executor PUNCTUAL = new ConcurrencyLimit(POOL, 1);

    private ControllerThreads() {}

    /** Runs the task as the controller, not as the user whose request needed a new thread. */
    private static void asController(Runnable task) {
        try (ACLContext controller = ACL.as2(ACL.SYSTEM2)) {
            task.run();
        }
    }

    /** All threads, without a limit. Use only to make lanes. */
    @NonNull
    public static Executor pool() {
        return POOL;
    }

    /** Threads for tasks that wait for nothing: no server, no secret store, no disk. */
    @NonNull
    public static WorkerThreads workers() {
        return new WorkerThreads(AT_ONCE, PUNCTUAL, Timer.get());
    }

    /** Threads for the exchanges of builds with a server. All connections to it share them. */
    @NonNull
    static WorkerThreads ofServer() {
        return new WorkerThreads(new ConcurrencyLimit(POOL, EXCHANGES_PER_SERVER), PUNCTUAL, Timer.get());
    }

    /** Threads for questions to guests of a server, which its other exchanges do not wait for. */
    @NonNull
    static WorkerThreads ofGuests() {
        return new WorkerThreads(new ConcurrencyLimit(POOL, QUESTIONS_PER_SERVER), PUNCTUAL, Timer.get());
    }
}
