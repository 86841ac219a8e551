package io.jenkins.plugins.proxmox.pve.guest;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.task.NodePace;
import io.jenkins.plugins.proxmox.pve.task.TaskWatcher;
import io.jenkins.plugins.proxmox.pve.task.Workers;
import java.io.IOException;

/**
 * What operations on one server as one identity share.
 *
 * @param workers where its exchanges run
 */
public record Connection(ProxmoxClient client, TaskWatcher tasks, GuestWatch guests, Workers workers) {

    /** A client and watches of its own for it, the only ones who wait on its server. */
    public static Connection of(ProxmoxClient client, Workers workers) {
        return of(client, workers, new NodePace());
    }

    /**
     * A client and watches of its own for it.
     *
     * @param pace shared by all connections to the same server
     */
    public static Connection of(ProxmoxClient client, Workers workers, NodePace pace) {
        return new Connection(client, new TaskWatcher(client, workers, pace), new GuestWatch(client, workers), workers);
    }

    /**
     * Where the connection comes from. It is asked for before each step, so that an operation that waits goes on with
     * settings that changed meanwhile.
     */
    @FunctionalInterface
    public interface Source {
        /** The present connection, always the same one as long as nothing was changed. Asks no server. */
        Connection connection() throws IOException, InterruptedException;
    }
}
