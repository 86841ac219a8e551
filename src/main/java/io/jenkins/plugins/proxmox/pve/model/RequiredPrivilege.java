package io.jenkins.plugins.proxmox.pve.model;

import java.util.Collection;
import java.util.List;
import java.util.Objects;

/**
 * A right that an operation needs: one of some privileges on an ACL path.
 *
 * @param aclPath such as {@code /vms/100}
 * @param anyOf privileges of which one is enough, the least powerful first; usually only one
 */
public record RequiredPrivilege(String aclPath, List<String> anyOf) {

    public RequiredPrivilege {
        anyOf = List.copyOf(anyOf);
        Objects.checkIndex(0, anyOf.size());
    }

    /** Whether {@code privileges} on the path include it. */
    public boolean isMetBy(Collection<String> privileges) {
        return anyOf.stream().anyMatch(privileges::contains);
    }

    /** Whether the effective rights of an identity on all paths include it. */
    public boolean isMetBy(Permissions permissions) {
        return anyOf.stream().anyMatch(privilege -> permissions.allow(privilege, aclPath));
    }

    /** The privilege to grant to an identity that has {@code privileges} on the path. */
    public String toGrant(Collection<String> privileges) {
        return anyOf.stream().filter(privileges::contains).findFirst().orElse(anyOf.get(0));
    }
}
