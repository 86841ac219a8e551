package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.pve.lookup.AvailabilityProgress;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When the search for the task of a request leads nowhere any more. */
class LostRequestTest {

    @ParameterizedTest
    @CsvSource({"LOOK, true, 90, true", "LOOK, true, 30, false", "LOOK, false, 90, false", "REQUEST, true, 90, false"})
    void isLostAMinuteAfterItWasSentTwice(Phase phase, boolean resent, long secondsInPhase, boolean isLost) {
        Instant now = Instant.now();
        OperationState state = new OperationState(
                phase,
                now.minusSeconds(200),
                now.minusSeconds(secondsInPhase),
                null,
                null,
                null,
                null,
                false,
                resent ? OperationHistory.NONE.sentAgain() : OperationHistory.NONE,
                AvailabilityProgress.NONE);
        assertThat(state.isLost(), is(isLost));
    }
}
