package io.jenkins.plugins.proxmox.pve.guest;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PowerRequestTest {

    private static PowerRequest shutdown(Duration timeout, boolean awaited) {
        return PowerRequest.of(new GuestSelector(100, null, null), PowerAction.SHUTDOWN)
                .within(timeout)
                .awaited(awaited);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 1", "10, 8", "300, 285", "604800, 574560"})
    void leavesTimeForProxmoxToReportAGuestThatDoesNotObey(long timeout, long forGuest) {
        Duration left = Duration.ofSeconds(timeout);
        assertThat(shutdown(left, true).secondsForGuest(left, GuestType.QEMU, false), is(forGuest));
        assertThat(shutdown(left, true).secondsForGuest(left.minusMillis(300), GuestType.QEMU, false), is(forGuest));
        assertThat(shutdown(left, false).secondsForGuest(left, GuestType.QEMU, false), is(timeout));
    }

    /** The task of a container that ignores its shutdown lasts twice the time and five seconds more. */
    @ParameterizedTest
    @CsvSource({"1, 1", "20, 6", "300, 140"})
    void leavesTwiceTheTimeForAContainer(long timeout, long forGuest) {
        Duration left = Duration.ofSeconds(timeout);
        assertThat(shutdown(left, true).secondsForGuest(left, GuestType.LXC, false), is(forGuest));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "20, 9", "60, 29", "300, 255"})
    void leavesTimeForHighAvailabilityToHandOnAndToNotice(long timeout, long forGuest) {
        Duration left = Duration.ofSeconds(timeout);
        assertThat(shutdown(left, true).secondsForGuest(left, GuestType.QEMU, true), is(forGuest));
        assertThat(shutdown(left, true).secondsForGuest(left, GuestType.LXC, true), is(forGuest));
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0, 604_801})
    void refusesATimeoutThatIsNone(long timeout) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> shutdown(Duration.ofSeconds(timeout), true));
        assertThat(refusal.getMessage(), containsString("timeout: " + timeout + " is not between 1 and 604800"));
    }
}
