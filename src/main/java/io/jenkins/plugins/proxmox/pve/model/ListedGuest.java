package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.text.Text;
import java.time.Instant;

/**
 * A guest as the cluster's list shows it ({@code /cluster/resources}). Node, type, lock and the state of high availability
 * are current, the rest is up to 10 seconds behind: good for finding a guest, bad for deciding about it.
 *
 * @param name empty when the list has none
 * @param status {@code running}, {@code stopped}, {@code paused} or {@code unknown}
 * @param lock why it is locked, such as {@code backup}; null when it is not
 * @param haState what high availability says about it, or is to bring it to; null when it does not look after it
 * @param listedAt when the list was given, by the clock of the server; by our own when it did not tell
 */
public record ListedGuest(
        GuestLocation location,
        String name,
        String status,
        boolean template,
        @Nullable String lock,
        @Nullable String haState,
        Instant listedAt) {

    /** Whether high availability looks after it. */
    public boolean haManaged() {
        return haState != null;
    }

    /** Whether somebody, such as a backup, works on it. */
    public boolean locked() {
        return lock != null;
    }

    /** The guests among the resources of a cluster, which are also nodes, storages and so on. */
    public static Listing<ListedGuest> listFrom(JsonNode resources, Instant listedAt) {
        return Listing.of(resources, resource -> isGuest(resource) ? from(resource, listedAt) : null);
    }

    public static ListedGuest from(JsonNode json, Instant listedAt) {
        JsonChecks.objectWith("node", json);
        GuestLocation location = new GuestLocation(
                json.path("node").asText(), GuestType.of(json.path("type").asText()), vmid(json));
        return new ListedGuest(
                location,
                Text.singleLine(json.path("name").asText("")),
                Text.singleLine(json.path("status").asText("unknown")),
                json.path("template").asInt() == 1,
                Text.singleLineOrNull(json.path("lock")),
                Text.singleLineOrNull(json.path("hastate")),
                listedAt);
    }

    /** Any file N.conf among the configurations of guests enters the list (pmxcfs, memdb.c, name_is_vm_config). */
    private static int vmid(JsonNode json) {
        JsonChecks.objectWith("vmid", json);
        String text = json.path("vmid").asText();
        Integer vmid = GuestLocation.parseVmid(text);
        if (vmid != null) {
            return vmid;
        }
        String why = GuestLocation.noVmid(Text.singleLine(text));
        throw text.matches("[0-9]+") ? new Listing.OddEntryException(why) : new IllegalArgumentException(why);
    }

    /**
     * Whether it is a guest and not another kind of resource.
     *
     * @throws IllegalArgumentException when it does not tell of which kind it is
     */
    static boolean isGuest(JsonNode json) {
        String type = JsonChecks.objectWith("type", json).path("type").asText();
        return type.equals(GuestType.QEMU.apiName()) || type.equals(GuestType.LXC.apiName());
    }

    /** {@code VM 100 (web-1) on node pve1}. */
    @Override
    public String toString() {
        String guest = location.guest() + (name.isEmpty() ? "" : " (" + name + ")");
        return Texts.of("guest.on-node", guest, location.node());
    }
}
