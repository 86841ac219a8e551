package io.jenkins.plugins.proxmox.pve.simulator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.jenkins.plugins.proxmox.pve.simulator.AccessControl.Identity;
import io.jenkins.plugins.proxmox.pve.simulator.ApiRoutes.Answer;
import io.jenkins.plugins.proxmox.pve.simulator.FileLock.Work;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * {@code /nodes/{node}/{qemu|lxc}/{vmid}/snapshot}: recorded of servers of both generations, what is not from
 * PVE::AbstractConfig.
 */
final class SnapshotRoutes {

    private static final Set<String> RESERVED = Set.of("current", "pending");

    /** One request of somebody about the snapshots of a guest. */
    private record Call(ReceivedRequest request, Identity identity, String node, String type, int vmid, String name) {

        boolean container() {
            return type.equals("lxc");
        }

        String task(String what) {
            return (container() ? "vz" : "qm") + what;
        }

        RequestParameters parameters(String... known) {
            return new RequestParameters(request.parameters()).allow(Set.of(known));
        }
    }

    private final Generation generation;
    private final AccessControl access;
    private final SimulatedCluster cluster;

    SnapshotRoutes(Generation generation, AccessControl access, SimulatedCluster cluster) {
        this.generation = generation;
        this.access = access;
        this.cluster = cluster;
    }

    Answer answer(ReceivedRequest request, Identity identity, List<String> path) {
        String name = path.size() > 5 ? path.get(5) : null;
        Call call = new Call(request, identity, path.get(1), path.get(2), ApiRoutes.vmid(path.get(3)), name);
        String leaf = path.size() > 6 ? path.get(6) : "";
        String what = request.method() + " " + (name == null ? "" : "{name}") + (leaf.isEmpty() ? "" : "/" + leaf);
        synchronized (cluster) {
            cluster.settle();
            return switch (what) {
                case "GET " -> list(call);
                case "POST " -> create(call);
                case "GET {name}" -> index(call);
                case "DELETE {name}" -> delete(call);
                case "POST {name}/rollback" -> rollBack(call);
                case "GET {name}/config" -> config(call);
                case "PUT {name}/config" -> describe(call);
                default -> throw ApiRoutes.notImplemented(request);
            };
        }
    }

    private void require(Call call, String privileges) {
        access.require(call.identity, "/vms/" + call.vmid, privileges);
        cluster.requireReachable(call.node);
    }

    private SimulatedGuest guest(Call call) {
        return cluster.configured(call.node, call.type, call.vmid);
    }

    private static Answer upid(String upid) {
        return new Answer(TextNode.valueOf(upid), true);
    }

    private Answer list(Call call) {
        require(call, "VM.Audit");
        return new Answer(guest(call).snapshots.list(), false);
    }

    private Answer index(Call call) {
        require(call, "VM.Audit");
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        list.addObject().put("cmd", "rollback");
        list.addObject().put("cmd", "config");
        return new Answer(list, false);
    }

    private Answer config(Call call) {
        require(call, "VM.Snapshot|VM.Snapshot.Rollback|VM.Audit");
        return new Answer(guest(call).snapshots.config(call.name), false);
    }

    private Answer describe(Call call) {
        require(call, "VM.Snapshot");
        RequestParameters parameters = call.parameters("description");
        parameters.configurationId("snapname", call.name).check();
        SimulatedGuest guest = guest(call);
        guest.snapshots.get(call.name);
        if (guest.lock != null) {
            throw Refusal.of(500, guest.lockedText());
        }
        if (parameters.has("description")) {
            guest.snapshots.describe(call.name, parameters.get("description"));
        }
        return new Answer(NullNode.getInstance(), true);
    }

    private Answer create(Call call) {
        require(call, "VM.Snapshot");
        RequestParameters parameters = call.container()
                ? call.parameters("snapname", "description")
                : call.parameters("snapname", "description", "vmstate").booleans("vmstate");
        String name = parameters.get("snapname");
        parameters.require("snapname").configurationId("snapname", name).check();
        if (RESERVED.contains(name) || call.container() && name.equals("vzdump")) {
            throw Refusal.of(500, "unable to use snapshot name '" + name + "' (reserved name)");
        }
        SimulatedGuest guest = guest(call);
        return upid(cluster.underLockBriefly(
                call.identity, guest, call.task("snapshot"), task -> create(guest, task, parameters)));
    }

