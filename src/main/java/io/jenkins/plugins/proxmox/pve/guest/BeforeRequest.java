package io.jenkins.plugins.proxmox.pve.guest;

import io.jenkins.plugins.proxmox.pve.client.NodeUnreachableException;
import io.jenkins.plugins.proxmox.pve.client.NotProxmoxException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.guest.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.Guest;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.text.Wording;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/** The steps up to the request: find the guest, see whether there is anything to do, ask for it. */
final class BeforeRequest {

    private final ProxmoxClient client;
    private final PowerRequest request;
    private final Consumer<String> log;
    private final Detours detours;

    BeforeRequest(ProxmoxClient client, PowerRequest request, Consumer<String> log, Detours detours) {
        this.client = client;
        this.request = request;
        this.log = log;
        this.detours = detours;
    }

    OperationState find(OperationState state) throws ProxmoxException, GuestException {
        Guest found;
        try {
            found = new GuestFinder(client).find(request.guest());
        } catch (GuestNotListedException e) {
            return detours.notListed(state, e);
        }
        boolean first = state.guest() == null || state.incidents().isHeldBy(Hold.Kind.NODE);
        boolean listed = WantedState.isListEnough(request.action(), found)
                && !client.hasPoweredLately(found.location().vmid());
        if (first && listed) {
            OperationState next = state.seeing(Sighting.of(found));
            log.accept(Texts.of("find.found", next.guest(), found.location().node(), found.status()));
            return next.toBeRequested();
        }
        GuestStatus now;
        try {
            now = client.status(found.location());
        } catch (RequestRejectedException e) {
            if (e.isNoSuchGuest() && Detours.mayMoveOnceMore(state)) {
                // it moved between the two looks
                return state.elsewhere();
            }
            throw e;
        } catch (NodeUnreachableException e) {
            if (!found.haManaged()) {
                throw e;
            }
            return detours.awaitedElsewhere(state.seeing(Sighting.of(found)), e);
        }
        OperationState next = state.seeing(Sighting.of(found, now));
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
        PowerAction action = request.action();
        String obstacle = WantedState.obstacle(action, now, template);
        if (obstacle != null) {
            throw detours.cannot(state, obstacle);
        }
        if (WantedState.isAlready(action, now)) {
            boolean meanwhile = state.incidents().isHeldBy(Hold.Kind.CHANGE);
            log.accept(
                    Texts.of(meanwhile ? "guest.brought-by-another" : "find.already", state.guest(), state.status()));
            return state.done(false);
        }
        if (WantedState.isToBeAwaited(action, now)) {
            return detours.changing(state);
        }
        String haState = WantedState.heldByHighAvailability(action, now);
        if (haState != null) {
            return detours.heldByHighAvailability(state, haState);
        }
        String lock = WantedState.lockInTheWay(action, now);
        boolean asksHa = now.haManaged() && WantedState.isAskedOfHa(action);
        boolean wasInTheWay = state.incidents().lockTimeouts() > 0;
        if (lock != null && (asksHa || wasInTheWay || request.waitsForLock())) {
            return detours.locked(state, lock, locked(state, lock, asksHa));
        }
        OperationState free = detours.noLongerHeld(state);
        return detours.isTimeToAskAgain(free) ? free.toBeRequested() : free;
    }

    /** Proxmox VE itself refuses, except that it lets high availability try and fail, which a person has to mend. */
    private GuestException locked(OperationState state, String lock, boolean asksHa) {
        return new GuestException(Wording.sentences(
                Texts.of(asksHa ? "lock.fails-ha" : "lock.refuses", request.action(), state.guest(), lock),
                Detours.adviceFor(lock)));
    }

    /**
     * Asks for the action.
     *
     * @throws ProxmoxException when it was certainly not carried out
     */
    OperationState send(OperationState state) throws ProxmoxException, GuestException {
        Duration left = request.timeout().minus(state.age());
        Sighting guest = state.guest();
        try {
            return requested(
                    state,
                    ask(
                            guest.location(),
                            request.parameters(left, guest.location().type(), guest.haManaged())));
        } catch (RequestRejectedException e) {
            if (e.isRefusedBeforehand()) {
                throw e;
            }
            if (e.isTaskNotBegun() && !state.incidents().resent()) {
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

    /**
     * Where no shutdown can be overruled, the same without it: high availability has just taken the guest over, or Proxmox
     * VE is older than 8.2.
     */
    private Upid ask(GuestLocation guest, Map<String, String> parameters) throws ProxmoxException {
        try {
            return client.power(guest, request.action(), parameters);
        } catch (RequestRejectedException e) {
            boolean overrules = parameters.containsKey(PowerRequest.OVERRULE_SHUTDOWN);
            if (!overrules || !e.failure().errors().containsKey(PowerRequest.OVERRULE_SHUTDOWN)) {
                throw e;
            }
            return client.power(guest, request.action(), Map.of());
        }
    }

    private OperationState lost(OperationState state, ProxmoxException e) {
        log.accept(Texts.of("request.answer-lost", e.getMessage()));
        return state.at(Phase.LOOK);
    }

    /**
     * Whether the error is not that of the action: the task runs but could not be entered in the list of tasks
     * (PVE::RESTEnvironment::fork_worker). Such a reboot would not be found and asked for twice: that is left to a
     * person.
     */
    private boolean mayHaveArrived(RequestRejectedException e) {
        boolean isUnlisted = e.isTaskNotListed() || e.isLockTimeout();
        return isUnlisted && request.action() != PowerAction.REBOOT;
    }

    private OperationState refused(OperationState state, RequestRejectedException e)
            throws ProxmoxException, GuestException {
        String lock = e.lock();
        if (lock != null) {
            return detours.locked(
                    state,
                    lock,
                    new GuestException(Wording.sentences(
                            Texts.of("request.refused", request.action(), state.guest(), e.getMessage()),
                            Detours.adviceFor(lock))));
        }
        try {
            // between our look and our request another one may have brought it there
            return e.isNoSuchGuest() ? detours.whereItMoved(state, e) : detours.reachedByAnother(state, e);
        } catch (ConnectionFailedException | NodeUnreachableException | NotProxmoxException unknown) {
            e.addSuppressed(unknown);
            throw e;
        }
    }

    private OperationState requested(OperationState state, Upid task) {
        log.accept(Texts.of("request.sent", request.action(), state.guest(), task));
        OperationState next = state.withTask(task);
        return request.awaited() ? next : next.done(true);
    }
}
