package io.jenkins.plugins.proxmox.server;

import hudson.ExtensionList;
import io.jenkins.plugins.proxmox.pve.threads.ConcurrencyLimit;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.RecordComponent;
import java.util.ArrayDeque;
import java.util.ConcurrentModificationException;
import java.util.Map;

/** Looks into the shared connections of a controller, at what nobody else needs to know. */
public final class SharedLanes {

    private SharedLanes() {}

    /** How many connections are kept, whether somebody waits on them or not. */
    public static int connections() {
        return ((Map<?, ?>) field(ConnectionCache.get(), "connections")).size();
    }

    /** How many servers have threads of their own. */
    public static int servers() {
        return ((Map<?, ?>) field(ConnectionCache.get(), "servers")).size();
    }

    /** How many secrets are remembered. */
    public static int credentials() {
        return ((Map<?, ?>) field(ExtensionList.lookupSingleton(CredentialsCache.class), "cached")).size();
    }

    /** Asks a server for its version, over the connection that builds share. */
    public static void ask(ProxmoxServer server) throws IOException {
        ServerConnections.of(server).client().version();
    }

    /** How many tasks wait for a thread, at the server where most do. */
    public static long longest() {
        try {
            long longest = 0;
            for (Object shared : ((Map<?, ?>) field(ConnectionCache.get(), "servers")).values()) {
                longest = Math.max(longest, Math.max(waiting(shared, "workers"), waiting(shared, "questions")));
            }
            return longest;
        } catch (ConcurrentModificationException aServerIsNew) {
            return 0;
        }
    }

    private static long waiting(Object shared, String lane) {
        try {
            for (RecordComponent component : shared.getClass().getRecordComponents()) {
                if (component.getName().equals(lane)) {
                    component.getAccessor().setAccessible(true);
                    Object threads = component.getAccessor().invoke(shared);
                    var executor = (ConcurrencyLimit) ((WorkerThreads) threads).executor();
                    return ((ArrayDeque<?>) field(executor, "waiting")).size();
                }
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
        throw new IllegalArgumentException(lane);
    }

    private static Object field(Object object, String name) {
        try {
            Field field = object.getClass().getDeclaredField(name);
            field.setAccessible(true);
            return field.get(object);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
