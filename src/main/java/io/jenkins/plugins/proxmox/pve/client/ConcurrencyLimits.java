package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.NonNull;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * A {@link ConcurrencyLimit} for each server, or whatever else tasks are for. A lane is kept only as long as something runs or waits
 * in it.
 *
 * @param <K> what the lanes are for
 */
public final class ConcurrencyLimits<K> {

    private final Executor executor;
    private final int most;
    private final Map<K, ConcurrencyLimit> lanes = new HashMap<>();

    /**
     * @param most how many tasks may run in each lane at a time
     */
    public ConcurrencyLimits(Executor executor, int most) {
        this.executor = executor;
        this.most = most;
    }

    /** The lane for {@code key}. */
    @NonNull
    public Executor of(K key) {
        return task -> execute(key, task);
    }

    private synchronized void execute(K key, Runnable task) {
        lanes.values().removeIf(ConcurrencyLimit::isIdle);
        lanes.computeIfAbsent(key, absent -> new ConcurrencyLimit(executor, most))
                .execute(task);
    }
}
