package io.jenkins.plugins.proxmox.pve.guest;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PowerOperationTest {

    private static final PowerOperation SHUTDOWN = new PowerOperation(PowerAction.SHUTDOWN);

    private static OperationRequest request(Duration timeout, boolean awaited) {
        return OperationRequest.of(new GuestSelector(100, null, null), SHUTDOWN)
                .within(timeout)
                .awaited(awaited);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 1", "10, 8", "300, 285", "604800, 574560"})
    void leavesTimeForProxmoxToReportAGuestThatDoesNotObey(long timeout, long forGuest) {
        Duration left = Duration.ofSeconds(timeout);
        assertThat(SHUTDOWN.secondsForGuest(request(left, true), left, GuestType.QEMU, false), is(forGuest));
        assertThat(
                SHUTDOWN.secondsForGuest(request(left, true), left.minusMillis(300), GuestType.QEMU, false),
                is(forGuest));
        assertThat(SHUTDOWN.secondsForGuest(request(left, false), left, GuestType.QEMU, false), is(timeout));
    }

    /** The task of a container that ignores its shutdown lasts twice the time and five seconds more. */
    @ParameterizedTest
    @CsvSource({"1, 1", "20, 6", "300, 140"})
    void leavesTwiceTheTimeForAContainer(long timeout, long forGuest) {
        Duration left = Duration.ofSeconds(timeout);
        assertThat(SHUTDOWN.secondsForGuest(request(left, true), left, GuestType.LXC, false), is(forGuest));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "20, 9", "60, 29", "300, 255"})
    void leavesTimeForHighAvailabilityToHandOnAndToNotice(long timeout, long forGuest) {
        Duration left = Duration.ofSeconds(timeout);
        assertThat(SHUTDOWN.secondsForGuest(request(left, true), left, GuestType.QEMU, true), is(forGuest));
        assertThat(SHUTDOWN.secondsForGuest(request(left, true), left, GuestType.LXC, true), is(forGuest));
    }
}
