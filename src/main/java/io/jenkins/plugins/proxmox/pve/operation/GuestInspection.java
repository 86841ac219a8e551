package io.jenkins.plugins.proxmox.pve.operation;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.Listing;
import io.jenkins.plugins.proxmox.pve.model.Snapshot;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import java.util.function.Predicate;

/** A guest that was just queried. What some operations need to know beyond its status is queried on demand, once. */
public final class GuestInspection {

    private final ProxmoxClient client;
    private final GuestStatus status;
    private final boolean template;
    private Listing<Snapshot> snapshots;
    private GuestConfig config;

    /**
     * @param template whether the list of guests shows it as a template
     */
    GuestInspection(ProxmoxClient client, GuestStatus status, boolean template) {
        this.client = client;
        this.status = status;
        this.template = template;
    }

    public GuestStatus status() {
        return status;
    }

    /** Whether it was listed as a template. False when it was found without the list. */
    public boolean isTemplate() {
        return template;
    }

    /** Its snapshots. Requires VM.Audit. */
    public Listing<Snapshot> snapshots() throws ProxmoxException {
        if (snapshots == null) {
            snapshots = client.snapshots().list(status.location());
        }
        return snapshots;
    }

    /** Whether the storages of its disks support that, such as {@code snapshot}. Requires VM.Audit. */
    public boolean hasFeature(String feature) throws ProxmoxException {
        return client.snapshots().isSupported(status.location(), feature);
    }

    /** Whether a task of the guest is running, as far as the identity sees them. */
    public boolean hasRunningTask(Predicate<Upid> which) throws ProxmoxException {
        return client.runningTasks(status.location()).stream().anyMatch(task -> which.test(task.upid()));
    }

    /**
     * The configuration of another guest, which was cloned from it: on its node or, once the clone is complete, perhaps on
     * another one. Null if it does not exist there.
     *
     * @param node where it is to be in the end; null for the node of this guest
     */
    @CheckForNull
    public GuestConfig configOfClone(int vmid, @Nullable String node) throws ProxmoxException {
        GuestLocation here = status.location();
        GuestConfig found = config(new GuestLocation(here.node(), here.type(), vmid));
        return found == null && node != null && !node.equals(here.node())
                ? config(new GuestLocation(node, here.type(), vmid))
                : found;
    }

    @CheckForNull
    private GuestConfig config(GuestLocation guest) throws ProxmoxException {
        try {
            return client.config(guest);
        } catch (RequestRejectedException e) {
            if (e.isNoSuchGuest()) {
                return null;
            }
            throw e;
        }
    }

    /** Its configuration. Requires VM.Audit. */
    public GuestConfig config() throws ProxmoxException {
        if (config == null) {
            config = client.config(status.location());
        }
        return config;
    }
}
