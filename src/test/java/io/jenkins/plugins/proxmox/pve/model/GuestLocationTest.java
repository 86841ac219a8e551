package io.jenkins.plugins.proxmox.pve.model;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasToString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuestLocationTest {

    @Test
    void namesTheGuestAsProxmoxDoes() {
        assertThat(new GuestLocation("pve1", GuestType.QEMU, 100), hasToString("VM 100 on node pve1"));
        assertThat(new GuestLocation("pve1", GuestType.LXC, 200).guest(), is("CT 200"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"p", "pve1", "PVE-1", "1", "a23456789-123456789-123456789-123456789-123456789-123456789-123"})
    void takesNamesOfNodes(String name) {
        assertThat(GuestLocation.requireNodeName(name), is(name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                ".",
                "..",
                "../..",
                "pve1/../../access",
                "pve1/qemu",
                "pve1%2f..",
                "pve1?x=1",
                "pve1#x",
                "pve1.example.org",
                "-pve1",
                "pve1-",
                "pve_1",
                "pvé",
                "pve1\r\nX-Evil: 1",
                "pve1\n",
                "pve1\u0000",
                "a23456789-123456789-123456789-123456789-123456789-123456789-1234"
            })
    void refusesWhatIsNoNameOfANode(String name) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> GuestLocation.requireNodeName(name));
        assertThat(refusal.getMessage(), containsString("is not a node name"));
        assertThat(refusal.getMessage(), not(containsString("\n")));
        assertThrows(IllegalArgumentException.class, () -> new GuestLocation(name, GuestType.QEMU, 100));
    }

    @ParameterizedTest
    @ValueSource(longs = {100, 101, 999_999_999})
    void takesVmids(long vmid) {
        assertThat((long) GuestLocation.requireVmid(vmid), is(vmid));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 1, 99, 1_000_000_000, 4_294_967_396L, Long.MIN_VALUE, Long.MAX_VALUE})
    void refusesOtherNumbers(long vmid) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> GuestLocation.requireVmid(vmid));
        assertThat(refusal.getMessage(), is(vmid + " is not a VMID: VMIDs range from 100 to 999999999."));
    }
}
