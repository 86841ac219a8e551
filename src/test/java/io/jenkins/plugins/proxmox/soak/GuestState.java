package io.jenkins.plugins.proxmox.soak;

import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import java.io.Serializable;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a guest is like between two builds.
 *
 * @param snapshots their names
 * @param description the notes; empty for a clone, whose notes hold its mark
 */
record GuestState(boolean present, boolean running, Set<String> snapshots, String description) implements Serializable {

    static final GuestState ABSENT = new GuestState(false, false, Set.of(), "");

    /** As it is in the cluster now. */
    static GuestState of(SimulatedCluster cluster, int vmid, boolean isClone) {
        SimulatedGuest guest = cluster.guest(vmid);
        if (guest == null) {
            return ABSENT;
        }
        String notes = guest.configured("description");
        return new GuestState(
                true,
                guest.isRunning() && !guest.isPaused(),
                new TreeSet<>(guest.snapshots()),
                isClone || notes == null ? "" : notes.strip());
    }

    GuestState running(boolean on) {
        return new GuestState(present, on, snapshots, description);
    }

    GuestState described(String text) {
        return new GuestState(present, running, snapshots, text);
    }

    GuestState with(String snapshot) {
        Set<String> more = new TreeSet<>(snapshots);
        more.add(snapshot);
        return new GuestState(present, running, more, description);
    }

    GuestState without(String snapshot) {
        Set<String> fewer = new TreeSet<>(snapshots);
        fewer.remove(snapshot);
        return new GuestState(present, running, fewer, description);
    }

    @Override
    public String toString() {
        return !present ? "absent" : (running ? "running" : "stopped") + " " + snapshots + " '" + description + "'";
    }
}
