package io.jenkins.plugins.proxmox.pve.guest;

import io.jenkins.plugins.proxmox.pve.client.Guest;
import io.jenkins.plugins.proxmox.pve.client.GuestLocation;
import io.jenkins.plugins.proxmox.pve.client.GuestStatus;
import java.io.Serializable;
import java.time.Instant;

/**
 * A guest as it was seen at one moment: what an operation has to remember of it.
 *
 * @param name empty when it has none
 * @param status {@code running}, {@code stopped} or {@code paused}
 * @param pid of its process on the node, 0 when unknown
 * @param haManaged whether high availability looks after it
 * @param at by the clock of the server
 */
public record Sighting(GuestLocation location, String name, String status, long pid, boolean haManaged, Instant at)
        implements Serializable {

    static Sighting of(Guest listed) {
        return new Sighting(
                listed.location(), listed.name(), listed.status(), 0, listed.haManaged(), listed.listedAt());
    }

    static Sighting of(Guest listed, GuestStatus current) {
        return new Sighting(
                current.location(),
                current.name().isEmpty() ? listed.name() : current.name(),
                current.state(),
                current.pid(),
                current.haManaged(),
                current.observedAt());
    }

    Sighting next(GuestStatus current) {
        return new Sighting(
                current.location(), name, current.state(), current.pid(), current.haManaged(), current.observedAt());
    }

    /** The same guest on another node, not looked at there yet. */
    Sighting movedTo(GuestLocation elsewhere) {
        return new Sighting(elsewhere, name, status, 0, haManaged, at);
    }

    /** {@code VM 100 (web-1)}. */
    @Override
    public String toString() {
        return location.guest() + (name.isEmpty() ? "" : " (" + name + ")");
    }
}
