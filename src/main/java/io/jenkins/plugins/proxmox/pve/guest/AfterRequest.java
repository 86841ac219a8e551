package io.jenkins.plugins.proxmox.pve.guest;

import io.jenkins.plugins.proxmox.pve.client.GuestLocation;
import io.jenkins.plugins.proxmox.pve.client.GuestStatus;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.client.TaskStatus;
import io.jenkins.plugins.proxmox.pve.client.TaskSummary;
import io.jenkins.plugins.proxmox.pve.client.Upid;
import io.jenkins.plugins.proxmox.pve.guest.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.task.TaskOutcome;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** The steps after the request, which only look: for its task, for the end of the task, for the guest as wanted. */
final class AfterRequest {

    /** How long a guest may take after its task to be seen as wanted, unless high availability has to act first. */
    private static final Duration SETTLING = Duration.ofSeconds(20);

    /** How long a task may take to appear in the node's list after a request whose answer was lost. */
    private static final Duration APPEARING = Duration.ofSeconds(5);

    /** A task bears the time of its node, the sighting before it the time of the node that answered. */
    private static final Duration CLOCK_DIFFERENCE = Duration.ofSeconds(2);

    private static final int LAST_LOG_LINES = 5;

    private final ProxmoxClient client;
    private final PowerRequest request;
    private final Consumer<String> log;
    private final Detours detours;

    AfterRequest(ProxmoxClient client, PowerRequest request, Consumer<String> log, Detours detours) {
        this.client = client;
        this.request = request;
        this.log = log;
        this.detours = detours;
    }

    OperationState look(OperationState state) throws ProxmoxException {
        GuestLocation location = state.guest().location();
        List<TaskSummary> tasks = client.tasks(
                location.node(), location.vmid(), state.before().at().minus(CLOCK_DIFFERENCE));
        for (TaskSummary task : tasks) {
            if (WantedState.isTaskOf(request.action(), task.upid())
                    && task.upid().user().equals(client.identity())) {
                return found(state, task.upid());
            }
        }
        GuestStatus now = client.status(location);
        OperationState next = state.seeing(state.guest().next(now));
        if (WantedState.isAlready(request.action(), now)) {
            log.accept(next.guest() + " is " + now.state());
            return next.done(true);
        }
        if (next.ageOfPhase().compareTo(APPEARING) < 0) {
            return next;
        }
        log.accept("No task of the request has appeared on node " + location.node() + "; asking again");
        return next.toBeRequested();
    }

    private OperationState found(OperationState state, Upid task) {
        log.accept("The request arrived: " + task);
        OperationState next = state.withTask(task);
        return request.awaited() ? next : next.done(true);
    }

    OperationState awaitTask(OperationState state) throws ProxmoxException, GuestException {
        TaskStatus status;
        try {
            status = client.taskStatus(state.upid());
        } catch (PermissionDeniedException e) {
            return unseen(state, e);
        }
        if (status.running()) {
            return state;
        }
        boolean worthALog = !status.isSuccessful() || status.hasWarnings();
        return taskEnded(
                state, new TaskOutcome(state.upid(), status, worthALog ? lastLogLines(state.upid()) : List.of()));
    }

    /**
     * A task that another identity started may not be looked at, as after the token of the server was exchanged; the
     * guest itself still tells whether it came where it was wanted.
     */
    OperationState unseen(OperationState state, PermissionDeniedException refusal) throws PermissionDeniedException {
        if (!isOfAnother(state)) {
            throw refusal;
        }
        log.accept("Task " + state.upid() + " was started by " + state.upid().user() + " and is not shown to "
                + client.identity() + "; watching " + state.guest() + " itself");
        return state.at(Phase.CONFIRM);
    }

    private boolean isOfAnother(OperationState state) {
        return !state.upid().user().equals(client.identity());
    }

    OperationState taskEnded(OperationState state, TaskOutcome outcome) throws ProxmoxException, GuestException {
        if (!outcome.isSuccessful()) {
            return failed(state, outcome);
        }
        log.accept("Task " + state.upid().type() + " ended: " + outcome.status().exitStatus());
        if (outcome.warnings() > 0) {
            outcome.lastLogLines().forEach(line -> log.accept("  " + line));
        }
        return state.at(Phase.CONFIRM);
    }

    private OperationState failed(OperationState state, TaskOutcome outcome) throws ProxmoxException, GuestException {
        TaskStatus task = outcome.status();
        GuestException failure = new GuestException("Could not " + request.action() + " " + state.guest() + " on node "
                + state.guest().location().node() + ": task " + state.upid() + " failed: " + task.exitStatus() + "."
                + moreOfLog(outcome) + Detours.adviceFor(task.lock()));
        if (task.isNoSuchGuest()) {
            return detours.whereItMoved(state, failure);
        }
        if (task.isLockTimeout()) {
            return detours.afterBusy(state);
        }
        String lock = task.lock();
        return lock != null ? detours.locked(state, lock, failure) : detours.reachedByAnother(state, failure);
    }

    OperationState confirm(OperationState state) throws ProxmoxException, GuestException {
        GuestStatus now = client.status(state.guest().location());
        OperationState next = state.seeing(state.guest().next(now));
        if (WantedState.isReached(request.action(), state.before(), now)) {
            log.accept(String.format(
                    Locale.ROOT,
                    "%s is %s on node %s, confirmed after %.1f s",
                    next.guest(),
                    now.state(),
                    now.location().node(),
                    next.age().toMillis() / 1000.0));
            return next.done(true);
        }
        boolean actsLater = now.haManaged() || state.upid().isHaRequest() || isOfAnother(state);
        if (!actsLater && next.ageOfPhase().compareTo(SETTLING) > 0) {
            throw new GuestException("Task " + state.upid() + " ended well, but " + next.guest() + " is "
                    + now.state() + " and not "
                    + WantedState.inWords(request.action(), now.location().type()) + ". Look at its log on node "
                    + now.location().node() + ".");
        }
        return next;
    }

    private static String moreOfLog(TaskOutcome outcome) {
        List<String> lines = outcome.lastLogLines().stream()
                .filter(line -> !line.contains(outcome.status().exitStatus()))
                .toList();
        return lines.isEmpty() ? "" : " Its log: " + String.join(" / ", lines);
    }

    private List<String> lastLogLines(Upid task) {
        try {
            return client.endOfTaskLog(task, LAST_LOG_LINES);
        } catch (ProxmoxException e) {
            return List.of();
        }
    }
}
