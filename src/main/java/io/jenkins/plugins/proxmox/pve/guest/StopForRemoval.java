package io.jenkins.plugins.proxmox.pve.guest;

import io.jenkins.plugins.proxmox.pve.access.GuestRight;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.RunState;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.operation.GuestInspection;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.pve.operation.Readiness;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Stops a guest that is to be deleted next, if it may be deleted.
 *
 * @param purge whether the deletion also removes it from backup jobs, replication jobs and HA resources
 */
public record StopForRemoval(RemovalTerms terms, boolean purge) implements GuestOperation {

    @Override
    public String name() {
        return "stop";
    }

    @Override
    public List<RequiredPrivilege> needs(int vmid, GuestConfig config) {
        return List.of(GuestRight.SEE.on(vmid), GuestRight.POWER.on(vmid), GuestRight.DELETE.on(vmid));
    }

    @Override
    public boolean isKnownTo(GuestType type) {
        return true;
    }

    @Override
    public boolean isDoneWithoutGuest() {
        return terms.ignoresMissing();
    }

    @Override
    public boolean awaitsHiddenGuest() {
        return terms.isOfHalfMade();
    }

    @Override
    public boolean isOnlyTheBeginning() {
        return true;
    }

    @Override
    public boolean outlasts(String lock) {
        return RemovalTerms.isHalfMade(lock);
    }

    @Override
    public Readiness readiness(GuestInspection guest) throws ProxmoxException {
        String lock = guest.status().lock();
        if (lock != null && RemovalTerms.isHalfMade(lock)) {
            return new Readiness.Locked(lock, false);
        }
        if (terms.leavesAlone(guest)) {
            return new Readiness.Done(Texts.of("done.not-the-clone"));
        }
        String obstacle = terms.obstacle(guest, purge);
        if (obstacle != null) {
            return new Readiness.Impossible(obstacle);
        }
        if (RunState.of(guest.status()) == RunState.STOPPED) {
            return new Readiness.Done();
        }
        return lock == null ? new Readiness.Ready() : new Readiness.Locked(lock, false);
    }

    @Override
    public Upid send(ProxmoxClient client, OperationState state, OperationRequest request, Duration left)
            throws ProxmoxException {
        return client.power(state.guest().location(), PowerAction.STOP, Map.of());
    }

    @Override
    public boolean isTask(Upid task) {
        return task.type().matches("qmstop|vzstop|hastop");
    }

    @Override
    public boolean isReached(OperationState state, GuestInspection now) {
        return RunState.of(now.status()) == RunState.STOPPED;
    }

    @Override
    public String goal(GuestType type) {
        return "stopped";
    }

    @Override
    public String toString() {
        return Texts.of("operation.delete");
    }
}
