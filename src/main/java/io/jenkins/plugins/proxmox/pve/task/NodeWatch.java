package io.jenkins.plugins.proxmox.pve.task;

import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.client.TaskStatus;
import io.jenkins.plugins.proxmox.pve.client.TaskSummary;
import io.jenkins.plugins.proxmox.pve.client.Upid;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * All waits for tasks of one node, with one look under way at a time. A single wait is answered by the status of its
 * task; as soon as several are due together, one look at the node's list of tasks answers them all, which costs Proxmox
 * VE no more than one status and is just as fresh.
 */
final class NodeWatch {

    private static final Logger LOGGER = Logger.getLogger(NodeWatch.class.getName());

    /** From the end of a look to the next: at most three arrive in any second, however long each is on its way. */
    private static final Duration GAP = Duration.ofMillis(335);

    private static final Duration LONGEST_AFTER_ERRORS = Duration.ofSeconds(5);

    /** What is due that soon after the others is looked at with them. */
    private static final Duration TOGETHER = Duration.ofMillis(100);

    /** Waits that are due together and are worth the list. */
    private static final int SEVERAL = 2;

    /** Nodes are not to be asked in step. */
    private static final double JITTER = 0.1;

    /** When more than these ended badly at once, they are told without their logs rather than late. */
    private static final int MOST_LOGS = 4;

    private static final int LOG_LINES = 5;

    private record Ended(TaskWait awaited, TaskStatus status) {}

    private final String node;
    private final ProxmoxClient client;
    private final Workers workers;
    private final Set<TaskWait> waits = new LinkedHashSet<>();
    private final Queue<Ended> withoutLog = new ArrayDeque<>();
    private Future<?> planned;
    private long plannedAt;
    private boolean looking;
    private boolean loggedLast;
    private long lastLook = System.nanoTime() - GAP.toNanos();
    private int errors;

    NodeWatch(String node, ProxmoxClient client, Workers workers) {
        this.node = node;
        this.client = client;
        this.workers = workers;
    }

    synchronized void add(TaskWait wait) {
        waits.add(wait);
        plan();
    }

    synchronized void remove(TaskWait wait) {
        waits.remove(wait);
        withoutLog.removeIf(ended -> ended.awaited == wait);
        if (waits.isEmpty() && withoutLog.isEmpty() && planned != null) {
            planned.cancel(false);
            planned = null;
        }
    }

    synchronized int waits() {
        return waits.size() + withoutLog.size();
    }

    /** Plans the next look, unless one is under way, which plans it afterwards. */
    private void plan() {
        if (looking || waits.isEmpty() && withoutLog.isEmpty()) {
            return;
        }
        long at = lastLook + GAP.toNanos();
        if (withoutLog.isEmpty()) {
            at = Math.max(at, earliest(waits).due());
        }
        if (planned != null && plannedAt - at <= 0) {
            return;
        }
        if (planned != null) {
            planned.cancel(false);
        }
        plannedAt = at;
        try {
            planned = workers.after(Duration.ofNanos(Math.max(0, at - System.nanoTime())), this::look);
        } catch (RejectedExecutionException e) {
            LOGGER.log(Level.FINE, "The process is going down, and nobody looks any more", e);
        }
    }

    private static TaskWait earliest(Collection<TaskWait> waits) {
        return waits.stream().min(Comparator.comparingLong(TaskWait::due)).orElseThrow();
    }

