package io.jenkins.plugins.proxmox.pve.operation;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.RunState;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.TaskStatus;
import io.jenkins.plugins.proxmox.pve.model.TaskSummary;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.task.TaskOutcome;
import io.jenkins.plugins.proxmox.pve.text.MessageBundle;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** The steps after the request, which only query: find its task, wait until it ends, confirm the state of the guest. */
final class CompletionSteps {

    /** How long a task may take to appear in the node's list after a request whose answer was lost. */
    private static final Duration APPEARING = Duration.ofSeconds(5);

    /** A task has the time of its node; the last query before it has the time of the node that answered. */
    private static final Duration CLOCK_DIFFERENCE = Duration.ofSeconds(2);

    /** The same for a task that is still running, which is hardly an earlier one of ours. */
    private static final Duration LARGE_CLOCK_DIFFERENCE = Duration.ofMinutes(1);

    private final ProxmoxClient client;
    private final OperationRequest request;
    private final Consumer<String> log;
    private final Conflicts conflicts;

    CompletionSteps(ProxmoxClient client, OperationRequest request, Consumer<String> log, Conflicts conflicts) {
        this.client = client;
        this.request = request;
        this.log = log;
        this.conflicts = conflicts;
    }

    OperationState look(OperationState state) throws ProxmoxException, GuestException {
        GuestLocation location = state.guest().location();
        Instant before = state.before().at();
        Instant earliest = before.minus(CLOCK_DIFFERENCE).truncatedTo(ChronoUnit.SECONDS);
        for (TaskSummary task : client.tasks(location.node(), location.vmid(), before.minus(LARGE_CLOCK_DIFFERENCE))) {
            boolean since = !task.upid().startTime().isBefore(earliest);
            if ((since || task.status().running())
                    && request.operation().isTask(task.upid())
                    && client.isOwn(task.upid())) {
                return found(state, task.upid());
            }
        }
        GuestStatus now = statusUnlessGone(location);
        if (now == null) {
            return gone(state);
        }
        boolean first = state.guest().equals(state.before());
        OperationState next = state.seeing(state.guest().next(now));
        Trace trace = request.operation().trace(state, new GuestInspection(client, now, false));
        if (trace == Trace.CARRIED_OUT) {
            log.accept(Texts.of("guest.is", next.guest(), next.status()));
            return next.reached(true, request);
        }
        if (first) {
            // counts from the first answered query: before it, the task could not have been seen
            return next.at(Phase.LOOK);
        }
        if (next.ageOfPhase().compareTo(APPEARING) < 0 || trace == Trace.UNDECIDED) {
            return next;
        }
        if (state.history().resent()) {
            throw new GuestException(
                    Texts.of("request.lost-twice", request.operation().on(next.guest()), location.node()));
        }
        log.accept(Texts.of("request.no-task", location.node()));
        return request.operation().removesGuest() ? next.toBeCheckedAndSentAgain() : next.toBeSentAgain();
    }

    private OperationState found(OperationState state, Upid task) {
        log.accept(Texts.of("request.arrived", task));
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
        return taskEnded(state, TaskOutcome.of(client, state.upid(), status));
    }

    /**
     * Continues without the task, which another identity started and the current one may not see, as after the token of
     * the server was replaced. The guest itself still shows whether it has reached the wanted state.
     */
    OperationState unseen(OperationState state, PermissionDeniedException refusal) throws PermissionDeniedException {
        if (client.isOwn(state.upid())) {
            throw refusal;
        }
        Upid task = state.upid();
        log.accept(Texts.of("task.unseen", task, task.user(), client.identity(), state.guest()));
        return state.at(Phase.CONFIRM);
    }

    OperationState taskEnded(OperationState state, TaskOutcome outcome) throws ProxmoxException, GuestException {
        if (!outcome.isSuccessful()) {
            return failed(state, outcome);
        }
        log.accept(Texts.of("task.ended", state.upid().type(), outcome.status().exitStatus()));
        if (outcome.status().warnings() > 0) {
            outcome.lastLogLines().forEach(line -> log.accept("  " + line));
        }
        return state.at(Phase.CONFIRM);
    }

    private OperationState failed(OperationState state, TaskOutcome outcome) throws ProxmoxException, GuestException {
        TaskStatus task = outcome.status();
        String message = MessageBundle.sentences(
                Texts.of(
                        "task.failed",
                        request.operation().on(state.guest()),
                        state.guest().location().node(),
                        state.upid(),
                        task.exitStatus()),
                moreOfLog(outcome),
                Conflicts.adviceFor(task.lock()),
                task.isWithoutQuorum() ? Texts.of("task.no-quorum") : "");
        boolean mayBeIgnored = request.operation().mayBeIgnored();
        GuestException failure = mayBeIgnored && task.isShutdownIgnored()
                ? new ShutdownIgnoredException(message)
                : new GuestException(message);
        if (conflicts.isToBeDrawnAgain(state, task.exitStatus())) {
            return conflicts.drawnAgain(state);
        }
        if (task.isNoSuchGuest()) {
            return conflicts.whereItMoved(state, failure);
        }
        if (task.isLockTimeout() || mayBeIgnored && conflicts.isBeingOverruled(state)) {
            return conflicts.afterLockTimeout(state, failure);
        }
        String lock = task.lock();
        return lock != null ? conflicts.locked(state, lock, failure) : conflicts.reachedByAnother(state, failure);
    }

