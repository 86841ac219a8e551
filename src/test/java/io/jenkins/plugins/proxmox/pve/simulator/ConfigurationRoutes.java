package io.jenkins.plugins.proxmox.pve.simulator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.jenkins.plugins.proxmox.pve.simulator.ApiRoutes.Answer;
import io.jenkins.plugins.proxmox.pve.simulator.FileLock.Work;
import io.jenkins.plugins.proxmox.pve.simulator.ProvisioningRoutes.Call;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * {@code /nodes/{node}/{qemu|lxc}/{vmid}/config} and what else changes a guest's configuration: sizes of disks, templates,
 * the image of cloud-init. Recorded of servers of both generations.
 */
final class ConfigurationRoutes {

    private static final Set<String> OF_REQUEST = Set.of("delete", "digest", "revert", "force", "skiplock");

    private final Generation generation;
    private final AccessControl access;
    private final SimulatedCluster cluster;

    ConfigurationRoutes(Generation generation, AccessControl access, SimulatedCluster cluster) {
        this.generation = generation;
        this.access = access;
        this.cluster = cluster;
    }

    private static Answer nothing() {
        return new Answer(NullNode.getInstance(), true);
    }

    Answer read(Call call) {
        call.require(access, cluster, "VM.Audit");
        GuestConfiguration configuration = call.guest(cluster).configuration;
        String snapshot = call.request().parameters().get("snapshot");
        if (snapshot != null) {
            return new Answer(call.guest(cluster).snapshots.config(snapshot), false);
        }
        boolean current = "1".equals(call.request().parameters().get("current"));
        return new Answer(current ? configuration.json(configuration.effective()) : configuration.json(), false);
    }

    Answer pending(Call call) {
        call.require(access, cluster, "VM.Audit");
        return new Answer(call.guest(cluster).configuration.pending(), false);
    }

    Answer change(Call call) {
        ConfigurationRules rules = new ConfigurationRules(call.container());
        call.require(access, cluster, rules.anyRight());
        Map<String, String> wanted = wanted(call, rules);
        checkRights(call, rules, wanted, false);
        SimulatedGuest guest = call.guest(cluster);
        requireDigest(call, guest);
        if (call.request().method().equals("POST")) {
            return new Answer(TextNode.valueOf(inTask(call, rules, guest, wanted)), true);
        }
        if (generation == Generation.V9 && "clone".equals(guest.lock)) {
            throw Refusal.of(500, guest.lockedText());
        }
        cluster.awaitFileLock(guest);
        if (guest.lock != null) {
            throw Refusal.of(500, guest.lockedText());
        }
        checkRights(call, rules, wanted, true);
        carryOut(call, guest, wanted);
        return nothing();
    }

    /** What is to be set, and to null what is to be taken away; or the refusal of what is wrong with it. */
    private static Map<String, String> wanted(Call call, ConfigurationRules rules) {
        RequestParameters parameters = new RequestParameters(call.request().parameters());
        Map<String, String> wanted = new LinkedHashMap<>();
        call.request().parameters().forEach((key, value) -> {
            if (OF_REQUEST.contains(key) && !(call.container() && key.equals("skiplock"))) {
                return;
            }
            if (!rules.knows(key)) {
                parameters.unknown(key);
                return;
            }
            String complaint = value.isEmpty() && key.matches("description|tags") ? null : rules.complaint(key, value);
            if (complaint != null) {
                parameters.wrong(key, complaint);
            }
            wanted.put(key, value.isEmpty() ? null : ConfigurationRules.stored(key, value));
        });
        parameters.longest("digest", parameters.get("digest"), 40).check();
        if (parameters.isSet("skiplock")) {
            parameters.wrong("skiplock", "Only root may use this option.").check();
        }
        if (wanted.isEmpty() && !parameters.has("delete") && !parameters.has("revert")) {
            throw Refusal.of(500, "no options specified");
        }
        for (String key : list(parameters.get("delete", ""))) {
            if (!rules.knows(key)) {
                parameters.wrong("delete", "unknown option '" + key + "'").check();
            }
            if (wanted.containsKey(key)) {
                parameters
                        .wrong("delete", "you can't use '-" + key + "' and -delete " + key + "' at the same time")
                        .check();
            }
            wanted.put(key, null);
        }
        return wanted;
    }

