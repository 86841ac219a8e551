package io.jenkins.plugins.proxmox.overview;

import io.jenkins.plugins.proxmox.pve.diagnosis.Diagnosis;
import io.jenkins.plugins.proxmox.pve.diagnosis.FailureExplainer;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.operation.SettingsUnavailableException;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import io.jenkins.plugins.proxmox.server.ServerConnections;
import java.io.IOException;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Checks with one request whether a server can be used: it is reachable and trusted, and accepts the credentials. */
final class ServerCheck {

    private static final Logger LOGGER = Logger.getLogger(ServerCheck.class.getName());

    private ServerCheck() {}

    /** The current problem of the server; empty when it can be used. Blocks, and never throws. */
    static Optional<ServerProblem> of(ProxmoxServer server) {
        if (server.getCredentialsId().isEmpty()) {
            return Optional.empty();
        }
        try {
            ServerConnections.of(server).client().version();
            return Optional.empty();
        } catch (ProxmoxException e) {
            LOGGER.log(Level.FINE, e, () -> "The Proxmox VE server " + server.getName() + " cannot be used");
            return Optional.of(new ServerProblem(inShort(new FailureExplainer().explain(e)), ServerProblem.mayPass(e)));
        } catch (SettingsUnavailableException e) {
            return Optional.of(new ServerProblem(e.getMessage(), e.mayPass()));
        } catch (IOException e) {
            return Optional.of(new ServerProblem(e.getMessage(), false));
        } catch (RuntimeException | LinkageError e) {
            LOGGER.log(Level.WARNING, e, () -> "The Proxmox VE server " + server.getName() + " could not be checked");
            return Optional.of(new ServerProblem(Messages.ServerViewQuery_defect(), false));
        }
    }

    /** The headline, which names the cause if only one is left; otherwise also what the server said. */
    private static String inShort(Diagnosis diagnosis) {
        return diagnosis.causes().size() == 1 ? diagnosis.headline() : diagnosis.summary();
    }
}
