package io.jenkins.plugins.proxmox.pve.guest;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.access.GuestRight;
import io.jenkins.plugins.proxmox.pve.access.NetworkPath;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.lookup.RunState;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.ServerErrorPattern;
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
import java.util.regex.Pattern;

/**
 * Clones a guest (PVE::API2::Qemu, PVE::API2::LXC, clone_vm). The new guest is found by its {@link CloneMark}: the task
 * bears the VMID of the source, of which several clones may be made at once.
 *
 * @param starts whether the clone is started afterwards, for {@link #needs}
 * @param availability what is waited for once it runs
 */
public record CloneOperation(CloneSettings settings, boolean starts, Availability availability)
        implements GuestOperation {

    /** The lock of a container while it is being cloned; a second clone waits (PVE::API2::LXC). */
    private static final String DISK_LOCK = "disk";

    /** PVE::API2::Qemu and PVE::API2::LXC, clone_vm. */
    private static final Pattern LINKED_UNAVAILABLE =
            Pattern.compile("^Linked clone feature (?:is not supported )?for ");

    @Override
    public String name() {
        return "clone";
    }

    /** All that is needed until the clone is set up and started. */
    @Override
    public List<RequiredPrivilege> needs(int vmid, GuestConfig config) {
        List<RequiredPrivilege> needs = new ArrayList<>(List.of(GuestRight.SEE.on(vmid), GuestRight.CLONE.on(vmid)));
        for (String storage : storages(config)) {
            needs.add(new RequiredPrivilege("/storage/" + storage, List.of("Datastore.AllocateSpace")));
        }
        for (String network : config.networks()) {
            needs.add(new RequiredPrivilege(NetworkPath.of(network), List.of("SDN.Use")));
        }
        String path = pathOfClone();
        needs.add(new RequiredPrivilege(path, List.of("VM.Allocate")));
        needs.add(new RequiredPrivilege(path, List.of("VM.Audit")));
        needs.addAll(ConfigurationPrivileges.of(settings.keys(), path));
        if (settings.hardware().diskSize() != null) {
            needs.add(new RequiredPrivilege(path, List.of("VM.Config.Disk")));
        }
        if (starts) {
            needs.add(new RequiredPrivilege(path, List.of("VM.PowerMgmt")));
        }
        if (availability.asksAgent(config.type())) {
            needs.add(new RequiredPrivilege(path, GuestRight.AGENT.on(vmid).anyOf()));
        }
        return needs;
    }

    private Iterable<String> storages(GuestConfig config) {
        return settings.storage() != null ? List.of(settings.storage()) : config.diskStorages();
    }

    /** Where a right on the new guest can be given before it exists. */
    private String pathOfClone() {
        return settings.pool() != null
                ? "/pool/" + settings.pool()
                : settings.vmid() != null ? "/vms/" + settings.vmid() : "/vms";
    }

    @Override
    public boolean needsDependOnConfig() {
        return true;
    }

    @Override
    public boolean isKnownTo(GuestType type) {
        return true;
    }

    @Override
    public Readiness readiness(GuestInspection guest) throws ProxmoxException {
        String obstacle = obstacle(guest);
        if (obstacle != null) {
            return new Readiness.Impossible(obstacle);
        }
        String lock = guest.status().lock();
        return lock == null ? new Readiness.Ready() : new Readiness.Locked(lock, false);
    }

    @CheckForNull
    private String obstacle(GuestInspection guest) throws ProxmoxException {
        GuestStatus now = guest.status();
        boolean container = now.location().type() == GuestType.LXC;
        boolean linked = Boolean.FALSE.equals(settings.full());
        if (linked && settings.snapshot() == null && !guest.config().isTemplate()) {
            return Texts.of("obstacle.clone-linked");
        }
        if (settings.snapshot() != null && !SnapshotCollection.of(guest).has(settings.snapshot())) {
            return SnapshotCollection.of(guest).missing(settings.snapshot());
        }
        if (container && RunState.of(now) != RunState.STOPPED && settings.snapshot() == null) {
            return Texts.of("obstacle.clone-running-container");
        }
        if (!availability.isKnownTo(now.location().type())) {
            return Texts.of("obstacle.no-agent");
        }
        if (availability.asksAgent(now.location().type()) && !guest.config().hasAgent()) {
            return Texts.of("obstacle.clone-agent", availability);
        }
        if (settings.hardware().cloudInit().isEmpty()) {
            return null;
        }
        if (container) {
            return Texts.of("obstacle.clone-cloud-init-container");
        }
        return guest.config().hasCloudInitDrive()
                ? null
                : Texts.of("obstacle.clone-cloud-init", now.location().vmid());
    }

    /** Containers are cloned one after the other. */
    @Override
    public boolean outlasts(String lock) {
        return lock.equals(DISK_LOCK);
    }

    @Override
    public Integer drawTarget(ProxmoxClient client, @Nullable Integer before) throws ProxmoxException {
        return settings.vmid() != null
                ? settings.vmid()
                : (Integer) client.provisioning().drawVmid(settings.mark().id(), before);
    }

    /** Not for a VMID that was asked for. */
    @Override
    public boolean isTargetTaken(OperationState state, String serverSaid) {
        return settings.vmid() == null
                && state.target() != null
                && ServerErrorPattern.isVmidTaken(state.target(), serverSaid);
    }

    @Override
    public Upid send(ProxmoxClient client, OperationState state, OperationRequest request, Duration left)
            throws ProxmoxException {
        GuestLocation source = state.guest().location();
        return client.provisioning().clone(source, state.target(), settings.options(source.type(), state.target()));
    }

    /** The task does not say which guest it makes; the new guest does. */
    @Override
    public boolean isTask(Upid task) {
        return false;
    }

    @Override
    public Trace trace(OperationState state, GuestInspection now) throws ProxmoxException {
        GuestConfig clone;
        try {
            clone = now.configOfClone(state.target(), settings.targetNode());
        } catch (PermissionDeniedException e) {
            // rights that come with the pool come at the end of the clone
            return now.hasRunningTask(CloneOperation::isClone) ? Trace.UNDECIDED : Trace.NONE;
        }
        if (clone == null) {
            return Trace.NONE;
        }
        if (clone.lock() != null) {
            // its description is complete once it is unlocked
            return Trace.UNDECIDED;
        }
        return isOurs(clone) ? Trace.CARRIED_OUT : Trace.NONE;
    }

    @Override
    public boolean isReached(OperationState state, GuestInspection now) throws ProxmoxException {
        GuestConfig clone = now.configOfClone(state.target(), settings.targetNode());
        return clone != null && clone.lock() == null && isOurs(clone);
    }

    private static boolean isClone(Upid task) {
        return task.type().matches("qmclone|vzclone");
    }

    private boolean isOurs(GuestConfig clone) {
        return settings.mark().isSame(CloneMark.in(clone.description()));
    }

    /** Whether a linked clone is possible depends on the storage of each disk (PVE::Storage, volume_has_feature). */
    @Override
    public String adviceOn(String serverSaid) {
        return LINKED_UNAVAILABLE.matcher(serverSaid).find() ? Texts.of("clone.linked-unavailable") : "";
    }

    @Override
    public boolean showsProgress() {
        return true;
    }

    /** Nobody wants half a clone. */
    @Override
    public boolean cancelsTaskAtTimeout() {
        return true;
    }

    @Override
    public String result(OperationState state) {
        return Texts.of("clone.made", state.guest().location().type().label(), state.target(), state.guest());
    }

    @Override
    public String goal(GuestType type) {
        return Texts.of("goal.clone");
    }

    @Override
    public String toString() {
        return name();
    }
}
