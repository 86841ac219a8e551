package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;

import io.jenkins.plugins.proxmox.pve.access.GuestRight;
import io.jenkins.plugins.proxmox.pve.access.Permissions;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.exec.ExecRequest;
import io.jenkins.plugins.proxmox.pve.guest.CloneMark;
import io.jenkins.plugins.proxmox.pve.guest.CloneOperation;
import io.jenkins.plugins.proxmox.pve.guest.CloneSettings;
import io.jenkins.plugins.proxmox.pve.guest.CloudInit;
import io.jenkins.plugins.proxmox.pve.guest.DeletionOperation;
import io.jenkins.plugins.proxmox.pve.guest.GuestActions;
import io.jenkins.plugins.proxmox.pve.guest.HibernateOperation;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.guest.RemovalTerms;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotCreation;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotDeletion;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotRollback;
import io.jenkins.plugins.proxmox.pve.guest.StopForRemoval;
import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.model.DiskSize;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code docs/permissions.md} and the code say the same of what needs what, and of the roles that give it. */
class PermissionsPageTest {

    private static final int VMID = 100;

    private final List<String> page = Pages.read("docs/permissions.md").lines().toList();

    private static String inTable(List<RequiredPrivilege> needs) {
        return needs.stream().map(need -> String.join(" or ", need.anyOf())).collect(Collectors.joining(", "));
    }

    private List<String> rowOf(String what) {
        List<List<String>> rows = page.stream()
                .filter(line -> line.startsWith("|") && line.contains(what))
                .map(line -> List.of(line.substring(1).split("\\s*\\|\\s*")))
                .toList();
        assertThat(what, rows.size(), is(1));
        return rows.get(0);
    }

    @ParameterizedTest
    @EnumSource(PowerAction.class)
    void listsWhatEachActionNeeds(PowerAction action) {
        List<RequiredPrivilege> needs = new PowerOperation(action).needs(VMID, GuestConfig.UNKNOWN);
        assertThat(rowOf("every action").get(1), is(inTable(needs)));
        assertThat(needs.stream().map(RequiredPrivilege::aclPath).distinct().toList(), is(List.of("/vms/" + VMID)));
        assertThat(rowOf("every action").get(2), is("`/vms/{vmid}`"));
    }

    @Test
    void listsWhatTheStatusOfAGuestNeeds() {
        assertThat(rowOf("`proxmoxStatus` of a guest").get(1), is(inTable(List.of(GuestRight.SEE.on(VMID)))));
    }

    @Test
    void listsWhatACommandNeeds() {
        List<RequiredPrivilege> needs = ExecRequest.needs(VMID);
        assertThat(rowOf("`proxmoxExec` and its build step").get(1), is(inTable(needs)));
        assertThat(rowOf("`proxmoxExec` and its build step").get(2), startsWith("`/vms/{vmid}`"));
        for (String existing : List.of("VM.GuestAgent.Unrestricted", "VM.Monitor")) {
            SortedSet<String> privileges = needs.stream()
                    .map(need -> need.toGrant(List.of(), List.of("VM.Audit", existing)))
                    .collect(Collectors.toCollection(TreeSet::new));
            RoleGrant grant = RoleGrant.exactly(privileges, needs.get(0).aclPath(), Optional.empty());
            assertThat(rowOf("| " + grant.role() + ", of your own").get(1), is(String.join(", ", privileges)));
            assertThat(page, hasItem(grant.commandsForRole().get(0).replace('\'', '"')));
        }
    }

