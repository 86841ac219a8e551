package io.jenkins.plugins.proxmox.pve.guest;

import io.jenkins.plugins.proxmox.pve.access.GuestRight;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.RunState;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.operation.GuestInspection;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.pve.operation.Readiness;
import io.jenkins.plugins.proxmox.pve.operation.Trace;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Deletes a guest with its disks and snapshots (PVE::API2::Qemu, PVE::API2::LXC, destroy_vm).
 *
 * @param purge whether to remove it also from backup jobs, replication jobs and HA resources
 */
public record DeletionOperation(RemovalTerms terms, boolean purge) implements GuestOperation {

    @Override
    public String name() {
        return "delete";
    }

    @Override
    public String noun() {
        return Texts.of("noun.delete");
    }

    @Override
    public List<RequiredPrivilege> needs(int vmid, GuestConfig config) {
        List<RequiredPrivilege> needs = new ArrayList<>(List.of(GuestRight.SEE.on(vmid), GuestRight.DELETE.on(vmid)));
        if (terms.includesProtected() && config.isProtected()) {
            needs.add(new RequiredPrivilege("/vms/" + vmid, List.of("VM.Config.Options")));
        }
        return needs;
    }

    @Override
    public boolean needsDependOnConfig() {
        return terms.includesProtected();
    }

    /** The protection is taken off by a request of its own. */
    @Override
    public boolean isOnlyTheBeginning() {
        return terms.includesProtected();
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
        if (RunState.of(guest.status()) != RunState.STOPPED) {
            return new Readiness.Impossible(Texts.of("obstacle.delete-running"));
        }
        // a hibernated machine is locked, and deleted with its memory (PVE::API2::Qemu)
        return lock == null || guest.status().isHibernated()
                ? new Readiness.Ready()
                : new Readiness.Locked(lock, false);
    }

    @Override
    public Upid send(ProxmoxClient client, OperationState state, OperationRequest request, Duration left)
            throws ProxmoxException {
        GuestLocation guest = state.guest().location();
        // otherwise a protected guest has been refused before
        if (terms.includesProtected() && client.config(guest).isProtected()) {
            client.provisioning().configure(guest, Map.of("protection", "0"));
        }
        return client.provisioning().delete(guest, purge);
    }

    @Override
    public boolean isTask(Upid task) {
        return task.type().matches("qmdestroy|vzdestroy");
    }

    /** While it is still there, it has not been deleted, or is just being deleted. */
    @Override
    public Trace trace(OperationState state, GuestInspection now) {
        return now.status().lock() == null ? Trace.NONE : Trace.UNDECIDED;
    }

    @Override
    public boolean isReached(OperationState state, GuestInspection now) {
        return false;
    }

    @Override
    public boolean removesGuest() {
        return true;
    }

    @Override
    public String goal(GuestType type) {
        return Texts.of("goal.deleted");
    }

    @Override
    public String toString() {
        return name();
    }
}
