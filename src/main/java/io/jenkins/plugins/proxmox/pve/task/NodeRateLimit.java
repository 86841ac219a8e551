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
 * The pace at which the nodes of one server are asked about their tasks: a node answers one look at a time and at most
 * three in any second, however many identities look there, who take turns. Shared by all watchers of a server.
 */
public final class NodeRateLimit {

    private static final Logger LOGGER = Logger.getLogger(NodeRateLimit.class.getName());

    /** From the end of a look to the next: at most three arrive in any second, however long each is on its way. */
    private static final Duration GAP = Duration.ofMillis(335);

    /** Of the gap, on top of it: so that nodes are not asked in step. */
    private static final double JITTER = 0.1;

    private final Map<String, Turns> nodes = new ConcurrentHashMap<>();

    /** The turns of one node. */
    Turns of(String node) {
        return nodes.computeIfAbsent(node, name -> new Turns());
    }

    /** Who wants to look at a node, in their order. */
    static final class Turns {

        private record Turn(Workers workers, BooleanSupplier look) {}

        private final Queue<Turn> waiting = new ArrayDeque<>();
        private boolean taken;
        private long next = System.nanoTime();

        /**
         * Takes the look in the threads of those workers when it is its turn.
         *
         * @param look returns whether it asked the node; if not, the next one comes at once
         */
        void take(Workers workers, BooleanSupplier look) {
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
