package io.jenkins.plugins.proxmox.pve.sequence;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.operation.OperationRun;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.pve.operation.WholeOperation;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A sequence of operations from its beginning to its end. */
public final class WholeSequence implements AutoCloseable {

    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(3);
    private final SequenceRun run;
    private final CompletableFuture<SequenceState> end;

    private volatile SequenceState saved;

    private WholeSequence(ProxmoxClient client, OperationSequence sequence, SequenceState from, Consumer<String> log) {
        saved = from;
        run = new SequenceRun(
                sequence,
                from,
                (request, state, progress) ->
                        new Running(WholeOperation.run(client, request, state, log, progress, threads), log),
                log,
                this::save);
        end = run.begin();
    }

    /** The end state, or the exception with which an operation failed, once the sequence is undone. */
    public static SequenceState of(ProxmoxClient client, OperationSequence sequence, Consumer<String> log)
            throws Exception {
        try (WholeSequence whole = begin(client, sequence, log)) {
            return whole.end();
        }
    }

    /** A sequence that runs until its end, or until it is aborted. */
    public static WholeSequence begin(ProxmoxClient client, OperationSequence sequence, Consumer<String> log) {
        return new WholeSequence(client, sequence, SequenceState.begin(), log);
    }

    /** Continues in another process. */
    public static WholeSequence resume(
            ProxmoxClient client, OperationSequence sequence, SequenceState saved, Consumer<String> log) {
        return new WholeSequence(client, sequence, saved.resumed(), log);
    }

    private CompletionStage<?> save(SequenceState state) {
        saved = state;
        return CompletableFuture.completedFuture(null);
    }

    /** What another process would continue from. */
    public SequenceState saved() {
        return saved;
    }

    public boolean isOver() {
        return end.isDone();
    }

    public boolean abort() {
        return run.abort();
    }

    public SequenceState end() throws Exception {
        try {
            return end.get(120, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    private record Running(OperationRun operation, Consumer<String> log) implements SequenceRun.Operation {

        @Override
        public CompletableFuture<OperationState> begin() {
            return operation.begin();
        }

        @Override
        public OperationState state() {
            return operation.state();
        }

        @Override
        public String waitsFor() {
            return operation.waitsFor();
        }

        @Override
        public boolean abort() {
            return operation.abort();
        }

        @Override
        public CompletableFuture<OperationState> atRest() {
            return operation.atRest();
        }

        @Override
        public Throwable failed(Throwable failure) {
            log.accept(String.valueOf(failure.getMessage()));
            return failure;
        }
    }
}
