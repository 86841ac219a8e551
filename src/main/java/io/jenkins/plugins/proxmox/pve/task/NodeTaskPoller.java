package io.jenkins.plugins.proxmox.pve.task;

import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.TaskStatus;
import io.jenkins.plugins.proxmox.pve.model.TaskSummary;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
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
 * All waits for tasks of one node as one identity. For a single wait, the status of its task is queried. As soon as
 * several are due together, one query of the node's task list answers them all: it costs Proxmox VE no more than one
 * status and is just as fresh. The {@link NodeRateLimit} decides when a query runs.
 */
final class NodeTaskPoller {

    private static final Logger LOGGER = Logger.getLogger(NodeTaskPoller.class.getName());

    private static final Duration FIRST_AFTER_ERRORS = Duration.ofMillis(335);

    /** How long after a refusal of the list each task is queried on its own. */
    private static final Duration WITHOUT_LIST = Duration.ofSeconds(10);

    /** Waits that are due within this time of the others are queried together with them. */
    private static final Duration TOGETHER = Duration.ofMillis(100);

    /** The number of waits due together from which the list is worth it. */
    private static final int SEVERAL = 2;

    /** Nodes must not be queried in step. */
    private static final double JITTER = 0.1;

    /** If more than these fail at the same time, they are reported without their logs, rather than late. */
    private static final int MOST_LOGS = 4;

    private record Ended(TaskWait awaited, TaskStatus status) {}

    private final String node;
    private final ProxmoxClient client;
    private final WorkerThreads workers;
    private final NodeRateLimit.Turns turns;
    private final Set<TaskWait> waits = new LinkedHashSet<>();
    private final Queue<Ended> withoutLog = new ArrayDeque<>();
    private Future<?> planned;
    private long plannedAt;

    /** Whether it is queued or running a query. Each query ensures by itself that the next one is planned. */
    private boolean inTurn;

    private boolean loggedLast;
    private boolean listedLast;
    private long listAgain = System.nanoTime();
    private long notBefore = System.nanoTime();
    private int errors;

    NodeTaskPoller(String node, ProxmoxClient client, WorkerThreads workers, NodeRateLimit.Turns turns) {
        this.node = node;
        this.client = client;
        this.workers = workers;
        this.turns = turns;
    }

    synchronized void add(TaskWait wait) {
        waits.add(wait);
        plan();
    }

    synchronized void remove(TaskWait wait) {
        waits.remove(wait);
        withoutLog.removeIf(ended -> ended.awaited == wait);
        if (isIdle() && planned != null) {
            planned.cancel(false);
            planned = null;
        }
    }

    synchronized int waits() {
        return waits.size() + withoutLog.size();
    }

    private boolean isIdle() {
        return waits.isEmpty() && withoutLog.isEmpty();
    }

    /** Plans the next query, unless one is running, which plans it afterwards. */
    private void plan() {
        if (inTurn || isIdle()) {
            return;
        }
        long now = System.nanoTime();
        long at = withoutLog.isEmpty() ? later(earliest(waits).due(), notBefore) : now;
        if (planned != null && plannedAt - at <= 0) {
            return;
        }
        if (planned != null) {
            planned.cancel(false);
        }
        plannedAt = at;
        try {
            planned = workers.after(Duration.ofNanos(Math.max(0, at - now)), this::takeTurn);
        } catch (RejectedExecutionException e) {
            LOGGER.log(Level.FINE, "The process is going down, and nobody looks any more", e);
        }
    }

    private static long later(long one, long other) {
        return one - other > 0 ? one : other;
    }

    private static TaskWait earliest(Collection<TaskWait> waits) {
        long now = System.nanoTime();
        return waits.stream()
                .min(Comparator.comparingLong(wait -> wait.due() - now))
                .orElseThrow();
    }

    private void takeTurn() {
        synchronized (this) {
            planned = null;
            if (inTurn || isIdle()) {
                return;
            }
            inTurn = true;
        }
        turns.take(workers, this::look);
    }

    /** Returns whether the node was queried. */
    private boolean look() {
        Ended ended = null;
        List<TaskWait> asked = List.of();
        synchronized (this) {
            if (!withoutLog.isEmpty() && (!loggedLast || waits.isEmpty())) {
                ended = withoutLog.poll();
            } else if (!waits.isEmpty()) {
                asked = whomToAskFor();
            }
            loggedLast = ended != null;
        }
        try {
            if (ended != null) {
                TaskWait wait = ended.awaited;
                wait.end().complete(TaskOutcome.of(client, wait.task(), ended.status));
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
                inTurn = false;
                plan();
            }
        }
        return ended != null || !asked.isEmpty();
    }

    /** The wait that is due first or, when others are due with it, all that the list can answer. */
    private List<TaskWait> whomToAskFor() {
        long now = System.nanoTime();
        long soon = now + TOGETHER.toNanos();
        List<TaskWait> due =
                waits.stream().filter(wait -> wait.due() - soon <= 0).toList();
        if (due.isEmpty()) {
            return List.of();
        }
        TaskWait first = earliest(due);
        boolean worthTheList =
                due.size() >= SEVERAL && now - listAgain >= 0 && due.stream().anyMatch(TaskWait::isListed);
        // waits that must be queried alone alternate with the list, so that many of them do not delay the others
        listedLast = worthTheList && (first.isListed() || !listedLast);
        return listedLast ? waits.stream().filter(TaskWait::isListed).toList() : List.of(first);
    }

    private void askFor(TaskWait wait) {
        try {
            answered(wait, client.taskStatus(wait.task()));
            troubleIsOver();
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
            troubleIsOver();
        } catch (PermissionDeniedException | RequestRejectedException e) {
            // the list is not available; the status of each task shows the reason
            synchronized (this) {
                listAgain = System.nanoTime() + WITHOUT_LIST.toNanos();
            }
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

    /**
     * The user who started all of them, so that an auditor need not read the tasks of others; empty when there are
     * several.
     */
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
            // withdrawn during the query
            if (!waits.remove(wait)) {
                return;
            }
            if (TaskOutcome.isWorthALog(status) && withoutLog.size() < MOST_LOGS) {
                withoutLog.add(new Ended(wait, status));
                return;
            }
        }
        wait.end().complete(new TaskOutcome(wait.task(), status, List.of()));
    }

    private synchronized void troubleIsOver() {
        errors = 0;
    }

    private void trouble(ProxmoxException e, List<TaskWait> asked) {
        List<TaskWait> concerned = asked;
        long next;
        synchronized (this) {
            if (e instanceof AuthenticationFailedException) {
                concerned = List.copyOf(waits);
            }
            if (!RetryPolicy.isFinal(e)) {
                errors++;
                long pause =
                        PollInterval.afterErrors(FIRST_AFTER_ERRORS, errors).toNanos();
                notBefore = System.nanoTime() + Math.max(pause, e.retryAfter().toNanos());
            }
            next = notBefore;
        }
        concerned.forEach(wait -> wait.met(e, next));
    }
}
