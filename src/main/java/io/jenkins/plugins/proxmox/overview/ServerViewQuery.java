package io.jenkins.plugins.proxmox.overview;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.diagnosis.Diagnosis;
import io.jenkins.plugins.proxmox.pve.diagnosis.FailureExplainer;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import io.jenkins.plugins.proxmox.server.ServerConnections;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Asks one server for what the overview shows: three read-only requests, and an explanation if one fails. */
final class ServerViewQuery {

    private static final Logger LOGGER = Logger.getLogger(ServerViewQuery.class.getName());

    private ServerViewQuery() {}

    /** The current view of the server. Blocks as long as the time limits of the server allow, and never throws. */
    static ServerView about(ProxmoxServer server) {
        if (server.getCredentialsId().isEmpty()) {
            return new ServerView.Unasked(Instant.now());
        }
        try {
            return ask(ServerConnections.of(server).client());
        } catch (IOException e) {
            return unseen(e.getMessage());
        } catch (RuntimeException | LinkageError e) {
            LOGGER.log(Level.WARNING, e, () -> "The Proxmox VE server " + server.getName() + " could not be asked");
            return unseen(Messages.ServerViewQuery_defect());
        }
    }

    private static ServerView ask(ProxmoxClient client) {
        try {
            return new ServerView.Seen(
                    Instant.now(), client.identity(), client.version(), client.permissions(), client.resources());
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
