package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.time.Instant;
import java.util.List;

/**
 * The nodes of a cluster and the guests that the identity may see ({@code /cluster/resources}): everything in one
 * answer, but up to 10 seconds old.
 *
 * @param pools the names of the pools that the identity may see (Pool.Audit)
 * @param leftOut entries of the list that cannot be used
 */
public record ClusterResources(
        List<NodeResource> nodes, List<ListedGuest> guests, List<String> pools, SkippedEntries leftOut) {

    private record Pool(String name) {}

    public ClusterResources {
        nodes = List.copyOf(nodes);
        guests = List.copyOf(guests);
        pools = List.copyOf(pools);
    }

    /** Reads nodes, guests and pools. Leaves out all other resources of a cluster: storages, networks. */
    public static Listing<Record> listFrom(JsonNode resources, Instant listedAt) {
        return Listing.of(resources, resource -> read(resource, listedAt));
    }

    @Nullable
    private static Record read(JsonNode resource, Instant listedAt) {
        if (ListedGuest.isGuest(resource)) {
            return ListedGuest.from(resource, listedAt);
        }
        return switch (resource.path("type").asText()) {
            case "node" -> NodeResource.from(resource);
            case "pool" -> {
                String pool = SafeText.singleLineOrNull(resource.path("pool"));
                yield pool == null ? null : new Pool(pool);
            }
            default -> null;
        };
    }

    /** @param resources nodes, guests and pools */
    public static ClusterResources of(Listing<Record> resources) {
        return new ClusterResources(
                only(NodeResource.class, resources),
                only(ListedGuest.class, resources),
                only(Pool.class, resources).stream().map(Pool::name).toList(),
                resources.leftOut());
    }

    private static <T> List<T> only(Class<T> kind, List<Record> resources) {
        return resources.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
