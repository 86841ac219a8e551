package io.jenkins.plugins.proxmox.pve.guest;

import io.jenkins.plugins.proxmox.pve.client.Guest;
import io.jenkins.plugins.proxmox.pve.client.GuestStatus;
import io.jenkins.plugins.proxmox.pve.client.PowerAction;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.client.Upid;
import io.jenkins.plugins.proxmox.pve.guest.OperationState.Phase;
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
        Guest found = new GuestFinder(client).find(request.guest());
        boolean first = state.guest() == null;
        if (first && WantedState.isListEnough(request.action(), found)) {
            OperationState next = state.seeing(Sighting.of(found));
            log.accept(next.guest() + " is on node " + found.location().node() + ", " + found.status());
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
        }
        OperationState next = state.seeing(Sighting.of(found, now));
        if (first) {
            log.accept(next.guest() + " is on node " + found.location().node() + ", " + now.state()
                    + (now.lock() == null ? "" : ", locked (" + now.lock() + ")")
                    + (now.haManaged() ? ", under high availability" : ""));
        }
        return decide(next, now, found.template());
    }

    private OperationState decide(OperationState state, GuestStatus now, boolean template) throws GuestException {
        PowerAction action = request.action();
        String obstacle = WantedState.obstacle(action, now, template);
        if (obstacle != null) {
            throw detours.cannot(state, obstacle);
        }
        if (WantedState.isAlready(action, now)) {
            log.accept(state.guest() + " is already " + now.state() + ", nothing to do");
            return state.done(false);
        }
        String lock = WantedState.lockInTheWay(action, now);
        if (lock != null && request.waitsForLock()) {
            return detours.locked(state, lock, detours.cannot(state, "it is locked (" + lock + ")"));
        }
        if (state.lock() != null) {
            log.accept(state.guest() + " is no longer locked (" + state.lock() + ")");
        }
        return state.toBeRequested();
    }

    OperationState send(OperationState state) throws ProxmoxException, GuestException {
        Map<String, String> options = request.action().waitsForGuest()
                ? Map.of("timeout", String.valueOf(request.secondsForGuest()))
                : Map.of();
        try {
            return requested(state, client.power(state.guest().location(), request.action(), options));
        } catch (RequestRejectedException e) {
            return refused(state, e);
        } catch (ProxmoxException e) {
            if (!e.mayHaveBeenExecuted()) {
                throw e;
            }
            log.accept("The answer to the request was lost (" + e.getMessage() + ") Looking whether it arrived");
            return state.at(Phase.LOOK);
        }
    }

    private OperationState refused(OperationState state, RequestRejectedException e)
            throws ProxmoxException, GuestException {
        if (e.isNoSuchGuest()) {
            return detours.whereItMoved(state, e);
        }
        if (e.isLockTimeout()) {
            return detours.afterBusy(state);
        }
        String lock = e.lock();
        if (lock != null) {
            return detours.locked(
                    state,
                    lock,
                    new GuestException("Could not " + request.action() + " " + state.guest() + ": " + e.getMessage()
                            + Detours.adviceFor(lock)));
        }
        // between our look and our request another one may have brought it there
        return detours.reachedByAnother(state, e);
    }

    private OperationState requested(OperationState state, Upid task) {
        log.accept("Requested " + request.action() + " of " + state.guest() + ": " + task);
        OperationState next = state.withTask(task);
        return request.awaited() ? next : next.done(true);
    }
}
