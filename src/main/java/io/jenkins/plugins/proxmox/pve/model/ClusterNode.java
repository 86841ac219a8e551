package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.proxmox.pve.text.SafeText;

/**
 * A node of the cluster.
 *
 * @param status {@code online}, {@code offline} or {@code unknown}
 * @param uptimeSeconds 0 when the identity may not see it (Sys.Audit on the node)
 */
public record ClusterNode(String name, String status, long uptimeSeconds) {

    public static ClusterNode from(JsonNode json) {
        JsonChecks.objectWith("node", json);
        return new ClusterNode(
                GuestLocation.requireNodeName(json.path("node").asText()),
                SafeText.singleLine(json.path("status").asText("unknown")),
                json.path("uptime").asLong());
    }

    public boolean isOnline() {
        return status.equals("online");
    }
}
