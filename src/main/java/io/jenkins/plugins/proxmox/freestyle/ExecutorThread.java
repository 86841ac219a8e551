package io.jenkins.plugins.proxmox.freestyle;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** The thread in which a build step runs, and which it blocks. */
final class ExecutorThread {

    private ExecutorThread() {}

    /**
     * Waits for the end.
     *
     * @param abort what to do when the build is aborted meanwhile
     * @throws IOException the failure
     */
    static <T> T await(CompletableFuture<T> end, Runnable abort) throws IOException, InterruptedException {
        try {
            return end.get();
        } catch (InterruptedException e) {
            abort.run();
            throw e;
        } catch (ExecutionException e) {
            Throwable failure = e.getCause();
            if (failure instanceof RuntimeException defect) {
                throw defect;
            }
            if (failure instanceof Error defect) {
                throw defect;
            }
            throw failure instanceof IOException told ? told : new IOException(failure);
        }
    }
}
