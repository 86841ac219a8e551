package io.jenkins.plugins.proxmox.pve.operation;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.AvailabilityWatch;
import io.jenkins.plugins.proxmox.pve.lookup.GuestWatch;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.task.TaskWatcher;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Shared by all operations on one server as one identity.
 *
 * @param workers run its exchanges
 */
public record ServerConnection(
        ProxmoxClient client,
        TaskWatcher tasks,
        GuestWatch guests,
        AvailabilityWatch availability,
        WorkerThreads workers) {

    /**
     * A connection with its own watches.
     *
     * @param pace shared by all connections to the same server
     */
    public static ServerConnection of(ProxmoxClient client, WorkerThreads workers, NodeRateLimit pace) {
        return of(client, workers, workers, pace);
    }

    /**
     * The same where questions to guests, which may take seconds, have threads of their own.
     *
     * @param questions run them
     */
    public static ServerConnection of(
            ProxmoxClient client, WorkerThreads workers, WorkerThreads questions, NodeRateLimit pace) {
        return new ServerConnection(
                client,
                new TaskWatcher(client, workers, pace),
                new GuestWatch(client, workers),
                new AvailabilityWatch(client, workers, questions, pace),
                workers);
    }

    /** Whether somebody waits on it, or a request is under way. */
    public boolean isInUse() {
        return client.isInUse() || tasks.waits() + guests.waits() + availability.waits() > 0;
    }

    /**
     * Cancels a running task that nobody waits for any more, or leaves it running. Returns immediately.
     *
     * @param log receives one line that says which of the two, or why it could not be cancelled
     */
    public void leave(Upid task, boolean cancels, Consumer<String> log) {
        if (!cancels) {
            log.accept(Texts.of("task.goes-on", task));
            return;
        }
        workers.now(() -> {
            try {
                client.cancelTask(task);
                log.accept(Texts.of("task.cancelled", task));
            } catch (ProxmoxException e) {
                log.accept(Texts.of("task.not-cancelled", task, e.getMessage()));
            }
        });
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
