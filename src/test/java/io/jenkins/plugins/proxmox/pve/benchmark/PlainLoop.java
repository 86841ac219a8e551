package io.jenkins.plugins.proxmox.pve.benchmark;

import java.util.concurrent.TimeUnit;

/** How others wait: with a thread for each wait, which sleeps 1, 2, 4, 5, 5 … seconds between its looks. */
final class PlainLoop {

    private static final int[] SECONDS = {1, 2, 4, 5};

    private PlainLoop() {}

    /** Sleeps as long as is due after so many pauses. */
    static void pause(int pauses) throws InterruptedException {
        TimeUnit.SECONDS.sleep(SECONDS[Math.min(pauses, SECONDS.length - 1)]);
    }
}
