package io.jenkins.plugins.proxmox.pve.guest;

import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.Guest;
import io.jenkins.plugins.proxmox.pve.client.GuestLocation;
import io.jenkins.plugins.proxmox.pve.client.GuestStatus;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.PowerAction;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.client.TaskStatus;
import io.jenkins.plugins.proxmox.pve.client.TaskSummary;
import io.jenkins.plugins.proxmox.pve.client.Upid;
import io.jenkins.plugins.proxmox.pve.guest.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.task.PollInterval;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A power action on a guest from request to proven end state, one step at a time.
 *
 * <p>{@link #advance} makes at most a few exchanges and returns; who calls it decides where the time between two steps
 * is spent ({@link #pause}). All that must survive is in the {@link OperationState}. A write is sent once: when its
 * answer is lost, the operation looks for its task before anything else.
 */
public final class GuestOperation {

    /** How long a guest may take after its task to be seen as wanted, unless high availability has to act first. */
    private static final Duration SETTLING = Duration.ofSeconds(20);

    /** How long a task may take to appear in the node's list after a request whose answer was lost. */
    private static final Duration APPEARING = Duration.ofSeconds(5);

    /** A task bears the time of its node, the sighting before it the time of the node that answered. */
    private static final Duration CLOCK_DIFFERENCE = Duration.ofSeconds(2);

    private static final int MOST_RELOCATIONS = 2;
    private static final int LAST_LOG_LINES = 5;

    private final ProxmoxClient client;
    private final PowerRequest request;
    private final Consumer<String> log;

    /** The trouble that was told last, so that a node that is down is told once, not at every look. */
    private String toldTrouble = "";

    /**
     * @param log takes one readable line for each thing that happened
     */
    public GuestOperation(ProxmoxClient client, PowerRequest request, Consumer<String> log) {
        this.client = client;
        this.request = request;
        this.log = log;
    }

    /** How long to wait before the next {@link #advance} of that state. */
    public static Duration pause(OperationState state) {
        return switch (state.phase()) {
            case REQUEST, DONE -> Duration.ZERO;
            // found before: the guest was locked and is looked at again
            case FIND -> state.guest() == null ? Duration.ZERO : PollInterval.after(state.ageOfPhase());
            case LOOK, AWAIT_TASK -> PollInterval.after(state.ageOfPhase());
            // a look at once: without high availability the guest is as wanted when its task has ended
            case CONFIRM -> state.ageOfPhase().toMillis() < 50 ? Duration.ZERO : PollInterval.after(state.ageOfPhase());
        };
    }

    /**
     * Goes on from {@code state} and returns where that led. The same phase again means: not yet, call later.
     *
     * @throws ProxmoxException when the server refuses, or is not reached before the request was sent
     * @throws GuestException when the operation cannot succeed
     */
    public OperationState advance(OperationState state) throws ProxmoxException, GuestException {
        boolean late = state.age().compareTo(request.timeout()) > 0;
        if (late && (state.phase() == Phase.FIND || state.phase() == Phase.REQUEST)) {
            throw timeout(state);
        }
        OperationState next = step(state);
        // late, but looked at all the same: all may have ended well while nobody was there to look
        if (late && !next.isDone() && next.phase() == state.phase()) {
            throw timeout(next);
        }
        return next;
    }

    private OperationState step(OperationState state) throws ProxmoxException, GuestException {
        return switch (state.phase()) {
            case FIND -> find(state);
            case REQUEST -> send(state);
            case LOOK -> tolerating(state, this::look);
            case AWAIT_TASK -> tolerating(state, this::awaitTask);
            case CONFIRM -> tolerating(state, this::confirm);
            case DONE -> state;
        };
    }

    /** Runs the whole operation in the calling thread, which sleeps between the steps. */
    public OperationState run() throws ProxmoxException, GuestException, InterruptedException {
        OperationState state = OperationState.begin();
        while (!state.isDone()) {
            Thread.sleep(pause(state).toMillis());
            state = advance(state);
        }
        return state;
    }

    private PowerAction action() {
        return request.action();
    }

    private OperationState find(OperationState state) throws ProxmoxException, GuestException {
        Guest found = new GuestFinder(client).find(request.guest());
        GuestStatus now;
        try {
            now = client.status(found.location());
        } catch (RequestRejectedException e) {
            if (e.isNoSuchGuest() && state.relocations() < MOST_RELOCATIONS) {
                // it moved between the two looks
                return state.elsewhere();
            }
            throw e;
        }
        OperationState next = state.seeing(Sighting.of(found, now));
        log.accept(next.guest() + " is on node " + found.location().node() + ", " + now.state()
                + (now.lock() == null ? "" : ", locked (" + now.lock() + ")")
                + (now.haManaged() ? ", under high availability" : ""));
        String obstacle = WantedState.obstacle(action(), now, found.template());
        if (obstacle != null) {
            throw new GuestException("Cannot " + action() + " " + next.guest() + ": " + obstacle + ".");
        }
        if (WantedState.isAlready(action(), now)) {
            log.accept(next.guest() + " is already " + now.state() + ", nothing to do");
            return next.done(false);
        }
        return next.toBeRequested();
    }

    private OperationState send(OperationState state) throws ProxmoxException, GuestException {
        Map<String, String> options =
                action().waitsForGuest() ? Map.of("timeout", String.valueOf(request.secondsForGuest())) : Map.of();
        try {
            return requested(state, client.power(state.guest().location(), action(), options));
        } catch (RequestRejectedException e) {
            if (e.isNoSuchGuest()) {
                return whereItMoved(state, e);
            }
            // between our look and our request another one may have brought it there
            return e.isLockTimeout() ? afterLock(state) : reachedByAnother(state, e);
        } catch (ProxmoxException e) {
            if (!e.mayHaveBeenExecuted()) {
                throw e;
            }
            log.accept("The answer to the request was lost (" + e.getMessage() + ") Looking whether it arrived");
            return state.at(Phase.LOOK);
        }
    }

    private OperationState requested(OperationState state, Upid task) {
        log.accept("Requested " + action() + " of " + state.guest() + ": " + task);
        OperationState next = state.withTask(task);
        return request.awaited() ? next : next.done(true);
    }

    private OperationState look(OperationState state) throws ProxmoxException, GuestException {
        GuestLocation location = state.guest().location();
        List<TaskSummary> tasks = client.tasks(
                location.node(), location.vmid(), state.before().at().minus(CLOCK_DIFFERENCE));
        for (TaskSummary task : tasks) {
            if (WantedState.isTaskOf(action(), task.upid())
                    && task.upid().user().equals(client.identity())) {
                return requested(state, task.upid());
            }
        }
        GuestStatus now = client.status(location);
        OperationState next = state.seeing(state.guest().next(now));
        if (WantedState.isAlready(action(), now)) {
            log.accept(next.guest() + " is " + now.state());
            return next.done(true);
        }
        if (next.ageOfPhase().compareTo(APPEARING) < 0) {
            return next;
        }
        log.accept("No task of the request has appeared on node " + location.node() + "; asking again");
        return next.toBeRequested();
    }

    private OperationState awaitTask(OperationState state) throws ProxmoxException, GuestException {
        TaskStatus task = client.taskStatus(state.upid());
        if (task.running()) {
            return state;
        }
        if (!task.isSuccessful()) {
            return failed(state, task);
        }
        log.accept("Task " + state.upid().type() + " ended: " + task.exitStatus());
        if (task.hasWarnings()) {
            lastLogLines(state.upid()).forEach(line -> log.accept("  " + line));
        }
        return state.at(Phase.CONFIRM);
    }

    private OperationState failed(OperationState state, TaskStatus task) throws ProxmoxException, GuestException {
        GuestException failure = new GuestException("Could not " + action() + " " + state.guest() + " on node "
                + state.guest().location().node() + ": task " + state.upid() + " failed: " + task.exitStatus() + "."
                + moreOfLog(state.upid(), task.exitStatus()));
        if (task.isNoSuchGuest()) {
            return whereItMoved(state, failure);
        }
        if (task.isLockTimeout()) {
            return afterLock(state);
        }
        return reachedByAnother(state, failure);
    }

    /** After "no such guest": from the beginning where it lives now, or the refusal if it did not move. */
    private <E extends Exception> OperationState whereItMoved(OperationState state, E refusal)
            throws ProxmoxException, GuestException, E {
        Guest now = new GuestFinder(client).find(request.guest());
        if (now.location().equals(state.guest().location()) || state.relocations() >= MOST_RELOCATIONS) {
            throw refusal;
        }
        log.accept(state.guest() + " has moved to node " + now.location().node());
        return state.elsewhere();
    }

    /** Another task, such as a start that another job asked for, holds the guest's lock: nothing was done. */
    private OperationState afterLock(OperationState state) {
        log.accept("Another task holds the lock of " + state.guest() + "; looking again");
        return state.again();
    }

    /** After a refusal: done if the guest is as wanted all the same, otherwise the refusal. */
    private <E extends Exception> OperationState reachedByAnother(OperationState state, E refusal)
            throws ProxmoxException, E {
        GuestStatus now;
        try {
            now = client.status(state.guest().location());
        } catch (RequestRejectedException e) {
            throw refusal;
        }
        if (!WantedState.isAlready(action(), now)) {
            throw refusal;
        }
        OperationState next = state.seeing(state.guest().next(now));
        log.accept(next.guest() + " is " + now.state() + ": another request brought it there");
        return next.done(false);
    }

    private OperationState confirm(OperationState state) throws ProxmoxException, GuestException {
        GuestStatus now = client.status(state.guest().location());
        OperationState next = state.seeing(state.guest().next(now));
        if (WantedState.isReached(action(), state.before(), now)) {
            log.accept(String.format(
                    Locale.ROOT,
                    "%s is %s on node %s, confirmed after %.1f s",
                    next.guest(),
                    now.state(),
                    now.location().node(),
                    next.age().toMillis() / 1000.0));
            return next.done(true);
        }
        boolean actsLater = now.haManaged() || state.upid().isHaRequest();
        if (!actsLater && next.ageOfPhase().compareTo(SETTLING) > 0) {
            throw new GuestException("Task " + state.upid() + " ended well, but " + next.guest() + " is "
                    + now.state() + " and not "
                    + WantedState.inWords(action(), now.location().type()) + ". Look at its log on node "
                    + now.location().node() + ".");
        }
        return next;
    }

    /** One step that only looks. */
    private interface Look {
        OperationState at(OperationState state) throws ProxmoxException, GuestException;
    }

    /**
     * Once the request is sent, trouble in looking after it is no reason to give up: the task goes on without us. Only
     * what will not pass ends the wait.
     */
    private OperationState tolerating(OperationState state, Look look) throws ProxmoxException, GuestException {
        try {
            OperationState next = followed(state, look);
            if (!toldTrouble.isEmpty()) {
                log.accept("Proxmox VE answers again");
                toldTrouble = "";
            }
            return next;
        } catch (AuthenticationFailedException | PermissionDeniedException e) {
            throw e;
        } catch (ProxmoxException e) {
            if (e instanceof RequestRejectedException rejected && !rejected.mayPass()) {
                throw e;
            }
            if (!e.getMessage().equals(toldTrouble)) {
                toldTrouble = e.getMessage();
                log.accept("Still " + state.waitsFor() + ". " + e.getMessage());
            }
            return state;
        }
    }

    private OperationState followed(OperationState state, Look look) throws ProxmoxException, GuestException {
        try {
            return look.at(state);
        } catch (RequestRejectedException e) {
            if (e.isNoSuchGuest() && state.phase() != Phase.AWAIT_TASK) {
                return movedAway(state, e);
            }
            throw e;
        }
    }

    private OperationState movedAway(OperationState state, RequestRejectedException e)
            throws ProxmoxException, GuestException {
        Guest now = new GuestFinder(client).find(request.guest());
        if (now.location().equals(state.guest().location())) {
            throw e;
        }
        log.accept(state.guest() + " has moved to node " + now.location().node());
        return state.seeing(new Sighting(
                now.location(),
                state.guest().name(),
                state.status(),
                0,
                state.guest().at()));
    }

    private GuestException timeout(OperationState state) {
        return new GuestException("Timeout of " + request.timeout().toSeconds() + " s: could not " + action() + " "
                + (state.guest() == null ? request.guest() : state.guest()) + " in that time. State reached: "
                + state.status() + ", still " + state.waitsFor() + "."
                + (state.upid() == null ? "" : " The task goes on in Proxmox VE: " + state.upid()));
    }

    private String moreOfLog(Upid task, String known) {
        List<String> lines = lastLogLines(task).stream()
                .filter(line -> !line.contains(known))
                .toList();
        return lines.isEmpty() ? "" : " Its log: " + String.join(" / ", lines);
    }

    private List<String> lastLogLines(Upid task) {
        try {
            List<String> lines = client.taskLog(task, 0, 500);
            return lines.subList(Math.max(0, lines.size() - LAST_LOG_LINES), lines.size());
        } catch (ProxmoxException e) {
            return List.of();
        }
    }
}
