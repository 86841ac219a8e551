package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import java.util.Map;

/** The environment variables that describe a guest to a build. */
public final class GuestEnvironment {

    private GuestEnvironment() {}

    @NonNull
    public static Map<String, String> of(ObservedGuest guest) {
        return Map.of(
                "PROXMOX_VMID", String.valueOf(guest.location().vmid()),
                "PROXMOX_NODE", guest.location().node(),
                "PROXMOX_GUEST_NAME", guest.name());
    }
}
