package io.jenkins.plugins.proxmox.pve.operation;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.lookup.GuestWatch;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.task.TaskWatcher;
import io.jenkins.plugins.proxmox.pve.task.WorkerThreads;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Shared by all operations on one server as one identity.
 *
 * @param workers run its exchanges
 */
public record ServerConnection(ProxmoxClient client, TaskWatcher tasks, GuestWatch guests, WorkerThreads workers) {

    /**
     * A connection with its own watches.
     *
     * @param pace shared by all connections to the same server
     */
    public static ServerConnection of(ProxmoxClient client, WorkerThreads workers, NodeRateLimit pace) {
        return new ServerConnection(
                client, new TaskWatcher(client, workers, pace), new GuestWatch(client, workers), workers);
    }

    /** Provides an operation with its connection, so that it can continue after the settings have changed. */
    @FunctionalInterface
    public interface Source {
        /**
         * The current connection, always the same one while nothing changes. Sends no request and waits for no secret
         * store: while a secret is being read again, the last one is used.
         *
         * @throws SettingsUnavailableException when the current settings cannot be used; an operation keeps its
         *     connection
         * @throws IOException when the operation may no longer use the server, or the server is gone
         */
        ServerConnection connection() throws IOException;

        /**
         * The connection with settings and secret that are read again, for the beginning of an operation and after a
         * refusal. Returns immediately.
         *
         * @return the connection, or a failure as of {@link #connection}
         */
        default CompletionStage<ServerConnection> read() {
            try {
                return CompletableFuture.completedFuture(connection());
            } catch (IOException | RuntimeException e) {
                return CompletableFuture.failedFuture(e);
            }
        }
    }
}
