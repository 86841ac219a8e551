package io.jenkins.plugins.proxmox.server;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.ExtensionList;
import hudson.model.PeriodicWork;
import io.jenkins.plugins.proxmox.pve.client.ClientSettings;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.operation.ServerConnection;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.task.WorkerThreads;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/**
 * One client and one watcher per server and identity for all builds, so that they share connections, tickets and task
 * polling. A connection is closed when nobody has asked for it in ten minutes and nobody waits for it; no single
 * exchange takes that long.
 */
@Extension
public final class ConnectionCache extends PeriodicWork {

    private static final Logger LOGGER = Logger.getLogger(ConnectionCache.class.getName());

    private static final Duration IDLE = Duration.ofMinutes(10);

    private record Entry(ServerConnection connection, long lastUse) {}

    /** What all identities on a server share. */
    private record Shared(WorkerThreads workers, NodeRateLimit pace) {}

    private final Map<ClientSettings, Entry> connections = new HashMap<>();

    private final Map<List<ServerAddress>, Shared> servers = new HashMap<>();

    @NonNull
    public static ConnectionCache get() {
        return ExtensionList.lookupSingleton(ConnectionCache.class);
    }

    synchronized ServerConnection connection(ClientSettings settings) {
        Entry entry = connections.get(settings);
        ServerConnection connection = entry == null ? connect(settings) : entry.connection;
        connections.put(settings, new Entry(connection, System.nanoTime()));
        return connection;
    }

    /** Makes the next request to each server try its password again, even if it was refused in the last minutes. */
    public synchronized void forgetRefusedPasswords() {
        connections.values().forEach(entry -> entry.connection.client().forgetRefusedPassword());
    }

    private ServerConnection connect(ClientSettings settings) {
        Shared server = servers.computeIfAbsent(
                settings.addresses(), addresses -> new Shared(ControllerThreads.ofServer(), new NodeRateLimit()));
        return ServerConnection.of(new ProxmoxClient(settings), server.workers, server.pace);
    }

    @Override
    public long getRecurrencePeriod() {
        return TimeUnit.MINUTES.toMillis(1);
    }

    @Override
    protected synchronized void doRun() {
        long now = System.nanoTime();
        for (Iterator<Entry> entries = connections.values().iterator(); entries.hasNext(); ) {
            Entry entry = entries.next();
            boolean idle = now - entry.lastUse > IDLE.toNanos();
            if (idle && entry.connection.tasks().waits() == 0) {
                entries.remove();
                close(entry.connection.client());
            }
        }
        servers.keySet()
                .retainAll(connections.keySet().stream()
                        .map(ClientSettings::addresses)
                        .collect(Collectors.toSet()));
        CredentialsCache.get().forgetIdle();
    }

    private static void close(ProxmoxClient client) {
        try {
            client.close();
        } catch (IOException e) {
            LOGGER.log(Level.FINE, "Closing the client of " + client.identity(), e);
        }
    }
}