    private void look() {
        Ended ended = null;
        List<TaskWait> asked = List.of();
        synchronized (this) {
            planned = null;
            if (looking || waits.isEmpty() && withoutLog.isEmpty()) {
                return;
            }
            looking = true;
            if (!withoutLog.isEmpty() && (!loggedLast || waits.isEmpty())) {
                ended = withoutLog.poll();
            } else {
                asked = whomToAskFor();
            }
            loggedLast = ended != null;
        }
        try {
            if (ended != null) {
                ended.awaited.ended(ended.status, lastLogLines(ended.awaited.task()));
            } else if (asked.size() == 1) {
                askFor(asked.get(0));
            } else if (!asked.isEmpty()) {
                askList(asked);
            }
        } catch (RuntimeException e) {
            LOGGER.log(Level.WARNING, "A look at the tasks of node " + node + " went wrong", e);
            asked.forEach(wait -> wait.end().completeExceptionally(e));
        } finally {
            synchronized (this) {
                looking = false;
                lastLook = System.nanoTime();
                plan();
            }
        }
    }

    /** The one that is due first, or, when others are due with it, all that the list can answer. */
    private List<TaskWait> whomToAskFor() {
        TaskWait first = earliest(waits);
        long soon = System.nanoTime() + TOGETHER.toNanos();
        if (first.due() - soon > 0) {
            return List.of();
        }
        if (!first.isListed()) {
            return List.of(first);
        }
        List<TaskWait> listed = waits.stream().filter(TaskWait::isListed).toList();
        long due = listed.stream().filter(wait -> wait.due() - soon <= 0).count();
        return due >= SEVERAL ? listed : List.of(first);
    }

    private void askFor(TaskWait wait) {
        try {
            answered(wait, client.taskStatus(wait.task()));
            errors = 0;
        } catch (ProxmoxException e) {
            trouble(e, List.of(wait));
        }
    }

    private void askList(List<TaskWait> asked) {
        Map<Upid, TaskStatus> found = new HashMap<>();
        try {
            for (TaskSummary task : client.tasks(node, oldest(asked), asked.size() * 2 + 50, userOf(asked))) {
                found.put(task.upid(), task.status());
            }
            errors = 0;
        } catch (PermissionDeniedException | RequestRejectedException e) {
            // not the list, then; each task for itself tells what is the matter
            asked.forEach(TaskWait::isNotListed);
            return;
        } catch (ProxmoxException e) {
            trouble(e, asked);
            return;
        }
        for (TaskWait wait : asked) {
            TaskStatus status = found.get(wait.task());
            if (status == null) {
                wait.isNotListed();
            } else {
                answered(wait, status);
            }
        }
    }

    private static Instant oldest(List<TaskWait> asked) {
        return asked.stream()
                .map(wait -> wait.task().startTime())
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    /** The user who started all of them, which spares an auditor the tasks of others; empty when there are several. */
    private static String userOf(List<TaskWait> asked) {
        List<String> users =
                asked.stream().map(wait -> wait.task().userId()).distinct().toList();
        return users.size() == 1 ? users.get(0) : "";
    }

    private void answered(TaskWait wait, TaskStatus status) {
        if (status.running()) {
            wait.stillRuns(1 + ThreadLocalRandom.current().nextDouble(JITTER));
            return;
        }
        synchronized (this) {
            // taken back while it was asked for
            if (!waits.remove(wait)) {
                return;
            }
            if (TaskOutcome.isWorthALog(status) && withoutLog.size() < MOST_LOGS) {
                withoutLog.add(new Ended(wait, status));
                return;
            }
        }
        wait.ended(status, List.of());
    }

    private void trouble(ProxmoxException e, List<TaskWait> asked) {
        errors = Math.min(errors + 1, 10);
        long pause = Math.min(LONGEST_AFTER_ERRORS.toNanos(), GAP.toNanos() << errors);
        long next = System.nanoTime() + pause;
        boolean all = e instanceof AuthenticationFailedException;
        List<TaskWait> concerned;
        synchronized (this) {
            concerned = all ? List.copyOf(waits) : asked;
        }
        concerned.forEach(wait -> wait.met(e, next));
    }

    private List<String> lastLogLines(Upid task) {
        try {
            return client.endOfTaskLog(task, LOG_LINES);
        } catch (ProxmoxException e) {
            LOGGER.log(Level.FINE, "The log of a task could not be read", e);
            return List.of();
        }
    }
}
