package io.jenkins.plugins.proxmox.pve.simulator;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.function.Function;

/**
 * The lock of a guest's configuration file, which a task holds while it changes the guest. The others wait for it until
 * they end with {@code can't lock file … - got timeout}.
 */
final class FileLock {

    /**
     * What a task does once it has the lock.
     *
     * @param onCancel what happens instead of {@code onEnd} when somebody ends the task
     */
    record Work(Duration takes, String exitStatus, Runnable onEnd, Runnable onCancel) {

        Work(Duration takes, String exitStatus, Runnable onEnd) {
            this(takes, exitStatus, onEnd, () -> {});
        }

        /** Work that fails and changes nothing. */
        static Work failing(Duration takes, String exitStatus) {
            return new Work(takes, exitStatus, () -> {});
        }
    }

    private enum Mode {
        /** Nobody else has it until the task has ended. */
        ALONE,
        /** Nobody else has it as the task begins, which marks what it changes in the file itself. */
        BRIEFLY,
        /** Others that share it have it at the same time. */
        SHARED
    }

    private record Waiting(SimulatedTask task, Function<SimulatedTask, Work> work, Mode mode) {}

    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private final Set<SimulatedTask> sharing = new HashSet<>();
    private volatile boolean heldFromOutside;
    private SimulatedTask holder;

    /** Something that is in no list of tasks, such as a command on the host, takes the lock or releases it. */
    void heldFromOutside(boolean held) {
        heldFromOutside = held;
    }

    /** Lets the task work as soon as it has the lock; until then it is to end with the error of one that has waited. */
    void run(SimulatedTask task, Function<SimulatedTask, Work> work) {
        run(new Waiting(task, work, Mode.ALONE));
    }

    /** The same for a task that needs the lock only as it begins. */
    void runBriefly(SimulatedTask task, Function<SimulatedTask, Work> work) {
        run(new Waiting(task, work, Mode.BRIEFLY));
    }

    /** The same for a task that only keeps others from changing the guest. */
    void runShared(SimulatedTask task, Function<SimulatedTask, Work> work) {
        run(new Waiting(task, work, Mode.SHARED));
    }

    private void run(Waiting next) {
        if (mayHold(next)) {
            hold(next);
        } else {
            next.task.log.add("trying to acquire lock...");
            waiting.add(next);
        }
    }

    /** Whether somebody has the lock, alone or shared. */
    boolean isHeld() {
        return heldFromOutside || holder != null || !sharing.isEmpty();
    }

    private boolean mayHold(Waiting next) {
        return next.mode == Mode.SHARED ? !heldFromOutside && holder == null : !isHeld();
    }

    /** Work that is null sees to the end of its task itself. */
    private void hold(Waiting next) {
        SimulatedTask task = next.task;
        switch (next.mode) {
            case ALONE -> {
                holder = task;
                task.afterEnd.add(this::release);
            }
            case SHARED -> {
                sharing.add(task);
                task.afterEnd.add(() -> {
                    sharing.remove(task);
                    next();
                });
            }
            case BRIEFLY -> holder = task;
        }
        Work todo = next.work.apply(task);
        if (todo != null) {
            task.endNanos = System.nanoTime() + todo.takes.toNanos();
            task.exitStatus = todo.exitStatus;
            task.onCancel = todo.onCancel;
            task.onEnd = todo.onEnd;
        }
        if (next.mode == Mode.BRIEFLY) {
            release();
        }
    }

    private void release() {
        holder = null;
        next();
    }

    private void next() {
        waiting.removeIf(each -> each.task.hasEnded());
        while (!waiting.isEmpty() && mayHold(waiting.peek())) {
            Waiting next = waiting.poll();
            next.task.log.add(" OK");
            hold(next);
        }
    }
}
