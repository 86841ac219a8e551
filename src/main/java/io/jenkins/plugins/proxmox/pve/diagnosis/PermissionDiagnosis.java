package io.jenkins.plugins.proxmox.pve.diagnosis;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.access.NetworkPath;
import io.jenkins.plugins.proxmox.pve.access.Permissions;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.access.Role;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.diagnosis.Evidence.Result;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Why the server denies an identity something (403), with commands that give exactly what the operation needs, so that
 * it succeeds the next time.
 */
final class PermissionDiagnosis {

    /** More paths than this would bury what matters. */
    private static final int MOST_PATHS = 8;

    private static final String POOL = "/pool/";

    private final List<RequiredPrivilege> needs;
    private final QuestionBudget questions;
    private final MessageArguments identity;
    private final DiagnosisBuilder draft;

    /** The path that the server named or, once that is found out, the one that it meant; null if neither is known. */
    @Nullable
    private String aclPath;

    /**
     * @param needs the rights that the whole operation needs; what was refused is added to them
     */
    private PermissionDiagnosis(
            PermissionDeniedException failure, List<RequiredPrivilege> needs, QuestionBudget questions) {
        this.needs = withRefused(needs, failure);
        this.questions = questions;
        this.identity =
                MessageArguments.of(failure.identity(), failure.failure().address());
        this.draft = new DiagnosisBuilder(failure);
        this.aclPath = failure.aclPath();
    }

    private PermissionDiagnosis(
            PermissionDeniedException.Foreseen foreseen, List<RequiredPrivilege> needs, QuestionBudget questions) {
        Set<RequiredPrivilege> all = new LinkedHashSet<>(needs);
        all.addAll(foreseen.missing());
        this.needs = List.copyOf(all);
        this.questions = questions;
        this.identity = MessageArguments.of(foreseen.identity(), foreseen.address());
        this.draft = new DiagnosisBuilder(foreseen);
        this.aclPath = foreseen.missing().get(0).aclPath();
    }

    /** Why nothing was sent. */
    static Diagnosis of(
            PermissionDeniedException.Foreseen foreseen, List<RequiredPrivilege> needs, QuestionBudget questions) {
        return new PermissionDiagnosis(foreseen, needs, questions)
                .lacking(DiagnosisTexts.anyOf(foreseen.missing().get(0).anyOf()));
    }

    /** Why the server has refused a request. */
    static Diagnosis of(PermissionDeniedException failure, List<RequiredPrivilege> needs, QuestionBudget questions) {
        return new PermissionDiagnosis(failure, needs, questions).of(failure);
    }

    private static List<RequiredPrivilege> withRefused(
            List<RequiredPrivilege> needs, PermissionDeniedException failure) {
        List<RequiredPrivilege> refused = new ArrayList<>();
        List<String> names =
                failure.privileges().stream().filter(name -> !name.isBlank()).toList();
        if (failure.aclPath() != null && failure.isAnyOfThemEnough() && !names.isEmpty()) {
            refused.add(new RequiredPrivilege(failure.aclPath(), names));
        } else if (failure.aclPath() != null) {
            names.forEach(name -> refused.add(new RequiredPrivilege(failure.aclPath(), List.of(name))));
        }
        // the server says it more exactly: a privilege can have another name in its version, a network its own zone
        Set<RequiredPrivilege> all = new LinkedHashSet<>();
        for (RequiredPrivilege need : needs) {
            all.add(refused.stream()
                    .filter(named -> need.isImpliedBy(named) && !need.isSameAs(named)
                            || NetworkPath.mayBe(need.aclPath(), named.aclPath()))
                    .findFirst()
                    .orElse(need));
        }
        refused.stream()
                .filter(named -> all.stream().noneMatch(named::isSameAs))
                .toList()
                .forEach(all::add);
        return List.copyOf(all);
    }

    private Diagnosis of(PermissionDeniedException failure) {
        MessageArguments request = identity.detail(
                failure.failure().method() + " " + failure.failure().path());
        String said = RefusalCauses.of(failure.failure());
        if (aclPath != null && failure.privileges().stream().anyMatch(name -> !name.isBlank())) {
            return lacking(
                    failure.isAnyOfThemEnough()
                            ? DiagnosisTexts.anyOf(failure.privileges())
                            : DiagnosisTexts.allOf(failure.privileges()));
        }
        String missingPool = RefusalCauses.missingPool(failure.failure());
        if (missingPool != null) {
            return poolUnknown(missingPool);
        }
        if ("csrf-token".equals(RefusalCauses.causeIn(failure.failure()))) {
            draft.cause("csrf-token", identity);
        } else if (said.contains("not available with api token")) {
            draft.cause("not-for-tokens", request);
        } else if (said.contains("root@pam")) {
            draft.cause("root-only", request);
        } else {
            List<RequiredPrivilege> missing = said.contains("(") || needs.isEmpty() ? List.of() : unnamed();
            String pool = missingPoolOf(missing);
            if (pool != null) {
                return poolUnknown(pool);
            }
            if (!missing.isEmpty()) {
                aclPath = missing.get(0).aclPath();
                return lacking(DiagnosisTexts.anyOf(missing.get(0).anyOf()));
            }
            draft.cause("no-path-named", request);
        }
        return draft.under("denied", identity);
    }

