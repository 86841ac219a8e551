package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/**
 * A guest as listed by the cluster ({@code /cluster/resources}). Node, type, lock and HA state are current; the rest
 * may be up to 10 seconds old. Use it to find a guest, not to decide what to do with it.
 *
 * @param name empty when the list has none
 * @param status {@code running}, {@code stopped}, {@code paused} or {@code unknown}
 * @param tags in the order of Proxmox VE
 * @param usage null when the server does not know it, as for a guest on a node that is off
 * @param lock why it is locked, such as {@code backup}; null when it is not
 * @param haState its current or requested state in the HA manager; null when it is not managed by HA
 * @param pool the pool it is in; null when it is in none, or the identity may not see the pool (Pool.Audit)
 * @param listedAt time of the list by the clock of the server, or by our own when the answer does not contain it
 */
public record ListedGuest(
        GuestLocation location,
        String name,
        String status,
        boolean template,
        List<String> tags,
        @Nullable ResourceUsage usage,
        @Nullable String lock,
        @Nullable String haState,
        @Nullable String pool,
        Instant listedAt) {

    public ListedGuest {
        tags = List.copyOf(tags);
    }

    public boolean haManaged() {
        return haState != null;
    }

    /** Whether something, such as a backup, has locked it. */
    public boolean locked() {
        return lock != null;
    }

    /** The guests among the resources of a cluster, which also include nodes, storages and so on. */
    public static Listing<ListedGuest> listFrom(JsonNode resources, Instant listedAt) {
        return Listing.of(resources, resource -> isGuest(resource) ? from(resource, listedAt) : null);
    }

    public static ListedGuest from(JsonNode json, Instant listedAt) {
        GuestLocation location = new GuestLocation(
                JsonChecks.requireText("node", json),
                GuestType.of(json.path("type").asText()),
                vmid(json));
        return new ListedGuest(
                location,
                SafeText.singleLine(json.path("name").asText("")),
                SafeText.singleLine(json.path("status").asText("unknown")),
                json.path("template").asInt() == 1,
                tags(json.path("tags").asText("")),
                ResourceUsage.from(json),
                SafeText.singleLineOrNull(json.path("lock")),
                SafeText.singleLineOrNull(json.path("hastate")),
                SafeText.singleLineOrNull(json.path("pool")),
                listedAt);
    }

    /** PVE::Tools::split_list: usually semicolons, but commas and blanks also separate. */
    private static List<String> tags(String text) {
        return Arrays.stream(text.split("[,;\\s\\x00]+"))
                .map(SafeText::singleLine)
                .filter(tag -> !tag.isEmpty())
                .toList();
    }

    /** Any file named N.conf among the configurations of guests is listed (pmxcfs, memdb.c, name_is_vm_config). */
    static int vmid(JsonNode json) {
        String text = JsonChecks.requireText("vmid", json);
        Integer vmid = GuestLocation.parseVmid(text);
        if (vmid != null) {
            return vmid;
        }
        String why = GuestLocation.noVmid(SafeText.singleLine(text));
        throw text.matches("[0-9]+") ? new Listing.OddEntryException(why) : new IllegalArgumentException(why);
    }

    /**
     * Whether it is a guest and not another kind of resource.
     *
     * @throws IllegalArgumentException when its kind is missing
     */
    static boolean isGuest(JsonNode json) {
        String type = JsonChecks.requireText("type", json);
        return type.equals(GuestType.QEMU.apiName()) || type.equals(GuestType.LXC.apiName());
    }

    /** {@code VM 100 (web-1) on node pve1}. */
    @Override
    public String toString() {
        String guest = location.guest() + (name.isEmpty() ? "" : " (" + name + ")");
        return Texts.of("guest.on-node", guest, location.node());
    }
}
