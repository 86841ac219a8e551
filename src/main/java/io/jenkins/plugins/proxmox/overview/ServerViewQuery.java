package io.jenkins.plugins.proxmox.overview;

import io.jenkins.plugins.proxmox.lease.MarkedClones;
import io.jenkins.plugins.proxmox.pve.access.Permissions;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.diagnosis.Diagnosis;
import io.jenkins.plugins.proxmox.pve.diagnosis.FailureExplainer;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.ClusterResources;
import io.jenkins.plugins.proxmox.pve.model.ServerVersion;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import io.jenkins.plugins.proxmox.server.ServerConnections;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Asks one server for what the overview shows: three read-only requests, one for each guest that may be a clone left
 * behind, and an explanation if one of the three fails.
 */
final class ServerViewQuery {

    private static final Logger LOGGER = Logger.getLogger(ServerViewQuery.class.getName());

    /** So that the view is there before {@link ServerViewCache#PATIENCE} is over. */
    private static final Duration TIME_FOR_MARKS = Duration.ofSeconds(10);

    private static final int MOST_MARKS = 100;

    private ServerViewQuery() {}

    /** The current view of the server. Blocks as long as the time limits of the server allow, and never throws. */
    static ServerView about(ProxmoxServer server) {
        if (server.getCredentialsId().isEmpty()) {
            return new ServerView.Unasked(Instant.now());
        }
        try {
            return ask(ServerConnections.of(server).client(), server.getName());
        } catch (IOException e) {
            return unseen(e.getMessage());
        } catch (RuntimeException | LinkageError e) {
            LOGGER.log(Level.WARNING, e, () -> "The Proxmox VE server " + server.getName() + " could not be asked");
            return unseen(Messages.ServerViewQuery_defect());
        }
    }

    private static ServerView ask(ProxmoxClient client, String server) {
        try {
            ServerVersion version = client.version();
            Permissions permissions = client.permissions();
            ClusterResources resources = client.resources();
            Instant now = Instant.now();
            MarkedClones clones = MarkedClones.read(client, server, resources.guests(), MOST_MARKS, TIME_FOR_MARKS);
            return new ServerView.Seen(now, client.identity(), version, permissions, resources, clones);
        } catch (ProxmoxException e) {
            LOGGER.log(Level.FINE, "A server could not be shown", e);
            return new ServerView.Unseen(Instant.now(), new FailureExplainer(client).explain(e));
        }
    }

    /** A view of a server that cannot be shown, for a reason that needs no explanation. */
    static ServerView unseen(String reason) {
        return new ServerView.Unseen(Instant.now(), new Diagnosis(reason, null, List.of(), List.of()));
    }
}
