package io.jenkins.plugins.proxmox.server;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.security.ACL;
import hudson.security.ACLContext;
import io.jenkins.plugins.proxmox.pve.client.ConcurrencyLimit;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxThreads;
import io.jenkins.plugins.proxmox.pve.task.Workers;
import java.util.concurrent.Executor;
import jenkins.util.Timer;

/**
 * The threads of the controller for Proxmox VE, whatever the number of builds that wait for it. All come from one pool;
 * who waits for something slow in them keeps to a lane for each server, so that servers that hang, however many, leave
 * the others theirs.
 */
public final class ControllerThreads {

    private static final Executor POOL = task -> ProxmoxThreads.pool().execute(() -> asController(task));

    /** For the exchanges of builds with one server. */
    private static final int EXCHANGES_PER_SERVER = 4;

    /** For what waits for nothing: no server, no secret store, no disk. */
    private static final Executor AT_ONCE = new ConcurrencyLimit(POOL, 4);

    private static final Executor PUNCTUAL = new ConcurrencyLimit(POOL, 1);

    private ControllerThreads() {}

    /** Not as whoever's request happened to need a new thread. */
    private static void asController(Runnable task) {
        try (ACLContext controller = ACL.as2(ACL.SYSTEM2)) {
            task.run();
        }
    }

    /** All threads, without a limit: only for lanes. */
    @NonNull
    public static Executor pool() {
        return POOL;
    }

    /** Threads for what neither asks a server nor waits for anything else. */
    @NonNull
    public static Workers workers() {
        return new Workers(AT_ONCE, PUNCTUAL, Timer.get());
    }

    /** Threads for the exchanges of builds with a server, which all connections to it share. */
    @NonNull
    static Workers ofServer() {
        return new Workers(new ConcurrencyLimit(POOL, EXCHANGES_PER_SERVER), PUNCTUAL, Timer.get());
    }
}
