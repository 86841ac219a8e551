package io.jenkins.plugins.proxmox.pve.guest;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.pve.model.PowerAction;
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
        "SHUTDOWN, running, shutdown",
        "SHUTDOWN, paused,  shutdown",
        "SHUTDOWN, stopped, nothing",
        "STOP,     running, stop",
        "STOP,     paused,  stop",
        "STOP,     stopped, nothing",
        "LEAVE,    running, nothing",
        "LEAVE,    stopped, nothing"
    })
    void theOthersDoNotAskHowItWas(OnExit onExit, String now, String action) {
        assertThat(action(onExit, "running", now), is(action));
        assertThat(action(onExit, "stopped", now), is(action));
    }

    private static String action(OnExit onExit, String before, String now) {
        return onExit.action(before, now).map(PowerAction::apiName).orElse("nothing");
    }
}
