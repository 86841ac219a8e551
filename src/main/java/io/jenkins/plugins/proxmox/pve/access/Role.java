package io.jenkins.plugins.proxmox.pve.access;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.proxmox.pve.model.JsonChecks;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A named set of privileges, the only thing that an ACL can grant.
 *
 * @param privileges such as {@code VM.PowerMgmt}
 * @param builtIn whether it is one of Proxmox VE's own, which nobody can change (PVE::AccessControl::role_is_special)
 */
public record Role(String name, Set<String> privileges, boolean builtIn) {

    public Role {
        privileges = Set.copyOf(privileges);
    }

    public static Role from(JsonNode json) {
        return new Role(
                SafeText.singleLine(JsonChecks.requireText("roleid", json)),
                Arrays.stream(json.path("privs").asText("").split("[,\\s]+"))
                        .map(SafeText::singleLine)
                        .filter(privilege -> !privilege.isEmpty())
                        .collect(Collectors.toCollection(TreeSet::new)),
                json.path("special").asInt() == 1);
    }
}
