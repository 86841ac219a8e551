package io.jenkins.plugins.proxmox.pve.access;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.proxmox.pve.model.JsonChecks;
import io.jenkins.plugins.proxmox.pve.text.SafeText;

/**
 * A realm, which stores the users named after its {@code @}, such as {@code pam} or {@code pve}.
 *
 * @param type such as {@code pam}, {@code pve}, {@code ldap}, {@code ad}, {@code openid}
 */
public record Realm(String name, String type) {

    /** The pattern of realm names, which is also that of token names (PVE::Auth::Plugin). */
    public static final String PATTERN = "[A-Za-z][A-Za-z0-9.\\-_]{1,127}";

    /**
     * The pattern of user names (PVE::Auth::Plugin, verify_username), without characters that no header or line of a log
     * can carry, and longer than any name.
     */
    public static final String USER_PATTERN = "[^\\s:/\\p{Cc}\\p{Cf}\\p{Cs}\\p{Z}]{1,255}";

    public static Realm from(JsonNode json) {
        return new Realm(
                SafeText.singleLine(JsonChecks.requireText("realm", json)),
                SafeText.singleLine(json.path("type").asText("")));
    }
}
