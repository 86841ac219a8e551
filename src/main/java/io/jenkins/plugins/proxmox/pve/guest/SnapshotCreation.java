package io.jenkins.plugins.proxmox.pve.guest;

import io.jenkins.plugins.proxmox.pve.access.GuestRight;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
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
import java.util.List;

/**
 * Creates a snapshot of a guest (PVE::AbstractConfig, snapshot_create).
 *
 * @param description empty for none
 * @param withMemory whether to save the memory of a running machine as well
 * @param keepsExisting whether a snapshot of that name is good enough, rather than an error
 */
public record SnapshotCreation(String snapshot, String description, boolean withMemory, boolean keepsExisting)
        implements GuestOperation {

    @Override
    public String name() {
        return "snapshot";
    }

    @Override
    public List<RequiredPrivilege> needs(int vmid, GuestConfig config) {
        return List.of(GuestRight.SEE.on(vmid), GuestRight.SNAPSHOT.on(vmid));
    }

    @Override
    public boolean isKnownTo(GuestType type) {
        return true;
    }

    @Override
    public Readiness readiness(GuestInspection guest) throws ProxmoxException {
        GuestStatus now = guest.status();
        String obstacle = new SnapshotCollection.Addition(snapshot, withMemory).obstacle(guest);
        if (obstacle != null) {
            return new Readiness.Impossible(obstacle);
        }
        if (SnapshotCollection.of(guest).has(snapshot)) {
            return keepsExisting
                    ? new Readiness.Done(Texts.of("done.snapshot-exists", snapshot))
                    : new Readiness.Impossible(Texts.of("obstacle.snapshot-exists", snapshot));
        }
        return now.lock() == null ? new Readiness.Ready() : new Readiness.Locked(now.lock(), false);
    }

    @Override
    public Upid send(ProxmoxClient client, OperationState state, OperationRequest request, Duration left)
            throws ProxmoxException {
        return client.snapshots().create(state.guest().location(), snapshot, description, withMemory);
    }

    @Override
    public boolean isTask(Upid task) {
        return task.type().matches("(?:qm|vz)snapshot");
    }

    /** The guest had no such snapshot before. While one is being made, it is listed as unfinished. */
    @Override
    public Trace trace(OperationState state, GuestInspection now) throws ProxmoxException {
        SnapshotCollection snapshots = SnapshotCollection.of(now);
        return snapshots.has(snapshot)
                ? Trace.CARRIED_OUT
                : snapshots.isChanging() || now.status().lock() != null ? Trace.UNDECIDED : Trace.NONE;
    }

    @Override
    public boolean isReached(OperationState state, GuestInspection now) throws ProxmoxException {
        return SnapshotCollection.of(now).has(snapshot);
    }

    @Override
    public String goal(GuestType type) {
        return Texts.of("goal.snapshot", snapshot);
    }

    @Override
    public String toString() {
        return Texts.of("operation.snapshot", snapshot);
    }
}
