package io.jenkins.plugins.proxmox.lease;

import hudson.Extension;
import hudson.model.AsyncPeriodicWork;
import hudson.model.TaskListener;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import io.jenkins.plugins.proxmox.server.ServerConnections;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Removes orphaned clones once an hour from the servers where that is on, when they are old enough. */
@Extension
public final class OrphanRemoval extends AsyncPeriodicWork {

    private static final Logger LOGGER = Logger.getLogger(OrphanRemoval.class.getName());

    private static final Duration PERIOD = Duration.ofHours(1);

    /** Builds that survive a restart have taken up their work by then. */
    private static final Duration FIRST = Duration.ofMinutes(15);

    private static final Duration LIMIT = Duration.ofMinutes(10);

    public OrphanRemoval() {
        super("Orphaned clones of Proxmox VE");
    }

    @Override
    public long getRecurrencePeriod() {
        return PERIOD.toMillis();
    }

    @Override
    public long getInitialDelay() {
        return FIRST.toMillis();
    }

    @Override
    protected Level getNormalLoggingLevel() {
        return Level.FINE;
    }

    @Override
    protected void execute(TaskListener listener) {
        for (ProxmoxServer server : ProxmoxConfiguration.get().getServers()) {
            Duration age = server.ageOfOrphans();
            if (age == null) {
                continue;
            }
            try {
                removeFrom(server.getName(), ServerConnections.of(server).client(), age);
            } catch (IOException | RuntimeException | LinkageError e) {
                LOGGER.log(Level.WARNING, e, () -> Messages.OrphanRemoval_failed(server.getName()));
            }
        }
    }

    private static void removeFrom(String server, ProxmoxClient client, Duration age) throws IOException {
        Instant latest = Instant.now().minus(age);
        MarkedClones marked =
                MarkedClones.read(client, server, client.resources().guests(), Integer.MAX_VALUE, LIMIT);
        for (MarkedClone clone : marked.clones()) {
            Instant made = clone.mark().made();
            if (made != null && made.isBefore(latest) && clone.isOrphan()) {
                LOGGER.info(() -> Messages.OrphanRemoval_removes(
                        clone.guest(), server, clone.build(), clone.mark().made()));
                Orphans.remove(server, clone);
            }
        }
    }
}
