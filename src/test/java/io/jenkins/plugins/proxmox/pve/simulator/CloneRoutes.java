package io.jenkins.plugins.proxmox.pve.simulator;

import com.fasterxml.jackson.databind.node.TextNode;
import io.jenkins.plugins.proxmox.pve.simulator.ApiRoutes.Answer;
import io.jenkins.plugins.proxmox.pve.simulator.FileLock.Work;
import io.jenkins.plugins.proxmox.pve.simulator.ProvisioningRoutes.Call;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** Free VMIDs and clones, with the checks of PVE::API2::Qemu and PVE::API2::LXC ({@code clone_vm}) in their order. */
final class CloneRoutes {

    private static final Set<String> KNOWN =
            Set.of("newid", "description", "pool", "snapname", "storage", "full", "target", "bwlimit");

    /** The parts in which a copy is told of: 24, as recorded. */
    private static final int PARTS = 24;

    /** What a clone is to be. */
    private record Wanted(
            int newid,
            String name,
            String description,
            String pool,
            String snapshot,
            String storage,
            String target,
            boolean full) {}

    private final Generation generation;
    private final AccessControl access;
    private final SimulatedCluster cluster;

    CloneRoutes(Generation generation, AccessControl access, SimulatedCluster cluster) {
        this.generation = generation;
        this.access = access;
        this.cluster = cluster;
    }

    /** Any valid identity. Reserves nothing. */
    Answer nextId(ReceivedRequest request) {
        RequestParameters parameters = new RequestParameters(request.parameters())
                .allow(Set.of("vmid"))
                .vmid("vmid");
        parameters.check();
        if (parameters.has("vmid")) {
            int vmid = Integer.parseInt(parameters.get("vmid"));
            if (cluster.isTaken(vmid)) {
                parameters.wrong("vmid", "VM " + vmid + " already exists").check();
            }
            return new Answer(TextNode.valueOf(String.valueOf(vmid)), false);
        }
        int free = 100;
        while (cluster.isTaken(free)) {
            free++;
        }
        return new Answer(TextNode.valueOf(String.valueOf(free)), false);
    }

    Answer answer(Call call) {
        access.require(call.identity(), call.aclPath(), "VM.Clone");
        RequestParameters parameters = parameters(call);
        requireAllocation(call, parameters);
        cluster.requireReachable(call.node());
        String pool = parameters.get("pool");
        if (pool != null && !access.pools().contains(pool)) {
            throw Refusal.of(403, "Permission check failed (pool '" + pool + "' does not exist)");
        }
        String target = parameters.get("target");
        if (target != null && !cluster.isNode(target)) {
            throw Refusal.of(500, "no such cluster node '" + target + "'");
        }
        String upid = call.container() ? cloneContainer(call, parameters) : cloneMachine(call, parameters);
        return new Answer(TextNode.valueOf(upid), true);
    }

    private static RequestParameters parameters(Call call) {
        String name = call.container() ? "hostname" : "name";
        Set<String> known = new HashSet<>(KNOWN);
        known.add(name);
        if (!call.container()) {
            known.add("format");
        }
        RequestParameters parameters = new RequestParameters(call.request().parameters())
                .allow(known)
                .require("newid")
                .vmid("newid")
                .booleans("full")
                .integers("bwlimit")
                .configurationId("snapname", call.request().parameters().get("snapname"));
        ConfigurationRules rules = new ConfigurationRules(call.container());
        for (String key : List.of(name, "description")) {
            String complaint = parameters.has(key) ? rules.complaint(key, parameters.get(key)) : null;
            if (complaint != null) {
                parameters.wrong(key, complaint);
            }
        }
        parameters.check();
        return parameters;
    }

    /** Either of the two rights is enough, so that no answer can name one. */
    private void requireAllocation(Call call, RequestParameters parameters) {
        List<String> paths = new ArrayList<>(List.of("/vms/" + parameters.get("newid")));
        if (parameters.has("pool")) {
            paths.add("/pool/" + parameters.get("pool"));
        }
        if (paths.stream()
                .noneMatch(path -> access.privileges(call.identity(), path).contains("VM.Allocate"))) {
            throw Refusal.of(403, "Permission check failed");
        }
    }

    private static Wanted wanted(RequestParameters parameters, SimulatedGuest source) {
        return new Wanted(
                Integer.parseInt(parameters.get("newid")),
                parameters.get(source.container ? "hostname" : "name"),
                parameters.get("description"),
                parameters.get("pool"),
                parameters.get("snapname"),
                parameters.get("storage"),
                parameters.get("target"),
                parameters.has("full") ? parameters.isSet("full") : !source.template);
    }

