package io.jenkins.plugins.proxmox.freestyle;

import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Blocks the thread in which a build step runs. */
final class ExecutorWait {

    private static final Logger LOGGER = Logger.getLogger(ExecutorWait.class.getName());

    /** The build was aborted again, so waiting for the consequences of the first abort was given up too. */
    static final class AbortedAgainException extends InterruptedException {
        private static final long serialVersionUID = 1L;
    }

    private ExecutorWait() {}

    /**
     * @param abort what to do if the build is aborted meanwhile
     * @throws IOException the failure
     */
    static <T> T await(CompletableFuture<T> end, Runnable abort) throws IOException, InterruptedException {
        try {
            return end.get();
        } catch (InterruptedException e) {
            abort.run();
            throw e;
        } catch (ExecutionException e) {
            throw told(e.getCause());
        }
    }

    /**
     * The same where an abort takes time, and the build must not continue before it is done.
     *
     * @param giveUp what to do if the build is aborted again
     * @throws AbortedAgainException if it was aborted again
     */
    static <T> T awaitWhole(CompletableFuture<T> end, Runnable abort, Runnable giveUp)
            throws IOException, InterruptedException {
        try {
            return await(end, abort);
        } catch (InterruptedException e) {
            try {
                end.get();
            } catch (InterruptedException again) {
                giveUp.run();
                AbortedAgainException twice = new AbortedAgainException();
                twice.addSuppressed(e);
                throw twice;
            } catch (ExecutionException | CancellationException ended) {
                LOGGER.log(Level.FINE, "Ended after an abort", ended);
            }
            throw e;
        }
    }

    private static IOException told(Throwable failure) {
        if (failure instanceof RuntimeException defect) {
            throw defect;
        }
        if (failure instanceof Error defect) {
            throw defect;
        }
        return failure instanceof IOException told ? told : new IOException(failure);
    }
}
