package io.jenkins.plugins.proxmox.pve.benchmark;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** What those who wait take of the machine: threads, which are counted by their name, and heap. */
final class Footprint implements AutoCloseable {

    private static final String NAME = "waiting";

    private final List<ScheduledThreadPoolExecutor> pools = new ArrayList<>();

    /** Threads that are counted, until this is closed. */
    ScheduledThreadPoolExecutor pool(int size) {
        ScheduledThreadPoolExecutor pool = new ScheduledThreadPoolExecutor(size, Footprint::thread);
        pools.add(pool);
        return pool;
    }

    /** A thread that is counted. */
    static Thread thread(Runnable task) {
        Thread thread = new Thread(task, NAME);
        thread.setDaemon(true);
        return thread;
    }

    /** How many there are at this moment. */
    static int threads() {
        return (int) Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(NAME))
                .count();
    }

    /** Bytes in use after garbage was collected. */
    static long heap() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            TimeUnit.MILLISECONDS.sleep(50);
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    @Override
    public void close() {
        pools.forEach(ScheduledThreadPoolExecutor::shutdownNow);
    }
}
