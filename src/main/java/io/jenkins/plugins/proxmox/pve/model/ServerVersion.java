package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.proxmox.pve.text.SafeText;

/**
 * The answer to {@code GET /version}.
 *
 * @param version such as {@code 9.2.11}
 * @param release such as {@code 9.2}
 */
public record ServerVersion(String version, String release) {

    public static ServerVersion from(JsonNode json) {
        return new ServerVersion(
                SafeText.singleLine(JsonChecks.requireText("version", json)),
                SafeText.singleLine(json.path("release").asText("")));
    }
}