    @Test
    void listsWhatWaitingForAGuestNeeds() {
        RequiredPrivilege agent = GuestRight.AGENT.on(VMID);
        assertThat(rowOf("`waitFor: 'agent'`").get(1), is(inTable(List.of(agent))));
        assertThat(rowOf("`waitFor: 'agent'`").get(2), startsWith("`/vms/{vmid}`"));
        for (String existing : List.of("VM.GuestAgent.Audit", "VM.Monitor")) {
            SortedSet<String> privileges = new TreeSet<>(Set.of("VM.Audit", "VM.PowerMgmt"));
            privileges.add(agent.toGrant(List.of(), List.of(existing)));
            RoleGrant grant = RoleGrant.exactly(privileges, agent.aclPath(), Optional.empty());
            assertThat(rowOf("| " + grant.role() + ", of your own").get(1), is(String.join(", ", privileges)));
            assertThat(page, hasItem(grant.commandsForRole().get(0).replace('\'', '"')));
        }
    }

    @Test
    void listsWhatHibernationNeeds() {
        Map<String, List<RequiredPrivilege>> byPath = new HibernateOperation()
                .needs(VMID, new GuestConfig(Map.of("vmstatestorage", "fast"))).stream()
                        .collect(Collectors.groupingBy(RequiredPrivilege::aclPath));
        assertThat(byPath.keySet(), is(Set.of("/vms/" + VMID, "/storage/fast")));
        assertThat(rowOf("the action `hibernate`").get(1), is(inTable(byPath.get("/vms/" + VMID))));
        assertThat(rowOf("the action `hibernate`").get(2), is("`/vms/{vmid}`"));
        assertThat(rowOf("for the memory that it writes").get(1), is(inTable(byPath.get("/storage/fast"))));
        assertThat(rowOf("for the memory that it writes").get(2), startsWith("`/storage/{storage}`"));
    }

    @Test
    void listsWhatSnapshotsNeed() {
        String path = "`/vms/{vmid}`";
        assertThat(
                rowOf("`create`, `delete`").subList(1, 3),
                is(List.of(needs(new SnapshotCreation("clean", "", false, false)), path)));
        assertThat(rowOf("`create`, `delete`").get(1), is(needs(new SnapshotDeletion("clean", false))));
        assertThat(
                rowOf("`rollback` |").subList(1, 3),
                is(List.of(needs(new SnapshotRollback("clean", false, false)), path)));
        assertThat(
                rowOf("`rollback` with `start: true`").subList(1, 3),
                is(List.of(needs(new SnapshotRollback("clean", false, true)), path)));
        assertThat(rowOf("`proxmoxSnapshot`, `list`").get(1), is(inTable(List.of(GuestRight.SEE.on(VMID)))));
    }

    private static String needs(GuestOperation operation) {
        return inTable(operation.needs(VMID, GuestConfig.UNKNOWN));
    }

    /** The roles that an explanation gives are those of the page, and made by the commands of the page. */
    @Test
    void makesTheRolesThatExplanationsGive() {
        GuestConfig config = new GuestConfig(
                Map.of("vmstatestorage", "fast", "scsi0", "tank:900/disk,size=8G", "net0", "virtio=AA,bridge=vmbr0"));
        Set<List<RequiredPrivilege>> sets = new LinkedHashSet<>();
        sets.add(List.of(GuestRight.SEE.on(VMID)));
        List<GuestOperation> kinds = GuestActions.kinds();
        kinds.add(new SnapshotRollback("clean", false, true));
        kinds.add(new StopForRemoval(RemovalTerms.named(null, false, false), false));
        for (GuestOperation action : kinds) {
            sets.addAll(action.needs(VMID, config).stream()
                    .collect(Collectors.groupingBy(RequiredPrivilege::aclPath))
                    .values());
        }
        assertThat(sets.size(), is(13));
        for (List<RequiredPrivilege> needs : sets) {
            SortedSet<String> privileges =
                    needs.stream().map(need -> need.toGrant(List.of())).collect(Collectors.toCollection(TreeSet::new));
            RoleGrant grant = RoleGrant.exactly(privileges, needs.get(0).aclPath(), Optional.empty());
            assertThat(rowOf("| " + grant.role() + ", of your own").get(1), is(String.join(", ", privileges)));
            assertThat(page, hasItem(grant.commandsForRole().get(0).replace('\'', '"')));
        }
    }

