package io.jenkins.plugins.proxmox.pve.operation;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.task.WorkerThreads;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** An operation from its beginning to its end, for those who want nothing but its outcome. */
public final class WholeOperation {

    private WholeOperation() {}

    /** The end state, or the exception with which it failed. */
    public static OperationState of(ProxmoxClient client, OperationRequest request, Consumer<String> log)
            throws Exception {
        ScheduledExecutorService threads = Executors.newScheduledThreadPool(3);
        try {
            ServerConnection connection =
                    ServerConnection.of(client, new WorkerThreads(threads, threads, threads), new NodeRateLimit());
            return of(new OperationRun(
                    request,
                    OperationState.begin(),
                    connection.workers(),
                    () -> connection,
                    log,
                    OperationRun.Progress.UNSAVED));
        } finally {
            threads.shutdownNow();
        }
    }

    static OperationState of(OperationRun run) throws Exception {
        try {
            return run.begin().get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }
}
