package io.jenkins.plugins.proxmox.load;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import io.jenkins.plugins.proxmox.server.SharedLanes;
import java.io.Serializable;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;
import jenkins.model.Jenkins;

/** Watches the process that it runs in, which is that of the controller: memory, threads, files and queues. */
public final class ControllerGauge {

    private static final long MIB = 1 << 20;

    private static final ControllerGauge HERE = new ControllerGauge();

    /**
     * What was seen since the last start of the gauge, and what is there now.
     *
     * @param heapPeakMib the most that was in use after a garbage collection, whatever kind of collection it was
     * @param heapNowMib in use after a full collection
     * @param threadsPeak of the whole controller
     * @param pluginThreadsPeak of this plugin
     * @param lanesPeak the longest queue of tasks of this plugin for a server
     * @param queuePeak the longest queue of Jenkins itself
     * @param filesPeak open files and connections of the process
     * @param cpuSeconds of the process
     * @param collectionSeconds in garbage collections
     */
    public record Figures(
            long heapPeakMib,
            long heapNowMib,
            long threadsPeak,
            long threadsNow,
            long pluginThreadsPeak,
            long lanesPeak,
            long queuePeak,
            long filesPeak,
            long filesNow,
            double cpuSeconds,
            double collectionSeconds)
            implements Serializable {}

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private final AtomicLong heapPeak = new AtomicLong();
    private final AtomicLong pluginThreadsPeak = new AtomicLong();
    private final AtomicLong lanesPeak = new AtomicLong();
    private final AtomicLong queuePeak = new AtomicLong();
    private final AtomicLong filesPeak = new AtomicLong();
    private ScheduledExecutorService clock;
    private long cpuNanos;
    private long collectionMillis;

    private ControllerGauge() {
        Set<String> heap = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(pool -> pool.getName())
                .collect(Collectors.toSet());
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            ((NotificationEmitter) collector)
                    .addNotificationListener((notification, back) -> collected(notification, heap), null, null);
        }
    }

    /** The one of this process. */
    public static ControllerGauge here() {
        return HERE;
    }

    private void collected(Notification notification, Set<String> heap) {
        if (!notification.getType().equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION)) {
            return;
        }
        long used = GarbageCollectionNotificationInfo.from((CompositeData) notification.getUserData())
                .getGcInfo()
                .getMemoryUsageAfterGc()
                .entrySet()
                .stream()
                .filter(pool -> heap.contains(pool.getKey()))
                .map(pool -> pool.getValue())
                .mapToLong(MemoryUsage::getUsed)
                .sum();
        heapPeak.accumulateAndGet(used, Math::max);
    }

    /** Begins anew. */
    public synchronized void start() {
        stop();
        System.gc();
        heapPeak.set(heap());
        threads.resetPeakThreadCount();
        pluginThreadsPeak.set(0);
        lanesPeak.set(0);
        queuePeak.set(0);
        filesPeak.set(0);
        cpuNanos = system.getProcessCpuTime();
        collectionMillis = collectionMillis();
        clock = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "gauge");
            thread.setDaemon(true);
            return thread;
        });
        clock.scheduleWithFixedDelay(this::look, 0, 250, TimeUnit.MILLISECONDS);
    }

    /** What was seen so far. */
    public synchronized Figures read() {
        look();
        System.gc();
        return new Figures(
                heapPeak.get() / MIB,
                heap() / MIB,
                threads.getPeakThreadCount(),
                threads.getThreadCount(),
                pluginThreadsPeak.get(),
                lanesPeak.get(),
                queuePeak.get(),
                filesPeak.get(),
                files(),
                (system.getProcessCpuTime() - cpuNanos) / 1e9,
                (collectionMillis() - collectionMillis) / 1e3);
    }

    private void stop() {
        if (clock != null) {
            clock.shutdownNow();
        }
    }

    private void look() {
        pluginThreadsPeak.accumulateAndGet(pluginThreads(), Math::max);
        lanesPeak.accumulateAndGet(SharedLanes.longest(), Math::max);
        queuePeak.accumulateAndGet(Jenkins.get().getQueue().getItems().length, Math::max);
        filesPeak.accumulateAndGet(files(), Math::max);
    }

    private static long heap() {
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private long files() {
        return system instanceof UnixOperatingSystemMXBean unix ? unix.getOpenFileDescriptorCount() : 0;
    }

    private static long collectionMillis() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                .sum();
    }

    private long pluginThreads() {
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds(), 0))
                .filter(Objects::nonNull)
                .map(ThreadInfo::getThreadName)
                .filter(name -> name.startsWith("Proxmox VE"))
                .count();
    }
}
