package io.jenkins.plugins.proxmox.pve.access;

import java.io.Serializable;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A right that an operation needs: one of some privileges on an ACL path.
 *
 * @param aclPath such as {@code /vms/100}
 * @param anyOf privileges of which one is enough, the least powerful first; usually only one
 */
public record RequiredPrivilege(String aclPath, List<String> anyOf) implements Serializable {

    public RequiredPrivilege {
        anyOf = List.copyOf(anyOf);
        Objects.checkIndex(0, anyOf.size());
    }

    /** Whether the same privileges meet both, in whatever order they are named. */
    public boolean isSameAs(RequiredPrivilege other) {
        return aclPath.equals(other.aclPath) && Set.copyOf(anyOf).equals(Set.copyOf(other.anyOf));
    }

    /** Whether {@code privileges} on the path include it. */
    public boolean isMetBy(Collection<String> privileges) {
        return anyOf.stream().anyMatch(privileges::contains);
    }

    /**
     * Whether the effective rights of an identity on all paths include it. If its path is a {@linkplain
     * NetworkPath#isGuess guess}, whether they may.
     */
    public boolean isMetBy(Permissions permissions) {
        return anyOf.stream().anyMatch(privilege -> NetworkPath.allow(permissions, privilege, aclPath));
    }

    /**
     * The privilege to grant to an identity that has {@code privileges} on the path.
     *
     * @param existing the privileges that the server knows; empty when they are unknown
     */
    public String toGrant(Collection<String> privileges, Collection<String> existing) {
        return anyOf.stream()
                .filter(privileges::contains)
                .findFirst()
                .or(() -> anyOf.stream().filter(existing::contains).findFirst())
                .orElse(anyOf.get(0));
    }

    /** The same where the privileges that the server knows do not matter. */
    public String toGrant(Collection<String> privileges) {
        return toGrant(privileges, List.of());
    }

    /** The same need with only those of its privileges that exist; unchanged when none is known to. */
    public RequiredPrivilege among(Collection<String> existing) {
        List<String> known = anyOf.stream().filter(existing::contains).toList();
        return known.isEmpty() ? this : new RequiredPrivilege(aclPath, known);
    }

    /** Whether whoever meets {@code other} meets this as well. */
    public boolean isImpliedBy(RequiredPrivilege other) {
        return aclPath.equals(other.aclPath) && anyOf.containsAll(other.anyOf);
    }
}
