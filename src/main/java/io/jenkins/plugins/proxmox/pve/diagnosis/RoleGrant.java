package io.jenkins.plugins.proxmox.pve.diagnosis;

import io.jenkins.plugins.proxmox.pve.access.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.stream.Collectors;

/**
 * A role with exactly the given privileges, to be given on one ACL path. It is one of Proxmox VE's own if that contains
 * nothing else, otherwise one for Jenkins: roles that administrators created for other purposes are theirs to change.
 *
 * @param exists whether the role is known to exist on the server
 */
record RoleGrant(String path, String role, SortedSet<String> privileges, boolean exists) {

    /** The roles that {@code docs/permissions.md} creates for these sets of privileges. */
    private static final List<Role> DOCUMENTED = List.of(
            new Role("JenkinsPower", Set.of("VM.Audit", "VM.PowerMgmt"), false),
            new Role("JenkinsAudit", Set.of("VM.Audit"), false),
            new Role("JenkinsAgent", Set.of("VM.Audit", "VM.GuestAgent.Audit", "VM.PowerMgmt"), false),
            new Role("JenkinsMonitor", Set.of("VM.Audit", "VM.Monitor", "VM.PowerMgmt"), false),
            new Role("JenkinsExec", Set.of("VM.Audit", "VM.GuestAgent.Unrestricted"), false),
            new Role("JenkinsExec8", Set.of("VM.Audit", "VM.Monitor"), false),
            new Role("JenkinsHibernate", Set.of("VM.Audit", "VM.Config.Disk", "VM.PowerMgmt"), false),
            new Role("JenkinsSnapshot", Set.of("VM.Audit", "VM.Snapshot"), false),
            new Role("JenkinsRollback", Set.of("VM.Audit", "VM.Snapshot.Rollback"), false),
            new Role("JenkinsRollbackStart", Set.of("VM.Audit", "VM.PowerMgmt", "VM.Snapshot.Rollback"), false),
            new Role("JenkinsSpace", Set.of("Datastore.AllocateSpace"), false),
            new Role("JenkinsTemplate", Set.of("VM.Audit", "VM.Clone"), false),
            new Role("JenkinsClone", Set.of("VM.Allocate", "VM.Audit", "VM.Config.Options"), false),
            new Role("JenkinsNetwork", Set.of("SDN.Use"), false),
            new Role("JenkinsDelete", Set.of("VM.Allocate", "VM.Audit"), false),
            new Role("JenkinsStopDelete", Set.of("VM.Allocate", "VM.Audit", "VM.PowerMgmt"), false));

    /**
     * @param roles the roles of the server, or nothing if they are unknown
     */
    static RoleGrant exactly(SortedSet<String> privileges, String path, Optional<List<Role>> roles) {
        List<Role> known = roles.orElse(List.of());
        Optional<Role> builtIn = known.stream()
                .filter(role -> role.builtIn() && role.privileges().equals(privileges))
                .findFirst();
        if (builtIn.isPresent()) {
            return new RoleGrant(path, builtIn.get().name(), privileges, true);
        }
        String documented = DOCUMENTED.stream()
                .filter(role -> role.privileges().equals(privileges))
                .map(Role::name)
                .findFirst()
                .orElseGet(() -> nameAfter(privileges));
        String name = documented;
        // a role of that name with other privileges belongs to someone else
        for (int number = 2; isTaken(name, privileges, known); number++) {
            name = documented + number;
        }
        String free = name;
        return new RoleGrant(
                path,
                name,
                privileges,
                known.stream().anyMatch(role -> role.name().equals(free)));
    }

    private static boolean isTaken(String name, SortedSet<String> privileges, List<Role> known) {
        return known.stream()
                .anyMatch(role -> role.name().equals(name) && !role.privileges().equals(privileges));
    }

    private static String nameAfter(SortedSet<String> privileges) {
        return privileges.stream()
                .map(privilege -> privilege.replace(".", ""))
                .collect(Collectors.joining("", "Jenkins", ""));
    }

    /** The role and its path, as the object of a sentence. */
    String inWords() {
        return DiagnosisTexts.sentence(
                "grant", MessageArguments.of("", "").asking("", path).role(role));
    }

    /** The commands that create the role, if it is missing. */
    List<String> commandsForRole() {
        return exists
                ? List.of()
                : DiagnosisTexts.commands(
                        "command.role-add",
                        MessageArguments.of("", "").role(role).detail(String.join(" ", privileges)));
    }

    List<String> commandsForToken(MessageArguments facts) {
        return DiagnosisTexts.commands("command.grant-token", at(facts));
    }

    List<String> commandsForUser(MessageArguments facts) {
        return DiagnosisTexts.commands("command.grant-user", at(facts));
    }

    /** The commands that show the rights of the user of {@code facts} on the path. */
    List<String> commandsThatShowUser(MessageArguments facts) {
        return DiagnosisTexts.commands("command.show-user", at(facts));
    }

    /** The commands that let the role propagate below its path, for the identity of {@code facts}. */
    List<String> commandsToPropagate(MessageArguments facts) {
        List<String> commands = new ArrayList<>(commandsForRole());
        if (facts.isToken()) {
            commands.addAll(DiagnosisTexts.commands("command.propagate-token", at(facts)));
        }
        commands.addAll(DiagnosisTexts.commands("command.propagate-user", at(facts)));
        return commands;
    }

    private MessageArguments at(MessageArguments facts) {
        return facts.asking("", path).role(role);
    }
}