    /** No right helps where the pool does not exist. Proxmox VE says so only to those with rights on any VMID. */
    private Diagnosis poolUnknown(String pool) {
        draft.cause("pool-unknown", identity.detail(pool));
        return draft.under("rejected", identity);
    }

    /** The pool on which something is missing, if it does not exist; otherwise null. */
    @Nullable
    private String missingPoolOf(List<RequiredPrivilege> missing) {
        return missing.stream()
                .map(RequiredPrivilege::aclPath)
                .filter(path -> path.startsWith(POOL))
                .map(path -> path.substring(POOL.length()))
                .findFirst()
                .filter(pool -> !questions
                        .ask(client -> client.provisioning().hasPool(pool))
                        .orElse(true))
                .orElse(null);
    }

    /**
     * What the identity lacks of all that the operation needs, for a refusal that names nothing, as that of a clone that
     * may not take its VMID (PVE::RPCEnvironment, check_vm_perm); empty when that is not known.
     */
    private List<RequiredPrivilege> unnamed() {
        Permissions everywhere = questions.ask(ProxmoxClient::permissions).orElse(null);
        return everywhere == null
                ? List.of()
                : needs.stream().filter(need -> !need.isMetBy(everywhere)).toList();
    }

    /**
     * @param privileges what the server requires, in words
     */
    private Diagnosis lacking(String privileges) {
        Permissions onPath =
                questions.ask(client -> client.permissions(aclPath)).orElse(null);
        Permissions everywhere = questions.ask(ProxmoxClient::permissions).orElse(null);
        noteRights(onPath, everywhere);
        MessageArguments refused = identity.asking(privileges, aclPath);
        List<RequiredPrivilege> missing =
                needs.stream().filter(need -> !isMet(need, onPath, everywhere)).toList();
        if (missing.isEmpty()) {
            draft.cause("right-present-now", refused);
            return draft.under("denied-privilege", refused);
        }
        Optional<List<Role>> roles = questions.ask(ProxmoxClient::roles);
        List<RoleGrant> grants = grants(missing, onPath, everywhere, roles);
        MessageArguments lacked = identity.asking(
                        inWords(exactly(missing, roles), grants.get(0).path()),
                        grants.get(0).path())
                .role(DiagnosisTexts.allOf(
                        grants.stream().map(RoleGrant::inWords).toList()));
        noteRoles(grants, roles);
        noteReplaced(grants, onPath, everywhere);
        noteGuesses(grants);
        explain(lacked, grants, onPath, everywhere, roles);
        return draft.under("denied-privilege", refused);
    }

    /** Whether the need is known to be met; what is unknown counts as missing. */
    private boolean isMet(RequiredPrivilege need, @Nullable Permissions onPath, @Nullable Permissions everywhere) {
        if (need.aclPath().equals(aclPath)) {
            return onPath != null && need.isMetBy(onPath.on(need.aclPath()));
        }
        return everywhere != null && need.isMetBy(everywhere);
    }

    /** One grant for each path on which something is missing, with everything that the operation needs there. */
    private List<RoleGrant> grants(
            List<RequiredPrivilege> missing,
            @Nullable Permissions onPath,
            @Nullable Permissions everywhere,
            Optional<List<Role>> roles) {
        List<RoleGrant> grants = new ArrayList<>();
        for (String path : pathsOf(missing)) {
            Set<String> held = held(path, onPath, everywhere);
            SortedSet<String> privileges = new TreeSet<>();
            exactly(needs, roles).stream()
                    .filter(need -> need.aclPath().equals(path))
                    .forEach(need -> privileges.add(need.toGrant(held)));
            grants.add(RoleGrant.exactly(privileges, path, roles));
        }
        return grants;
    }

