package io.jenkins.plugins.proxmox.pve.task;

import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The rate at which the nodes of one server are queried about their tasks and guests: one query at a time per node, and
 * at most three in any second. All identities take turns. Shared by all watchers of a server.
 */
public final class NodeRateLimit {

    private static final Logger LOGGER = Logger.getLogger(NodeRateLimit.class.getName());

    /** From the end of a query to the next: at most three arrive in any second, however long each takes. */
    private static final Duration GAP = Duration.ofMillis(335);

    private static final int MOST_PER_SECOND = 3;

    /** A second, and a little more for queries that are sent late and arrive soon. */
    private static final Duration SECOND = Duration.ofMillis(1010);

    /** Random extra share of the gap, so that nodes are not queried in step. */
    private static final double JITTER = 0.1;

    private final Map<String, Turns> nodes = new ConcurrentHashMap<>();

    /** Those about guests, so that many guests with much to say do not delay the queries about tasks. */
    private final Map<String, Turns> guests = new ConcurrentHashMap<>();

    /** The queue of one node. */
    public Turns of(String node) {
        return nodes.computeIfAbsent(node, name -> new Turns());
    }

    /**
     * Runs a query about something inside a guest of that node when its turn comes, at the same rate, but independently
     * of the queries about tasks.
     *
     * @param query runs in the threads of {@code workers}
     */
    public void askGuest(String node, WorkerThreads workers, Runnable query) {
        guests.computeIfAbsent(node, name -> new Turns()).take(workers, () -> {
            query.run();
            return true;
        });
    }

    /** The pending queries of a node, in order. */
    public static final class Turns {

        /**
         * @param soon whether it may come right after the last one
         * @param spare how many queries of the same second it leaves to others
         */
        private record Turn(
                WorkerThreads workers, Supplier<CompletableFuture<Boolean>> look, boolean soon, int spare) {}

        private final Queue<Turn> waiting = new ArrayDeque<>();
        private boolean taken;
        private long next = System.nanoTime();

        /** The ends of the last queries, as many as may arrive in a second. */
        private final List<Long> ends = new ArrayList<>();

        /**
         * Runs the query in the threads of those workers when its turn comes.
         *
         * @param look returns whether it queried the node; if not, the next one runs immediately
         */
        public void take(WorkerThreads workers, BooleanSupplier look) {
            take(new Turn(workers, () -> CompletableFuture.completedFuture(look.getAsBoolean()), false, 0));
        }

        /**
         * The same for a query that follows from the last one. It comes right after that, within the same limit for any
         * second.
         *
         * @param look completes when the query is sent, so that others can take their turns before its answer is there;
         *     with whether there was one
         */
        public void takeSoon(WorkerThreads workers, Supplier<CompletableFuture<Boolean>> look) {
            take(new Turn(workers, look, true, 0));
        }

        /** The same for a query that others may follow from, which it leaves room for in the same second. */
        public void takeSparingly(WorkerThreads workers, Supplier<CompletableFuture<Boolean>> look) {
            take(new Turn(workers, look, false, 1));
        }

        private void take(Turn turn) {
            synchronized (this) {
                waiting.add(turn);
            }
            callNext();
        }

        private void callNext() {
            Turn turn;
            long pause;
            synchronized (this) {
                if (taken || waiting.isEmpty()) {
                    return;
                }
                taken = true;
                turn = waiting.poll();
                pause = pause(turn);
            }
            try {
                if (pause > 0) {
                    turn.workers.after(Duration.ofNanos(pause), () -> run(turn));
                } else {
                    turn.workers.now(() -> run(turn));
                }
            } catch (RejectedExecutionException e) {
                LOGGER.log(Level.FINE, "These threads take nothing any more", e);
                over(false);
            }
        }

        private long pause(Turn turn) {
            long now = System.nanoTime();
            long fromLast = turn.soon ? 0 : next - now;
            int before = ends.size() - (MOST_PER_SECOND - turn.spare);
            long fromOldest = before < 0 ? 0 : ends.get(before) + SECOND.toNanos() - now;
            return Math.max(fromLast, fromOldest);
        }

        private void run(Turn turn) {
            CompletableFuture<Boolean> asked = CompletableFuture.completedFuture(true);
            try {
                asked = turn.look.get();
            } finally {
                asked.whenComplete((done, failure) -> over(failure != null || done));
            }
        }

        private void over(boolean asked) {
            synchronized (this) {
                taken = false;
                if (asked) {
                    ends.add(System.nanoTime());
                    if (ends.size() > MOST_PER_SECOND) {
                        ends.remove(0);
                    }
                    double jitter = ThreadLocalRandom.current().nextDouble(JITTER);
                    next = System.nanoTime() + (long) (GAP.toNanos() * (1 + jitter));
                }
            }
            callNext();
        }
    }
}
