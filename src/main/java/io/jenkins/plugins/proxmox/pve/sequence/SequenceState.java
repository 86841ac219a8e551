package io.jenkins.plugins.proxmox.pve.sequence;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The progress of an {@link OperationSequence}: everything needed to continue it, in this process or in another one.
 *
 * @param done the final states of the operations that have run
 * @param current the state of the operation that is running, or is about to begin
 * @param failed the last state of the operation that failed, while its sequence is being undone; else null
 * @param failure why it failed; null also when it was aborted
 * @param undone the final states of the operations that have undone something
 * @param settling whether the operation that failed is still being watched, because it is not known yet what its request
 *     has done
 */
public record SequenceState(
        List<OperationState> done,
        OperationState current,
        @Nullable OperationState failed,
        @Nullable String failure,
        List<OperationState> undone,
        boolean settling)
        implements Serializable {

    /** Long enough for a request to be found, and for a short silence of the server. */
    private static final Duration LEAST_FOR_SETTLING = Duration.ofSeconds(30);

    public SequenceState {
        done = List.copyOf(done);
        undone = List.copyOf(undone);
    }

    public static SequenceState begin() {
        return new SequenceState(List.of(), OperationState.begin(), null, null, List.of(), false);
    }

    /** This state for a process other than the one that saved it. */
    public SequenceState resumed() {
        return at(current.resumed());
    }

    public boolean isBeingUndone() {
        return failed != null;
    }

    /** Whether the failed operation would send its request again, which nobody wants any more: it did not arrive. */
    public boolean isNotToBeSent() {
        return settling && (current.phase() == Phase.REQUEST || current.phase() == Phase.FIND);
    }

    /** When the first operation began. */
    public Instant begun() {
        return (done.isEmpty() ? current : done.get(0)).begun();
    }

    /** The state of the operation that was the last to see the guest. */
    public OperationState last() {
        return done.isEmpty() ? current : done.get(done.size() - 1);
    }

    /** The last task that they had; null if there was none. */
    @Nullable
    public Upid task() {
        Upid task = current.upid();
        for (OperationState each : done) {
            task = each.upid() == null ? task : each.upid();
        }
        return task;
    }

    /**
     * The guest that the last operation of a sequence that has ended was about; null if it does not exist, or no longer.
     */
    @Nullable
    public ObservedGuest guest(OperationSequence sequence) {
        OperationRequest request = sequence.next(done.subList(0, done.size() - 1));
        return request.operation().removesGuest() ? null : last().guest();
    }

    /** Whether any operation changed something. */
    public boolean changed() {
        return done.stream().anyMatch(OperationState::changed);
    }

    public SequenceState at(OperationState reached) {
        return new SequenceState(done, reached, failed, failure, undone, settling);
    }

    /** The state once the current operation has ended well. */
    public SequenceState next() {
        List<OperationState> longer = new ArrayList<>(isBeingUndone() ? undone : done);
        longer.add(current);
        return isBeingUndone()
                ? new SequenceState(done, OperationState.begin(), failed, failure, longer, false)
                : new SequenceState(longer, OperationState.begin(), null, null, undone, false);
    }

    /**
     * The state once the current operation has failed.
     *
     * @param why null when it was aborted
     */
    public SequenceState undoing(@Nullable String why) {
        return new SequenceState(done, OperationState.begin(), current, why, List.of(), false);
    }

    /** The same while it is not known yet what the failed operation has done: goes on watching it, and sends nothing. */
    public SequenceState toBeSettled() {
        return new SequenceState(done, failed.resumed(), failed, failure, undone, true);
    }

    /** The state once that is known. */
    public SequenceState settled(OperationState outcome) {
        return new SequenceState(done, OperationState.begin(), outcome, failure, undone, false);
    }

    /**
     * The operation that is next, with the time that is left for it; null when there is none.
     *
     * @throws IllegalArgumentException when the sequence makes no sense
     */
    @Nullable
    public OperationRequest request(OperationSequence sequence) {
        if (settling) {
            Duration more = Collections.max(List.of(sequence.timeout(), LEAST_FOR_SETTLING));
            Duration whole = Duration.between(current.begun(), Instant.now()).plus(more);
            return sequence.next(done)
                    .until(Availability.RUNNING)
                    .within(Collections.min(List.of(whole, OperationRequest.LONGEST_TIMEOUT)));
        }
        if (failed != null) {
            // has a time limit of its own
            return sequence.undo(done, failed, undone);
        }
        OperationRequest next = sequence.next(done);
        if (next == null || done.isEmpty()) {
            return next;
        }
        Duration left = sequence.timeout().minus(Duration.between(begun(), current.begun()));
        Duration least = Duration.ofSeconds(1);
        return next.within(left.compareTo(least) < 0 ? least : left);
    }
}
