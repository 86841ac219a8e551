package io.jenkins.plugins.proxmox.pve.benchmark;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ApiPath;
import io.jenkins.plugins.proxmox.pve.http.ApiRequest;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.ServerErrorPattern;
import io.jenkins.plugins.proxmox.pve.model.TaskStatus;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.sequence.ManyClones;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import java.util.Map;

/**
 * What it costs to draw VMIDs for many clones at once, while another controller draws some as well: the operation of steps
 * beside a plain loop that asks for the next free VMID, clones, and begins again when somebody else was faster.
 */
final class ClonesBenchmark {

    private static final GuestLocation TEMPLATE = new GuestLocation("pve1", GuestType.QEMU, ManyClones.TEMPLATE);

    /** One line of the table. */
    record Row(String name, ManyClones.Outcome outcome) {}

    Row operations() throws Exception {
        return measure("operations", ManyClones::bySequence);
    }

    Row plain() throws Exception {
        return measure("plain loop", ClonesBenchmark::loop);
    }

    private static Row measure(String name, ManyClones.Cloning cloning) throws Exception {
        try (ManyClones clones = new ManyClones(Generation.V9)) {
            return new Row(name, clones.run(cloning));
        }
    }

    private static int loop(ProxmoxClient client, int number) throws Exception {
        while (true) {
            int vmid = nextFree(client);
            try {
                Upid task = client.provisioning().clone(TEMPLATE, vmid, Map.of("name", "clone-" + number));
                if (end(client, task).isSuccessful()) {
                    return vmid;
                }
            } catch (RequestRejectedException e) {
                if (!ServerErrorPattern.isVmidTaken(vmid, e.failure().serverSaid())) {
                    throw e;
                }
            }
        }
    }

    private static int nextFree(ProxmoxClient client) throws Exception {
        ApiRequest request = ApiRequest.get(ApiPath.of("cluster", "nextid"));
        return Integer.parseInt(String.valueOf(client.raw().answer(request)));
    }

    private static TaskStatus end(ProxmoxClient client, Upid task) throws Exception {
        for (int look = 0; ; look++) {
            PlainLoop.pause(look);
            TaskStatus status = client.taskStatus(task);
            if (!status.running()) {
                return status;
            }
        }
    }
}
