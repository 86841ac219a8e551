package io.jenkins.plugins.proxmox.pve.access;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.model.Listing;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The effective rights of an identity ({@code GET /access/permissions}): ACL path to privileges, and whether each
 * privilege also applies to the paths below.
 */
public record Permissions(Map<String, Map<String, Boolean>> propagatingByPrivilegeByPath) {

    /** The privileges on one path, and whether they propagate. */
    public record OnPath(String path, Map<String, Boolean> propagating) {

        /** Far longer than any path of Proxmox VE. Each part of a path costs a look at the path above. */
        private static final int LONGEST = 1000;

        static OnPath from(String path, JsonNode json) {
            if (!path.startsWith("/") || path.length() > LONGEST || !json.isObject()) {
                throw new IllegalArgumentException(Texts.of("answer.no-path"));
            }
            Map<String, Boolean> privileges = new TreeMap<>();
            json.properties()
                    .forEach(privilege -> privileges.put(
                            privilege.getKey(), privilege.getValue().asInt() == 1));
            return new OnPath(path, privileges);
        }
    }

    public static Listing<OnPath> listFrom(JsonNode json) {
        if (!json.isObject()) {
            throw new IllegalArgumentException(Texts.of("answer.no-permissions"));
        }
        return Listing.ofFields(json, OnPath::from);
    }

    public static Permissions of(List<OnPath> all) {
        Map<String, Map<String, Boolean>> paths = new TreeMap<>();
        all.forEach(each -> paths.put(each.path(), each.propagating()));
        return new Permissions(paths);
    }

    /** The paths on which the identity has any right. */
    public Set<String> paths() {
        return new TreeSet<>(propagatingByPrivilegeByPath.keySet());
    }

    /**
     * The paths whose rights differ from the inherited ones: those that an administrator would name. The server lists a
     * few more, such as {@code /} and {@code /vms}, and every path that has an ACL of anyone.
     */
    public Set<String> ownPaths() {
        Set<String> own = paths();
        own.removeIf(path -> propagatingByPrivilegeByPath.get(path).equals(fromAbove(path)));
        return own;
    }

    private Map<String, Boolean> fromAbove(String path) {
        Map<String, Boolean> inherited = new TreeMap<>(nearestAbove(path));
        inherited.values().removeIf(propagates -> !propagates);
        return inherited;
    }

    /** The privileges of the nearest listed path above. */
    private Map<String, Boolean> nearestAbove(String path) {
        return above(path)
                .map(propagatingByPrivilegeByPath::get)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(Map.of());
    }

    /** The privileges that the server listed for exactly that path. */
    public Set<String> on(String path) {
        return new TreeSet<>(
                propagatingByPrivilegeByPath.getOrDefault(path, Map.of()).keySet());
    }

    /**
     * Whether the privilege applies to that path: it is listed there, or it propagates from the nearest listed path
     * above. The server lists every path with its own ACL, and the guests of a pool one by one.
     */
    public boolean allow(String privilege, String path) {
        Map<String, Boolean> here = propagatingByPrivilegeByPath.get(path);
        return here != null
                ? here.containsKey(privilege)
                : Boolean.TRUE.equals(nearestAbove(path).get(privilege));
    }

    /**
     * The nearest path above that has the privilege, as listed by the server; null when there is none. If {@code path}
     * itself lacks the privilege, that path explains why: the privilege does not propagate from there, or an entry in
     * between replaces it.
     */
    @Nullable
    public String pathAboveWith(String privilege, String path) {
        return above(path)
                .filter(above -> on(above).contains(privilege))
                .findFirst()
                .orElse(null);
    }

    /** Whether the privilege applies to that path and to all paths below. */
    public boolean allowBelow(String privilege, String path) {
        return Boolean.TRUE.equals(
                propagatingByPrivilegeByPath.getOrDefault(path, Map.of()).get(privilege));
    }

    /** The paths above that one, the nearest first. */
    private static Stream<String> above(String path) {
        return Stream.iterate(parent(path), Objects::nonNull, Permissions::parent);
    }

    @Nullable
    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return path.equals("/") ? null : slash <= 0 ? "/" : path.substring(0, slash);
    }

    /** Whether the identity has no rights at all. */
    public boolean isEmpty() {
        return propagatingByPrivilegeByPath.values().stream().allMatch(Map::isEmpty);
    }
}