    OperationState confirm(OperationState state) throws ProxmoxException, GuestException {
        if (request.operation().removesGuest() && state.upid() != null && client.isOwn(state.upid())) {
            // its task has succeeded; what has its VMID now is another guest
            return gone(state);
        }
        GuestStatus now = statusUnlessGone(state.guest().location());
        if (now == null) {
            return gone(state);
        }
        OperationState next = state.seeing(state.guest().next(now));
        if (request.operation().isReached(state, new GuestInspection(client, now, false))) {
            String seconds = String.format(Locale.ROOT, "%.1f", next.age().toMillis() / 1000.0);
            String result = request.operation().result(next);
            log.accept(
                    result == null
                            ? Texts.of(
                                    "guest.confirmed",
                                    next.guest(),
                                    inWords(now),
                                    now.location().node(),
                                    seconds)
                            : Texts.of("result.confirmed", result, seconds));
            if (RunState.standsUntilResumed(now)) {
                log.accept(Texts.of("guest.to-be-resumed", next.guest()));
            }
            return next.reached(true, request);
        }
        String failure = request.operation().failureSeen(now);
        if (failure != null) {
            throw new GuestException(
                    Texts.of("task.halted", request.operation().on(next.guest()), state.upid(), failure));
        }
        if (state.isHaRequest() && "error".equals(now.haState())) {
            throw leftInError(next);
        }
        boolean actsLater =
                state.upid() != null && (now.haManaged() || state.isHaRequest() || !client.isOwn(state.upid()));
        Duration settling = request.operation().settling();
        if (!actsLater && next.ageOfPhase().compareTo(settling) > 0) {
            throw withoutEffect(next, now);
        }
        return state.isHaRequest() ? conflicts.idleHighAvailability(next) : next;
    }

    /**
     * The status of the guest; null if the operation removes it and it is gone. With the guest, Proxmox VE removes the
     * rights on it, so that an identity may get a 403 afterwards (PVE::AccessControl, remove_vm_access). Only that its VMID
     * is free tells it from a guest that the identity may not see any more.
     */
    @CheckForNull
    private GuestStatus statusUnlessGone(GuestLocation location) throws ProxmoxException {
        try {
            return client.status(location);
        } catch (RequestRejectedException e) {
            if (!e.isNoSuchGuest() || !isGone(location)) {
                throw e;
            }
        } catch (PermissionDeniedException e) {
            if (!isGone(location)) {
                throw e;
            }
        }
        return null;
    }

    private boolean isGone(GuestLocation location) throws ProxmoxException {
        return request.operation().removesGuest() && client.provisioning().isFree(location.vmid());
    }

    private OperationState gone(OperationState state) {
        log.accept(Texts.of("guest.gone", state.guest()));
        return state.done(true);
    }

    /** Its state, and what was to be reached where the state does not say so. */
    private String inWords(GuestStatus now) {
        String state = now.stateInDetail();
        String goal = request.operation().goal(now.location().type());
        return state.startsWith(goal) ? state : state + ", " + goal;
    }

    private GuestException withoutEffect(OperationState state, GuestStatus now) {
        return new GuestException(MessageBundle.sentences(
                Texts.of(
                        "task.without-effect",
                        state.upid(),
                        state.guest(),
                        now.stateInDetail(),
                        request.operation().goal(now.location().type()),
                        now.location().node()),
                RunState.standsUntilResumed(now) ? Texts.of("guest.to-be-resumed", state.guest()) : ""));
    }

    /** PVE::HA::Manager: a service leaves this state in no other way. */
    private GuestException leftInError(OperationState state) {
        GuestLocation location = state.guest().location();
        String service = (location.type() == GuestType.LXC ? "ct:" : "vm:") + location.vmid();
        return new GuestException(
                Texts.of("ha.error", request.operation().on(state.guest()), state.status(), location.node(), service));
    }

    private static String moreOfLog(TaskOutcome outcome) {
        List<String> lines = outcome.lastLogLines().stream()
                .filter(line -> !line.contains(outcome.status().exitStatus()))
                .toList();
        return lines.isEmpty() ? "" : Texts.of("task.log", String.join(" / ", lines));
    }

    /** The timeout in that state. For a shutdown, a last query of the guest shows whether the guest ignored it. */
    GuestException timeout(OperationState state) {
        GuestException timeout = conflicts.timeout(state);
        if (!request.operation().mayBeIgnored() || state.upid() == null) {
            return timeout;
        }
        try {
            boolean runs = client.status(state.guest().location()).running();
            return runs ? new ShutdownIgnoredException(timeout.getMessage()) : timeout;
        } catch (ProxmoxException unknown) {
            timeout.addSuppressed(unknown);
            return timeout;
        }
    }
}
