package io.jenkins.plugins.proxmox.pve.operation;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.access.Permissions;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.NodeUnreachableException;
import io.jenkins.plugins.proxmox.pve.client.NotProxmoxException;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestFinder;
import io.jenkins.plugins.proxmox.pve.lookup.GuestNotListedException;
import io.jenkins.plugins.proxmox.pve.lookup.NoSuchGuestException;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.text.MessageBundle;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** The steps up to the request: find the guest, check whether there is anything to do, send the request. */
final class PreparationSteps {

    /** A task that was cancelled has ended, and its clone vanished, long before. */
    private static final Duration LONGEST_HIDDEN = Duration.ofMinutes(1);

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
        } catch (NoSuchGuestException e) {
            if (!request.operation().isDoneWithoutGuest()) {
                throw e;
            }
            log.accept(Texts.of("find.no-guest", e.getMessage()));
            return state.done(false);
        } catch (PermissionDeniedException e) {
            boolean longEnough = state.history().isHeldBy(WaitReason.Kind.HIDDEN)
                    && state.ageOfPhase().compareTo(LONGEST_HIDDEN) > 0;
            if (longEnough || !request.operation().awaitsHiddenGuest()) {
                throw e;
            }
            return conflicts.hidden(state, e);
        }
        requireAvailable(found);
        boolean first = state.guest() == null || state.history().isHeldBy(WaitReason.Kind.NODE);
        boolean listed = request.operation().isReadyAsListed(found)
                && !client.hasChangedLately(found.location().vmid());
        if (first && listed) {
            OperationState next = state.seeing(ObservedGuest.of(found));
            log.accept(Texts.of("find.found", next.guest(), found.location().node(), found.status()));
            return next.toBeRequested(null);
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
        return decide(next, new GuestInspection(client, now, found.template()));
    }

    private void requireAvailable(ListedGuest found) throws GuestException {
        if (!request.availability().isKnownTo(found.location().type())) {
            throw new GuestException(Texts.of(
                    "obstacle", request.operation().on(ObservedGuest.of(found)), Texts.of("obstacle.no-agent")));
        }
    }

    private static String inWords(GuestStatus now) {
        String state = now.stateInDetail();
        if (now.lock() != null) {
            state = Texts.of("find.locked", state, now.lock());
        }
        return now.haManaged() ? Texts.of("find.ha-managed", state) : state;
    }

    private OperationState decide(OperationState state, GuestInspection guest) throws ProxmoxException, GuestException {
        Readiness readiness = request.operation().readiness(guest);
        if (readiness instanceof Readiness.Impossible impossible) {
            throw conflicts.cannot(state, impossible.why());
        }
        if (readiness instanceof Readiness.Done done) {
            log.accept(nothingToDo(state, done));
            return state.reached(false, request);
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
            if (locked.failsLater() || wasInTheWay || conflicts.waitsFor(locked.lock())) {
                return conflicts.locked(state, locked.lock(), locked(state, locked));
            }
        }
        OperationState free = conflicts.noLongerHeld(state);
        if (!conflicts.isTimeToAskAgain(free)) {
            return free;
        }
        if (request.operation().isOnlyTheBeginning()) {
            requirePrivileges(guest);
        }
        return free.toBeRequested(request.operation().drawTarget(client, free.target()));
    }

    /** Otherwise a guest is stopped, or its state discarded, before the server refuses what follows. */
    private void requirePrivileges(GuestInspection guest) throws ProxmoxException {
        GuestLocation location = guest.status().location();
        GuestConfig config = request.operation().needsDependOnConfig() ? guest.config() : GuestConfig.UNKNOWN;
        Permissions permissions = client.permissions();
        List<RequiredPrivilege> missing = request.needs(location.vmid(), location.type(), config).stream()
                .filter(need -> !need.isMetBy(permissions))
                .toList();
        if (!missing.isEmpty()) {
            throw new PermissionDeniedException.Foreseen(
                    client.identity(), client.addresses().get(0).toString(), missing);
        }
    }

    private static String nothingToDo(OperationState state, Readiness.Done done) {
        if (done.why() != null) {
            return Texts.of("find.nothing-to-do", state.guest(), done.why());
        }
        boolean meanwhile = state.history().isHeldBy(WaitReason.Kind.CHANGE);
        return Texts.of(meanwhile ? "guest.brought-by-another" : "find.already", state.guest(), state.status());
    }

    /** Proxmox VE itself refuses, except that it lets the HA manager try and fail, which a person has to fix. */
    private GuestException locked(OperationState state, Readiness.Locked locked) {
        return new GuestException(MessageBundle.sentences(
                Texts.of(
                        locked.failsLater() ? "lock.fails-ha" : "lock.refuses",
                        request.operation().on(state.guest()),
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
        if (state.history().resent()) {
            log.accept(Texts.of("request.again"));
        }
        try {
            return requested(state, request.operation().send(client, state, request, left));
        } catch (RequestRejectedException e) {
            if (e.isRefusedBeforehand()) {
                throw e;
            }
            if (e.isTaskNotBegun() && !state.history().resent()) {
                log.accept(Texts.of("request.task-not-begun", e.getMessage()));
                return state.at(Phase.LOOK);
            }
            if (conflicts.isToBeDrawnAgain(state, e.getMessage())) {
                return conflicts.drawnAgain(state);
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
                            Texts.of("request.refused", request.operation().on(state.guest()), e.getMessage()),
                            Conflicts.adviceFor(lock))));
        }
        String advice = request.operation().adviceOn(e.failure().serverSaid());
        if (!advice.isEmpty()) {
            throw new GuestException(MessageBundle.sentences(
                    Texts.of("request.refused", request.operation().on(state.guest()), e.getMessage()), advice));
        }
        try {
            // another request may have changed the guest between our query and our request
            return e.isNoSuchGuest() ? conflicts.whereItMoved(state, e) : conflicts.reachedByAnother(state, e);
        } catch (ConnectionFailedException | NodeUnreachableException | NotProxmoxException unknown) {
            e.addSuppressed(unknown);
            throw e;
        }
    }

    private OperationState requested(OperationState state, @CheckForNull Upid task) {
        if (task == null) {
            log.accept(Texts.of("request.carried-out", request.operation().on(state.guest())));
            return state.withoutTask();
        }
        log.accept(Texts.of("request.sent", request.operation().noun(), state.guest(), task));
        OperationState next = state.withTask(task);
        return request.awaited() ? next : next.done(true);
    }
}
