package io.jenkins.plugins.proxmox.pve.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasToString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PowerActionTest {

    @ParameterizedTest
    @EnumSource
    void isFoundByItsName(PowerAction action) {
        assertThat(PowerAction.of(action.apiName()), is(action));
        assertThat(action, hasToString(action.apiName()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "START", "Start", " start", "destroy", "../delete"})
    void listsTheActionsWhenThereIsNoSuch(String name) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> PowerAction.of(name));
        assertThat(
                refusal.getMessage(),
                containsString("Use one of start, stop, shutdown, reboot, reset, suspend, resume."));
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