    /** The needs without privileges that the server does not know, and without those that follow from others. */
    private static List<RequiredPrivilege> exactly(List<RequiredPrivilege> needs, Optional<List<Role>> roles) {
        Set<String> existing = roles.orElse(List.of()).stream()
                .flatMap(role -> role.privileges().stream())
                .collect(Collectors.toSet());
        List<RequiredPrivilege> known =
                needs.stream().map(need -> need.among(existing)).distinct().toList();
        return known.stream()
                .filter(need -> known.stream().noneMatch(other -> other != need && need.isImpliedBy(other)))
                .toList();
    }

    /** The paths on which something is missing, beginning with the one that the server named. */
    private Set<String> pathsOf(List<RequiredPrivilege> missing) {
        Set<String> paths = new LinkedHashSet<>();
        if (missing.stream().anyMatch(need -> need.aclPath().equals(aclPath))) {
            paths.add(aclPath);
        }
        missing.forEach(need -> paths.add(need.aclPath()));
        return paths;
    }

    private Set<String> held(String path, @Nullable Permissions onPath, @Nullable Permissions everywhere) {
        Permissions known = path.equals(aclPath) && onPath != null ? onPath : everywhere;
        return known == null ? Set.of() : known.on(path);
    }

    private static String inWords(List<RequiredPrivilege> missing, String path) {
        return DiagnosisTexts.allOf(missing.stream()
                .filter(need -> need.aclPath().equals(path))
                .map(need -> DiagnosisTexts.anyOf(need.anyOf()))
                .toList());
    }

    private void explain(
            MessageArguments lacked,
            List<RoleGrant> grants,
            @Nullable Permissions onPath,
            @Nullable Permissions everywhere,
            Optional<List<Role>> roles) {
        String path = grants.get(0).path();
        SortedSet<String> privileges = grants.get(0).privileges();
        Set<String> here = held(path, onPath, everywhere);
        String above = everywhere == null ? null : pathAbove(everywhere, path, privileges, here);
        Optional<Boolean> userHasIt = userHasIt(lacked, path);
        List<String> commands = new ArrayList<>();
        String id;
        if (identity.isToken() && !userHasIt.orElse(true)) {
            id = "user-lacks-right";
        } else if (above != null && isReplaced(everywhere, above, privileges, here)) {
            id = "right-replaced";
            commands.addAll(DiagnosisTexts.commands("command.no-access", lacked));
            if (identity.isToken()) {
                commands.addAll(DiagnosisTexts.commands("command.no-access-token", lacked));
            }
        } else if (above != null) {
            id = "right-not-propagated";
            notePropagation(lacked, above, grants.get(0), everywhere, roles);
        } else if (everywhere != null && everywhere.isEmpty()) {
            id = identity.isToken() ? "token-without-acl" : "user-without-rights";
        } else if (everywhere != null && here.isEmpty()) {
            id = "rights-elsewhere";
        } else {
            id = "privilege-missing";
        }
        commands.addAll(commandsFor(grants, userHasIt));
        MessageArguments facts =
                above != null ? lacked.detail(above) : lacked.detail(everywhere == null ? "" : paths(everywhere));
        draft.cause(id, facts, commands);
    }

    /** The nearest path above on which the identity has a privilege that it lacks here, or null. */
    @Nullable
    private static String pathAbove(
            Permissions everywhere, String path, Collection<String> privileges, Set<String> here) {
        for (String privilege : privileges) {
            String above = here.contains(privilege) ? null : everywhere.pathAboveWith(privilege, path);
            if (above != null) {
                return above;
            }
        }
        return null;
    }

    /** Whether a privilege that the identity has above propagates, and yet is missing here. */
    private static boolean isReplaced(
            Permissions everywhere, String above, Collection<String> privileges, Set<String> here) {
        return privileges.stream()
                .filter(privilege -> !here.contains(privilege))
                .anyMatch(privilege -> everywhere.allowBelow(privilege, above));
    }

    /** A token can do only what its user can do as well; usually it is unknown which of the two lacks a right. */
    private List<String> commandsFor(List<RoleGrant> grants, Optional<Boolean> userHasIt) {
        List<String> commands = new ArrayList<>();
        grants.forEach(grant -> commands.addAll(grant.commandsForRole()));
        if (identity.isToken()) {
            grants.forEach(grant -> commands.addAll(grant.commandsForToken(identity)));
        }
        if (userHasIt.isEmpty()) {
            grants.forEach(grant -> commands.addAll(grant.commandsThatShowUser(identity)));
        }
        if (!userHasIt.orElse(false)) {
            grants.forEach(grant -> commands.addAll(grant.commandsForUser(identity)));
        }
        return commands.stream().distinct().toList();
    }

