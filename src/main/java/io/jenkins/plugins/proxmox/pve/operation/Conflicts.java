package io.jenkins.plugins.proxmox.pve.operation;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.client.NodeUnreachableException;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestFinder;
import io.jenkins.plugins.proxmox.pve.lookup.GuestNotListedException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.lookup.RunState;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.operation.OperationHistory.Advice;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.text.MessageBundle;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Decides how an operation continues after an interruption: a migration, a lock, another request, a timeout. */
final class Conflicts {

    private static final int MOST_RELOCATIONS = 2;

    /** Each wait is twice as long as the one before; with this number they add up to six minutes. */
    private static final int MOST_LOCK_TIMEOUTS = 5;

    /** After this time, a lock may be a stale one, although a backup may take longer. */
    private static final Duration LONG_LOCK = Duration.ofMinutes(3);

    /** More would mean that no VMID is ever free. */
    private static final int MOST_DRAWS = 20;

    private static final Duration AFTER_LOCK_TIMEOUT = Duration.ofSeconds(10);

    private final ProxmoxClient client;
    private final OperationRequest request;
    private final Consumer<String> log;
    private final InactiveHighAvailability highAvailability;

    /** The task that was working on the guest when the request failed because of it; null if there was none. */
    @CheckForNull
    private volatile BlockingTask inTheWay;

    Conflicts(ProxmoxClient client, OperationRequest request, Consumer<String> log) {
        this.client = client;
        this.request = request;
        this.log = log;
        this.highAvailability = new InactiveHighAvailability(client, request.operation(), log);
    }

    /** Whether to search for the guest once more after it was not where the list had it. */
    static boolean mayMoveOnceMore(OperationState state) {
        return state.history().relocations() < MOST_RELOCATIONS;
    }

    /** After "no such guest": starts again at its new location, or throws the refusal if it did not move. */
    <E extends Exception> OperationState whereItMoved(OperationState state, E refusal)
            throws ProxmoxException, GuestException, E {
        ListedGuest now;
        try {
            now = new GuestFinder(client).find(request.guest());
        } catch (GuestNotListedException unknown) {
            if (mayMoveOnceMore(state)) {
                return state.elsewhere();
            }
            throw refusal;
        }
        if (now.location().equals(state.guest().location()) || !mayMoveOnceMore(state)) {
            throw refusal;
        }
        log.accept(Texts.of("guest.moved", state.guest(), now.location().node()));
        return state.elsewhere();
    }

    /**
     * The same after the request was carried out: queries the guest at its new location, even if it is on another node
     * than the one originally requested.
     */
    OperationState movedAway(OperationState state) throws ProxmoxException, GuestException {
        GuestLocation last = state.guest().location();
        ListedGuest now;
        try {
            now = new GuestFinder(client).find(new GuestSelector(last.vmid(), null, null));
        } catch (GuestNotListedException unknown) {
            return state;
        }
        if (now.location().equals(last)) {
            // not on the node that lists it: it is migrating
            return state;
        }
        log.accept(Texts.of("guest.moved", state.guest(), now.location().node()));
        return state.seeing(state.guest().movedTo(now.location()));
    }

    /**
     * Handles a lock timeout. Another task, such as a start by another job, a migration or the move of a disk, is
     * working on the guest, and Proxmox VE has given up after waiting ten seconds for it, without doing anything. The
     * guest is queried meanwhile. The request is sent again only after a while, because each attempt leaves a failed
     * task behind.
     */
    OperationState afterLockTimeout(OperationState state, GuestException failure)
            throws ProxmoxException, GuestException {
        BlockingTask other = BlockingTask.on(state.guest().location(), client);
        inTheWay = other;
        if (state.history().lockTimeouts() >= MOST_LOCK_TIMEOUTS) {
            throw new GuestException(MessageBundle.sentences(failure.getMessage(), other.inWords()));
        }
        log.accept(MessageBundle.sentences(Texts.of("guest.busy", state.guest()), other.inWords()));
        return state.afterLockTimeout();
    }

    /** Whether a running task of someone else, as far as the identity sees it, ends the operation's own task. */
    boolean isBeingOverruled(OperationState state) throws ProxmoxException {
        return client.runningTasks(state.guest().location()).stream()
                .anyMatch(task -> request.operation().isOverruledBy(task.upid()));
    }

