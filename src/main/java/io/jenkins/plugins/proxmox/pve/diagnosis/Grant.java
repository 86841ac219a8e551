package io.jenkins.plugins.proxmox.pve.diagnosis;

import io.jenkins.plugins.proxmox.pve.client.Role;
import io.jenkins.plugins.proxmox.pve.diagnosis.Finding.Result;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The least role that helps, and the commands that give it.
 *
 * @param facts with the role filled in
 * @param commands give it to the identity
 * @param commandsForUser give it to the user of a token
 */
record Grant(Facts facts, List<String> commands, List<String> commandsForUser) {

    /** Roles that are never the answer: the one holds nothing, the other everything. */
    private static final Set<String> NEVER = Set.of("NoAccess", "Administrator");

    /**
     * @param privileges what is asked for
     * @param anyOf whether one of them is enough
     * @param held what the identity has on the path already, which a new role there would replace
     * @param roles those of the server, or nothing when they are not known
     */
    static Grant least(
            Facts facts,
            List<String> privileges,
            boolean anyOf,
            Set<String> held,
            Optional<List<Role>> roles,
            Draft draft) {
        Optional<Role> found = roles.flatMap(list -> leastOf(list, privileges, anyOf, held));
        if (found.isPresent()) {
            Facts filled = facts.role(found.get().name());
            draft.found(Result.OK, "least-role", filled);
            return of(filled, List.of());
        }
        draft.found(Result.UNKNOWN, roles.isPresent() ? "no-role" : "roles-unknown", facts);
        Set<String> own = new TreeSet<>(anyOf ? privileges.subList(0, 1) : privileges);
        String name = "Jenkins" + own.iterator().next().replace(".", "");
        own.addAll(kept(privileges, held));
        Facts filled = facts.role(name);
        return of(filled, Texts.commands("command.role-add", filled.detail(String.join(" ", own))));
    }

    private static Grant of(Facts facts, List<String> before) {
        List<String> toUser = new ArrayList<>(before);
        toUser.addAll(Texts.commands("command.grant-user", facts));
        if (!facts.isToken()) {
            return new Grant(facts, toUser, List.of());
        }
        List<String> toToken = new ArrayList<>(before);
        toToken.addAll(Texts.commands("command.grant-token", facts));
        return new Grant(facts, toToken, Texts.commands("command.grant-user", facts));
    }

    private static Optional<Role> leastOf(List<Role> roles, List<String> missing, boolean anyOf, Set<String> held) {
        Collection<String> kept = kept(missing, held);
        return roles.stream()
                .filter(role -> !NEVER.contains(role.name()))
                .filter(role -> anyOf
                        ? missing.stream().anyMatch(role.privileges()::contains)
                        : role.privileges().containsAll(missing))
                .filter(role -> role.privileges().containsAll(kept))
                .min(Comparator.comparingInt((Role role) -> role.privileges().size())
                        .thenComparing(Role::name));
    }

    /** What is held of the same kind: VM.* where VM.* is asked for. The rest means nothing on such a path. */
    private static Collection<String> kept(List<String> missing, Set<String> held) {
        String kind = missing.get(0).substring(0, missing.get(0).indexOf('.') + 1);
        return held.stream().filter(privilege -> privilege.startsWith(kind)).toList();
    }
}
