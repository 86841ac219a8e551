package io.jenkins.plugins.proxmox.pve.guest;

import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What setting values of a guest's configuration needs (PVE::API2::Qemu, check_vm_modify_config_perm; PVE::LXC). */
final class ConfigurationPrivileges {

    private ConfigurationPrivileges() {}

    /** The privileges for values under those keys, on that ACL path. */
    static Set<RequiredPrivilege> of(Set<String> keys, String aclPath) {
        Set<RequiredPrivilege> privileges = new LinkedHashSet<>();
        for (String key : keys) {
            privileges.add(new RequiredPrivilege(aclPath, anyOf(key)));
        }
        return privileges;
    }

    private static List<String> anyOf(String key) {
        return switch (key) {
            case "cores" -> List.of("VM.Config.CPU");
            case "memory" -> List.of("VM.Config.Memory");
            case "ciuser", "sshkeys", "ipconfig0", "nameserver" -> List.of("VM.Config.Cloudinit", "VM.Config.Network");
            default -> List.of("VM.Config.Options");
        };
    }
}
