package io.jenkins.plugins.proxmox.pve.model;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Something that an identity may do with a guest, with the privileges on {@code /vms/{vmid}} of which any one is
 * enough. Some rights need privileges elsewhere as well: a clone needs space on a storage.
 */
public enum GuestRight {
    /** See it and its status. */
    SEE("VM.Audit"),
    /** Start, stop, shut down, reboot, reset, suspend and resume it. */
    POWER("VM.PowerMgmt"),
    /** Create and delete snapshots. */
    SNAPSHOT("VM.Snapshot"),
    /** Go back to a snapshot. */
    ROLL_BACK("VM.Snapshot", "VM.Snapshot.Rollback"),
    /** Create another guest from it. */
    CLONE("VM.Clone"),
    /** Move it to another node. */
    MIGRATE("VM.Migrate"),
    /** Query the QEMU guest agent in it. Versions before 9 require VM.Monitor. */
    AGENT("VM.GuestAgent.Audit", "VM.GuestAgent.Unrestricted", "VM.Monitor"),
    /** Delete it. */
    DELETE("VM.Allocate");

    private final List<String> anyOf;

    GuestRight(String... anyOf) {
        this.anyOf = List.of(anyOf);
    }

    /** The privilege required for the guest with that VMID. */
    public RequiredPrivilege on(int vmid) {
        return new RequiredPrivilege("/vms/" + vmid, anyOf);
    }

    /** The rights that these permissions give on that guest, among those that exist for its type. */
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
