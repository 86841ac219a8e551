package io.jenkins.plugins.proxmox.pve.model;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasToString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpidTest {

    private static final String START = "UPID:pve1:00006618:00051E3F:6B049232:qmstart:100:jenkins@pve!ci:";

    @Test
    void readsItsParts() {
        Upid upid = Upid.parse(START);
        assertThat(upid.node(), is("pve1"));
        assertThat(upid.startTime(), is(Instant.parse("2026-11-23T19:21:22Z")));
        assertThat(upid.type(), is("qmstart"));
        assertThat(upid.id(), is("100"));
        assertThat(upid.user(), is("jenkins@pve!ci"));
        assertThat(upid, hasToString(START));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                START,
                "UPID:pve-2:00006618:1000051E3F:6B049232:vzstop:200:root@pam:",
                "UPID:pve1:00006618:00051E3F:6B049232:startall::root@pam:",
                "UPID:pve1:00006618:00051E3F:6B049232:qmstart:100:ci#1%2f?\\x@pve!ci:"
            })
    void readsEveryUpidOfProxmox(String text) {
        assertThat(Upid.parse(text), hasToString(text));
    }

    @Test
    void knowsRequestsToHighAvailability() {
        assertThat(Upid.parse(START).isHaRequest(), is(false));
        assertThat(Upid.parse(START.replace("qmstart", "hastart")).isHaRequest(), is(true));
        assertThat(Upid.parse(START.replace("qmstart", "hastop")).isHaRequest(), is(true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "OK",
                "UPID:pve1",
                "UPID:pve1:00006618:00051E3F:6B049232:qmstart:100:jenkins@pve!ci",
                "UPID:../pve1:00006618:00051E3F:6B049232:qmstart:100:jenkins@pve!ci:",
                "UPID:pve1:00006618:00051E3F:6B049232:qmstart:../100:jenkins@pve!ci:",
                "UPID:pve1:00006618:00051E3F:6B049232:qmstart:100:jenkins/x@pve!ci:",
                "UPID:pve1:00006618:00051E3F:6B049232:qmstart:100:jenkins@pve!ci:\n",
                "UPID:pve1:00006618:00051E3F:6B049232:qmstart:100:jen\u202ekins@pve!ci:",
                "UPID:p234567890123456789012345678901234567890123456789012345678901234:00006618:00051E3F:6B049232:qmstart:1:a@b:",
                "UPID:pve1:0000661Z:00051E3F:6B049232:qmstart:100:jenkins@pve!ci:"
            })
    void refusesOtherTexts(String text) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> Upid.parse(text));
        assertThat(refusal.getMessage(), containsString("is not a task identifier (UPID)"));
        assertThat(refusal.getMessage(), not(containsString("\n")));
    }
}
