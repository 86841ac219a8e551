package io.jenkins.plugins.proxmox.pve.operation;

import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.TaskSummary;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.util.Comparator;

/**
 * The task that blocks a guest.
 *
 * @param identity the identity that queried the tasks
 * @param task null when that identity cannot see it: without Sys.Audit on the node it sees only its own tasks
 */
record BlockingTask(
        GuestLocation guest, String identity, @Nullable Upid task) {

    /** The running task of a guest that began first: later ones wait for it. */
    @NonNull
    static BlockingTask on(GuestLocation guest, ProxmoxClient client) throws ProxmoxException {
        Upid first = client.runningTasks(guest).stream()
                .map(TaskSummary::upid)
                .min(Comparator.comparing(Upid::startTime))
                .orElse(null);
        return new BlockingTask(guest, client.identity(), first);
    }

    /** The type of the task and who started it, or how to find out, in whole sentences. */
    @NonNull
    String inWords() {
        return task == null
                ? Texts.of("busy.unseen", identity, guest.node(), guest.vmid())
                : Texts.of("busy.task", task.type(), task.user(), task);
    }
}
