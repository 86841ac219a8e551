package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;

import io.jenkins.plugins.proxmox.pve.guest.GuestActions;
import io.jenkins.plugins.proxmox.pve.guest.HibernateOperation;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestRight;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.model.RequiredPrivilege;
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

    /** The roles that an explanation gives are those of the page, and made by the commands of the page. */
    @Test
    void makesTheRolesThatExplanationsGive() {
        GuestConfig config = new GuestConfig(Map.of("vmstatestorage", "fast"));
        Set<List<RequiredPrivilege>> sets = new LinkedHashSet<>();
        sets.add(List.of(GuestRight.SEE.on(VMID)));
        for (GuestOperation action : GuestActions.values()) {
            sets.addAll(action.needs(VMID, config).stream()
                    .collect(Collectors.groupingBy(RequiredPrivilege::aclPath))
                    .values());
        }
        assertThat(sets.size(), is(4));
        for (List<RequiredPrivilege> needs : sets) {
            SortedSet<String> privileges =
                    needs.stream().map(need -> need.toGrant(List.of())).collect(Collectors.toCollection(TreeSet::new));
            RoleGrant grant = RoleGrant.exactly(privileges, needs.get(0).aclPath(), Optional.empty());
            assertThat(rowOf("| " + grant.role() + ", of your own").get(1), is(String.join(", ", privileges)));
            assertThat(page, hasItem(grant.commandsForRole().get(0).replace('\'', '"')));
        }
    }
}
