package io.jenkins.plugins.proxmox.pve.model;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Something that an identity may do with a guest, and the privileges on {@code /vms/{vmid}} of which any one is enough.
 * Some of it asks for rights elsewhere as well: a clone needs room on a storage.
 */
public enum GuestRight {
    /** See it and its status. */
    SEE("VM.Audit"),
    /** Start, stop, shut down, reboot, reset, suspend and resume it. */
    POWER("VM.PowerMgmt"),
    /** Make and delete snapshots. */
    SNAPSHOT("VM.Snapshot"),
    /** Go back to a snapshot. */
    ROLL_BACK("VM.Snapshot", "VM.Snapshot.Rollback"),
    /** Make another guest of it. */
    CLONE("VM.Clone"),
    /** Move it to another node. */
    MIGRATE("VM.Migrate"),
    /** Ask the QEMU guest agent in it; VM.Monitor is what versions before 9 ask for. */
    AGENT("VM.GuestAgent.Audit", "VM.GuestAgent.Unrestricted", "VM.Monitor"),
    /** Delete it. */
    DELETE("VM.Allocate");

    private final List<String> anyOf;

    GuestRight(String... anyOf) {
        this.anyOf = List.of(anyOf);
    }

    /** What it takes for the guest with that VMID. */
    public RequiredPrivilege on(int vmid) {
        return new RequiredPrivilege("/vms/" + vmid, anyOf);
    }

    /** What these permissions allow with that guest, as far as guests of its type know it. */
    public static Set<GuestRight> of(Permissions permissions, GuestLocation guest) {
        Set<GuestRight> rights = EnumSet.noneOf(GuestRight.class);
        for (GuestRight right : values()) {
            if (right.isKnownTo(guest.type()) && right.on(guest.vmid()).isMetBy(permissions)) {
                rights.add(right);
            }
        }
        return rights;
    }

    private boolean isKnownTo(GuestType type) {
        return this != AGENT || type == GuestType.QEMU;
    }
}
