package io.jenkins.plugins.proxmox.pve.threads;

import edu.umd.cs.findbugs.annotations.NonNull;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * A {@link ConcurrencyLimit} for each server, or for each other key. A lane exists only while tasks run or wait in it.
 *
 * @param <K> the key of a lane
 */
public final class ConcurrencyLimits<K> {

    private final Executor executor;
    private final int most;
    private final Map<K, ConcurrencyLimit> lanes = new HashMap<>();

    /**
     * @param most maximum number of tasks that run at a time in each lane
     */
    public ConcurrencyLimits(Executor executor, int most) {
        this.executor = executor;
        this.most = most;
    }

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