    private static Set<String> list(String keys) {
        return Pattern.compile("[,;\\s]+")
                .splitAsStream(keys)
                .filter(key -> !key.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * PVE::API2::Qemu, {@code check_vm_modify_config_perm}: rights for tags and drives are asked for once the file is
     * locked.
     */
    private void checkRights(Call call, ConfigurationRules rules, Map<String, String> wanted, boolean locked) {
        wanted.forEach((key, value) -> {
            boolean drive = GuestConfiguration.isDisk(key) && !key.matches("(efidisk|tpmstate)\\d+");
            if (!locked && value != null && ConfigurationRules.refusal(key, value) != null) {
                throw Refusal.of(500, ConfigurationRules.refusal(key, value));
            }
            if (!locked && drive && value != null) {
                requireSpace(call, value);
            }
            if (key.matches("lock|args|hostpci\\d+")) {
                throw Refusal.of(
                        500,
                        "only root can set '" + key + "' config"
                                + (key.startsWith("hostpci") ? " for non-mapped devices" : ""));
            }
            if (locked != (drive || key.equals("tags"))) {
                return;
            }
            if (drive && value != null && GuestConfiguration.isCdrom(value)) {
                requireForDrive(call, value);
                return;
            }
            access.require(call.identity(), call.aclPath(), rules.right(key));
            if (key.matches("net\\d+") && value != null) {
                Pattern.compile("\\bbridge=([^,]+)")
                        .matcher(value)
                        .results()
                        .forEach(bridge ->
                                access.require(call.identity(), cluster.networkPath(bridge.group(1)), "SDN.Use"));
            }
        });
    }

    private void requireForDrive(Call call, String value) {
        if (value.contains("cloudinit")) {
            access.require(call.identity(), call.aclPath(), "VM.Config.Cloudinit");
        }
        access.require(call.identity(), call.aclPath(), "VM.Config.CDROM");
    }

    /** PVE::API2::Qemu, {@code check_storage_access}: of a disk that is to be made. */
    private void requireSpace(Call call, String value) {
        if (value.matches("[^:,]+:\\d+(\\.\\d+)?(,.*)?")) {
            String storage = value.replaceFirst(":.*", "");
            access.require(call.identity(), "/storage/" + storage, "Datastore.AllocateSpace");
            if (cluster.existingStorage(storage) == null) {
                throw Refusal.of(500, "storage '" + storage + "' does not exist");
            }
        }
    }

    private static void requireDigest(Call call, SimulatedGuest guest) {
        String digest = call.request().parameters().get("digest");
        if (digest != null && !digest.equals(guest.configuration.digest())) {
            throw Refusal.of(
                    500,
                    guest.container
                            ? "detected modified configuration - file changed by other user? Try again."
                            : "checksum mismatch (file change by other user?)");
        }
    }

    private String inTask(Call call, ConfigurationRules rules, SimulatedGuest guest, Map<String, String> wanted) {
        return cluster.underLock(call.identity(), guest, "qmconfig", task -> {
            wanted.forEach((key, value) -> task.log.add(
                    "update VM " + guest.vmid + ": -" + (value == null ? "delete " + key : key + " " + value)));
            if (guest.lock != null) {
                return Work.failing(cluster.short_(), guest.lockedText());
            }
            try {
                checkRights(call, rules, wanted, true);
            } catch (Refusal refused) {
                return Work.failing(cluster.short_(), refused.status + " " + refused.getMessage());
            }
            return new Work(cluster.short_(), "OK", () -> carryOut(call, guest, wanted));
        });
    }

    private static void carryOut(Call call, SimulatedGuest guest, Map<String, String> wanted) {
        GuestConfiguration configuration = guest.configuration;
        list(call.request().parameters().getOrDefault("revert", "")).forEach(configuration::revert);
        wanted.forEach((key, value) -> configuration.change(key, value == null ? null : made(guest, key, value)));
    }

    /** A volume is made for a disk of which only the storage and the size are named. */
    private static String made(SimulatedGuest guest, String key, String value) {
        if (!GuestConfiguration.isDisk(key)) {
            return value;
        }
        String storage = value.replaceFirst(":.*", "");
        String volume = storage + ":" + guest.vmid + "/vm-" + guest.vmid + "-";
        if (value.matches("[^:,]+:cloudinit(,.*)?")) {
            return volume + "cloudinit.qcow2,media=cdrom";
        }
        if (!value.matches("[^:,]+:\\d+(,.*)?")) {
            return value;
        }
        int number = guest.configuration.disks().size();
        return volume + "disk-" + number + ".raw,size=" + value.replaceFirst("[^:]+:(\\d+).*", "$1") + "G";
    }

    Answer resize(Call call) {
        call.require(access, cluster, "VM.Config.Disk");
        RequestParameters parameters = new RequestParameters(call.request().parameters())
                .allow(Set.of("disk", "size", "digest", "skiplock"))
                .require("disk")
                .require("size");
        String disk = parameters.get("disk");
        String size = parameters.get("size");
        if (size != null && !size.matches("\\+?\\d+(\\.\\d+)?[KMGT]?")) {
            parameters.wrong("size", "value does not match the regex pattern");
        }
        if (disk != null && !GuestConfiguration.isDisk(disk)) {
            parameters.wrong("disk", "value '" + disk + "' does not have a value in the enumeration 'ide0, ide1, …'");
        }
        parameters.check();
        SimulatedGuest guest = call.guest(cluster);
        requireDigest(call, guest);
        return new Answer(
                TextNode.valueOf(cluster.underLock(
                        call.identity(), guest, "resize", task -> resize(call, guest, task, disk, size))),
                true);
    }

    private Work resize(Call call, SimulatedGuest guest, SimulatedTask task, String disk, String size) {
        String value = guest.configuration.get(disk);
        long before = guest.configuration.diskBytes(disk);
        long after = size.startsWith("+")
                ? before + GuestConfiguration.bytes(size.substring(1))
                : GuestConfiguration.bytes(size);
        String failure = guest.lock != null
                ? guest.lockedText()
                : value == null
                        ? "disk '" + disk + "' does not exist"
                        : GuestConfiguration.isCdrom(value)
                                ? "you can't resize a cdrom"
                                : after < before ? "shrinking disks is not supported" : null;
        if (failure != null) {
            return Work.failing(cluster.short_(), failure);
        }
        String storage = "/storage/" + value.replaceFirst(":.*", "");
        if (!access.privileges(call.identity(), storage).contains("Datastore.AllocateSpace")) {
            return Work.failing(
                    cluster.short_(),
                    "403 "
                            + Refusal.permission(storage, "Datastore.AllocateSpace")
                                    .getMessage());
        }
        task.log.add("Image resized.");
        return new Work(cluster.short_(), "OK", () -> guest.configuration.resize(disk, after));
    }

    Answer template(Call call) {
        call.require(access, cluster, "VM.Allocate");
        new RequestParameters(call.request().parameters())
                .allow(call.container() ? Set.of() : Set.of("disk"))
                .check();
        SimulatedGuest guest = call.guest(cluster);
        if (guest.lock != null) {
            throw Refusal.of(500, guest.lockedText());
        }
        if (!guest.snapshots.names().isEmpty()) {
            throw Refusal.of(
                    500,
                    "unable to create template, because " + (guest.container ? "CT" : "VM") + " contains snapshots");
        }
        if (guest.template) {
            throw Refusal.of(500, "you can't convert a template to a template");
        }
        if (guest.running) {
            throw Refusal.of(
                    500,
                    guest.container
                            ? "you can't convert a container to template if the CT is running"
                            : "you can't convert a VM to template if VM is running");
        }
        Runnable converted = () -> {
            guest.configuration.becomeBase();
            guest.template = true;
        };
        if (guest.container) {
            cluster.later(cluster.short_(), converted);
            return nothing();
        }
        String upid = cluster.underLock(
                call.identity(), guest, "qmtemplate", task -> new Work(cluster.short_(), "OK", converted));
        return new Answer(TextNode.valueOf(upid), true);
    }

    Answer feature(Call call) {
        call.require(access, cluster, "VM.Audit");
        RequestParameters parameters = new RequestParameters(call.request().parameters())
                .allow(Set.of("feature", "snapname"))
                .require("feature");
        String feature = parameters.get("feature");
        if (feature != null && !feature.matches("snapshot|clone|copy")) {
            parameters.wrong(
                    "feature",
                    "value '" + feature + "' does not have a value in the enumeration 'snapshot, clone, copy'");
        }
        parameters.check();
        SimulatedGuest guest = call.guest(cluster);
        boolean has =
                switch (feature) {
                    case "snapshot" -> guest.snapshots.arePossible() && !guest.template;
                    case "clone" ->
                        guest.template
                                && (!guest.container
                                        || cluster.storage(guest.diskStorage).canCloneContainers());
                    default -> true;
                };
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("hasFeature", has ? 1 : 0);
        if (!guest.container) {
            json.putArray("nodes").add(guest.node);
        }
        return new Answer(json, false);
    }

    Answer rebuildCloudInit(Call call) {
        call.require(access, cluster, "VM.Config.Cloudinit");
        call.guest(cluster);
        return nothing();
    }

    Answer cloudInit(Call call) {
        call.require(access, cluster, "VM.Audit");
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        ObjectNode all = call.guest(cluster).configuration.json();
        List.copyOf(call.guest(cluster).configuration.all().keySet()).stream()
                .filter(key -> key.matches("ci.*|sshkeys|nameserver|searchdomain|ipconfig\\d+"))
                .forEach(key -> list.addObject().put("key", key).set("value", all.get(key)));
        return new Answer(list, false);
    }
}
