package io.jenkins.plugins.proxmox.pve.guest;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.client.PowerAction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnExitTest {

    @ParameterizedTest
    @CsvSource({
        "stopped, stopped, nothing",
        "stopped, running, shutdown",
        "stopped, paused,  stop",
        "running, running, nothing",
        "running, stopped, start",
        "running, paused,  resume",
        "paused,  paused,  nothing",
        "paused,  running, suspend",
        "paused,  stopped, nothing"
    })
    void restoreBringsTheGuestBackToWhereItWas(String before, String now, String action) {
        assertThat(action(OnExit.RESTORE, before, now), is(action));
    }

    @ParameterizedTest
    @CsvSource({
        "shutdown, running, shutdown",
        "shutdown, paused,  shutdown",
        "shutdown, stopped, nothing",
        "stop,     running, stop",
        "stop,     paused,  stop",
        "stop,     stopped, nothing",
        "leave,    running, nothing",
        "leave,    stopped, nothing"
    })
    void theOthersDoNotAskHowItWas(String onExit, String now, String action) {
        assertThat(action(OnExit.of(onExit), "running", now), is(action));
        assertThat(action(OnExit.of(onExit), "stopped", now), is(action));
    }

    private static String action(OnExit onExit, String before, String now) {
        return onExit.action(before, now).map(PowerAction::apiName).orElse("nothing");
    }

    @Test
    void isRestoreUnlessChosen() {
        assertThat(OnExit.of(null), is(OnExit.RESTORE));
        assertThat(OnExit.of(""), is(OnExit.RESTORE));
    }

    @Test
    void namesTheChoicesWhenItIsNone() {
        assertThat(
                assertThrows(IllegalArgumentException.class, () -> OnExit.of("Restore\n"))
                        .getMessage(),
                is("onExit: \"Restore\" is not known. Use one of restore, shutdown, stop, leave."));
    }
}
