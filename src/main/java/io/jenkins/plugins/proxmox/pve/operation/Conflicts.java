package io.jenkins.plugins.proxmox.pve.operation;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.client.NodeUnreachableException;
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
import io.jenkins.plugins.proxmox.pve.text.Wording;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Where an operation goes on when something else came in between: a migration, a lock, another request, the time. */
final class Conflicts {

    private static final int MOST_RELOCATIONS = 2;

    /** Each wait is twice as long as the one before; with these it is six minutes in all. */
    private static final int MOST_LOCK_TIMEOUTS = 5;

    /** After that, a lock may be one that nobody releases any more; a backup may take longer all the same. */
    private static final Duration LONG_LOCK = Duration.ofMinutes(3);

    private static final Duration AFTER_LOCK_TIMEOUT = Duration.ofSeconds(10);

    private final ProxmoxClient client;
    private final OperationRequest request;
    private final Consumer<String> log;
    private final InactiveHighAvailability highAvailability;

    /** What was at work on the guest when the request failed because of it; null as long as none did. */
    @CheckForNull
    private volatile BlockingTask inTheWay;

    Conflicts(ProxmoxClient client, OperationRequest request, Consumer<String> log) {
        this.client = client;
        this.request = request;
        this.log = log;
        this.highAvailability = new InactiveHighAvailability(client, request.operation(), log);
    }

    /** Whether the guest may be looked for once more after it was not where the list had it. */
    static boolean mayMoveOnceMore(OperationState state) {
        return state.history().relocations() < MOST_RELOCATIONS;
    }

