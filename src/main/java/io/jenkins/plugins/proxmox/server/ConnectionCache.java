package io.jenkins.plugins.proxmox.server;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.ExtensionList;
import hudson.model.PeriodicWork;
import io.jenkins.plugins.proxmox.pve.client.ClientSettings;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.VmidReservations;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.operation.ServerConnection;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/**
 * One client and one watcher per server and identity for all builds, so that they share connections, tickets and task
 * polling. A connection is closed when nobody has asked for it in ten minutes and nobody uses it, or sooner if there are
 * many: whoever changes the settings a hundred times makes a hundred connections.
 */
@Extension
public final class ConnectionCache extends PeriodicWork {

    private static final Logger LOGGER = Logger.getLogger(ConnectionCache.class.getName());

    private static final Duration IDLE = Duration.ofMinutes(10);

    /** From then on, the connections that were asked for longest ago are closed sooner. */
    static final int MANY = 100;

    /** Whoever has asked for a connection begins to use it sooner than that. */
    private static final Duration IDLE_AMONG_MANY = Duration.ofSeconds(30);

    private record Entry(ServerConnection connection, long lastUse) {}

    /** What all identities on a server share. */
    private record Shared(WorkerThreads workers, WorkerThreads questions, NodeRateLimit pace, VmidReservations vmids) {}

    private final Map<ClientSettings, Entry> connections = new HashMap<>();

    private final Map<List<ServerAddress>, Shared> servers = new HashMap<>();

    private final LongSupplier nanoClock;

    public ConnectionCache() {
        this(System::nanoTime);
    }

    ConnectionCache(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    @NonNull
    public static ConnectionCache get() {
        return ExtensionList.lookupSingleton(ConnectionCache.class);
    }

    synchronized ServerConnection connection(ClientSettings settings) {
        Entry entry = connections.get(settings);
        ServerConnection connection = entry == null ? connect(settings) : entry.connection;
        connections.put(settings, new Entry(connection, nanoClock.getAsLong()));
        if (entry == null) {
            closeSomeOfMany();
        }
        return connection;
    }

    private void closeSomeOfMany() {
        if (connections.size() > MANY) {
            closeIdle(IDLE_AMONG_MANY, connections.size() - MANY);
        }
    }

    synchronized int size() {
        return connections.size();
    }

    /** Makes the next request to each server try its password again, even if it was refused in the last minutes. */
    public synchronized void forgetRefusedPasswords() {
        connections.values().forEach(entry -> entry.connection.client().forgetRefusedPassword());
    }

    private ServerConnection connect(ClientSettings settings) {
        Shared server = servers.computeIfAbsent(
                settings.addresses(),
                addresses -> new Shared(
                        ControllerThreads.ofServer(),
                        ControllerThreads.ofGuests(),
                        new NodeRateLimit(),
                        new VmidReservations()));
        return ServerConnection.of(
                new ProxmoxClient(settings, server.vmids), server.workers, server.questions, server.pace);
    }

    @Override
    public long getRecurrencePeriod() {
        return TimeUnit.MINUTES.toMillis(1);
    }

    @Override
    protected void doRun() {
        closeIdle();
        CredentialsCache.get().forgetIdle();
    }

    synchronized void closeIdle() {
        closeIdle(IDLE, Integer.MAX_VALUE);
        closeSomeOfMany();
        servers.keySet()
                .retainAll(connections.keySet().stream()
                        .map(ClientSettings::addresses)
                        .collect(Collectors.toSet()));
    }

    /** Closes connections that nobody has asked for in that time and nobody uses, up to {@code most} of the oldest. */
    private void closeIdle(Duration time, int most) {
        long now = nanoClock.getAsLong();
        connections.entrySet().stream()
                .filter(each -> now - each.getValue().lastUse > time.toNanos())
                .filter(each -> !each.getValue().connection.isInUse())
                .sorted(Comparator.comparingLong(each -> each.getValue().lastUse - now))
                .limit(most)
                .toList()
                .forEach(each -> {
                    connections.remove(each.getKey());
                    close(each.getValue().connection.client());
                });
    }

    private static void close(ProxmoxClient client) {
        try {
            client.close();
        } catch (IOException e) {
            LOGGER.log(Level.FINE, "Closing the client of " + client.identity(), e);
        }
    }
}
