package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.CheckForNull;
import java.util.Map;
import java.util.Set;
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

    /** The storages that hold disks of a virtual machine. */
    private Set<String> diskStorages() {
        Set<String> storages = new TreeSet<>();
        values.forEach((key, value) -> {
            Matcher volume = VOLUME.matcher(value);
            if (DRIVE.matcher(key).matches() && !CD_ROM.matcher(value).find() && volume.matches()) {
                storages.add(volume.group(1));
            }
        });
        return storages;
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
