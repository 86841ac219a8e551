package io.jenkins.plugins.proxmox.pve.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.proxmox.pve.http.ApiPath;
import io.jenkins.plugins.proxmox.pve.http.ApiRequest;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.Listing;
import io.jenkins.plugins.proxmox.pve.model.Snapshot;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import java.util.LinkedHashMap;
import java.util.Map;

/** The calls of the API about the snapshots of a guest. Each write returns the task that carries it out. */
public final class SnapshotApi {

    private final ProxmoxClient client;

    SnapshotApi(ProxmoxClient client) {
        this.client = client;
    }

    /** The snapshots and the current state, in no particular order. Requires VM.Audit on {@code /vms/{vmid}}. */
    public Listing<Snapshot> list(GuestLocation guest) throws ProxmoxException {
        return client.list(path(guest), Snapshot::from);
    }

    /**
     * Whether the storages of its disks support that: {@code snapshot} or {@code clone}. Requires VM.Audit on
     * {@code /vms/{vmid}} (PVE::API2::Qemu and PVE::API2::LXC, vm_feature).
     */
    public boolean isSupported(GuestLocation guest, String feature) throws ProxmoxException {
        ApiPath path = ApiPath.of("nodes", guest.node(), guest.type().apiName(), guest.vmid(), "feature");
        return client.get(
                path.with("feature", feature), data -> data.path("hasFeature").asInt() == 1);
    }

    /**
     * Requires VM.Snapshot.
     *
     * @param description empty for none
     * @param withMemory whether to save the memory of a running machine; a container has no such option
     */
    public Upid create(GuestLocation guest, String name, String description, boolean withMemory)
            throws ProxmoxException {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("snapname", name);
        if (!description.isEmpty()) {
            form.put("description", description);
        }
        if (guest.type() == GuestType.QEMU) {
            form.put("vmstate", withMemory ? "1" : "0");
        }
        return client.call(ApiRequest.post(path(guest), form), (data, date) -> task(data));
    }

    /** Requires VM.Snapshot or VM.Snapshot.Rollback. */
    public Upid rollBack(GuestLocation guest, String name) throws ProxmoxException {
        client.noteChangeOf(guest.vmid());
        return client.call(ApiRequest.post(path(guest, name, "rollback"), Map.of()), (data, date) -> task(data));
    }

    /** Requires VM.Snapshot. */
    public Upid delete(GuestLocation guest, String name) throws ProxmoxException {
        return client.call(ApiRequest.delete(path(guest, name)), (data, date) -> task(data));
    }

    private static Upid task(JsonNode data) {
        return Upid.parse(data.asText());
    }

    private static ApiPath path(GuestLocation guest, Object... rest) {
        return ApiPath.of("nodes", guest.node(), guest.type().apiName(), guest.vmid(), "snapshot")
                .then(rest);
    }
}