    /** Whether the other task on the guest, if there was one, has had time to end. */
    boolean isTimeToAskAgain(OperationState state) {
        int timeouts = state.history().lockTimeouts();
        return timeouts == 0
                || state.ageOfPhase().compareTo(AFTER_LOCK_TIMEOUT.multipliedBy(1L << (timeouts - 1))) >= 0;
    }

    /** Waits until the HA manager has finished something else with the guest, then sends the request. */
    OperationState heldByHighAvailability(OperationState state, String haState) {
        OperationState next = held(
                state,
                new WaitReason(WaitReason.Kind.HIGH_AVAILABILITY, haState),
                () -> Texts.of("ha.waits", state.guest(), haState));
        return InactiveHighAvailability.isFrozen(next.guest()) ? idleHighAvailability(next) : next;
    }

    /** Logs once that the HA manager, which the operation waits for, may be idle. */
    OperationState idleHighAvailability(OperationState state) {
        return highAvailability.told(state);
    }

    /**
     * Waits while someone else is starting the guest, or it is being saved, migrated or shut down: the next state
     * decides.
     */
    OperationState changing(OperationState state) {
        String qmpStatus = state.guest().qmpStatus();
        return held(
                state,
                new WaitReason(WaitReason.Kind.CHANGE, qmpStatus),
                () -> Texts.of(
                        RunState.isBeginning(qmpStatus) ? "start.waits" : "change.waits", state.guest(), qmpStatus));
    }

    /** Waits while the cluster does not know its own nodes. Whether the guest exists can be seen afterwards. */
    OperationState notListed(OperationState state, GuestNotListedException unknown) {
        return held(
                state,
                new WaitReason(WaitReason.Kind.CLUSTER, ""),
                () -> Texts.of("cluster.waits", unknown.getMessage()));
    }

    /**
     * Waits while a guest exists that the identity may not see: a clone that is being made, or removed after its task was
     * cancelled, is in no pool yet.
     */
    OperationState hidden(OperationState state, PermissionDeniedException refusal) {
        return held(
                state,
                new WaitReason(WaitReason.Kind.HIDDEN, refusal.getMessage()),
                () -> Texts.of("hidden.waits", request.guest(), client.identity()));
    }

    /** Waits until the HA manager has recovered the guest of a dead node on another one, which takes some minutes. */
    OperationState awaitedElsewhere(OperationState state, NodeUnreachableException trouble) {
        String node = state.guest().location().node();
        return held(
                state,
                new WaitReason(WaitReason.Kind.NODE, node),
                () -> Texts.of("node.waits", node, state.guest(), trouble.getMessage()));
    }

    private OperationState held(OperationState state, WaitReason reason, Supplier<String> told) {
        if (!reason.equals(state.history().waitsFor())) {
            log.accept(told.get());
        }
        return state.heldBy(reason);
    }

    /** The wait is over, and the guest is not in the wanted state. */
    OperationState noLongerHeld(OperationState state) {
        WaitReason reason = state.history().waitsFor();
        if (reason == null) {
            return state;
        }
        if (reason.kind() == WaitReason.Kind.LOCK) {
            log.accept(Texts.of("lock.gone", state.guest(), reason.detail()));
        } else if (reason.kind() == WaitReason.Kind.CHANGE) {
            log.accept(Texts.of("change.over", state.guest(), state.status()));
        }
        return state.noLongerHeld();
    }

    /**
     * After a refusal, or a failure of the task: done if the guest is in the wanted state anyway; otherwise throws the
     * failure, because a failed task may have caused the current state.
     */
    <E extends Exception> OperationState reachedByAnother(OperationState state, E failure)
            throws ProxmoxException, GuestException, E {
        boolean refused = failure instanceof RequestRejectedException;
        GuestStatus now;
        try {
            now = client.status(state.guest().location());
        } catch (RequestRejectedException e) {
            if (refused && e.isNoSuchGuest()) {
                return whereItMoved(state, failure);
            }
            throw failure;
        }
        OperationState next = state.seeing(state.guest().next(now));
        Readiness readiness = request.operation().readiness(new GuestInspection(client, now, false));
        if (readiness instanceof Readiness.Done done) {
            log.accept(
                    done.why() == null
                            ? Texts.of("guest.brought-by-another", next.guest(), next.status())
                            : Texts.of("find.nothing-to-do", next.guest(), done.why()));
            return next.reached(false, request);
        }
        if (readiness instanceof Readiness.Changing) {
            return changing(next);
        }
        boolean asBefore = refused || request.operation().leavesGuestAloneOnFailure();
        if (asBefore && readiness instanceof Readiness.Impossible impossible) {
            throw cannot(next, impossible.why());
        }
        throw failure;
    }

