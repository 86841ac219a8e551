package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.init.Terminator;
import hudson.model.Run;
import io.jenkins.plugins.proxmox.pve.threads.ConcurrencyLimit;
import io.jenkins.plugins.proxmox.pve.threads.ConcurrencyLimits;
import io.jenkins.plugins.proxmox.server.ControllerThreads;
import io.jenkins.plugins.proxmox.server.SharedExecution;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Writes the records of builds ({@code build.xml}) to disk, in threads of its own. Each write covers the whole record,
 * so changes within a few seconds, or during a write, are written together.
 */
public final class BuildRecordWriter {

    private static final Logger LOGGER = Logger.getLogger(BuildRecordWriter.class.getName());

    /** How long a write that is not urgent waits for further changes. */
    private static final Duration SOON = Duration.ofSeconds(5);

    /** How long a controller that shuts down waits for its disk. */
    private static final Duration LAST_WRITES = Duration.ofSeconds(10);

    /** A few threads for all builds together, one at a time for each build. */
    private static final ConcurrencyLimits<Run<?, ?>> THREADS =
            new ConcurrencyLimits<>(new ConcurrencyLimit(ControllerThreads.pool(), 4), 1);

    /** Builds that are being written or are about to be. */
    private static final Map<Run<?, ?>, Writing> PENDING = new HashMap<>();

    private BuildRecordWriter() {}

    /**
     * Writes the current record of the build. Returns at once.
     *
     * @return completes when the record is written, or when that failed; the controller's log reports the failure
     */
    @NonNull
    static CompletableFuture<Void> write(Run<?, ?> run) {
        synchronized (PENDING) {
            return PENDING.computeIfAbsent(run, Writing::new).now();
        }
    }

    /** Writes the record of the build within a few seconds, together with changes until then. Returns at once. */
    static void writeSoon(Run<?, ?> run) {
        synchronized (PENDING) {
            PENDING.computeIfAbsent(run, Writing::new).soon();
        }
    }

    /** Writes all pending records before the controller shuts down. */
    @Terminator
    public static void writeAll() {
        List<CompletableFuture<Void>> writes = new ArrayList<>();
        synchronized (PENDING) {
            // records that are written at once are no longer pending
            List.copyOf(PENDING.values()).forEach(each -> writes.add(each.now()));
        }
        CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, LAST_WRITES.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    /** The writes of one build. Its methods are called with {@link #PENDING} locked. */
    private static final class Writing {

        private final Run<?, ?> run;
        private final SharedExecution<Void> writes = new SharedExecution<>(this::begin);

        @CheckForNull
        private Future<?> planned;

        Writing(Run<?, ?> run) {
            this.run = run;
        }

        CompletableFuture<Void> now() {
            if (planned != null) {
                planned.cancel(false);
                planned = null;
            }
            CompletableFuture<Void> write = writes.ask();
            write.whenComplete((done, failure) -> forgetIfIdle());
            return write;
        }

        void soon() {
            if (planned == null) {
                planned = ControllerThreads.workers().after(SOON, () -> write(run));
            }
        }

        private void forgetIfIdle() {
            synchronized (PENDING) {
                if (planned == null && writes.underWay() == null) {
                    PENDING.remove(run, this);
                }
            }
        }

        private CompletableFuture<Void> begin() {
            CompletableFuture<Void> written = new CompletableFuture<>();
            THREADS.of(run).execute(() -> {
                try {
                    // saving would bring back a build that was deleted meanwhile
                    if (run.getRootDir().isDirectory()) {
                        run.save();
                    }
                } catch (IOException | RuntimeException | LinkageError e) {
                    // this does not affect the build itself
                    LOGGER.log(Level.WARNING, "Could not write the record of " + run, e);
                } finally {
                    written.complete(null);
                }
            });
            return written;
        }
    }
}
