package io.jenkins.plugins.proxmox.pve.sequence;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationRun;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.operation.OperationTimeoutException;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Runs the operations of a sequence one after the other. If one fails, or the run is aborted, what is left of the
 * sequence is undone before it ends. That begins only once it is known what the last request has done: a guest whose
 * creation is still on its way cannot be removed yet.
 */
public final class SequenceRun {

    /** An operation that runs, as {@link OperationRun}. */
    public interface Operation {

        /** The final state, or the original failure. */
        CompletableFuture<OperationState> begin();

        OperationState state();

        String waitsFor();

        boolean abort();

        /** See {@link OperationRun#atRest}. */
        CompletableFuture<OperationState> atRest();

        /** Explains a failure, and returns it as it is to be reported. */
        Throwable failed(Throwable failure);
    }

    /** Makes operations that have not begun. */
    @FunctionalInterface
    public interface Operations {

        Operation of(OperationRequest request, OperationState from, OperationRun.Progress progress);
    }

    /** Notified of each new state so that it can be saved, as {@link OperationRun.Progress}. */
    @FunctionalInterface
    public interface Progress {

        CompletionStage<?> reached(SequenceState state);
    }

    private final OperationSequence sequence;
    private final Operations operations;
    private final Consumer<String> log;
    private final Progress progress;
    private final CompletableFuture<SequenceState> end = new CompletableFuture<>();
    private volatile SequenceState state;

    @CheckForNull
    private Operation operation;

    private volatile boolean aborted;

    /** The failure that is reported once the sequence is undone; null if it failed in an earlier process. */
    @CheckForNull
    private volatile Throwable failure;

    /**
     * Idle until {@link #begin} is called.
     *
     * @param from where it begins, or continues after a restart
     */
    public SequenceRun(
            OperationSequence sequence,
            SequenceState from,
            Operations operations,
            Consumer<String> log,
            Progress progress) {
        this.sequence = sequence;
        this.state = from;
        this.operations = operations;
        this.log = log;
        this.progress = progress;
    }

    /**
     * Begins or continues. Returns immediately.
     *
     * @return the final state; the failure, explained; or a {@link CancellationException}, after {@link #abort}
     */
    public CompletableFuture<SequenceState> begin() {
        operate();
        return end;
    }

    /** A description of what it waits for. */
    public String waitsFor() {
        Operation current;
        synchronized (this) {
            current = operation;
        }
        return current == null ? state.current().waitsFor() : current.waitsFor();
    }

    private void operate() {
        Operation next;
        try {
            next = nextOperation();
        } catch (RuntimeException e) {
            end.completeExceptionally(e);
            return;
        }
        if (next == null) {
            finish();
        } else {
            next.begin().whenComplete((reached, failed) -> ended(next, cause(failed)));
        }
    }

    @CheckForNull
    private synchronized Operation nextOperation() {
        if (aborted && !state.isBeingUndone()) {
            // between two operations
            fail(new CancellationException());
        }
        OperationRequest request = state.request(sequence);
        operation = request == null ? null : new Current(request).operation;
        return operation;
    }

    /** The operation that runs, and the states that it alone may report. */
    private final class Current {

        private final Operation operation;

        Current(OperationRequest request) {
            operation = operations.of(request, state.current(), this::reached);
        }

        private CompletionStage<?> reached(OperationState reached) {
            SequenceState next;
            synchronized (SequenceRun.this) {
                if (operation != SequenceRun.this.operation) {
                    // given up; its last step has ended too late to matter
                    return CompletableFuture.completedFuture(null);
                }
                next = state.at(reached);
                state = next;
            }
            if (next.isNotToBeSent()) {
                operation.abort();
                return CompletableFuture.failedFuture(new CancellationException());
            }
            return progress.reached(next);
        }
    }

    private void ended(Operation last, @CheckForNull Throwable why) {
        if (state.settling()) {
            settled(last);
        } else if (why == null) {
            synchronized (this) {
                operation = null;
                state = state.at(last.state()).next();
            }
            operate();
        } else if (state.isBeingUndone()) {
            last.failed(why);
            synchronized (this) {
                operation = null;
            }
            finish();
        } else {
            Throwable told = last.failed(why);
            boolean somethingToUndo = sequence.undo(state.done(), last.state(), List.of()) != null;
            CompletableFuture<OperationState> rest =
                    somethingToUndo ? last.atRest() : CompletableFuture.completedFuture(last.state());
            rest.thenAccept(reached -> giveUp(reached, why, told));
        }
    }

    private void giveUp(OperationState reached, Throwable why, Throwable told) {
        synchronized (this) {
            operation = null;
            state = state.at(reached);
            fail(told);
            boolean taskMayRun = why instanceof CancellationException || why instanceof OperationTimeoutException;
            boolean uncertain = reached.isUncertain() && (reached.phase() != Phase.AWAIT_TASK || taskMayRun);
            if (uncertain && state.request(sequence) != null) {
                state = state.toBeSettled();
                log.accept(Texts.of("sequence.settles", state.current().waitsFor()));
                progress.reached(state);
            }
        }
        operate();
    }

    /** Whatever it has come to: what is there is removed next. */
    private void settled(Operation last) {
        synchronized (this) {
            operation = null;
            OperationState reached = last.state();
            boolean notSent = state.at(reached).isNotToBeSent();
            if (notSent) {
                log.accept(Texts.of("sequence.not-sent"));
            }
            state = state.settled(notSent ? reached.notSent() : reached);
            if (failure != null) {
                // the timeline shows it as given up, although it has run to its end meanwhile
                last.failed(failure);
            }
        }
        operate();
    }

    private void fail(Throwable why) {
        failure = why;
        state = state.undoing(why instanceof CancellationException ? null : String.valueOf(why.getMessage()));
    }

    @CheckForNull
    private static Throwable cause(@CheckForNull Throwable failed) {
        return failed instanceof CompletionException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : failed;
    }

    private void finish() {
        if (!state.isBeingUndone()) {
            end.complete(state);
        } else if (aborted || state.failure() == null) {
            end.cancel(false);
        } else {
            Throwable told = failure;
            end.completeExceptionally(told == null ? new GuestException(state.failure()) : told);
        }
    }

    /**
     * Ends the wait of the current operation at once. Its task in Proxmox VE continues unless its request says
     * otherwise. What is left of the sequence is undone before it ends.
     *
     * @return false if the sequence had already ended
     */
    public boolean abort() {
        Operation last;
        synchronized (this) {
            if (end.isDone()) {
                return false;
            }
            aborted = true;
            last = state.isBeingUndone() ? null : operation;
        }
        if (last != null) {
            last.abort();
        }
        return true;
    }
}
