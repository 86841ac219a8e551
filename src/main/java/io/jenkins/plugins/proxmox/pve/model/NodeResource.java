package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.text.SafeText;

/**
 * A node as listed by the cluster ({@code /nodes} and {@code /cluster/resources}).
 *
 * @param status {@code online}, {@code offline} or {@code unknown}
 * @param usage null when the node is not online, or the identity may not see it (Sys.Audit on {@code /nodes/{node}})
 */
public record NodeResource(
        String name, String status, @Nullable ResourceUsage usage) {

    public static NodeResource from(JsonNode json) {
        return new NodeResource(
                GuestLocation.requireNodeName(JsonChecks.requireText("node", json)),
                SafeText.singleLine(json.path("status").asText("unknown")),
                ResourceUsage.from(json));
    }

    public boolean isOnline() {
        return status.equals("online");
    }
}
