package io.jenkins.plugins.proxmox.pve.guest;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.access.GuestRight;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.DiskSize;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
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

/** Makes the disk that a guest boots from larger (PVE::API2::Qemu, PVE::API2::LXC, resize_vm). */
public record DiskResize(DiskSize size) implements GuestOperation {

    @Override
    public String name() {
        return "resize";
    }

    @Override
    public List<RequiredPrivilege> needs(int vmid, GuestConfig config) {
        List<RequiredPrivilege> needs = new ArrayList<>(List.of(GuestRight.SEE.on(vmid)));
        needs.add(new RequiredPrivilege("/vms/" + vmid, List.of("VM.Config.Disk")));
        for (String storage : config.diskStorages()) {
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
        return true;
    }

    @Override
    public Readiness readiness(GuestInspection guest) throws ProxmoxException {
        GuestConfig config = guest.config();
        String disk = config.bootDisk();
        if (disk == null) {
            return new Readiness.Impossible(Texts.of("obstacle.no-disk"));
        }
        DiskSize present = config.diskSize(disk);
        if (present != null && present.bytes() > size.bytes()) {
            return new Readiness.Impossible(Texts.of("obstacle.disk-larger", disk, present));
        }
        if (size.equals(present)) {
            return new Readiness.Done(Texts.of("done.disk-size", disk, present));
        }
        String lock = guest.status().lock();
        return lock == null ? new Readiness.Ready() : new Readiness.Locked(lock, false);
    }

    @CheckForNull
    @Override
    public Upid send(ProxmoxClient client, OperationState state, OperationRequest request, Duration left)
            throws ProxmoxException {
        String disk = client.config(state.guest().location()).bootDisk();
        return client.provisioning().resize(state.guest().location(), disk, size);
    }

    @Override
    public boolean isTask(Upid task) {
        return task.type().equals("resize");
    }

    @Override
    public boolean isReached(OperationState state, GuestInspection now) throws ProxmoxException {
        String disk = now.config().bootDisk();
        DiskSize present = disk == null ? null : now.config().diskSize(disk);
        return present != null && present.bytes() >= size.bytes();
    }

    @Override
    public String goal(GuestType type) {
        return Texts.of("goal.disk-size", size);
    }

    @Override
    public String toString() {
        return Texts.of("operation.resize");
    }
}
