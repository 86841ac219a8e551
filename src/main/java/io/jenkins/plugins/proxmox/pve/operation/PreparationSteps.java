package io.jenkins.plugins.proxmox.pve.operation;

import io.jenkins.plugins.proxmox.pve.client.NodeUnreachableException;
import io.jenkins.plugins.proxmox.pve.client.NotProxmoxException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestFinder;
import io.jenkins.plugins.proxmox.pve.lookup.GuestNotListedException;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.text.MessageBundle;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Duration;
import java.util.function.Consumer;

/** The steps up to the request: find the guest, check whether there is anything to do, send the request. */
final class PreparationSteps {

    private final ProxmoxClient client;
    private final OperationRequest request;
    private final Consumer<String> log;
    private final Conflicts conflicts;

    PreparationSteps(ProxmoxClient client, OperationRequest request, Consumer<String> log, Conflicts conflicts) {
        this.client = client;
        this.request = request;
        this.log = log;
        this.conflicts = conflicts;
    }

    OperationState find(OperationState state) throws ProxmoxException, GuestException {
        ListedGuest found;
        try {
            found = new GuestFinder(client).find(request.guest());
        } catch (GuestNotListedException e) {
            return conflicts.notListed(state, e);
        }
        boolean first = state.guest() == null || state.history().isHeldBy(WaitReason.Kind.NODE);
        boolean listed = request.operation().isReadyAsListed(found)
                && !client.hasPoweredLately(found.location().vmid());
        if (first && listed) {
            OperationState next = state.seeing(ObservedGuest.of(found));
            log.accept(Texts.of("find.found", next.guest(), found.location().node(), found.status()));
            return next.toBeRequested();
        }
        GuestStatus now;
        try {
            now = client.status(found.location());
        } catch (RequestRejectedException e) {
            if (e.isNoSuchGuest() && Conflicts.mayMoveOnceMore(state)) {
                // it moved between the two queries
                return state.elsewhere();
            }
            throw e;
        } catch (NodeUnreachableException e) {
            if (!found.haManaged()) {
                throw e;
            }
            return conflicts.awaitedElsewhere(state.seeing(ObservedGuest.of(found)), e);
        }
        OperationState next = state.seeing(ObservedGuest.of(found, now));
        if (first) {
            log.accept(Texts.of("find.found", next.guest(), found.location().node(), inWords(now)));
        }
        return decide(next, now, found.template());
    }

    private static String inWords(GuestStatus now) {
        String state = now.stateInDetail();
        if (now.lock() != null) {
            state = Texts.of("find.locked", state, now.lock());
        }
        return now.haManaged() ? Texts.of("find.ha-managed", state) : state;
    }

    private OperationState decide(OperationState state, GuestStatus now, boolean template) throws GuestException {
        Readiness readiness = request.operation().readiness(now, template);
        if (readiness instanceof Readiness.Impossible impossible) {
            throw conflicts.cannot(state, impossible.why());
        }
        if (readiness instanceof Readiness.Done) {
            boolean meanwhile = state.history().isHeldBy(WaitReason.Kind.CHANGE);
            log.accept(
                    Texts.of(meanwhile ? "guest.brought-by-another" : "find.already", state.guest(), state.status()));
            return state.done(false);
        }
        if (readiness instanceof Readiness.Changing) {
            return conflicts.changing(state);
        }
        if (readiness instanceof Readiness.HeldByHighAvailability held) {
            return conflicts.heldByHighAvailability(state, held.haState());
        }
        if (readiness instanceof Readiness.Locked locked) {
            boolean wasInTheWay = state.history().lockTimeouts() > 0;
            // otherwise Proxmox VE refuses, in its own words
            if (locked.failsLater() || wasInTheWay || request.waitsForLock()) {
                return conflicts.locked(state, locked.lock(), locked(state, locked));
            }
        }
        OperationState free = conflicts.noLongerHeld(state);
        return conflicts.isTimeToAskAgain(free) ? free.toBeRequested() : free;
    }

    /** Proxmox VE itself refuses, except that it lets the HA manager try and fail, which a person has to fix. */
    private GuestException locked(OperationState state, Readiness.Locked locked) {
        return new GuestException(MessageBundle.sentences(
                Texts.of(
                        locked.failsLater() ? "lock.fails-ha" : "lock.refuses",
                        request.operation(),
                        state.guest(),
                        locked.lock()),
                Conflicts.adviceFor(locked.lock())));
    }

    /**
     * Sends the request.
     *
     * @throws ProxmoxException when it was certainly not carried out
     */
    OperationState send(OperationState state) throws ProxmoxException, GuestException {
        Duration left = request.timeout().minus(state.age());
        try {
            return requested(state, request.operation().send(client, state.guest(), request, left));
        } catch (RequestRejectedException e) {
            if (e.isRefusedBeforehand()) {
                throw e;
            }
            if (e.isTaskNotBegun() && !state.history().resent()) {
                log.accept(Texts.of("request.task-not-begun", e.getMessage()));
                return state.at(Phase.LOOK);
            }
            return mayHaveArrived(e) ? lost(state, e) : refused(state, e);
        } catch (ProxmoxException e) {
            if (!e.mayHaveBeenExecuted()) {
                throw e;
            }
            return lost(state, e);
        }
    }

    private OperationState lost(OperationState state, ProxmoxException e) {
        log.accept(Texts.of("request.answer-lost", e.getMessage()));
        return state.at(Phase.LOOK);
    }

    /**
     * Whether the operation may be running despite the error: the task has begun but could not be added to the list of
     * tasks (PVE::RESTEnvironment::fork_worker). A reboot would not be found and would be requested twice, so that is
     * left to a person.
     */
    private boolean mayHaveArrived(RequestRejectedException e) {
        boolean isUnlisted = e.isTaskNotListed() || e.isLockTimeout();
        return isUnlisted && request.operation().isHarmlessTwice();
    }

    private OperationState refused(OperationState state, RequestRejectedException e)
            throws ProxmoxException, GuestException {
        String lock = e.lock();
        if (lock != null) {
            return conflicts.locked(
                    state,
                    lock,
                    new GuestException(MessageBundle.sentences(
                            Texts.of("request.refused", request.operation(), state.guest(), e.getMessage()),
                            Conflicts.adviceFor(lock))));
        }
        try {
            // another request may have changed the guest between our query and our request
            return e.isNoSuchGuest() ? conflicts.whereItMoved(state, e) : conflicts.reachedByAnother(state, e);
        } catch (ConnectionFailedException | NodeUnreachableException | NotProxmoxException unknown) {
            e.addSuppressed(unknown);
            throw e;
        }
    }

    private OperationState requested(OperationState state, Upid task) {
        log.accept(Texts.of("request.sent", request.operation(), state.guest(), task));
        OperationState next = state.withTask(task);
        return request.awaited() ? next : next.done(true);
    }
}