    private String cloneMachine(Call call, RequestParameters parameters) {
        String storage = parameters.get("storage");
        if (storage != null) {
            requireUsable(call, storage);
        }
        SimulatedGuest source = cluster.guest(call.vmid());
        if (source == null || !source.node.equals(call.node()) || source.container) {
            throw Refusal.of(
                    500, "unable to find configuration file for VM " + call.vmid() + " on node '" + call.node() + "'");
        }
        Wanted wanted = wanted(parameters, source);
        requireUnlocked(source);
        requireSnapshot(source, wanted);
        requireStorageFits(wanted, parameters.has("format"));
        Map<String, String> disks = source.configuration.disks();
        requireSpace(call, wanted, disks);
        requireBridges(call, source);
        if (wanted.target != null && !wanted.target.equals(source.node) && !isShared(wanted, disks)) {
            throw Refusal.of(500, "can't clone VM to node '" + wanted.target + "' (VM uses local storage)");
        }
        if (cluster.isTaken(wanted.newid)) {
            throw Refusal.of(500, alreadyThere(wanted));
        }
        if (!wanted.full) {
            requireLinkable(source, wanted, disks);
        }
        return copyMachine(call, source, wanted);
    }

    private static String alreadyThere(Wanted wanted) {
        return "unable to create VM " + wanted.newid + ": config file already exists";
    }

    private void requireUsable(Call call, String name) {
        SimulatedStorage storage = cluster.existingStorage(name);
        if (storage == null) {
            throw Refusal.of(500, "storage '" + name + "' does not exist");
        }
        String refusal = storage.whyNot(call.node());
        if (refusal != null) {
            throw Refusal.of(500, refusal);
        }
        if (generation == Generation.V9 && !storage.takesDisks(call.container())) {
            new RequestParameters(Map.of())
                    .wrong(
                            "storage",
                            "storage '" + name + "' does not support "
                                    + (call.container() ? "container directories" : "vm images"))
                    .check();
        }
    }

    private static void requireUnlocked(SimulatedGuest source) {
        if (source.lock != null) {
            throw Refusal.of(500, source.lockedText());
        }
    }

    private static void requireSnapshot(SimulatedGuest source, Wanted wanted) {
        if (wanted.snapshot != null) {
            source.snapshots.get(wanted.snapshot);
        }
    }

    private static void requireStorageFits(Wanted wanted, boolean withFormat) {
        String parameter = wanted.storage != null ? "storage" : withFormat ? "format" : null;
        if (!wanted.full && parameter != null) {
            throw Refusal.of(500, "parameter '" + parameter + "' not allowed for linked clones");
        }
    }

    private void requireSpace(Call call, Wanted wanted, Map<String, String> disks) {
        for (String volume : disks.values()) {
            String storage = wanted.storage == null ? volume.replaceFirst(":.*", "") : wanted.storage;
            access.require(call.identity(), "/storage/" + storage, "Datastore.AllocateSpace");
        }
    }

    private void requireBridges(Call call, SimulatedGuest source) {
        for (String bridge : source.configuration.bridges()) {
            access.require(call.identity(), cluster.networkPath(bridge), "SDN.Use");
        }
    }

    private boolean isShared(Wanted wanted, Map<String, String> disks) {
        return disks.values().stream()
                .allMatch(volume -> cluster.storage(
                                wanted.storage == null ? volume.replaceFirst(":.*", "") : wanted.storage)
                        .isShared());
    }

    private boolean isLinkable(SimulatedGuest source, Wanted wanted, String volume) {
        SimulatedStorage storage = cluster.storage(volume.replaceFirst(":.*", ""));
        return wanted.snapshot != null
                ? storage.canCloneSnapshots()
                : source.template && (!source.container || storage.canCloneContainers());
    }

    private void requireLinkable(SimulatedGuest source, Wanted wanted, Map<String, String> disks) {
        disks.forEach((key, volume) -> {
            if (!isLinkable(source, wanted, volume)) {
                throw Refusal.of(
                        500,
                        "Linked clone feature is not supported for " + (wanted.snapshot == null ? "" : "a snapshot of ")
                                + "'" + volume + "' (" + key + ")");
            }
        });
    }

    /** The task has the file of a stopped source together with others, that of a running one and the new one alone. */
    private String copyMachine(Call call, SimulatedGuest source, Wanted wanted) {
        SimulatedTask task = cluster.fork(
                call.node(), "qmclone", source.vmid, call.identity(), cluster.waits(), source.cannotLockFile(), null);
        FileLock locked = cluster.fileLock(wanted.newid);
        SimulatedGuest created = new SimulatedGuest(wanted.newid, false, source.node, null, locked);
        Function<SimulatedTask, Work> begin = each -> {
            each.exitStatus = created.cannotLockFile();
            locked.run(each, mine -> copy(source, created, wanted, mine));
            return null;
        };
        if (source.running) {
            source.fileLock.run(task, begin);
        } else {
            source.fileLock.runShared(task, begin);
        }
        return task.upid;
    }

