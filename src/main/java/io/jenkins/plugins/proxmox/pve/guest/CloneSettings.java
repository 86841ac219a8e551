package io.jenkins.plugins.proxmox.pve.guest;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.model.DiskSize;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The clone that is wanted.
 *
 * @param name null for the name that Proxmox VE gives
 * @param vmid null for the next free one
 * @param targetNode null for the node of the source
 * @param storage for the disks of a full clone; null for those of the source
 * @param pool null for none
 * @param full whether to copy the disks; null for what Proxmox VE does: not those of a template
 * @param snapshot the snapshot of the source to clone; null for its current state
 * @param tags in addition to those of the source and to {@link CloneMark#TAG}
 * @param description without the mark; empty for none
 * @param mark says who made it
 * @param hardware what is set before the first start
 */
public record CloneSettings(
        @Nullable String name,
        @Nullable Integer vmid,
        @Nullable String targetNode,
        @Nullable String storage,
        @Nullable String pool,
        @Nullable Boolean full,
        @Nullable String snapshot,
        SortedSet<String> tags,
        String description,
        CloneMark mark,
        Hardware hardware)
        implements Serializable {

    /**
     * Values that the clone gets in place of those of its source.
     *
     * @param cores null like all others for the value of the source
     * @param memoryMebibytes of memory
     * @param diskSize of the disk that it boots from
     * @param cloudInit empty for none
     */
    public record Hardware(
            @Nullable Integer cores,
            @Nullable Integer memoryMebibytes,
            @Nullable DiskSize diskSize,
            CloudInit cloudInit)
            implements Serializable {}

    // PVE::JSONSchema, dns-name, in at most the 253 characters of DNS
    private static final Pattern DNS_NAME = Pattern.compile(
            "(?=.{1,253}\\z)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*");

    // PVE::JSONSchema, pve-tag
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_+.-]*");

    private static final int LONGEST_DESCRIPTION = 8192;

    /** A clone at that place that has everything else from its source. */
    public static CloneSettings at(@Nullable Integer vmid, @Nullable String pool, CloneMark mark) {
        return new CloneSettings(
                null,
                vmid,
                null,
                null,
                pool,
                null,
                null,
                new TreeSet<>(),
                "",
                mark,
                new Hardware(null, null, null, new CloudInit(null, "", null, null)));
    }

    /**
     * @throws IllegalArgumentException when Proxmox VE would refuse one of the values, in one line that names it
     */
    public CloneSettings {
        tags = new TreeSet<>(tags);
        if (name != null && !DNS_NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(Texts.of("clone.name", SafeText.singleLine(name)));
        }
        if (vmid != null) {
            GuestLocation.requireVmid(vmid);
        }
        if (targetNode != null) {
            GuestLocation.requireNodeName(targetNode);
        }
        for (String tag : tags) {
            if (!TAG.matcher(tag).matches()) {
                throw new IllegalArgumentException(Texts.of("clone.tag", SafeText.singleLine(tag)));
            }
        }
        if (storage != null && Boolean.FALSE.equals(full)) {
            throw new IllegalArgumentException(Texts.of("clone.storage-linked"));
        }
        int length = mark.of(GuestLocation.LARGEST_VMID).after(description).length();
        if (length > LONGEST_DESCRIPTION) {
            throw new IllegalArgumentException(Texts.of("clone.description", length, LONGEST_DESCRIPTION));
        }
    }

    /** The parameters of the call that clones (PVE::API2::Qemu, PVE::API2::LXC, clone_vm). */
    Map<String, String> options(GuestType type, int target) {
        Map<String, String> options = new LinkedHashMap<>();
        put(options, type == GuestType.LXC ? "hostname" : "name", name);
        if (full != null || storage != null) {
            // otherwise Proxmox VE links the clone of a template and copies everything else
            options.put("full", Boolean.FALSE.equals(full) ? "0" : "1");
        }
        put(options, "target", targetNode);
        put(options, "storage", storage);
        put(options, "pool", pool);
        put(options, "snapname", snapshot);
        options.put("description", mark.of(target).after(description));
        return options;
    }

    private static void put(Map<String, String> options, String key, @CheckForNull String value) {
        if (value != null) {
            options.put(key, value);
        }
    }

    /** The keys of the configuration of the clone that are set, the tags included. */
    Set<String> keys() {
        Set<String> keys = new LinkedHashSet<>(values().keySet());
        keys.add("tags");
        return keys;
    }

    /** The values to set in the configuration of the clone. */
    Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        // the protection of a template is copied, but a clone is there to be deleted
        values.put("protection", "0");
        if (hardware.cores() != null) {
            values.put("cores", hardware.cores().toString());
        }
        if (hardware.memoryMebibytes() != null) {
            values.put("memory", hardware.memoryMebibytes().toString());
        }
        values.putAll(hardware.cloudInit().values());
        return values;
    }
}
