package io.jenkins.plugins.proxmox.pve.lookup;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.hasToString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.Trial;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GuestFinderTest {

    @AutoClose
    private final Trial trial = new Trial(Generation.V9);

    private final GuestFinder finder = new GuestFinder(trial.client);

    private static GuestSelector vmid(int vmid) {
        return new GuestSelector(vmid, null, null);
    }

    private static GuestSelector name(String name) {
        return new GuestSelector(null, name, null);
    }

    private String complaintAbout(GuestSelector selector) {
        return assertThrows(GuestException.class, () -> finder.find(selector)).getMessage();
    }

    @ParameterizedTest
    @CsvSource({
        "100, VM 100 (build-agent) on node pve1",
        "110, VM 110 (far-away) on node pve2",
        "201, CT 201 (cache) on node pve1"
    })
    void findsAGuestByItsVmid(int vmid, String guest) throws Exception {
        assertThat(finder.find(vmid(vmid)), hasToString(guest));
    }

    @ParameterizedTest
    @CsvSource({"web-1, VM 101 (web-1) on node pve1", "proxy, CT 200 (proxy) on node pve1"})
    void findsAGuestByItsName(String name, String guest) throws Exception {
        assertThat(finder.find(name(name)), hasToString(guest));
    }

    @Test
    void takesTheNodeForAFurtherCondition() throws Exception {
        trial.cluster().vm(140, "pve1", "twin");
        trial.cluster().vm(141, "pve2", "twin");
        assertThat(finder.find(new GuestSelector(null, "twin", "pve2")), hasToString("VM 141 (twin) on node pve2"));
        assertThat(
                complaintAbout(name("twin")),
                is("More than one guest is named \"twin\": VM 140 (twin) on node pve1, VM 141 (twin) on node pve2. "
                        + "Choose one by vmid."));
    }

    @Test
    void saysOnWhichNodeTheGuestReallyIs() {
        assertThat(
                complaintAbout(new GuestSelector(100, null, "pve2")),
                is("There is no guest 100 on node pve2: VM 100 (build-agent) on node pve1. "
                        + "Leave out node, or correct it."));
    }

    /** Its own node does not answer, and the other one only says that it does not have it. */
    @Test
    void doesNotTakeAGuestForMissingWhoseVmidIsTaken() {
        trial.cluster().guest(110).unlisted(true);
        var failure = assertThrows(GuestNotListedException.class, () -> finder.find(vmid(110)));
        assertThat(
                failure.getMessage(),
                is("The cluster does not list guest 110, but its VMID is taken, so the guest still exists. Run pvecm"
                        + " status on a node to see why."));
    }

    @Test
    void listsTheNodesWhenThereIsNoSuch() {
        assertThat(
                complaintAbout(new GuestSelector(999, null, "pve7")),
                is("There is no node pve7 in the cluster; it has pve1, pve2."));
    }

    @Test
    void saysThatThereIsNoSuchVmid() {
        assertThat(complaintAbout(vmid(999)), is("There is no guest 999 in the cluster."));
    }

    @Test
    void listsTheGuestsWithTheMostSimilarNamesFirst() {
        assertThat(
                complaintAbout(name("web")),
                startsWith("There is no guest \"web\" among the 14 that jenkins@pve!ci sees: "
                        + "VM 101 (web-1) on node pve1, "));
        assertThat(complaintAbout(name("BROKEN")), containsString("sees: VM 102 (broken) on node pve1, CT 202"));
    }

    @Test
    void listsNoMoreThanAPersonWantsToRead() {
        for (int vmid = 1000; vmid < 1100; vmid++) {
            trial.cluster().vm(vmid, "pve1", "vm-" + vmid);
        }
        assertThat(complaintAbout(name("nothing")), endsWith(" and 99 more."));
    }

    @Test
    void findsNothingInAnEmptyCluster() throws Exception {
        for (var guest : trial.client.guests()) {
            trial.cluster().remove(guest.location().vmid());
        }
        assertThat(complaintAbout(vmid(100)), is("There is no guest 100 in the cluster."));
        assertThat(complaintAbout(name("web-1")), containsString("sees no guest at all"));
    }

    @Test
    void namesTheMissingPrivilegeToWhoMayNotSeeTheGuest() throws Exception {
        try (ProxmoxClient limited = new ProxmoxClient(
                trial.example.settings(ExampleCluster.token("jenkins@pve!limited", trial.example.limitedSecret())))) {
            GuestFinder blind = new GuestFinder(limited);
            var denied = assertThrows(PermissionDeniedException.class, () -> blind.find(vmid(100)));
            assertThat(denied.aclPath(), is("/vms/100"));
            assertThat(denied.privileges(), contains("VM.Audit"));
            var complaint = assertThrows(GuestException.class, () -> blind.find(name("web-1")));
            assertThat(
                    complaint.getMessage(),
                    allOf(
                            containsString("jenkins@pve!limited sees no guest at all"),
                            containsString(
                                    "it needs VM.Audit on the guest's path, such as /vms/100; to start and stop it, it"
                                            + " also needs VM.PowerMgmt.")));
        }
    }

    @ParameterizedTest
    @EnumSource(Generation.class)
    void findsGuestsBesideOneWhoseNumberIsNoVmid(Generation generation) throws Exception {
        try (Trial beside = new Trial(generation)) {
            beside.cluster().vm(50, "pve1", "left-behind");
            GuestFinder other = new GuestFinder(beside.client);
            assertThat(other.find(vmid(100)), hasToString("VM 100 (build-agent) on node pve1"));
            assertThat(beside.run(PowerAction.START, 100).isDone(), is(true));
            String told = " Left out of the list: qemu/50 (50 is not a VMID: VMIDs range from 100 to 999999999).";
            assertThat(
                    assertThrows(GuestException.class, () -> other.find(name("left-behind")))
                            .getMessage(),
                    endsWith(told));
            assertThat(
                    assertThrows(GuestException.class, () -> other.find(vmid(999)))
                            .getMessage(),
                    is("There is no guest 999 in the cluster." + told));
            assertThat(
                    "refused when it is asked for itself",
                    assertThrows(IllegalArgumentException.class, () -> vmid(50)).getMessage(),
                    is("50 is not a VMID: VMIDs range from 100 to 999999999."));
        }
    }

    @Test
    void wantsEitherVmidOrName() {
        assertThat(
                assertThrows(IllegalArgumentException.class, () -> new GuestSelector(null, null, null))
                        .getMessage(),
                is("No guest is given: set vmid: 100 or name: 'web-1'."));
        assertThat(
                assertThrows(IllegalArgumentException.class, () -> new GuestSelector(100, "web-1", null))
                        .getMessage(),
                is("Both vmid: 100 and name: 'web-1' are given: set only one of them."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../access", "pve1/qemu", "pve1%2f", "pve1?x", "pve1#x", "pve1\r\nX: y", ""})
    void refusesHostileNodesBeforeAnythingIsSent(String node) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> new GuestSelector(100, null, node));
        assertThat(refusal.getMessage(), containsString("is not a node name"));
        assertThat(refusal.getMessage(), not(containsString("\n")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "web\n[Proxmox VE] VM 100 is running",
                "web\r\nx",
                "web\u2028x",
                "web\u0085x",
                "web\u001b[8mha:AAAA\u001b[0m",
                "web\u202ex",
                "web\u200bx"
            })
    void tellsOfAHostileNameOnOneLine(String name) {
        for (String complaint : List.of(
                complaintAbout(name(name)),
                assertThrows(IllegalArgumentException.class, () -> new GuestSelector(100, name, null))
                        .getMessage())) {
            assertThat(complaint, containsString("web"));
            assertThat(complaint, is(SafeText.line(complaint)));
        }
        assertThat(complaintAbout(name("x".repeat(9999))).length(), is(lessThan(2000)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 99, 1_000_000_000})
    void refusesImpossibleVmids(int vmid) {
        assertThrows(IllegalArgumentException.class, () -> vmid(vmid));
    }
}