    private Work create(SimulatedGuest guest, SimulatedTask task, RequestParameters parameters) {
        String name = parameters.get("snapname");
        String failure = whyNotTaken(guest, name);
        if (failure != null) {
            return Work.failing(cluster.short_(), failure);
        }
        boolean withMemory = parameters.isSet("vmstate") && guest.running;
        if (withMemory) {
            task.log.add("saving VM state and RAM using storage '" + cluster.stateStorage(guest.vmid) + "'");
        }
        if (!guest.container) {
            task.log.add(
                    "snapshotting 'drive-scsi0' (" + guest.configured("scsi0").replaceFirst(",.*", "") + ")");
        }
        guest.lock = "snapshot";
        guest.snapshots.prepare(name, parameters.get("description", ""), withMemory);
        // what has begun is undone when it is ended half way
        return new Work(
                cluster.takes(task.type),
                "OK",
                () -> {
                    guest.lock = null;
                    guest.snapshots.commit(name);
                },
                () -> {
                    guest.lock = null;
                    guest.snapshots.remove(name);
                });
    }

    private static String whyNotTaken(SimulatedGuest guest, String name) {
        if (guest.template) {
            return "you can't take a snapshot if it's a template";
        }
        if (guest.lock != null) {
            return guest.lockedText();
        }
        if (guest.snapshots.has(name)) {
            return "snapshot name '" + name + "' already used";
        }
        return guest.snapshots.arePossible() ? null : "snapshot feature is not available";
    }

    private Answer delete(Call call) {
        require(call, "VM.Snapshot");
        call.parameters("force")
                .booleans("force")
                .configurationId("snapname", call.name)
                .check();
        return upid(changing(call, "delsnapshot", (guest, task) -> {
            guest.lock = "snapshot-delete";
            guest.snapshots.mark(call.name, "delete");
            return new Work(cluster.takes(task.type), "OK", () -> {
                guest.lock = null;
                guest.snapshots.remove(call.name);
            });
        }));
    }

    private Answer rollBack(Call call) {
        require(call, "VM.Snapshot|VM.Snapshot.Rollback");
        RequestParameters parameters = call.parameters("start").booleans("start");
        parameters.configurationId("snapname", call.name).check();
        boolean start = parameters.isSet("start");
        if (start && generation == Generation.V9) {
            access.require(call.identity, "/vms/" + call.vmid, "VM.PowerMgmt");
        }
        return upid(changing(call, "rollback", (guest, task) -> {
            guest.lock = "rollback";
            guest.setRunning(false);
            Duration takes = cluster.takes(task.type);
            return new Work(takes, "OK", () -> rolledBack(call, guest, start));
        }));
    }

    /** The memory in a snapshot runs on at once, without a task of its own. */
    private void rolledBack(Call call, SimulatedGuest guest, boolean start) {
        guest.lock = null;
        guest.snapshots.restore(call.name);
        if (guest.snapshots.get(call.name).withMemory()) {
            guest.setRunning(true);
        } else if (start) {
            cluster.later(Duration.ZERO, () -> cluster.start(call.identity, guest, call.task("")));
        }
    }

    private interface Change {
        Work on(SimulatedGuest guest, SimulatedTask task);
    }

    private static String whyNotChanged(SimulatedGuest guest, String what, String name) {
        if (guest.template) {
            return what.equals("rollback")
                    ? "you can't rollback if vm is a template"
                    : "you can't delete a snapshot if vm is a template";
        }
        if (!guest.snapshots.has(name)) {
            return GuestSnapshots.missing(name);
        }
        String state = guest.snapshots.get(name).state();
        if (state != null && what.equals("rollback")) {
            return "unable to rollback to incomplete snapshot (snapstate = " + state + ")";
        }
        return guest.lock == null ? null : guest.lockedText();
    }

    /** The task of a change of a snapshot that is there. Ended half way, it leaves the guest locked. */
    private String changing(Call call, String what, Change change) {
        SimulatedGuest guest = cluster.guest(call.vmid);
        if (guest == null || !guest.node.equals(call.node) || !guest.type().equals(call.type)) {
            String missing = SimulatedCluster.noConfiguration(call.node, call.type, call.vmid);
            return cluster.fork(call.node, call.task(what), call.vmid, call.identity, cluster.short_(), missing, null)
                    .upid;
        }
        return cluster.underLockBriefly(call.identity, guest, call.task(what), task -> {
            String failure = whyNotChanged(guest, what, call.name);
            return failure == null ? change.on(guest, task) : Work.failing(cluster.short_(), failure);
        });
    }
}
