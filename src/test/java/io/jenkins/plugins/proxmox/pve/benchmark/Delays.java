package io.jenkins.plugins.proxmox.pve.benchmark;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** How long after what they waited for so many waits ended. */
final class Delays {

    private final long[] nanos;
    private final AtomicInteger next = new AtomicInteger();
    private final CountDownLatch all;

    Delays(int waits) {
        nanos = new long[waits];
        all = new CountDownLatch(waits);
    }

    /** A wait ended now that was for something at that moment of {@link System#nanoTime()}. */
    void since(long moment) {
        nanos[next.getAndIncrement()] = System.nanoTime() - moment;
        all.countDown();
    }

    /** Waits for the last one, so long at most, and sorts them. */
    void await(Duration most) throws InterruptedException {
        if (!all.await(most.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException(all.getCount() + " waits have not ended");
        }
        Arrays.sort(nanos);
    }

    /** In milliseconds. */
    long median() {
        return TimeUnit.NANOSECONDS.toMillis(nanos[nanos.length / 2]);
    }

    /** Milliseconds within which that share of the waits ended, above 0 and up to 1. */
    long within(double share) {
        return TimeUnit.NANOSECONDS.toMillis(nanos[(int) Math.ceil(nanos.length * share) - 1]);
    }
}
