package io.jenkins.plugins.proxmox.pve.simulator;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Function;

/**
 * The lock of a guest's configuration file, which a task holds while it changes the guest. The others wait for it until
 * they end with {@code can't lock file … - got timeout}.
 */
final class FileLock {

    /** What a task does once it has the lock. */
    record Work(Duration takes, String exitStatus, Runnable onEnd) {

        /** Work that fails and changes nothing. */
        static Work failing(Duration takes, String exitStatus) {
            return new Work(takes, exitStatus, () -> {});
        }
    }

    private record Waiting(SimulatedTask task, Function<SimulatedTask, Work> work) {}

    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private volatile boolean heldFromOutside;
    private SimulatedTask holder;

    /** Something that is in no list of tasks, such as a command on the host, takes the lock or releases it. */
    void heldFromOutside(boolean held) {
        heldFromOutside = held;
    }

    /** Lets the task work as soon as it has the lock; until then it is to end with the error of one that has waited. */
    void run(SimulatedTask task, Function<SimulatedTask, Work> work) {
        if (isHeld()) {
            task.log.add("trying to acquire lock...");
            waiting.add(new Waiting(task, work));
        } else {
            hold(task, work);
        }
    }

    private boolean isHeld() {
        return heldFromOutside || holder != null;
    }

    private void hold(SimulatedTask task, Function<SimulatedTask, Work> work) {
        holder = task;
        Work todo = work.apply(task);
        task.endNanos = System.nanoTime() + todo.takes.toNanos();
        task.exitStatus = todo.exitStatus;
        task.onCancel = this::release;
        task.onEnd = () -> {
            todo.onEnd.run();
            release();
        };
    }

    private void release() {
        holder = null;
        while (!isHeld() && !waiting.isEmpty()) {
            Waiting next = waiting.poll();
            if (!next.task.hasEnded()) {
                next.task.log.add(" OK");
                hold(next.task, next.work);
            }
        }
    }
}
