package io.jenkins.plugins.proxmox.pve.simulator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The snapshots of a simulated guest, as its configuration file has them. */
final class GuestSnapshots {

    /**
     * A snapshot.
     *
     * @param parent the one from which the guest had come, or null
     * @param state what is being done to it ({@code prepare}, {@code delete}), or null
     * @param configuration what the guest's configuration was
     */
    record Snapshot(
            String name,
            String description,
            String parent,
            Instant time,
            boolean withMemory,
            String state,
            Map<String, String> configuration) {

        Snapshot childOf(String otherParent) {
            return new Snapshot(name, description, otherParent, time, withMemory, state, configuration);
        }

        Snapshot described(String otherDescription) {
            return new Snapshot(name, otherDescription, parent, time, withMemory, state, configuration);
        }

        Snapshot in(String otherState) {
            return new Snapshot(name, description, parent, time, withMemory, otherState, configuration);
        }
    }

    private final SimulatedGuest guest;
    private final Map<String, Snapshot> snapshots = new LinkedHashMap<>();
    private String current;
    private boolean possible = true;

    GuestSnapshots(SimulatedGuest guest) {
        this.guest = guest;
    }

    synchronized void impossible() {
        possible = false;
    }

    synchronized boolean arePossible() {
        return possible;
    }

    synchronized List<String> names() {
        return new ArrayList<>(snapshots.keySet());
    }

    synchronized List<Snapshot> all() {
        return new ArrayList<>(snapshots.values());
    }

    /** The one on which the present state is based, or null. */
    synchronized String current() {
        return current;
    }

    synchronized boolean has(String name) {
        return snapshots.containsKey(name);
    }

    synchronized Snapshot get(String name) {
        Snapshot snapshot = snapshots.get(name);
        if (snapshot == null) {
            throw Refusal.of(500, missing(name));
        }
        return snapshot;
    }

    static String missing(String name) {
        return "snapshot '" + name + "' does not exist";
    }

    synchronized void add(String name, String description, boolean withMemory) {
        prepare(name, description, withMemory);
        commit(name);
    }

    /** Begins one, which the list shows from now on (PVE::AbstractConfig, {@code __snapshot_prepare}). */
    synchronized void prepare(String name, String description, boolean withMemory) {
        snapshots.put(
                name,
                new Snapshot(
                        name,
                        description,
                        current,
                        Instant.now(),
                        withMemory && !guest.container,
                        "prepare",
                        guest.configuration.forSnapshot()));
    }

    /** Ends what {@link #prepare} began. */
    synchronized void commit(String name) {
        mark(name, null);
        current = name;
    }

    synchronized void mark(String name, String state) {
        snapshots.put(name, get(name).in(state));
    }

    /** Removes one; its children become those of its parent. */
    synchronized void remove(String name) {
        Snapshot removed = snapshots.remove(name);
        snapshots.replaceAll((key, each) -> name.equals(each.parent) ? each.childOf(removed.parent) : each);
        if (name.equals(current)) {
            current = removed.parent;
        }
    }

    synchronized void describe(String name, String description) {
        snapshots.put(name, get(name).described(description));
    }

    /** The configuration is again as it was then. */
    synchronized void restore(String name) {
        guest.configuration.restore(get(name).configuration);
        current = name;
    }

    /** The list, in which the present state comes last. */
    synchronized ArrayNode list() {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (Snapshot each : snapshots.values()) {
            ObjectNode json = list.addObject()
                    .put("name", each.name)
                    .put("description", shown(each.description))
                    .put("snaptime", each.time.getEpochSecond());
            putParent(json, each.parent);
            if (each.state != null) {
                json.put("snapstate", each.state);
            }
            if (!guest.container) {
                json.put("vmstate", each.withMemory ? 1 : 0);
            }
        }
        ObjectNode present = list.addObject()
                .put("name", "current")
                .put("description", "You are here!")
                .put("running", guest.running ? 1 : 0)
                .put("digest", guest.configuration.digest());
        putParent(present, current);
        return list;
    }

    /** The configuration that a snapshot holds. */
    synchronized ObjectNode config(String name) {
        Snapshot snapshot = get(name);
        ObjectNode json = GuestConfiguration.json(snapshot.configuration, guest.container);
        json.put("snaptime", snapshot.time.getEpochSecond());
        putParent(json, snapshot.parent);
        if (!snapshot.description.isEmpty()) {
            json.put("description", shown(snapshot.description));
        }
        if (snapshot.withMemory) {
            json.put("vmstate", guest.diskStorage + ":" + guest.vmid + "/vm-" + guest.vmid + "-state-" + name + ".raw");
        }
        return json;
    }

    /** The description of a container ends its last line. */
    private String shown(String description) {
        return guest.container && !description.isEmpty() ? description + "\n" : description;
    }

    private static void putParent(ObjectNode json, String parent) {
        if (parent != null) {
            json.put("parent", parent);
        }
    }
}
