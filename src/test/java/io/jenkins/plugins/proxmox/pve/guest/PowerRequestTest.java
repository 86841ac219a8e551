package io.jenkins.plugins.proxmox.pve.guest;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.client.PowerAction;
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
        assertThat(shutdown(left, true).secondsForGuest(left), is(forGuest));
        assertThat(shutdown(left, true).secondsForGuest(left.minusMillis(300)), is(forGuest));
        assertThat(shutdown(left, false).secondsForGuest(left), is(timeout));
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0, 604_801})
    void refusesATimeoutThatIsNone(long timeout) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> shutdown(Duration.ofSeconds(timeout), true));
        assertThat(refusal.getMessage(), containsString("timeout: " + timeout + " is not between 1 and 604800"));
    }
}
