package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.util.Set;

/**
 * Whether the HA manager of a cluster is active ({@code /cluster/ha/status/current}).
 *
 * @param armedState {@code armed}, {@code standby}, {@code disarming} or {@code disarmed}; empty before Proxmox VE 9.2,
 *     which cannot be disarmed
 * @param resourceMode what happens to its guests while it is disarmed, {@code freeze} or {@code ignore}; otherwise
 *     empty
 */
public record HaStatus(String armedState, String resourceMode) {

    private static final Set<String> DISARMED = Set.of("disarming", "disarmed");

    public static HaStatus from(JsonNode entries) {
        for (JsonNode entry : JsonChecks.array(entries)) {
            if (entry.path("type").asText().equals("fencing")) {
                return new HaStatus(
                        SafeText.singleLine(entry.path("armed-state").asText("")),
                        SafeText.singleLine(entry.path("resource_mode").asText("")));
            }
        }
        return new HaStatus("", "");
    }

    /** Whether it accepts requests but carries out none until someone arms it again. */
    public boolean isDisarmed() {
        return DISARMED.contains(armedState);
    }
}
