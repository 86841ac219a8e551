package io.jenkins.plugins.proxmox.pve.access;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What an operation on a guest needs on paths other than that of the guest, all of it on one of them. */
enum RightElsewhere {
    /** A guest that does not exist yet, among all guests or in a pool. */
    NEW_GUEST("/vms or /pool/{pool}", List.of("VM.Allocate", "VM.Audit", "VM.Config.Options"), "/pool", "/vms"),
    /** A storage. */
    SPACE("/storage/{storage}", List.of("Datastore.AllocateSpace"), "/storage"),
    /** A bridge, or a virtual network of SDN. */
    NETWORK("/sdn/zones/{zone}/{network}", List.of("SDN.Use"), "/sdn/zones");

    private final String path;
    private final List<String> privileges;
    private final List<String> roots;

    RightElsewhere(String path, List<String> privileges, String... roots) {
        this.path = path;
        this.privileges = privileges;
        this.roots = List.of(roots);
    }

    /** What is missing on the path where least is; empty when nothing is. */
    List<RequiredPrivilege> missing(Permissions permissions) {
        return paths(permissions)
                .map(each -> missing(permissions, each))
                .min(Comparator.comparingInt(List::size))
                .orElseThrow();
    }

    /** Any path below the roots, and each one that has rights of its own. */
    private Stream<String> paths(Permissions permissions) {
        // the rights on an existing guest say nothing about a new one
        Stream<String> own = permissions.paths().stream()
                .filter(each -> roots.stream().anyMatch(root -> each.startsWith(root + "/")))
                .filter(each -> !each.startsWith("/vms/"));
        return Stream.concat(roots.stream().map(root -> root + "/*"), own);
    }

    private List<RequiredPrivilege> missing(Permissions permissions, String where) {
        List<RequiredPrivilege> missing = new ArrayList<>();
        for (String privilege : privileges) {
            if (!permissions.allow(privilege, where)) {
                missing.add(new RequiredPrivilege(path, List.of(privilege)));
            }
        }
        return missing;
    }
}
