package io.jenkins.plugins.proxmox.pve.diagnosis;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.Permissions;
import io.jenkins.plugins.proxmox.pve.diagnosis.Finding.Result;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Why the server does not let somebody do something (403), and the least right that would. */
final class PermissionDiagnosis {

    /** More paths than these would bury what matters. */
    private static final int MOST_PATHS = 8;

    private final PermissionDeniedException failure;
    private final Questions questions;
    private final Draft draft;

    PermissionDiagnosis(PermissionDeniedException failure, Questions questions) {
        this.failure = failure;
        this.questions = questions;
        this.draft = new Draft(failure);
    }

    Diagnosis write() {
        Facts facts = Facts.of(failure.identity(), failure.failure().address());
        Facts request = facts.detail(
                failure.failure().method() + " " + failure.failure().path());
        String said = RefusalText.of(failure.failure());
        String otherProduct = OtherProduct.of(facts, failure.failure());
        if (otherProduct != null) {
            draft.cause("backup-server", facts.detail(otherProduct));
            return draft.under("denied", facts);
        }
        if (failure.aclPath() != null && failure.privileges().stream().anyMatch(name -> !name.isBlank())) {
            return lacking(facts.asking(
                    failure.isAnyOfThemEnough() ? Texts.anyOf(failure.privileges()) : Texts.allOf(failure.privileges()),
                    failure.aclPath()));
        }
        if ("csrf-token".equals(RefusalText.causeIn(failure.failure()))) {
            draft.cause("csrf-token", facts);
        } else if (said.contains("not available with api token")) {
            draft.cause("not-for-tokens", request);
        } else if (said.contains("root@pam")) {
            draft.cause("root-only", request);
        } else {
            draft.cause("no-path-named", request);
        }
        return draft.under("denied", facts);
    }

    private Diagnosis lacking(Facts facts) {
        Permissions onPath =
                questions.ask(probe -> probe.permissions(failure.aclPath())).orElse(null);
        Permissions everywhere = questions.ask(Probe::permissions).orElse(null);
        Set<String> here = onPath == null ? Set.of() : onPath.on(failure.aclPath());
        noteRights(facts, onPath == null ? null : here, everywhere);
        if (onPath != null && isEnough(here)) {
            draft.cause("right-present-now", facts);
            return draft.under("denied-privilege", facts);
        }
        Grant grant = Grant.least(
                facts, failure.privileges(), failure.isAnyOfThemEnough(), here, questions.ask(Probe::roles), draft);
        Optional<Boolean> userHasIt = facts.isToken() ? userHasIt(facts) : Optional.of(true);
        if (userHasIt.isPresent() && !userHasIt.get()) {
            draft.cause("user-lacks-right", grant.facts(), grant.commandsForUser());
        }
        if (here.isEmpty() && everywhere != null && everywhere.isEmpty()) {
            String id = facts.isToken() ? "token-without-acl" : "user-without-rights";
            draft.cause(id, grant.facts(), grant.commands());
        } else if (onPath != null && here.isEmpty() && everywhere != null) {
            draft.cause("rights-elsewhere", grant.facts().detail(paths(everywhere)), grant.commands());
        } else {
            draft.cause("privilege-missing", grant.facts(), grant.commands());
        }
        if (userHasIt.isEmpty()) {
            draft.cause("user-lacks-right", grant.facts(), grant.commandsForUser());
        }
        return draft.under("denied-privilege", facts);
    }

    /** Whether the user of the token has the right, which few tokens are told. */
    private Optional<Boolean> userHasIt(Facts facts) {
        Optional<Boolean> has = questions
                .ask(probe -> probe.permissionsOf(facts.user(), failure.aclPath()))
                .map(rights -> isEnough(rights.on(failure.aclPath())));
        if (has.isEmpty()) {
            draft.found(Result.UNKNOWN, "user-rights-unknown", facts);
        } else {
            draft.found(has.get() ? Result.OK : Result.NOT_OK, has.get() ? "user-has-it" : "user-lacks-it", facts);
        }
        return has;
    }

    private boolean isEnough(Set<String> privileges) {
        return failure.isAnyOfThemEnough()
                ? failure.privileges().stream().anyMatch(privileges::contains)
                : privileges.containsAll(failure.privileges());
    }

    private void noteRights(Facts facts, @Nullable Set<String> here, @Nullable Permissions everywhere) {
        if (here == null) {
            draft.found(Result.UNKNOWN, "rights-here-unknown", facts);
        } else if (here.isEmpty()) {
            draft.found(Result.NOT_OK, "no-rights-here", facts);
        } else {
            draft.found(Result.OK, "rights-here", facts.detail(Texts.allOf(List.copyOf(here))));
        }
        if (everywhere != null && everywhere.isEmpty()) {
            draft.found(Result.NOT_OK, "no-rights", facts);
        } else if (everywhere != null) {
            draft.found(Result.OK, "rights-elsewhere", facts.detail(paths(everywhere)));
        }
    }

    private static String paths(Permissions permissions) {
        List<String> paths = permissions.ownPaths().stream()
                .filter(path -> !permissions.on(path).isEmpty())
                .toList();
        return paths.size() <= MOST_PATHS
                ? Texts.allOf(paths)
                : String.join(", ", paths.subList(0, MOST_PATHS)) + ", …";
    }
}