    private Work copy(SimulatedGuest source, SimulatedGuest created, Wanted wanted, SimulatedTask task) {
        if (cluster.isTaken(wanted.newid)) {
            return Work.failing(cluster.short_(), alreadyThere(wanted));
        }
        created.lock = "clone";
        created.forgotten = true;
        created.configuration.isIncomplete(Map.of("description", " qmclone temporary file"));
        Map<String, String> whole = whole(source, wanted);
        if (cluster.appearAfter().isZero()) {
            cluster.add(created);
        } else {
            cluster.later(cluster.appearAfter(), () -> {
                if (!task.hasEnded()) {
                    cluster.add(created);
                }
            });
        }
        String key = source.configuration.diskKey();
        String volume = source.configuration.disks().getOrDefault(key, "none");
        if (generation == Generation.V9) {
            task.log.add("creating a clone of VM " + source.vmid + " with ID " + wanted.newid);
        }
        task.log.add("create " + (wanted.full ? "full" : "linked") + " clone of drive " + key + " (" + volume + ")");
        String command = "clone failed: copy failed: command '/usr/bin/qemu-img convert -p -n -f qcow2 -O qcow2 "
                + path(volume) + " zeroinit:"
                + path(whole.getOrDefault(key, "none").replaceFirst(",.*", ""))
                + "' failed: ";
        task.whenCancelled = wanted.full ? command + "interrupted by signal" : "clone failed: interrupted by signal";
        String failure = source.takeFailure(task.type);
        boolean full = wanted.full && isFull(wanted, source);
        if (wanted.full) {
            task.log.add("allocated target volume '" + whole.get(key).replaceFirst(",.*", "") + "'");
            tellProgress(task, source.configuration.diskBytes(), full || failure != null ? PARTS / 2 : PARTS, full);
        }
        Runnable gone = () -> cluster.destroyed(created);
        String error = failure != null ? failure : full ? command + "exit code 1" : null;
        return error != null
                ? new Work(cluster.takes(task.type), error, gone, gone)
                : new Work(cluster.takes(task.type), "OK", () -> complete(source, created, wanted, whole), gone);
    }

    private static String path(String volume) {
        return "/var/lib/vz/images/" + volume.replaceFirst(".*:", "");
    }

    private boolean isFull(Wanted wanted, SimulatedGuest source) {
        return cluster.storage(wanted.storage == null ? source.diskStorage : wanted.storage)
                .isFull();
    }

    private static void tellProgress(SimulatedTask task, long bytes, int parts, boolean breaks) {
        List<String> lines = new ArrayList<>();
        double whole = bytes / (double) (1 << 20);
        String unit = whole >= 1024 ? "GiB" : "MiB";
        double scale = whole >= 1024 ? 1024 : 1;
        for (int part = 0; part <= parts; part++) {
            double done = whole * part / PARTS;
            // the first as recorded: nothing is counted in bytes
            lines.add(String.format(
                    Locale.ROOT,
                    "transferred %s of %.1f %s (%.2f%%)",
                    part == 0 ? "0.0 B" : String.format(Locale.ROOT, "%.1f %s", done / scale, unit),
                    whole / scale,
                    unit,
                    100.0 * part / PARTS));
        }
        if (breaks) {
            lines.add("qemu-img: error while writing at byte 4194304: No space left on device");
        }
        task.writes(lines);
    }

    private void complete(SimulatedGuest source, SimulatedGuest created, Wanted wanted, Map<String, String> whole) {
        cluster.add(created);
        created.diskStorage = wanted.storage == null ? source.diskStorage : wanted.storage;
        created.configuration.isComplete(whole);
        created.behavesLike(source);
        created.lock = null;
        if (wanted.target != null) {
            created.node = wanted.target;
        }
        if (wanted.pool != null) {
            access.pool(wanted.pool, created.vmid);
        }
        cluster.complete(created);
    }

