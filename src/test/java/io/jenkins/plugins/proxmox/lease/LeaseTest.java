package io.jenkins.plugins.proxmox.lease;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import io.jenkins.plugins.proxmox.pve.guest.OnExit;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The one limit in time of each way of a leased guest. */
class LeaseTest {

    private static final GuestSelector GUEST = new GuestSelector(100, null, null);

    private static LeaseTerms within(Duration timeout) {
        OperationRequest start = OperationRequest.of(GUEST, new PowerOperation(PowerAction.START))
                .within(timeout);
        return LeaseTerms.of(null, null, start, OnExit.RESTORE, null);
    }

    private static Duration seconds(long seconds) {
        return Duration.ofSeconds(seconds);
    }

    @Test
    void theTimeOfTheStartBeginsWithTheLease() {
        Lease begun = Lease.begin().starting();
        OperationRequest start = within(seconds(300)).toStart("stopped");
        assertThat(begun.with(start).operation().begun(), is(begun.since()));
        assertThat(start.timeout(), is(seconds(300)));
    }

    @ParameterizedTest
    @CsvSource({
        "300, 300, 200, 100",
        "300, 240, 160,  80",
        "300,  30,  30,  30",
        " 60,  60,  40,  30",
        "  6,   6,   4,  30",
        // after the controller was down for an hour
        "300, -3600, 30, 30",
        "  1,     1,  1, 30"
    })
    void sharesWhatIsLeftBetweenAShutdownAndItsLastResort(long timeout, long left, long shutdown, long stop) {
        LeaseTerms terms = within(seconds(timeout));
        OperationRequest first = terms.toPutBack(GUEST, PowerAction.SHUTDOWN, seconds(left));
        assertThat(first.timeout(), is(seconds(shutdown)));
        OperationRequest last = terms.lastResort(GUEST, seconds(left).minus(first.timeout()));
        assertThat(last.operation(), is(new PowerOperation(PowerAction.STOP)));
        assertThat(last.timeout(), is(seconds(stop)));
    }

    /** Looks, shutdown and stop together. */
    @ParameterizedTest
    @ValueSource(longs = {3, 10, 60, 90, 300, 3600})
    void puttingBackTakesNoMoreThanTheTimeoutAndWhatALastStopNeeds(long timeout) {
        LeaseTerms terms = within(seconds(timeout));
        Duration left = seconds(timeout).minus(terms.untilPutBack());
        Duration shutdown = terms.toPutBack(GUEST, PowerAction.SHUTDOWN, left).timeout();
        Duration stop = terms.lastResort(GUEST, left.minus(shutdown)).timeout();
        Duration whole = terms.untilPutBack().plus(shutdown).plus(stop);
        assertThat(whole, is(lessThanOrEqualTo(seconds(timeout + 30))));
    }

    @Test
    void givesWhateverElseIsDoneAllThatIsLeft() {
        LeaseTerms terms = within(seconds(300));
        assertThat(terms.toPutBack(GUEST, PowerAction.START, seconds(200)).timeout(), is(seconds(200)));
        assertThat(terms.toPutBack(GUEST, PowerAction.STOP, seconds(-5)).timeout(), is(seconds(30)));
    }
}
