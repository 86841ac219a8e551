package io.jenkins.plugins.proxmox.pve.guest;

import edu.umd.cs.findbugs.annotations.Nullable;
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
 * Deletes a snapshot of a guest. Those made from it get its parent (PVE::AbstractConfig, snapshot_delete).
 *
 * @param ignoresMissing whether it is good enough that there is none, rather than an error
 * @param replacement the snapshot that is to be created in its place; null for none. What makes that impossible also
 *     makes the deletion impossible: a guest must not lose the old snapshot without getting the new one.
 */
public record SnapshotDeletion(
        String snapshot, boolean ignoresMissing, @Nullable SnapshotCollection.Addition replacement)
        implements GuestOperation {

    /** For good. */
    public SnapshotDeletion(String snapshot, boolean ignoresMissing) {
        this(snapshot, ignoresMissing, null);
    }

    /** Makes room for a snapshot of the same name, if there is one. */
    public static SnapshotDeletion before(SnapshotCollection.Addition replacement) {
        return new SnapshotDeletion(replacement.name(), true, replacement);
    }

    @Override
    public String name() {
        return "delsnapshot";
    }

    @Override
    public String noun() {
        return Texts.of("noun.delsnapshot", snapshot);
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
        String obstacle = replacement == null ? null : replacement.obstacle(guest);
        if (obstacle != null) {
            return new Readiness.Impossible(obstacle);
        }
        SnapshotCollection snapshots = SnapshotCollection.of(guest);
        if (!snapshots.hasAny(snapshot)) {
            return ignoresMissing
                    ? new Readiness.Done(Texts.of("done.snapshot-missing", snapshot))
                    : new Readiness.Impossible(snapshots.missing(snapshot));
        }
        if (replacement != null && !guest.hasFeature("snapshot")) {
            return new Readiness.Impossible(Texts.of("obstacle.snapshot-feature"));
        }
        GuestStatus now = guest.status();
        return now.lock() == null ? new Readiness.Ready() : new Readiness.Locked(now.lock(), false);
    }

    @Override
    public Upid send(ProxmoxClient client, OperationState state, OperationRequest request, Duration left)
            throws ProxmoxException {
        return client.snapshots().delete(state.guest().location(), snapshot);
    }

    @Override
    public boolean isTask(Upid task) {
        return task.type().matches("(?:qm|vz)delsnapshot");
    }

    @Override
    public Trace trace(OperationState state, GuestInspection now) throws ProxmoxException {
        return isReached(state, now) ? Trace.CARRIED_OUT : now.status().lock() == null ? Trace.NONE : Trace.UNDECIDED;
    }

    @Override
    public boolean isReached(OperationState state, GuestInspection now) throws ProxmoxException {
        return !SnapshotCollection.of(now).hasAny(snapshot);
    }

    @Override
    public String goal(GuestType type) {
        return Texts.of("goal.no-snapshot", snapshot);
    }

    @Override
    public String toString() {
        return Texts.of(replacement == null ? "operation.delsnapshot" : "operation.replace-snapshot", snapshot);
    }
}
