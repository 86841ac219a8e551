package io.jenkins.plugins.proxmox.pve.guest;

import io.jenkins.plugins.proxmox.pve.access.GuestRight;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.lookup.RunState;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.Snapshot;
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
 * Takes a guest back to a snapshot. It is stopped afterwards or, if the snapshot contains its memory, running
 * (PVE::AbstractConfig, snapshot_rollback).
 *
 * @param ignoresMissing whether to do nothing if there is no such snapshot, rather than fail
 * @param startsNext whether a start of the guest will follow, which needs a privilege of its own
 */
public record SnapshotRollback(String snapshot, boolean ignoresMissing, boolean startsNext) implements GuestOperation {

    @Override
    public String name() {
        return "rollback";
    }

    @Override
    public List<RequiredPrivilege> needs(int vmid, GuestConfig config) {
        RequiredPrivilege see = GuestRight.SEE.on(vmid);
        RequiredPrivilege rollBack = GuestRight.ROLL_BACK.on(vmid);
        return startsNext ? List.of(see, GuestRight.POWER.on(vmid), rollBack) : List.of(see, rollBack);
    }

    /** The state of the guest is discarded before it is started. */
    @Override
    public boolean isOnlyTheBeginning() {
        return startsNext;
    }

    @Override
    public boolean isKnownTo(GuestType type) {
        return true;
    }

    @Override
    public Readiness readiness(GuestInspection guest) throws ProxmoxException {
        SnapshotCollection snapshots = SnapshotCollection.of(guest);
        GuestStatus now = guest.status();
        if (snapshots.has(snapshot)) {
            // also a guest whose last rollback was interrupted has this lock; Proxmox VE refuses there until it is
            // released
            return now.lock() == null ? new Readiness.Ready() : new Readiness.Locked(now.lock(), false);
        }
        if (snapshots.hasAny(snapshot)) {
            return new Readiness.Impossible(Texts.of("obstacle.snapshot-unfinished", snapshot));
        }
        return ignoresMissing
                ? new Readiness.Done(Texts.of("done.snapshot-missing", snapshot))
                : new Readiness.Impossible(snapshots.missing(snapshot));
    }

    @Override
    public Upid send(ProxmoxClient client, OperationState state, OperationRequest request, Duration left)
            throws ProxmoxException {
        return client.snapshots().rollBack(state.guest().location(), snapshot);
    }

    @Override
    public boolean isTask(Upid task) {
        return task.type().matches("(?:qm|vz)rollback");
    }

    /** A guest does not show when it was taken back. Doing it twice leads to the same state. */
    @Override
    public Trace trace(OperationState state, GuestInspection now) {
        return "rollback".equals(now.status().lock()) ? Trace.UNDECIDED : Trace.NONE;
    }

    /** What the guest was made from is the snapshot, and it is in the state that goes with it. */
    @Override
    public boolean isReached(OperationState state, GuestInspection now) throws ProxmoxException {
        SnapshotCollection snapshots = SnapshotCollection.of(now);
        Snapshot target = snapshots.find(snapshot);
        boolean isBack = target != null
                && snapshot.equals(snapshots.parentOfCurrentState())
                && !"rollback".equals(now.status().lock())
                && !isTheSameProcess(state.before(), now.status());
        return isBack && (isRunning(now.status()) == target.withMemory() || isStartedSince(now.status()));
    }

    /** Proxmox VE stops a guest before it takes it back, also one whose current state was made from the snapshot. */
    private static boolean isTheSameProcess(ObservedGuest before, GuestStatus now) {
        return now.pid() != 0 && now.pid() == before.pid();
    }

    private static boolean isRunning(GuestStatus now) {
        return RunState.of(now) != RunState.STOPPED;
    }

    /** Whether the HA manager or somebody else has started or stopped it as soon as it was back. */
    private static boolean isStartedSince(GuestStatus now) {
        return now.haManaged() || now.pid() != 0;
    }

    @Override
    public String goal(GuestType type) {
        return Texts.of("goal.rollback", snapshot);
    }

    @Override
    public String on(Object guest) {
        return Texts.of("operation.rollback-of", guest, snapshot);
    }

    @Override
    public String toString() {
        return Texts.of("operation.rollback", snapshot);
    }
}
