package io.jenkins.plugins.proxmox.pve.client;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.http.ApiPath;
import io.jenkins.plugins.proxmox.pve.http.ApiRequest;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.DiskSize;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import java.util.LinkedHashMap;
import java.util.Map;

/** The calls of the API that make, configure and delete guests. */
public final class ProvisioningApi {

    private final ProxmoxClient client;
    private final VmidReservations reservations;

    ProvisioningApi(ProxmoxClient client, VmidReservations reservations) {
        this.client = client;
        this.reservations = reservations;
    }

    /**
     * Draws a free VMID, which nobody else in this process gets. Others may still take it. Available to any valid
     * identity.
     *
     * @param owner for which guest, by any name that no other one has
     * @param before what was drawn for the same guest and not used yet, to get it again; null for none
     */
    public int drawVmid(String owner, @Nullable Integer before) throws ProxmoxException {
        return reservations.draw(owner, before, new VmidReservations.Question() {
            @Override
            public int lowestFree() throws ProxmoxException {
                return client.get(nextId(), ProvisioningApi::vmid);
            }

            @Override
            public boolean isFree(int vmid) throws ProxmoxException {
                return ProvisioningApi.this.isFree(vmid);
            }
        });
    }

    /**
     * Whether no guest of the cluster has that VMID, not even one that the identity may not see. Available to any valid
     * identity.
     */
    public boolean isFree(int vmid) throws ProxmoxException {
        try {
            client.get(nextId().with("vmid", vmid), ProvisioningApi::vmid);
            return true;
        } catch (RequestRejectedException e) {
            if (isTaken(e)) {
                return false;
            }
            throw e;
        }
    }

    /** As opposed to a number that cannot be a VMID. */
    private static boolean isTaken(RequestRejectedException e) {
        return e.failure().errors().getOrDefault("vmid", "").contains("already exists");
    }

    private static ApiPath nextId() {
        return ApiPath.of("cluster", "nextid");
    }

    private static int vmid(JsonNode data) {
        Integer vmid = GuestLocation.parseVmid(data.asText());
        return GuestLocation.requireVmid(vmid == null ? 0 : vmid);
    }

    /** Whether there is a pool of that name. Available to any valid identity (PVE::API2::Pool, index with poolid). */
    public boolean hasPool(String pool) throws ProxmoxException {
        try {
            return client.get(ApiPath.of("pools").with("poolid", pool), JsonNode::isArray);
        } catch (RequestRejectedException e) {
            if (e.failure().serverSaid().contains("does not exist")) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Clones a guest. Requires VM.Clone on it, VM.Allocate on the new VMID or the pool, Datastore.AllocateSpace on the
     * storages of the new disks and, since Proxmox VE 8, SDN.Use on the networks.
     *
     * @param options further parameters of the call, such as {@code full}
     * @return the task, which bears the VMID of the source
     */
    public Upid clone(GuestLocation source, int newVmid, Map<String, String> options) throws ProxmoxException {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("newid", String.valueOf(newVmid));
        form.putAll(options);
        client.noteChangeOf(newVmid);
        return client.call(ApiRequest.post(path(source, "clone"), form), (data, date) -> Upid.parse(data.asText()));
    }

    /**
     * Sets values of a guest's configuration. Those of hardware of a running guest take effect with its next start. The
     * required privileges depend on the values.
     */
    public void configure(GuestLocation guest, Map<String, String> values) throws ProxmoxException {
        client.call(ApiRequest.put(path(guest, "config"), values), (data, date) -> null);
    }

    /**
     * Makes a disk larger. Requires VM.Config.Disk, and Datastore.AllocateSpace on its storage.
     *
     * @param disk its key in the configuration
     * @return the task; null where the server has done it by the time of its answer
     */
    @CheckForNull
    public Upid resize(GuestLocation guest, String disk, DiskSize size) throws ProxmoxException {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("disk", disk);
        form.put("size", size.toString());
        return client.call(
                ApiRequest.put(path(guest, "resize"), form),
                (data, date) -> data.isNull() ? null : Upid.parse(data.asText()));
    }

    /**
     * Deletes a guest that is stopped, with its disks. Requires VM.Allocate on {@code /vms/{vmid}}.
     *
     * @param purge whether to remove it also from backup jobs, replication jobs and HA resources
     */
    public Upid delete(GuestLocation guest, boolean purge) throws ProxmoxException {
        ApiPath path = path(guest);
        client.noteChangeOf(guest.vmid());
        return client.call(
                ApiRequest.delete(purge ? path.with("purge", 1) : path), (data, date) -> Upid.parse(data.asText()));
    }

    private static ApiPath path(GuestLocation guest, Object... rest) {
        return ApiPath.of("nodes", guest.node(), guest.type().apiName(), guest.vmid())
                .then(rest);
    }
}
