package io.jenkins.plugins.proxmox.pve.exec;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.model.GuestProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuestReportTest {

    private static GuestReport report(String text) throws GuestException {
        return GuestReport.of(new GuestProcess(true, 0, text, ""));
    }

    @Test
    void readsStateSizeAndChunk() throws GuestException {
        GuestReport report = report("ended 3\n5\naGVsbG8=\n");
        assertThat(report.state(), is(GuestReport.State.ENDED));
        assertThat(report.exitCode(), is(3));
        assertThat(report.size(), is(5L));
        assertThat(new String(report.chunk(), java.nio.charset.StandardCharsets.US_ASCII), is("hello"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "running",
                "running\n-1\n",
                "running\nmany\n",
                "running\n99999999999999999999\n",
                "asleep\n1\n"
            })
    void refusesWhatIsNoReport(String text) {
        assertThrows(GuestException.class, () -> report(text));
    }

    @Test
    void saysHowAProcessEndedThatReportedNothing() {
        assertThat(failureOf(new GuestProcess(true, null, "", "")), endsWith("without an exit code"));
        assertThat(failureOf(new GuestProcess(true, 1270, "", " \n")), endsWith("unexpected: exit code 1270"));
        assertThat(
                failureOf(new GuestProcess(true, 127, "", "sh: not found\n")), endsWith("unexpected: sh: not found"));
    }

    private static String failureOf(GuestProcess answer) {
        return assertThrows(GuestException.class, () -> GuestReport.of(answer)).getMessage();
    }
}
