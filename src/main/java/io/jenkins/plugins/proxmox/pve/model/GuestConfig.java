package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.CheckForNull;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The configuration of a guest ({@code …/config}), as far as it is used.
 *
 * @param values as Proxmox VE writes them, numbers as text
 */
public record GuestConfig(Map<String, String> values) {

    public static final GuestConfig UNKNOWN = new GuestConfig(Map.of());

    // PVE::QemuServer::Drive
    private static final Pattern DRIVE = Pattern.compile("(?:ide|sata|scsi|virtio|efidisk|tpmstate)\\d+");

    // PVE::LXC::Config
    private static final Pattern MOUNT_POINT = Pattern.compile("rootfs|mp\\d+");

    private static final Pattern BOOTABLE = Pattern.compile("(?:ide|sata|scsi|virtio)\\d+");

    private static final Pattern SIZE = Pattern.compile("(?:^|,)size=([^,]+)");

    private static final Pattern NETWORK = Pattern.compile("net\\d+");

    private static final Pattern BRIDGE = Pattern.compile("(?:^|,)bridge=([^,]+)");

    private static final Pattern VLAN = Pattern.compile("(?:^|,)tag=(\\d+)");

    private static final Pattern AGENT_ENABLED = Pattern.compile("(?:^(?:enabled=)?1|,enabled=1)(?:,|$)");

    // PVE::QemuServer::Drive, drive_is_cloudinit
    private static final Pattern CLOUD_INIT = Pattern.compile("[:/](?:vm-\\d+-)?cloudinit(?:[.,]|$)");

    // PVE::JSONSchema, pve-storage-id; the rest is the name of the volume
    private static final Pattern VOLUME = Pattern.compile("(?:file=)?([A-Za-z][A-Za-z0-9._-]*[A-Za-z0-9]):.*");

    private static final Pattern CD_ROM = Pattern.compile("(?:^|,)media=cdrom(?:,|$)");

    public GuestConfig {
        values = Map.copyOf(values);
    }

    /**
     * Reads an answer.
     *
     * @throws IllegalArgumentException when it is not a configuration
     */
    public static GuestConfig from(JsonNode json) {
        JsonChecks.requireText("digest", json);
        Map<String, String> values = new TreeMap<>();
        json.properties()
                .forEach(field -> values.put(field.getKey(), field.getValue().asText("")));
        return new GuestConfig(values);
    }

    /** The storages that hold its disks. */
    public SortedSet<String> diskStorages() {
        SortedSet<String> storages = new TreeSet<>();
        values.forEach((key, value) -> {
            Matcher volume = VOLUME.matcher(value);
            boolean drive =
                    DRIVE.matcher(key).matches() || MOUNT_POINT.matcher(key).matches();
            if (drive && !CD_ROM.matcher(value).find() && volume.matches()) {
                storages.add(volume.group(1));
            }
        });
        return storages;
    }

    /** The value under that key; empty when there is none. */
    public String value(String key) {
        return values.getOrDefault(key, "");
    }

    /** Its notes, with their lines; empty when there are none. Proxmox VE ends those of a container with a line break. */
    public String description() {
        return value("description").stripTrailing();
    }

    /** Proxmox VE writes tags in lower case, separated by semicolons, and reads other separators too (PVE::Tools). */
    public SortedSet<String> tags() {
        SortedSet<String> tags = new TreeSet<>();
        for (String tag : value("tags").split("[;,\\s]+")) {
            if (!tag.isBlank()) {
                tags.add(tag.toLowerCase(Locale.ROOT));
            }
        }
        return tags;
    }

    public boolean isTemplate() {
        return value("template").equals("1");
    }

    /** Whether Proxmox VE refuses to delete it. */
    public boolean isProtected() {
        return value("protection").equals("1");
    }

    /** Why it is locked; null when it is not. */
    @CheckForNull
    public String lock() {
        return values.get("lock");
    }

    /** The type of the guest, as its root file system tells. */
    public GuestType type() {
        return values.containsKey("rootfs") ? GuestType.LXC : GuestType.QEMU;
    }

    /** Whether the guest agent of a virtual machine is enabled (PVE::QemuServer::Agent). */
    public boolean hasAgent() {
        return AGENT_ENABLED.matcher(value("agent")).find();
    }

    public boolean hasCloudInitDrive() {
        return values.entrySet().stream()
                .anyMatch(each -> DRIVE.matcher(each.getKey()).matches()
                        && CLOUD_INIT.matcher(each.getValue()).find());
    }

    /**
     * The key of the disk that it boots from: the root file system of a container; of a virtual machine, the first disk of
     * its boot order, else the one that {@code bootdisk} names, as in settings older than Proxmox VE 6.3
     * (PVE::QemuServer, bootorder_from_legacy), else its first disk. Null when it has none.
     */
    @CheckForNull
    public String bootDisk() {
        if (values.containsKey("rootfs")) {
            return "rootfs";
        }
        List<String> order = new ArrayList<>(
                List.of(value("boot").replaceFirst("^order=", "").split(";")));
        order.add(value("bootdisk"));
        return order.stream()
                .filter(this::isDisk)
                .findFirst()
                .orElseGet(() -> values.keySet().stream()
                        .filter(this::isDisk)
                        .sorted()
                        .findFirst()
                        .orElse(null));
    }

    private boolean isDisk(String key) {
        return BOOTABLE.matcher(key).matches()
                && values.containsKey(key)
                && !CD_ROM.matcher(value(key)).find();
    }

    /** The size of the disk under that key; null when it is not known. */
    @CheckForNull
    public DiskSize diskSize(String key) {
        Matcher size = SIZE.matcher(value(key));
        return size.find() ? DiskSize.parse(size.group(1)) : null;
    }

    /** The bridges or virtual networks that it is connected to, as {@code vmbr0} or, with a VLAN tag, {@code vmbr0/5}. */
    public SortedSet<String> networks() {
        SortedSet<String> networks = new TreeSet<>();
        values.forEach((key, value) -> {
            Matcher bridge = BRIDGE.matcher(value);
            if (NETWORK.matcher(key).matches() && bridge.find()) {
                Matcher tag = VLAN.matcher(value);
                networks.add(bridge.group(1) + (tag.find() ? "/" + tag.group(1) : ""));
            }
        });
        return networks;
    }

    /**
     * The storage that receives the memory of a virtual machine when it is hibernated (PVE::QemuConfig,
     * find_vmstate_storage): the configured one, else that of its disks, else {@code local}. Null when unknown, as with
     * disks on several storages, of which Proxmox VE prefers shared ones.
     */
    @CheckForNull
    public String stateStorage() {
        if (values.isEmpty()) {
            return null;
        }
        String set = values.get("vmstatestorage");
        if (set != null) {
            return set;
        }
        Set<String> storages = diskStorages();
        if (storages.size() > 1) {
            return null;
        }
        return storages.isEmpty() ? "local" : storages.iterator().next();
    }
}
