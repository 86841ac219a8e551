package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.init.Terminator;
import hudson.model.Run;
import io.jenkins.plugins.proxmox.pve.client.ConcurrencyLimit;
import io.jenkins.plugins.proxmox.pve.client.ConcurrencyLimits;
import io.jenkins.plugins.proxmox.server.CoalescedRun;
import io.jenkins.plugins.proxmox.server.ControllerThreads;
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
 * The records of builds on disk ({@code build.xml}), which are written in threads of their own. A record is written whole
 * each time; so what changes within a few seconds, or while the record is being written, is written together.
 */
public final class BuildRecordWriter {

    private static final Logger LOGGER = Logger.getLogger(BuildRecordWriter.class.getName());

    /** How long what is not urgent waits for more to be written with it. */
    private static final Duration SOON = Duration.ofSeconds(5);

    /** How long a controller that goes down waits for its disk. */
    private static final Duration LAST_WRITES = Duration.ofSeconds(10);

    /** A few for all builds together, of which each is written by one at a time. */
    private static final ConcurrencyLimits<Run<?, ?>> THREADS =
            new ConcurrencyLimits<>(new ConcurrencyLimit(ControllerThreads.pool(), 4), 1);

    /** Of the builds that are being written, or are to be. */
    private static final Map<Run<?, ?>, Writing> PENDING = new HashMap<>();

    private BuildRecordWriter() {}

    /**
     * Writes the record of the build as it is now. Returns at once.
     *
     * @return completes when it is written, or could not be, which is told in the log of the controller
     */
    @NonNull
    static CompletableFuture<Void> write(Run<?, ?> run) {
        synchronized (PENDING) {
            return PENDING.computeIfAbsent(run, Writing::new).now();
        }
    }

    /** Writes the record of the build within a few seconds, together with what changes until then. Returns at once. */
    static void writeSoon(Run<?, ?> run) {
        synchronized (PENDING) {
            PENDING.computeIfAbsent(run, Writing::new).soon();
        }
    }

    /** Writes what waits to be written, before the controller goes down. */
    @Terminator
    public static void writeAll() {
        List<CompletableFuture<Void>> writes = new ArrayList<>();
        synchronized (PENDING) {
            // what is written at once is no longer pending
            List.copyOf(PENDING.values()).forEach(each -> writes.add(each.now()));
        }
        CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, LAST_WRITES.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    /** Of one build. Its methods are called with {@link #PENDING} locked. */
    private static final class Writing {

        private final Run<?, ?> run;
        private final CoalescedRun<Void> writes = new CoalescedRun<>(this::begin);

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
                    // a build that was deleted meanwhile is not to come back
                    if (run.getRootDir().isDirectory()) {
                        run.save();
                    }
                } catch (IOException | RuntimeException | LinkageError e) {
                    // the build itself goes on as it does
                    LOGGER.log(Level.WARNING, "Could not write the record of " + run, e);
                } finally {
                    written.complete(null);
                }
            });
            return written;
        }
    }
}
