package io.jenkins.plugins.proxmox.pve.diagnosis;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.access.Permissions;
import io.jenkins.plugins.proxmox.pve.access.UserAccount;
import io.jenkins.plugins.proxmox.pve.diagnosis.Evidence.Result;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Warnings about an identity that works but is not safe: it has more rights than jobs need, or it expires soon. */
final class IdentityWarnings {

    private static final Duration NEAR = Duration.ofDays(30);

    private static final String ROOT = "root@pam";

    /** Privileges that no job of this plugin needs and that make a token worth stealing. */
    private static final Set<String> POWERFUL =
            Set.of("Permissions.Modify", "Sys.Modify", "Sys.PowerMgmt", "User.Modify", "Realm.Allocate");

    private final MessageArguments facts;
    private final Permissions permissions;

    @Nullable
    private final UserAccount account;

    private final List<Evidence> warnings = new ArrayList<>();

    private IdentityWarnings(MessageArguments facts, Permissions permissions, @Nullable UserAccount account) {
        this.facts = facts;
        this.permissions = permissions;
        this.account = account;
    }

    /**
     * The warnings, or none if all is well.
     *
     * @param account the user of the identity, or null if the server does not show it
     */
    static List<Evidence> about(String identity, Permissions permissions, @Nullable UserAccount account, Instant now) {
        IdentityWarnings about = new IdentityWarnings(MessageArguments.of(identity, ""), permissions, account);
        about.warnOfPower();
        about.warnOfTheEnd(now);
        return List.copyOf(about.warnings);
    }

    private void warnOfPower() {
        if (facts.identity().equals(ROOT)) {
            warn("root", facts);
        } else if (mayDoEverything()) {
            warn(facts.isToken() ? howTheTokenCameToIt() : "unlimited-user", facts);
        } else {
            if (facts.user().equals(ROOT)) {
                warn("root-token", facts);
            }
            warnOfSinglePrivileges();
        }
    }

    /** An identity that can give rights everywhere has them all; only Proxmox VE's role Administrator contains this. */
    private boolean mayDoEverything() {
        return permissions.allowBelow("Permissions.Modify", "/");
    }

    private String howTheTokenCameToIt() {
        UserAccount.Token token = token();
        if (token == null) {
            return "unlimited-token";
        }
        return token.separated() ? "unlimited-token-administrator" : "unlimited-token-unseparated";
    }

    @Nullable
    private UserAccount.Token token() {
        return account == null ? null : account.tokens().get(facts.tokenName());
    }

    private void warnOfSinglePrivileges() {
        Set<String> much = new TreeSet<>();
        permissions.paths().forEach(path -> much.addAll(permissions.on(path)));
        much.retainAll(POWERFUL);
        if (!much.isEmpty()) {
            warn("too-much", facts.detail(DiagnosisTexts.allOf(List.copyOf(much))));
        }
        if (permissions.allowBelow("VM.Allocate", "/vms")) {
            warn("allocate-everywhere", facts);
        }
    }

    private void warnOfTheEnd(Instant now) {
        if (token() != null) {
            warnIfNear("token-expires", token().expires(), now);
        }
        if (account != null) {
            warnIfNear("user-expires", account.expires(), now);
        }
    }

    private void warnIfNear(String key, @Nullable Instant end, Instant now) {
        if (end != null && end.isBefore(now.plus(NEAR))) {
            long days = Math.max(0, Duration.between(now, end).toDays());
            warn(key, facts.detail(end.atOffset(ZoneOffset.UTC).toLocalDate(), days));
        }
    }

    private void warn(String key, MessageArguments about) {
        warnings.add(new Evidence(
                Result.NOT_OK,
                DiagnosisTexts.sentence("check." + key, about),
                DiagnosisTexts.commands("check." + key + ".commands", about)));
    }
}
