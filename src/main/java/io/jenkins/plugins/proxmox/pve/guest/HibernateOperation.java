package io.jenkins.plugins.proxmox.pve.guest;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.access.GuestRight;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.RunState;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes the memory of a virtual machine to disk and stops it. The next start or resume restores the memory
 * (PVE::API2::Qemu, vm_suspend with {@code todisk}).
 */
public record HibernateOperation() implements GuestOperation {

    @Override
    public String name() {
        return "hibernate";
    }

    @Override
    public List<RequiredPrivilege> needs(int vmid, GuestConfig config) {
        List<RequiredPrivilege> needs = new ArrayList<>(List.of(GuestRight.SEE.on(vmid), GuestRight.POWER.on(vmid)));
        needs.add(new RequiredPrivilege("/vms/" + vmid, List.of("VM.Config.Disk")));
        String storage = config.stateStorage();
        if (storage != null) {
            needs.add(new RequiredPrivilege("/storage/" + storage, List.of("Datastore.AllocateSpace")));
        }
        return needs;
    }

    @Override
    public boolean needsDependOnConfig() {
        return true;
    }

    @Override
    public boolean isKnownTo(GuestType type) {
        return type == GuestType.QEMU;
    }

    @Override
    public Readiness readiness(GuestInspection guest) {
        GuestStatus now = guest.status();
        String obstacle = obstacle(now);
        if (obstacle != null) {
            return new Readiness.Impossible(obstacle);
        }
        if (now.isHibernated()) {
            return new Readiness.Done();
        }
        if (RunState.of(now) == RunState.CHANGING) {
            return new Readiness.Changing();
        }
        return now.lock() == null ? new Readiness.Ready() : new Readiness.Locked(now.lock(), false);
    }

    @CheckForNull
    private String obstacle(GuestStatus now) {
        if (!isKnownTo(now.location().type())) {
            return Texts.of("obstacle.no-hibernation");
        }
        if (now.isHibernated()) {
            return null;
        }
        if (now.state().equals("stopped")) {
            return Texts.of("obstacle.stopped");
        }
        return now.haManaged() ? Texts.of("obstacle.ha-managed") : RunState.halt(now);
    }

    @Override
    public Upid send(ProxmoxClient client, OperationState state, OperationRequest request, Duration left)
            throws ProxmoxException {
        return client.power(state.guest().location(), PowerAction.SUSPEND, Map.of("todisk", "1"));
    }

    @Override
    public boolean isTask(Upid task) {
        return task.type().equals("qmsuspend");
    }

    @Override
    public boolean isReached(OperationState state, GuestInspection now) {
        return now.status().isHibernated();
    }

    @Override
    public String goal(GuestType type) {
        return "hibernated";
    }

    @Override
    public String toString() {
        return name();
    }
}