    /** Whether the user has what the operation needs on the path; few tokens can see that. */
    private Optional<Boolean> userHasIt(MessageArguments facts, String path) {
        if (!identity.isToken()) {
            return Optional.of(false);
        }
        if (identity.user().equals("root@pam")) {
            return Optional.of(true);
        }
        Optional<Boolean> has = questions
                .ask(client -> client.permissionsOf(identity.user(), path))
                .map(rights -> needs.stream()
                        .filter(need -> need.aclPath().equals(path))
                        .allMatch(need -> need.isMetBy(rights.on(path))));
        if (has.isEmpty()) {
            draft.found(Result.UNKNOWN, "user-rights-unknown", facts);
        } else {
            draft.found(has.get() ? Result.OK : Result.NOT_OK, has.get() ? "user-has-it" : "user-lacks-it", facts);
        }
        return has;
    }

    private void noteRights(@Nullable Permissions onPath, @Nullable Permissions everywhere) {
        MessageArguments facts = identity.asking("", aclPath);
        Set<String> here = onPath == null ? Set.of() : onPath.on(aclPath);
        if (onPath == null) {
            draft.found(Result.UNKNOWN, "rights-here-unknown", facts);
        } else if (here.isEmpty()) {
            draft.found(Result.NOT_OK, "no-rights-here", facts);
        } else {
            draft.found(Result.OK, "rights-here", facts.detail(DiagnosisTexts.allOf(List.copyOf(here))));
        }
        if (everywhere != null && everywhere.isEmpty()) {
            draft.found(Result.NOT_OK, "no-rights", facts);
        } else if (everywhere != null) {
            draft.found(Result.OK, "rights-elsewhere", facts.detail(paths(everywhere)));
        }
    }

    private void noteRoles(List<RoleGrant> grants, Optional<List<Role>> roles) {
        for (RoleGrant grant : grants) {
            MessageArguments facts = identity.asking(
                            DiagnosisTexts.allOf(List.copyOf(grant.privileges())), grant.path())
                    .role(grant.role());
            if (roles.isEmpty()) {
                draft.found(Result.UNKNOWN, "roles-unknown", facts);
            } else {
                draft.found(Result.OK, grant.exists() ? "role-fits" : "role-missing", facts);
            }
        }
    }

    /** Notes what would be lost: on its path, a role replaces inherited rights, unless there are roles already. */
    private void noteReplaced(List<RoleGrant> grants, @Nullable Permissions onPath, @Nullable Permissions everywhere) {
        for (RoleGrant grant : grants) {
            Set<String> lost = new TreeSet<>(held(grant.path(), onPath, everywhere));
            lost.removeAll(grant.privileges());
            boolean comesDown = everywhere == null || !everywhere.ownPaths().contains(grant.path());
            if (!lost.isEmpty() && comesDown) {
                MessageArguments facts = identity.asking("", grant.path()).role(grant.role());
                draft.found(Result.UNKNOWN, "replaced", facts.detail(DiagnosisTexts.allOf(List.copyOf(lost))));
            }
        }
    }

    /** Notes which paths are wrong if their networks are virtual ones of SDN. */
    private void noteGuesses(List<RoleGrant> grants) {
        for (RoleGrant grant : grants) {
            if (NetworkPath.isGuess(grant.path())) {
                MessageArguments facts = identity.asking("", grant.path())
                        .role(grant.role())
                        .detail(grant.path().replaceFirst("^/sdn/zones/[^/]+/", ""));
                draft.found(
                        Result.UNKNOWN, "network-zone", facts, DiagnosisTexts.commands("command.list-networks", facts));
            }
        }
    }

    /** The entry above that does not propagate has the role with exactly the rights held there, if there is one. */
    private void notePropagation(
            MessageArguments facts,
            String above,
            RoleGrant needed,
            Permissions everywhere,
            Optional<List<Role>> roles) {
        SortedSet<String> there = new TreeSet<>(everywhere.on(above));
        RoleGrant entry = roles.orElse(List.of()).stream()
                .filter(role -> role.privileges().equals(there))
                .findFirst()
                .map(role -> new RoleGrant(above, role.name(), there, true))
                .orElseGet(() -> RoleGrant.exactly(needed.privileges(), above, roles));
        draft.found(Result.NOT_OK, "not-propagated", facts.detail(above), entry.commandsToPropagate(identity));
    }

    private static String paths(Permissions permissions) {
        List<String> paths = permissions.ownPaths().stream()
                .filter(path -> !permissions.on(path).isEmpty())
                .toList();
        return paths.size() <= MOST_PATHS
                ? DiagnosisTexts.allOf(paths)
                : String.join(", ", paths.subList(0, MOST_PATHS)) + ", …";
    }
}
