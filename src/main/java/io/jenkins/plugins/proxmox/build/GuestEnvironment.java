package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import java.util.LinkedHashMap;
import java.util.Map;

/** The environment variables that describe a guest to a build. */
public final class GuestEnvironment {

    private GuestEnvironment() {}

    /**
     * @param ip null when the build has not waited for an address
     */
    @NonNull
    public static Map<String, String> of(ObservedGuest guest, @CheckForNull String ip) {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("PROXMOX_VMID", String.valueOf(guest.location().vmid()));
        variables.put("PROXMOX_NODE", guest.location().node());
        variables.put("PROXMOX_GUEST_NAME", guest.name());
        if (ip != null) {
            variables.put("PROXMOX_IP", ip);
        }
        return variables;
    }
}
