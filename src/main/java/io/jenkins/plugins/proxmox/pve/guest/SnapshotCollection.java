package io.jenkins.plugins.proxmox.pve.guest;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.RunState;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.Snapshot;
import io.jenkins.plugins.proxmox.pve.operation.GuestInspection;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The snapshots of a guest at one moment.
 *
 * @param all as Proxmox VE lists them, with the current state
 */
public record SnapshotCollection(List<Snapshot> all) {

    private static final int MOST_NAMED = 15;

    /**
     * A snapshot that is to be made, at once or in the place of another one.
     *
     * @param withMemory whether to save the memory of a running machine as well
     */
    public record Addition(String name, boolean withMemory) implements Serializable {

        /** Why it cannot be made of the guest, whatever snapshots that has, as the end of a sentence; null if it can. */
        @CheckForNull
        String obstacle(GuestInspection guest) {
            GuestType type = guest.status().location().type();
            if (guest.isTemplate()) {
                return Texts.of("obstacle.snapshot-template");
            }
            if (SnapshotName.isReserved(name, type)) {
                return Texts.of("obstacle.snapshot-reserved", name, type.apiName());
            }
            if (!withMemory) {
                return null;
            }
            if (type == GuestType.LXC) {
                return Texts.of("obstacle.snapshot-memory-container");
            }
            return RunState.of(guest.status()) == RunState.STOPPED
                    ? Texts.of("obstacle.snapshot-memory-stopped")
                    : null;
        }
    }

    static SnapshotCollection of(GuestInspection guest) throws ProxmoxException {
        return new SnapshotCollection(guest.snapshots());
    }

    /** The snapshot of that name that is complete; null if there is none. */
    @CheckForNull
    Snapshot find(String name) {
        return all.stream()
                .filter(each -> isNamed(each, name) && !each.unfinished())
                .findFirst()
                .orElse(null);
    }

    boolean has(String name) {
        return find(name) != null;
    }

    /** Whether there is one of that name, complete or not. */
    boolean hasAny(String name) {
        return all.stream().anyMatch(each -> isNamed(each, name));
    }

    private static boolean isNamed(Snapshot snapshot, String name) {
        return snapshot.name().equals(name) && !snapshot.isCurrentState();
    }

    /** Whether one is being made or deleted. */
    boolean isChanging() {
        return all.stream().anyMatch(Snapshot::unfinished);
    }

    /** The snapshot that the guest was last made from; null if there is none. */
    @CheckForNull
    public String parentOfCurrentState() {
        return all.stream()
                .filter(Snapshot::isCurrentState)
                .findFirst()
                .map(Snapshot::parent)
                .orElse(null);
    }

    /** Those that there are, without the current state. */
    public List<Snapshot> snapshots() {
        return all.stream().filter(each -> !each.isCurrentState()).toList();
    }

    /** The message that there is no such snapshot, with those that there are, as the end of a sentence. */
    String missing(String name) {
        List<String> names = snapshots().stream().map(Snapshot::name).sorted().toList();
        if (names.isEmpty()) {
            return Texts.of("obstacle.snapshot-none", name);
        }
        String listed = names.stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
        int more = names.size() - MOST_NAMED;
        return Texts.of("obstacle.snapshot-missing", name, more > 0 ? Texts.of("finder.more", listed, more) : listed);
    }
}
