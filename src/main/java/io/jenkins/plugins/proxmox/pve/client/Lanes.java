package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.NonNull;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * A {@link Lane} for each server, or whatever else tasks are for. A lane is kept only as long as something runs or waits
 * in it.
 *
 * @param <K> what the lanes are for
 */
public final class Lanes<K> {

    private final Executor executor;
    private final int most;
    private final Map<K, Lane> lanes = new HashMap<>();

    /**
     * @param most how many tasks may run in each lane at a time
     */
    public Lanes(Executor executor, int most) {
        this.executor = executor;
        this.most = most;
    }

    /** The lane for {@code key}. */
    @NonNull
    public Executor of(K key) {
        return task -> execute(key, task);
    }

    private synchronized void execute(K key, Runnable task) {
        lanes.values().removeIf(Lane::isIdle);
        lanes.computeIfAbsent(key, absent -> new Lane(executor, most)).execute(task);
    }
}