    /** After "no such guest": from the beginning where it lives now, or the refusal if it did not move. */
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
     * The same after the request was carried out: the guest is looked at where it lives now, be it on another node than
     * it was looked for in the beginning.
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
            // not there, and listed there: it is on its way
            return state;
        }
        log.accept(Texts.of("guest.moved", state.guest(), now.location().node()));
        return state.seeing(state.guest().movedTo(now.location()));
    }

    /**
     * Another task, such as a start that another job asked for, a migration or the move of a disk, is at work on the
     * guest, and nothing was done: Proxmox VE waits ten seconds for it. What becomes of the guest is looked at; only
     * after a while it is asked once more, since each attempt leaves a failed task behind.
     */
    OperationState afterLockTimeout(OperationState state, GuestException failure)
            throws ProxmoxException, GuestException {
        BlockingTask other = BlockingTask.on(state.guest().location(), client);
        inTheWay = other;
        if (state.history().lockTimeouts() >= MOST_LOCK_TIMEOUTS) {
            throw new GuestException(Wording.sentences(failure.getMessage(), other.inWords()));
        }
        log.accept(Wording.sentences(Texts.of("guest.busy", state.guest()), other.inWords()));
        return state.afterLockTimeout();
    }

    /** Whether a running task of another one, as far as the identity sees it, ends the operation's own task. */
    boolean isBeingOverruled(OperationState state) throws ProxmoxException {
        return client.runningTasks(state.guest().location()).stream()
                .anyMatch(task -> request.operation().isOverruledBy(task.upid()));
    }

    /** Whether the other task that was at work on the guest, if there was one, has had time to come to its end. */
    boolean isTimeToAskAgain(OperationState state) {
        int timeouts = state.history().lockTimeouts();
        return timeouts == 0
                || state.ageOfPhase().compareTo(AFTER_LOCK_TIMEOUT.multipliedBy(1L << (timeouts - 1))) >= 0;
    }

    /** High availability is doing something else with the guest: it is asked when that is done. */
    OperationState heldByHighAvailability(OperationState state, String haState) {
        OperationState next = held(
                state,
                new WaitReason(WaitReason.Kind.HIGH_AVAILABILITY, haState),
                () -> Texts.of("ha.waits", state.guest(), haState));
        return InactiveHighAvailability.isFrozen(next.guest()) ? idleHighAvailability(next) : next;
    }

    /** High availability, which the operation waits for, may be idle: that is told once. */
    OperationState idleHighAvailability(OperationState state) {
        return highAvailability.told(state);
    }

    /** Somebody else is starting the guest, or it is being saved, migrated or ended: what follows decides. */
    OperationState changing(OperationState state) {
        String qmpStatus = state.guest().qmpStatus();
        return held(
                state,
                new WaitReason(WaitReason.Kind.CHANGE, qmpStatus),
                () -> Texts.of(
                        RunState.isBeginning(qmpStatus) ? "start.waits" : "change.waits", state.guest(), qmpStatus));
    }

    /** The cluster does not know its own nodes at present: whether the guest is there is seen when it does again. */
    OperationState notListed(OperationState state, GuestNotListedException unknown) {
        return held(
                state,
                new WaitReason(WaitReason.Kind.CLUSTER, ""),
                () -> Texts.of("cluster.waits", unknown.getMessage()));
    }

    /** High availability brings the guests of a node that died to other nodes, after some minutes. */
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

    /** What was waited out is over, and the guest is not as wanted. */
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

    /** After a refusal: done if the guest is as wanted all the same, otherwise the refusal. */
    OperationState reachedByAnother(OperationState state, RequestRejectedException refusal)
            throws ProxmoxException, GuestException {
        return reachedByAnother(state, refusal, true, () -> whereItMoved(state, refusal));
    }

    /**
     * After the task failed: done if the guest is as wanted all the same, otherwise the failure, since how the guest is
     * now may be what the task made of it.
     */
    OperationState reachedByAnother(OperationState state, GuestException failure)
            throws ProxmoxException, GuestException {
        return reachedByAnother(state, failure, request.operation().leavesGuestAloneOnFailure(), () -> {
            throw failure;
        });
    }

    private interface Gone {
        OperationState follow() throws ProxmoxException, GuestException;
    }

    private <E extends Exception> OperationState reachedByAnother(
            OperationState state, E refusal, boolean asBefore, Gone gone) throws ProxmoxException, GuestException, E {
        GuestStatus now;
        try {
            now = client.status(state.guest().location());
        } catch (RequestRejectedException e) {
            if (e.isNoSuchGuest()) {
                return gone.follow();
            }
            throw refusal;
        }
        OperationState next = state.seeing(state.guest().next(now));
        Readiness readiness = request.operation().readiness(now, false);
        if (readiness instanceof Readiness.Done) {
            log.accept(Texts.of("guest.brought-by-another", next.guest(), next.status()));
            return next.done(false);
        }
        if (readiness instanceof Readiness.Changing) {
            return changing(next);
        }
        if (asBefore && readiness instanceof Readiness.Impossible impossible) {
            throw cannot(next, impossible.why());
        }
        throw refusal;
    }

    /** A lock of the guest is in the way: waited out if that is wanted, otherwise the refusal. */
    <E extends Exception> OperationState locked(OperationState state, String lock, E refusal) throws E {
        if (!request.waitsForLock()) {
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

    /** Why the operation makes no sense for the guest as it is. */
    GuestException cannot(OperationState state, String obstacle) {
        return new GuestException(Texts.of("obstacle", request.operation(), state.guest(), obstacle));
    }

    /** What to do about a lock, as the end of a message; empty when none is in the way. */
    static String adviceFor(@CheckForNull String lock) {
        return lock == null ? "" : Wording.sentences(Texts.of("lock.advice", lock), Texts.of("lock.see-log"));
    }

    /** That the time is over in that state; the log says what to do where that takes commands. */
    OperationTimeoutException timeout(OperationState state) {
        WaitReason reason = state.history().waitsFor();
        if (reason != null
                && reason.kind() == WaitReason.Kind.LOCK
                && state.history().advice() == null) {
            StaleLock.advice(state.guest(), reason.detail()).forEach(log);
        }
        return new OperationTimeoutException(Wording.sentences(
                Texts.of(
                        "timeout",
                        request.timeout().toSeconds(),
                        request.operation(),
                        state.guest() == null ? request.guest() : state.guest(),
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
            boolean awaitsHa = state.phase() == Phase.CONFIRM && state.upid().isHaRequest();
            return awaitsHa ? InactiveHighAvailability.reason(request.operation(), state) : "";
        }
        return switch (reason.kind()) {
            case CLUSTER -> Texts.of("cluster.advice");
            case LOCK -> Texts.of("lock.see-log");
            case CHANGE -> reason.detail().equals("prelaunch") ? Texts.of("guest.to-be-resumed", state.guest()) : "";
            case HIGH_AVAILABILITY -> InactiveHighAvailability.reason(request.operation(), state);
            case NODE -> "";
        };
    }

    private static String taskOf(OperationState state) {
        if (state.upid() == null) {
            return "";
        }
        return Texts.of(state.phase() == Phase.AWAIT_TASK ? "timeout.task-goes-on" : "timeout.task", state.upid());
    }
}
