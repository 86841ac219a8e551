package io.jenkins.plugins.proxmox.pve.client;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What {@code GET /version} says.
 *
 * @param version such as {@code 9.2.11}
 * @param release such as {@code 9.2}
 */
public record ServerVersion(String version, String release) {

    static ServerVersion from(JsonNode json) {
        Answers.objectWith("version", json);
        return new ServerVersion(
                Text.singleLine(json.path("version").asText("")),
                Text.singleLine(json.path("release").asText("")));
    }
}