    /** The configuration of the clone: all of the source but its MAC addresses, volumes and snapshots. */
    private static Map<String, String> whole(SimulatedGuest source, Wanted wanted) {
        Map<String, String> from = wanted.snapshot == null
                ? source.configuration.effective()
                : new TreeMap<>(source.snapshots.get(wanted.snapshot).configuration());
        from.keySet().removeAll(Set.of("template", "parent"));
        Map<String, String> whole = new TreeMap<>();
        int number = 0;
        for (Map.Entry<String, String> each : from.entrySet()) {
            String key = each.getKey();
            String value = each.getValue();
            if (key.startsWith("unused")) {
                continue;
            }
            if (key.matches("net\\d+")) {
                value = value.replaceFirst(
                        "[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}", GuestConfiguration.hardwareAddress(wanted.newid));
            } else if (GuestConfiguration.isDisk(key) && value.contains("cloudinit")) {
                value = value.replaceAll("\\b" + source.vmid + "\\b", String.valueOf(wanted.newid));
            } else if (GuestConfiguration.isDisk(key) && !GuestConfiguration.isCdrom(value)) {
                value = volume(value, number++, wanted, source.container);
            }
            whole.put(key, value);
        }
        String nameKey = source.configuration.nameKey();
        if (wanted.name != null) {
            whole.put(nameKey, wanted.name);
        } else if (!source.container) {
            whole.put(nameKey, "Copy-of-VM-" + whole.getOrDefault(nameKey, String.valueOf(source.vmid)));
        }
        if (wanted.description != null && !wanted.description.isEmpty()) {
            whole.put("description", wanted.description);
        }
        return whole;
    }

    private static String volume(String value, int number, Wanted wanted, boolean container) {
        String old = value.replaceFirst(",.*", "");
        String own = wanted.newid + "/vm-" + wanted.newid + "-disk-" + number + (container ? ".raw" : ".qcow2");
        String storage = wanted.storage == null ? old.replaceFirst(":.*", "") : wanted.storage;
        return (wanted.full ? storage + ":" : old + "/") + own + value.substring(old.length());
    }

    private String cloneContainer(Call call, RequestParameters parameters) {
        String storage = parameters.get("storage");
        if (storage != null) {
            requireUsable(call, storage);
        }
        SimulatedGuest source = call.guest(cluster);
        Wanted wanted = wanted(parameters, source);
        if (cluster.isTaken(wanted.newid)) {
            throw Refusal.of(
                    500, "CT " + wanted.newid + " already exists on node '" + cluster.guest(wanted.newid).node + "'");
        }
        requireUnlocked(source);
        requireSnapshot(source, wanted);
        requireStorageFits(wanted, false);
        requireBridges(call, source);
        Map<String, String> disks = source.configuration.disks();
        for (String volume : disks.values()) {
            if (!wanted.full && !isLinkable(source, wanted, volume)) {
                throw Refusal.of(500, "Linked clone feature for '" + volume + "' is not available");
            }
        }
        if (source.running && wanted.full && wanted.snapshot == null) {
            throw Refusal.of(
                    500,
                    generation == Generation.V9
                            ? "Full clone of a running container is only possible from a snapshot"
                            : "Cannot do full clones on a running container without snapshots");
        }
        requireSpace(call, wanted, disks);
        return copyContainer(call, source, wanted);
    }

    /** The new container is there at once, without disk; locks in both files keep others away. */
    private String copyContainer(Call call, SimulatedGuest source, Wanted wanted) {
        SimulatedGuest created =
                new SimulatedGuest(wanted.newid, true, source.node, null, cluster.fileLock(wanted.newid));
        Map<String, String> whole = whole(source, wanted);
        Map<String, String> early = new TreeMap<>(whole);
        early.keySet().removeIf(GuestConfiguration::isDisk);
        created.configuration.isIncomplete(early);
        created.lock = "create";
        created.forgotten = true;
        cluster.add(created);
        source.lock = "disk";
        String failure = source.takeFailure("vzclone");
        String copy = "clone failed: command 'rsync --stats -X -A --numeric-ids -aH --whole-file --sparse "
                + "--one-file-system '--bwlimit=0' /var/lib/lxc/" + wanted.newid + "/.copy-volume-2/ /var/lib/lxc/"
                + wanted.newid + "/.copy-volume-1' failed: ";
        if (failure == null && wanted.full && isFull(wanted, source)) {
            failure = copy + "exit code 11";
        }
        Runnable gone = () -> {
            source.lock = null;
            cluster.destroyed(created);
        };
        Runnable done = () -> {
            source.lock = null;
            complete(source, created, wanted, whole);
        };
        SimulatedTask task = cluster.fork(
                call.node(),
                "vzclone",
                source.vmid,
                call.identity(),
                cluster.takes("vzclone"),
                failure == null ? "OK" : failure,
                failure == null ? done : gone);
        task.onCancel = gone;
        task.whenCancelled = copy + "received interrupt";
        task.log.add("creating a clone of container " + source.vmid + " with ID " + wanted.newid);
        task.log.add("create " + (wanted.full ? "full" : "linked") + " clone of mountpoint rootfs ("
                + source.configuration.disks().get("rootfs") + ")");
        return task.upid;
    }
}
