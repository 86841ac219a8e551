package io.jenkins.plugins.proxmox.pve.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The nodes of a cluster and the guests that the identity may see ({@code /cluster/resources}): everything in one
 * answer, but up to 10 seconds old.
 */
public record ClusterResources(List<NodeResource> nodes, List<GuestResource> guests) {

    public ClusterResources {
        nodes = List.copyOf(nodes);
        guests = List.copyOf(guests);
    }

    /** Leaves out what else a cluster has: storages, pools, networks. */
    static ClusterResources from(JsonNode resources, Instant listedAt) {
        List<NodeResource> nodes = new ArrayList<>();
        List<GuestResource> guests = new ArrayList<>();
        for (JsonNode resource : Answers.array(resources)) {
            if (resource.path("type").asText().equals("node")) {
                nodes.add(NodeResource.from(resource));
            } else if (Guest.isGuest(resource)) {
                guests.add(GuestResource.from(resource, listedAt));
            }
        }
        return new ClusterResources(nodes, guests);
    }
}
