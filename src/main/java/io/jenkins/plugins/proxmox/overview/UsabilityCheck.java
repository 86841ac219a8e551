package io.jenkins.plugins.proxmox.overview;

import io.jenkins.plugins.proxmox.pve.diagnosis.Diagnosis;
import io.jenkins.plugins.proxmox.pve.diagnosis.Diagnostician;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.operation.SettingsUnavailableException;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import io.jenkins.plugins.proxmox.server.ServerConnections;
import java.io.IOException;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Finds out with one request whether a server can be used: reached, trusted, and the credentials accepted. */
final class UsabilityCheck {

    private static final Logger LOGGER = Logger.getLogger(UsabilityCheck.class.getName());

    private UsabilityCheck() {}

    /** What is wrong with the server now; nothing when it can be used. Blocks, and never throws. */
    static Optional<Trouble> of(ProxmoxServer server) {
        if (server.getCredentialsId().isEmpty()) {
            return Optional.empty();
        }
        try {
            ServerConnections.of(server).client().version();
            return Optional.empty();
        } catch (ProxmoxException e) {
            LOGGER.log(Level.FINE, e, () -> "The Proxmox VE server " + server.getName() + " cannot be used");
            return Optional.of(new Trouble(inShort(new Diagnostician().explain(e)), Trouble.mayPass(e)));
        } catch (SettingsUnavailableException e) {
            return Optional.of(new Trouble(e.getMessage(), e.mayPass()));
        } catch (IOException e) {
            return Optional.of(new Trouble(e.getMessage(), false));
        } catch (RuntimeException | LinkageError e) {
            LOGGER.log(Level.WARNING, e, () -> "The Proxmox VE server " + server.getName() + " could not be checked");
            return Optional.of(new Trouble(Messages.ServerInquiry_defect(), false));
        }
    }

    /** The headline, and the cause where only one is left. The overview has the rest. */
    private static String inShort(Diagnosis diagnosis) {
        return diagnosis.causes().size() == 1
                ? diagnosis.headline() + " " + diagnosis.causes().get(0).sentence()
                : diagnosis.summary();
    }
}
