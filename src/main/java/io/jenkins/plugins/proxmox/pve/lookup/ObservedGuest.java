package io.jenkins.plugins.proxmox.pve.lookup;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import java.io.Serializable;
import java.time.Instant;
import java.util.Objects;

/**
 * A guest as seen at one moment: what an operation has to remember of it.
 *
 * @param name empty when it has none
 * @param status {@code running}, {@code stopped} or {@code paused}
 * @param qmpStatus the detailed state from QEMU, such as {@code io-error}; empty when unknown
 * @param pid of its process on the node, 0 when unknown
 * @param haManaged whether it is managed by HA
 * @param lock why it was locked, or null
 * @param haState its state in the HA manager, or null
 * @param at by the clock of the server
 */
public record ObservedGuest(
        GuestLocation location,
        String name,
        String status,
        String qmpStatus,
        long pid,
        boolean haManaged,
        @Nullable String lock,
        @Nullable String haState,
        Instant at)
        implements Serializable {

    public ObservedGuest {
        Objects.requireNonNull(location, "location");
        Objects.requireNonNull(status, "status");
    }

    public static ObservedGuest of(ListedGuest listed) {
        return new ObservedGuest(
                listed.location(),
                listed.name(),
                listed.status(),
                "",
                0,
                listed.haManaged(),
                listed.lock(),
                listed.haState(),
                listed.listedAt());
    }

    public static ObservedGuest of(ListedGuest listed, GuestStatus current) {
        return of(current.name().isEmpty() ? listed.name() : current.name(), current);
    }

    private static ObservedGuest of(String name, GuestStatus current) {
        return new ObservedGuest(
                current.location(),
                name,
                current.state(),
                current.qmpStatus(),
                current.pid(),
                current.haManaged(),
                current.lock(),
                current.haState(),
                current.observedAt());
    }

    public ObservedGuest next(GuestStatus current) {
        return of(name, current);
    }

    /** The same guest on another node, where it has not been queried yet. */
    public ObservedGuest movedTo(GuestLocation elsewhere) {
        return new ObservedGuest(elsewhere, name, status, "", 0, haManaged, lock, haState, at);
    }

    /** Its state, with the QEMU state where that says more, such as {@code running (io-error)}. */
    public String inDetail() {
        return GuestStatus.inDetail(status, qmpStatus);
    }

    /** {@code VM 100 (web-1)}. */
    @Override
    public String toString() {
        return location.guest() + (name.isEmpty() ? "" : " (" + name + ")");
    }
}
