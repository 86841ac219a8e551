package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OperationRequestTest {

    private static OperationRequest shutdown(Duration timeout, boolean awaited) {
        return OperationRequest.of(new GuestSelector(100, null, null), new PowerOperation(PowerAction.SHUTDOWN))
                .within(timeout)
                .awaited(awaited);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0, 604_801})
    void refusesATimeoutThatIsNone(long timeout) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> shutdown(Duration.ofSeconds(timeout), true));
        assertThat(refusal.getMessage(), containsString("timeout: " + timeout + " is not between 1 and 604800"));
    }
}
