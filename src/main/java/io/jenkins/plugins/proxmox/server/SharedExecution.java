package io.jenkins.plugins.proxmox.server;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Work that is done once for all callers that ask before it begins. However many ask, one run is in progress, and at
 * most one waits behind it.
 *
 * @param <T> the result
 */
public final class SharedExecution<T> {

    private final Supplier<CompletableFuture<T>> work;

    @CheckForNull
    private CompletableFuture<T> underWay;

    @CheckForNull
    private CompletableFuture<T> next;

    /**
     * @param work begins one run and returns at once
     */
    public SharedExecution(Supplier<CompletableFuture<T>> work) {
        this.work = work;
    }

    /** The result of a run that begins now or later. Returns at once. */
    @NonNull
    public CompletableFuture<T> ask() {
        CompletableFuture<T> asked;
        synchronized (this) {
            if (underWay != null) {
                next = next == null ? new CompletableFuture<>() : next;
                return next;
            }
            asked = new CompletableFuture<>();
            underWay = asked;
        }
        begin(asked);
        return asked;
    }

    /** The result of the run in progress; null when there is none. */
    @CheckForNull
    public synchronized CompletableFuture<T> underWay() {
        return underWay;
    }

    private void begin(CompletableFuture<T> asked) {
        work.get().whenComplete((value, failure) -> {
            CompletableFuture<T> following;
            synchronized (this) {
                following = next;
                next = null;
                underWay = following;
            }
            if (following != null) {
                begin(following);
            }
            if (failure == null) {
                asked.complete(value);
            } else {
                asked.completeExceptionally(failure);
            }
        });
    }
}
