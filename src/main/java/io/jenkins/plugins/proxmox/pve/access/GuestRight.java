package io.jenkins.plugins.proxmox.pve.access;

import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Something that an identity may do with a guest, with the privileges on {@code /vms/{vmid}} of which any one is
 * enough. Some rights need privileges {@linkplain RightElsewhere elsewhere} as well: a clone needs space on a storage.
 */
public enum GuestRight {
    /** See it and its status. */
    SEE(List.of("VM.Audit")),
    /** Start, stop, shut down, reboot, reset, suspend and resume it. */
    POWER(List.of("VM.PowerMgmt")),
    /** Write its memory to a storage and stop it; needs {@link #POWER} as well. */
    HIBERNATE(List.of("VM.Config.Disk"), RightElsewhere.SPACE),
    /** Create and delete snapshots. */
    SNAPSHOT(List.of("VM.Snapshot")),
    /** Go back to a snapshot. */
    ROLL_BACK(List.of("VM.Snapshot.Rollback", "VM.Snapshot")),
    /** Create another guest from it. */
    CLONE(List.of("VM.Clone"), RightElsewhere.NEW_GUEST, RightElsewhere.SPACE, RightElsewhere.NETWORK),
    /** Move it to another node. */
    MIGRATE(List.of("VM.Migrate")),
    /** Query the QEMU guest agent in it. Versions before 9 require VM.Monitor. */
    AGENT(List.of("VM.GuestAgent.Audit", "VM.GuestAgent.Unrestricted", "VM.Monitor")),
    /** Run programs in it through the QEMU guest agent. */
    EXECUTE(List.of("VM.GuestAgent.Unrestricted", "VM.Monitor")),
    /** Delete it. */
    DELETE(List.of("VM.Allocate"));

    private final List<String> anyOf;
    private final List<RightElsewhere> elsewhere;

    GuestRight(List<String> anyOf, RightElsewhere... elsewhere) {
        this.anyOf = anyOf;
        this.elsewhere = List.of(elsewhere);
    }

    /** The privilege required for the guest with that VMID. */
    public RequiredPrivilege on(int vmid) {
        return new RequiredPrivilege("/vms/" + vmid, anyOf);
    }

    /** The rights that these permissions give on that guest, among those that exist for its type. */
    public static Set<GuestRight> of(Permissions permissions, GuestLocation guest) {
        Set<GuestRight> rights = EnumSet.noneOf(GuestRight.class);
        for (GuestRight right : values()) {
            if (right.isKnownTo(guest.type())
                    && right.missing(permissions, guest.vmid()).isEmpty()) {
                rights.add(right);
            }
        }
        return rights;
    }

    /**
     * What these permissions lack for it. Where the path depends on the configuration of the guest, it has a
     * placeholder, as {@code /storage/{storage}}, and the privilege counts as missing if it is held on no such path.
     */
    public List<RequiredPrivilege> missing(Permissions permissions, int vmid) {
        List<RequiredPrivilege> missing = new ArrayList<>();
        if (this == HIBERNATE) {
            missing.add(POWER.on(vmid));
        }
        missing.add(on(vmid));
        missing.removeIf(need -> need.isMetBy(permissions));
        elsewhere.forEach(place -> missing.addAll(place.missing(permissions)));
        return missing;
    }

    /** Whether guests of that type have it at all. */
    public boolean isKnownTo(GuestType type) {
        return type == GuestType.QEMU || this != HIBERNATE && this != AGENT && this != EXECUTE;
    }
}
