package io.jenkins.plugins.proxmox.pve.guest;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CloudInitTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ip=dhcp",
                "ip=192.0.2.10/24,gw=192.0.2.1",
                "ip6=auto",
                "ip=dhcp,gw=192.0.2.1,ip6=2001:db8::5/64,gw6=2001:db8::1"
            })
    void takesTheAddressesOfACard(String ipConfig) {
        assertThat(new CloudInit(null, "", ipConfig, null).values(), is(Map.of("ipconfig0", ipConfig)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ip=", "ip=\u001b", "ip=a\u0004", "ip=dhcp,", "ip=dhcp;id", "dhcp", "ip=d\u202ehcp"})
    void refusesOtherCharacters(String ipConfig) {
        assertThrows(IllegalArgumentException.class, () -> new CloudInit(null, "", ipConfig, null));
    }

    /** Java reads a repeated group by a call within a call, and runs out of stack. */
    @Test
    void refusesLongValuesInsteadOfRunningOutOfStack() {
        assertThrows(
                IllegalArgumentException.class, () -> new CloudInit(null, "", "ip=a" + ",ip=a".repeat(20_000), null));
        assertThrows(IllegalArgumentException.class, () -> new CloudInit(null, "", null, "a" + " a".repeat(30_000)));
        assertThrows(IllegalArgumentException.class, () -> named("a" + ".a".repeat(30_000)));
        assertThat(named("web-1.example.org").name(), is("web-1.example.org"));
    }

    @Test
    void refusesControlCharactersInTheCommentOfAKey() {
        String key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 jenkins";
        assertThat(new CloudInit(null, key, null, null).sshKeys(), is(key));
        assertThrows(IllegalArgumentException.class, () -> new CloudInit(null, key + "\u001b[8m", null, null));
    }

    private static CloneSettings named(String name) {
        CloneMark mark = new CloneMark("c0ffee", "job", 1, "", "one", true, Instant.EPOCH, null);
        CloneSettings.Hardware hardware =
                new CloneSettings.Hardware(null, null, null, new CloudInit(null, "", null, null));
        return new CloneSettings(name, null, null, null, null, null, null, new TreeSet<>(), "", mark, hardware);
    }
}
