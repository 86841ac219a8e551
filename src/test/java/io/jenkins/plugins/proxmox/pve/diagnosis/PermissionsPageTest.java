package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.pve.model.GuestRight;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.model.RequiredPrivilege;
import java.util.List;
import java.util.Optional;
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
        List<RequiredPrivilege> needs = action.needs(VMID);
        assertThat(rowOf("every action").get(1), is(inTable(needs)));
        assertThat(needs.stream().map(RequiredPrivilege::aclPath).distinct().toList(), is(List.of("/vms/" + VMID)));
        assertThat(rowOf("every action").get(2), is("`/vms/{vmid}`"));
    }

    @Test
    void listsWhatTheStatusOfAGuestNeeds() {
        assertThat(rowOf("`proxmoxStatus` of a guest").get(1), is(inTable(List.of(GuestRight.SEE.on(VMID)))));
    }

    /** The roles that an explanation gives are those of the page, and made by the commands of the page. */
    @Test
    void makesTheRolesThatExplanationsGive() {
        for (List<RequiredPrivilege> needs : List.of(PowerAction.START.needs(VMID), List.of(GuestRight.SEE.on(VMID)))) {
            SortedSet<String> privileges =
                    needs.stream().map(need -> need.toGrant(List.of())).collect(Collectors.toCollection(TreeSet::new));
            RoleGrant grant = RoleGrant.exactly(privileges, "/vms/" + VMID, Optional.empty());
            assertThat(rowOf("| " + grant.role() + ", of your own").get(1), is(String.join(", ", privileges)));
            assertThat(page, hasItem(grant.commandsForRole().get(0).replace('\'', '"')));
        }
    }
}
