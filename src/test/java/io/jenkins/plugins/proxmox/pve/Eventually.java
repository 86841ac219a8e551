package io.jenkins.plugins.proxmox.pve;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for what must come soon, and not longer than it takes. */
public final class Eventually {

    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(5);

    private Eventually() {}

    /** Returns once {@code condition} holds; fails after a minute. */
    public static void holds(String what, Callable<Boolean> condition) throws Exception {
        holds(() -> what, condition);
    }

    /** The same, where what is wrong is only known in the end. */
    public static void holds(Callable<String> what, Callable<Boolean> condition) throws Exception {
        holds(what, BOUND, condition);
    }

    /** The same for what may take longer, or must not take as long. */
    public static void holds(String what, Duration bound, Callable<Boolean> condition) throws Exception {
        holds(() -> what, bound, condition);
    }

    /** The same, where what is wrong is only known in the end. */
    public static void holds(Callable<String> what, Duration bound, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + bound.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within " + bound.toSeconds() + " s: " + what.call());
            }
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
        }
    }
}
