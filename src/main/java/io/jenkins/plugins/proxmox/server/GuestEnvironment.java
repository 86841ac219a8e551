package io.jenkins.plugins.proxmox.server;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.guest.Sighting;
import java.util.Map;

/** The environment variables that tell a build about a guest. */
public final class GuestEnvironment {

    private GuestEnvironment() {}

    @NonNull
    public static Map<String, String> of(Sighting guest) {
        return Map.of(
                "PROXMOX_VMID", String.valueOf(guest.location().vmid()),
                "PROXMOX_NODE", guest.location().node(),
                "PROXMOX_GUEST_NAME", guest.name());
    }
}
