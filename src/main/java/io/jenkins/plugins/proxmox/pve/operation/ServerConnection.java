package io.jenkins.plugins.proxmox.pve.operation;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.lookup.GuestWatch;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.task.TaskWatcher;
import io.jenkins.plugins.proxmox.pve.task.Workers;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What operations on one server as one identity share.
 *
 * @param workers where its exchanges run
 */
public record ServerConnection(ProxmoxClient client, TaskWatcher tasks, GuestWatch guests, Workers workers) {

    /** A client and watches of its own for it, the only ones who wait on its server. */
    public static ServerConnection of(ProxmoxClient client, Workers workers) {
        return of(client, workers, new NodeRateLimit());
    }

    /**
     * A client and watches of its own for it.
     *
     * @param pace shared by all connections to the same server
     */
    public static ServerConnection of(ProxmoxClient client, Workers workers, NodeRateLimit pace) {
        return new ServerConnection(
                client, new TaskWatcher(client, workers, pace), new GuestWatch(client, workers), workers);
    }

    /** Where an operation gets its connection from, so that it goes on with settings that changed meanwhile. */
    @FunctionalInterface
    public interface Source {
        /**
         * The present connection, always the same one as long as nothing was changed. Asks no server and waits for no
         * secret store: while a secret is being read anew, the last one counts.
         *
         * @throws SettingsUnavailableException when the present settings cannot be used; an operation keeps to the
         *     connection that it has
         * @throws IOException when the operation may no longer use the server, or the server is gone
         */
        ServerConnection connection() throws IOException;

        /**
         * The connection with settings and secret that are read anew, for the beginning of an operation and after a
         * refusal. Returns at once.
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
