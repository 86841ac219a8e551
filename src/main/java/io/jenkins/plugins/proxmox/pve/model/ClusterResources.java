package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.Nullable;
import java.time.Instant;
import java.util.List;

/**
 * The nodes of a cluster and the guests that the identity may see ({@code /cluster/resources}): everything in one
 * answer, but up to 10 seconds old.
 *
 * @param leftOut entries of the list that cannot be used
 */
public record ClusterResources(List<NodeResource> nodes, List<ListedGuest> guests, SkippedEntries leftOut) {

    public ClusterResources {
        nodes = List.copyOf(nodes);
        guests = List.copyOf(guests);
    }

    /** Reads nodes and guests. Leaves out all other resources of a cluster: storages, pools, networks. */
    public static Listing<Record> listFrom(JsonNode resources, Instant listedAt) {
        return Listing.of(resources, resource -> read(resource, listedAt));
    }

    @Nullable
    private static Record read(JsonNode resource, Instant listedAt) {
        if (ListedGuest.isGuest(resource)) {
            return ListedGuest.from(resource, listedAt);
        }
        return resource.path("type").asText().equals("node") ? NodeResource.from(resource) : null;
    }

    /** @param resources nodes and guests */
    public static ClusterResources of(Listing<Record> resources) {
        return new ClusterResources(
                only(NodeResource.class, resources), only(ListedGuest.class, resources), resources.leftOut());
    }

    private static <T> List<T> only(Class<T> kind, List<Record> resources) {
        return resources.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
