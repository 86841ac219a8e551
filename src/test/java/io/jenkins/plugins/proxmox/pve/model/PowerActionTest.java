package io.jenkins.plugins.proxmox.pve.model;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasToString;
import static org.hamcrest.Matchers.is;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PowerActionTest {

    @ParameterizedTest
    @EnumSource
    void isWrittenByItsName(PowerAction action) {
        assertThat(action, hasToString(action.apiName()));
    }

    @ParameterizedTest
    @EnumSource
    void isKnownToVirtualMachinesAlways(PowerAction action) {
        assertThat(action.isKnownTo(GuestType.QEMU), is(true));
    }

    @Test
    void isKnownToContainersUnlessItIsReset() {
        assertThat(PowerAction.RESET.isKnownTo(GuestType.LXC), is(false));
        assertThat(PowerAction.REBOOT.isKnownTo(GuestType.LXC), is(true));
    }
}
