package io.jenkins.plugins.proxmox.pve.operation;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
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
            return of(run(client, request, log, threads));
        } finally {
            threads.shutdownNow();
        }
    }

    /** An operation that has not begun, in those threads. */
    public static OperationRun run(
            ProxmoxClient client, OperationRequest request, Consumer<String> log, ScheduledExecutorService threads) {
        return run(client, request, OperationState.begin(), log, OperationRun.Progress.UNSAVED, threads);
    }

    /** The same from that state. */
    public static OperationRun run(
            ProxmoxClient client,
            OperationRequest request,
            OperationState from,
            Consumer<String> log,
            OperationRun.Progress progress,
            ScheduledExecutorService threads) {
        ServerConnection connection =
                ServerConnection.of(client, new WorkerThreads(threads, threads, threads), new NodeRateLimit());
        return new OperationRun(request, from, connection.workers(), () -> connection, log, progress);
    }

    public static OperationState of(OperationRun run) throws Exception {
        try {
            return run.begin().get(120, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }
}
