package io.jenkins.plugins.proxmox.pve.client;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.Nullable;
import java.util.Arrays;
import java.util.List;

/**
 * A guest as the cluster's list shows it ({@code /cluster/resources}), with all that people look for in it.
 *
 * @param name empty when the list has none
 * @param status {@code running}, {@code stopped}, {@code paused} or {@code unknown}
 * @param tags in the order in which Proxmox VE has them
 * @param lock why it is locked, such as {@code backup}; null when it is not
 * @param haState what high availability says about it; null when it does not care
 * @param usage null when the server knows nothing of it, as of a guest on a node that is off
 */
public record GuestResource(
        GuestLocation location,
        String name,
        String status,
        boolean template,
        List<String> tags,
        @Nullable String lock,
        @Nullable String haState,
        @Nullable ResourceUsage usage) {

    public GuestResource {
        tags = List.copyOf(tags);
    }

    static GuestResource from(JsonNode json) {
        return new GuestResource(
                new GuestLocation(
                        json.path("node").asText(),
                        GuestType.of(json.path("type").asText()),
                        json.path("vmid").asInt()),
                Text.singleLine(json.path("name").asText("")),
                Text.singleLine(json.path("status").asText("unknown")),
                json.path("template").asInt() == 1,
                tags(json.path("tags").asText("")),
                Text.singleLineOrNull(json.path("lock")),
                Text.singleLineOrNull(json.path("hastate")),
                ResourceUsage.from(json));
    }

    /** PVE::Tools::split_list: semicolons as a rule, but commas and blanks are good as well. */
    private static List<String> tags(String text) {
        return Arrays.stream(text.split("[,;\\s\\x00]+"))
                .map(Text::singleLine)
                .filter(tag -> !tag.isEmpty())
                .toList();
    }
}