    /** The overview and the test of a connection count on less than a kind needs for no guest. */
    @Test
    void knowsOfEachRightWhatTheKindNeeds() {
        GuestConfig config =
                new GuestConfig(Map.of("scsi0", "tank:900/disk,size=8G", "net0", "virtio=AA,bridge=vmbr0"));
        Map<String, GuestRight> rights = Map.of(
                "start", GuestRight.POWER,
                "hibernate", GuestRight.HIBERNATE,
                "snapshot", GuestRight.SNAPSHOT,
                "rollback", GuestRight.ROLL_BACK,
                "delsnapshot", GuestRight.SNAPSHOT,
                "clone", GuestRight.CLONE,
                "delete", GuestRight.DELETE);
        for (GuestOperation kind : GuestActions.kinds()) {
            GuestRight right = rights.getOrDefault(kind.name(), GuestRight.POWER);
            Set<List<String>> needs = kind.needs(VMID, config).stream()
                    .filter(need -> !need.isSameAs(GuestRight.SEE.on(VMID)))
                    .map(RequiredPrivilege::anyOf)
                    .collect(Collectors.toSet());
            Set<List<String>> missing = right.missing(new Permissions(Map.of()), VMID).stream()
                    .map(RequiredPrivilege::anyOf)
                    .collect(Collectors.toSet());
            assertThat(kind.name(), missing, is(needs));
        }
    }

    @Test
    void listsWhatACloneNeeds() {
        CloneSettings.Hardware hardware =
                new CloneSettings.Hardware(2, 1024, DiskSize.require("32G"), new CloudInit("ci", "", "ip=dhcp", null));
        CloneSettings settings = new CloneSettings(
                null,
                null,
                null,
                null,
                "ci",
                null,
                null,
                new TreeSet<>(),
                "",
                new CloneMark("controller", "job", 1, "", "id", false, null, null),
                hardware);
        GuestConfig config =
                new GuestConfig(Map.of("scsi0", "tank:900/disk,size=8G", "net0", "virtio=AA,bridge=vmbr0"));
        Map<String, List<RequiredPrivilege>> byPath = new CloneOperation(settings, true, Availability.parse("ip"))
                .needs(VMID, config).stream().collect(Collectors.groupingBy(RequiredPrivilege::aclPath));
        assertThat(
                byPath.keySet(),
                is(Set.of("/vms/" + VMID, "/pool/ci", "/storage/tank", "/sdn/zones/localnetwork/vmbr0")));
        assertThat(rowOf("the guest that is cloned").get(1), is(inTable(byPath.get("/vms/" + VMID))));
        assertThat(rowOf("the storages of the disks").get(1), is(inTable(byPath.get("/storage/tank"))));
        assertThat(rowOf("the networks of the guest").get(1), is(inTable(byPath.get("/sdn/zones/localnetwork/vmbr0"))));
        Set<String> onTheClone = new TreeSet<>(List.of((rowOf("`proxmoxClone`: the clone")
                                .get(1) + ", " + rowOf("also, by parameter").get(1))
                .split(", ")));
        assertThat(
                byPath.get("/pool/ci").stream()
                        .map(need -> String.join(" or ", need.anyOf()))
                        .collect(Collectors.toCollection(TreeSet::new)),
                is(onTheClone));
    }

    @Test
    void listsWhatADeletionNeeds() {
        RemovalTerms terms = RemovalTerms.named(null, false, false);
        assertThat(
                rowOf("| `proxmoxDelete` |").get(1),
                is(inTable(new DeletionOperation(terms, false).needs(VMID, GuestConfig.UNKNOWN))));
        assertThat(
                rowOf("`proxmoxDelete` with `stop: true`").get(1),
                is(inTable(new StopForRemoval(terms, false).needs(VMID, GuestConfig.UNKNOWN))));
    }
}
