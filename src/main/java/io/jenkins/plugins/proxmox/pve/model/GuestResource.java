package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/**
 * A guest as listed by the cluster ({@code /cluster/resources}), with everything that people look for in it.
 *
 * @param tags in the order of Proxmox VE
 * @param usage null when the server does not know it, as for a guest on a node that is off
 */
public record GuestResource(
        ListedGuest guest, List<String> tags, @Nullable ResourceUsage usage) {

    public GuestResource {
        tags = List.copyOf(tags);
    }

    public static GuestResource from(JsonNode json, Instant listedAt) {
        return new GuestResource(
                ListedGuest.from(json, listedAt), tags(json.path("tags").asText("")), ResourceUsage.from(json));
    }

    /** PVE::Tools::split_list: usually semicolons, but commas and blanks also separate. */
    private static List<String> tags(String text) {
        return Arrays.stream(text.split("[,;\\s\\x00]+"))
                .map(SafeText::singleLine)
                .filter(tag -> !tag.isEmpty())
                .toList();
    }
}
