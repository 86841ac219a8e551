package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.proxmox.pve.text.Text;

/**
 * A realm: where the users behind an {@code @} are kept, such as {@code pam} or {@code pve}.
 *
 * @param type such as {@code pam}, {@code pve}, {@code ldap}, {@code ad}, {@code openid}
 */
public record Realm(String name, String type) {

    /** The shape of the names of realms, which is the shape of the names of tokens as well (PVE::Auth::Plugin). */
    public static final String PATTERN = "[A-Za-z][A-Za-z0-9.\\-_]+";

    public static Realm from(JsonNode json) {
        JsonChecks.objectWith("realm", json);
        return new Realm(
                Text.singleLine(json.path("realm").asText("")),
                Text.singleLine(json.path("type").asText("")));
    }
}
