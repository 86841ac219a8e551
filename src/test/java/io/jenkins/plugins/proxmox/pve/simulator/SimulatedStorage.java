package io.jenkins.plugins.proxmox.pve.simulator;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A storage of the simulated cluster: unless told otherwise a directory on each node, enabled, with room for everything.
 * As in a directory, only disks of virtual machines can be cloned linked.
 */
public final class SimulatedStorage {

    private final String name;
    private final Set<String> nodes = ConcurrentHashMap.newKeySet();
    private volatile String content = "vztmpl,backup,rootdir,images,iso,snippets";
    private volatile boolean shared;
    private volatile boolean disabled;
    private volatile boolean full;
    private volatile boolean clonesContainers;
    private volatile boolean clonesSnapshots;

    SimulatedStorage(String name) {
        this.name = name;
    }

    /** All nodes see the same data. */
    public SimulatedStorage shared() {
        shared = true;
        return this;
    }

    /** It has no room for another disk. */
    public SimulatedStorage full() {
        full = true;
        return this;
    }

    /** There is room again. */
    public SimulatedStorage withRoom() {
        full = false;
        return this;
    }

    public SimulatedStorage disabled() {
        disabled = true;
        return this;
    }

    /** What may be on it, such as {@code iso,backup}. */
    public SimulatedStorage holding(String kinds) {
        content = kinds;
        return this;
    }

    /** Only that node has it. */
    public SimulatedStorage onlyOn(String node) {
        nodes.add(node);
        return this;
    }

    /** Volumes of containers can be cloned linked too, as on a ZFS pool. */
    public SimulatedStorage clonesContainers() {
        clonesContainers = true;
        return this;
    }

    /** Snapshots can be cloned linked too, as on LVM-thin and RBD (PVE::Storage, volume_has_feature). */
    public SimulatedStorage clonesSnapshots() {
        clonesSnapshots = true;
        return this;
    }

    String name() {
        return name;
    }

    String content() {
        return content;
    }

    boolean isShared() {
        return shared;
    }

    boolean isFull() {
        return full;
    }

    boolean canCloneSnapshots() {
        return clonesSnapshots;
    }

    boolean canCloneContainers() {
        return clonesContainers;
    }

    boolean isOn(String node) {
        return nodes.isEmpty() || nodes.contains(node);
    }

    /** PVE::Storage::storage_check_enabled: what stands against its use on a node, or null. */
    String whyNot(String node) {
        if (disabled) {
            return "storage '" + name + "' is disabled";
        }
        return isOn(node) ? null : "storage '" + name + "' is not available on node '" + node + "'";
    }

    /** Whether disks of virtual machines may lie there, or those of containers. */
    boolean takesDisks(boolean ofContainers) {
        return Set.of(content.split(",")).contains(ofContainers ? "rootdir" : "images");
    }
}