    /** The guest is locked: waits for the release if requested, otherwise throws the refusal. */
    <E extends Exception> OperationState locked(OperationState state, String lock, E refusal) throws E {
        if (!waitsFor(lock)) {
            StaleLock.advice(state.guest(), lock).forEach(log);
            throw refusal;
        }
        OperationState next = held(
                state, new WaitReason(WaitReason.Kind.LOCK, lock), () -> Texts.of("lock.waits", state.guest(), lock));
        boolean mayBeLeftBehind = next.ageOfPhase().compareTo(LONG_LOCK) > 0;
        if (!mayBeLeftBehind || next.history().advice() != null) {
            return next;
        }
        log.accept(Texts.of("lock.still", next.guest(), lock, next.ageOfPhase().toMinutes()));
        StaleLock.advice(next.guest(), lock).forEach(log);
        return next.advised(Advice.LOCK_LEFT_BEHIND);
    }

    boolean waitsFor(String lock) {
        return request.waitsForLock() || request.operation().outlasts(lock);
    }

    /** Whether the request failed because somebody else took the VMID that was drawn for the new guest. */
    boolean isToBeDrawnAgain(OperationState state, String serverSaid) {
        return state.target() != null
                && state.history().draws() < MOST_DRAWS
                && request.operation().isTargetTaken(state, serverSaid);
    }

    OperationState drawnAgain(OperationState state) {
        if (state.history().resent()) {
            // it may be the guest of our own first request
            return state.at(Phase.LOOK);
        }
        log.accept(Texts.of("request.vmid-taken", state.target()));
        return state.toBeDrawnAgain();
    }

    /** The failure of an operation that makes no sense for the guest in its current state. */
    GuestException cannot(OperationState state, String obstacle) {
        return new GuestException(Texts.of("obstacle", request.operation().on(state.guest()), obstacle));
    }

    /** What to do about a lock, as the end of a message; empty when there is none. */
    static String adviceFor(@CheckForNull String lock) {
        return lock == null ? "" : MessageBundle.sentences(Texts.of("lock.advice", lock), Texts.of("lock.see-log"));
    }

    /** The timeout in that state. Advice that needs commands goes to the log. */
    OperationTimeoutException timeout(OperationState state) {
        OperationHistory history = state.history();
        if (history.isHeldBy(WaitReason.Kind.LOCK) && history.advice() == null) {
            StaleLock.advice(state.guest(), history.waitsFor().detail()).forEach(log);
        }
        return new OperationTimeoutException(MessageBundle.sentences(
                Texts.of(
                        "timeout",
                        request.timeout().toSeconds(),
                        request.operation().on(state.guest() == null ? request.guest() : state.guest()),
                        state.guest() == null ? state.status() : state.guest().inDetail(),
                        state.waitsFor()),
                wayOut(state),
                taskOf(state),
                inTheWay(state)));
    }

    private String inTheWay(OperationState state) {
        BlockingTask other = inTheWay;
        boolean stillAwaited = state.phase() == Phase.FIND && state.history().lockTimeouts() > 0;
        return stillAwaited && other != null ? other.inWords() : "";
    }

    private String wayOut(OperationState state) {
        WaitReason reason = state.history().waitsFor();
        if (reason == null) {
            boolean awaitsHa = state.phase() == Phase.CONFIRM && state.isHaRequest();
            return awaitsHa ? InactiveHighAvailability.reason(request.operation(), state) : "";
        }
        return switch (reason.kind()) {
            case CLUSTER -> Texts.of("cluster.advice");
            case LOCK -> Texts.of("lock.see-log");
            case CHANGE -> reason.detail().equals("prelaunch") ? Texts.of("guest.to-be-resumed", state.guest()) : "";
            case HIGH_AVAILABILITY -> InactiveHighAvailability.reason(request.operation(), state);
            case HIDDEN -> reason.detail();
            case NODE -> "";
        };
    }

    private String taskOf(OperationState state) {
        if (state.upid() == null) {
            return "";
        }
        if (request.operation().cancelsTaskAtTimeout()) {
            return Texts.of("timeout.task", state.upid());
        }
        return Texts.of(state.phase() == Phase.AWAIT_TASK ? "timeout.task-goes-on" : "timeout.task", state.upid());
    }
}
