package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.nullValue;

import io.jenkins.plugins.proxmox.pve.guest.SnapshotCreation;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotDeletion;
import io.jenkins.plugins.proxmox.pve.lookup.AvailabilityProgress;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.sequence.FixedSequence;
import io.jenkins.plugins.proxmox.pve.sequence.SequenceState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class SequenceStateTest {

    private static final Upid TASK =
            Upid.parse("UPID:pve1:00006619:00052F45:6B082868:qmdelsnapshot:100:jenkins@pve!ci:");

    private static final OperationRequest FIRST = request(new SnapshotDeletion("clean", true));
    private static final OperationRequest SECOND = request(new SnapshotCreation("clean", "", false, false));
    private static final FixedSequence BOTH = new FixedSequence(List.of(FIRST, SECOND), Duration.ofSeconds(100));

    private static OperationRequest request(GuestOperation operation) {
        return OperationRequest.of(new GuestSelector(100, null, null), operation)
                .within(Duration.ofSeconds(100));
    }

    private static OperationState done(Duration ago, Upid task) {
        Instant begun = Instant.now().minus(ago);
        return new OperationState(
                Phase.DONE,
                begun,
                begun,
                null,
                null,
                task,
                null,
                task != null,
                OperationHistory.NONE,
                AvailabilityProgress.NONE);
    }

    private static SequenceState afterFirst(Duration ago) {
        return SequenceState.begin().at(done(ago, TASK)).next();
    }

    @Test
    void namesOneOperationAfterTheOtherAndThenNone() {
        assertThat(SequenceState.begin().request(BOTH), is(FIRST));
        SequenceState second = afterFirst(Duration.ZERO);
        assertThat(second.request(BOTH).operation(), is(SECOND.operation()));
        assertThat(second.at(done(Duration.ZERO, null)).next().request(BOTH), is(nullValue()));
    }

    @Test
    void leavesToTheNextOperationWhatIsLeftOfTheTime() {
        Duration left = afterFirst(Duration.ofSeconds(60)).request(BOTH).timeout();
        assertThat(left, is(greaterThan(Duration.ofSeconds(30))));
        assertThat(left, is(lessThanOrEqualTo(Duration.ofSeconds(40))));
        assertThat(afterFirst(Duration.ofHours(1)).request(BOTH).timeout(), is(Duration.ofSeconds(1)));
    }

    @Test
    void remembersTheLastTaskAndWhetherAnythingChanged() {
        SequenceState end =
                afterFirst(Duration.ZERO).at(done(Duration.ZERO, null)).next();
        assertThat(end.task(), is(TASK));
        assertThat(end.changed(), is(true));
        assertThat(SequenceState.begin().task(), is(nullValue()));
    }

    @Test
    void looksForATaskInAnotherProcess() {
        OperationState asking = new OperationState(
                Phase.REQUEST,
                Instant.now(),
                Instant.now(),
                null,
                null,
                null,
                null,
                false,
                OperationHistory.NONE,
                AvailabilityProgress.NONE);
        SequenceState resumed = afterFirst(Duration.ZERO).at(asking).resumed();
        assertThat(resumed.current().phase(), is(Phase.LOOK));
        assertThat(resumed.done().size(), is(1));
    }

    @Test
    void hasNothingToUndoUnlessTheSequenceSaysSo() {
        SequenceState aborted = afterFirst(Duration.ZERO).undoing(null);
        assertThat(aborted.isBeingUndone(), is(true));
        assertThat(aborted.failure(), is(nullValue()));
        assertThat(aborted.request(BOTH), is(nullValue()));
    }
}
