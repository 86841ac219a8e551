package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.NonNull;

/**
 * What a node itself sees of a guest at this moment (PVE::QemuServer and PVE::LXC, vmstatus).
 *
 * @param sentBytes what the guest has sent since its process was started; {@code netout} in the API
 */
public record GuestActivity(int vmid, boolean running, long sentBytes) {

    /**
     * Reads an entry of {@code GET /nodes/{node}/qemu} or {@code …/lxc}.
     *
     * @throws IllegalArgumentException when it has no VMID or no status
     */
    @NonNull
    public static GuestActivity from(JsonNode json) {
        int vmid = ListedGuest.vmid(json);
        boolean running = JsonChecks.requireText("status", json).equals("running");
        return new GuestActivity(vmid, running, json.path("netout").asLong());
    }
}
