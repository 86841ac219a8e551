package io.jenkins.plugins.proxmox.pve.task;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The rate at which the nodes of one server are queried about their tasks: one query at a time per node, and at most
 * three in any second. All identities take turns. Shared by all watchers of a server.
 */
public final class NodeRateLimit {

    private static final Logger LOGGER = Logger.getLogger(NodeRateLimit.class.getName());

    /** From the end of a query to the next: at most three arrive in any second, however long each takes. */
    private static final Duration GAP = Duration.ofMillis(335);

    /** Random extra share of the gap, so that nodes are not queried in step. */
    private static final double JITTER = 0.1;

    private final Map<String, Turns> nodes = new ConcurrentHashMap<>();

    /** The queue of one node. */
    Turns of(String node) {
        return nodes.computeIfAbsent(node, name -> new Turns());
    }

    /** The pending queries of a node, in order. */
    static final class Turns {

        private record Turn(WorkerThreads workers, BooleanSupplier look) {}

        private final Queue<Turn> waiting = new ArrayDeque<>();
        private boolean taken;
        private long next = System.nanoTime();

        /**
         * Runs the query in the threads of those workers when its turn comes.
         *
         * @param look returns whether it queried the node; if not, the next one runs immediately
         */
        void take(WorkerThreads workers, BooleanSupplier look) {
            synchronized (this) {
                waiting.add(new Turn(workers, look));
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
                pause = next - System.nanoTime();
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

        private void run(Turn turn) {
            boolean asked = true;
            try {
                asked = turn.look.getAsBoolean();
            } finally {
                over(asked);
            }
        }

        private void over(boolean asked) {
            synchronized (this) {
                taken = false;
                if (asked) {
                    double jitter = ThreadLocalRandom.current().nextDouble(JITTER);
                    next = System.nanoTime() + (long) (GAP.toNanos() * (1 + jitter));
                }
            }
            callNext();
        }
    }
}
