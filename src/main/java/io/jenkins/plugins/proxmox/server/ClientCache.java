package io.jenkins.plugins.proxmox.server;

import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.ExtensionList;
import hudson.model.PeriodicWork;
import io.jenkins.plugins.proxmox.pve.client.ClientSettings;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * One client per server and identity for all builds, so that connections and tickets are shared. A client that nobody
 * has asked for in ten minutes is closed; no single exchange takes that long.
 */
@Extension
public final class ClientCache extends PeriodicWork {

    private static final Logger LOGGER = Logger.getLogger(ClientCache.class.getName());

    private static final Duration IDLE = Duration.ofMinutes(10);

    private record Entry(ProxmoxClient client, long lastUse) {}

    private final Map<ClientSettings, Entry> clients = new HashMap<>();

    @NonNull
    static ClientCache get() {
        return ExtensionList.lookupSingleton(ClientCache.class);
    }

    /** The client with exactly these settings. */
    synchronized ProxmoxClient client(ClientSettings settings) {
        Entry entry = clients.get(settings);
        ProxmoxClient client = entry == null ? new ProxmoxClient(settings) : entry.client;
        clients.put(settings, new Entry(client, System.nanoTime()));
        return client;
    }

    @Override
    public long getRecurrencePeriod() {
        return TimeUnit.MINUTES.toMillis(1);
    }

    @Override
    protected synchronized void doRun() {
        long now = System.nanoTime();
        for (Iterator<Entry> entries = clients.values().iterator(); entries.hasNext(); ) {
            Entry entry = entries.next();
            if (now - entry.lastUse > IDLE.toNanos()) {
                entries.remove();
                close(entry.client);
            }
        }
    }

    private static void close(ProxmoxClient client) {
        try {
            client.close();
        } catch (IOException e) {
            LOGGER.log(Level.FINE, "Closing the client of " + client.identity(), e);
        }
    }
}
