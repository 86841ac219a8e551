package io.jenkins.plugins.proxmox.pve.model;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.util.regex.Pattern;

/** The location of a guest: its node, its type and its VMID. */
public record GuestLocation(String node, GuestType type, int vmid) implements Serializable {

    /** PVE::JSONSchema: the smallest VMID of a guest. */
    public static final int SMALLEST_VMID = 100;

    /** PVE::JSONSchema: the largest VMID. */
    public static final int LARGEST_VMID = 999_999_999;

    // PVE::JSONSchema, format pve-node
    private static final Pattern NODE = Pattern.compile("[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?");

    public GuestLocation {
        requireNodeName(node);
        requireVmid(vmid);
    }

    /**
     * Returns {@code node} if it can be the name of a node.
     *
     * @throws IllegalArgumentException if not; such a text must not become part of a path
     */
    public static String requireNodeName(String node) {
        if (node.length() > 63 || !NODE.matcher(node).matches()) {
            throw new IllegalArgumentException(Texts.of("node.name", SafeText.singleLine(node)));
        }
        return node;
    }

    /**
     * Returns {@code vmid} if it can be a VMID.
     *
     * @throws IllegalArgumentException if not
     */
    public static int requireVmid(long vmid) {
        if (!isVmid(vmid)) {
            throw new IllegalArgumentException(noVmid(String.valueOf(vmid)));
        }
        return (int) vmid;
    }

    /** Parses {@code text} as a VMID; null when it is not one. */
    @Nullable
    public static Integer parseVmid(String text) {
        boolean number = text.matches("[0-9]{1,18}");
        return number && isVmid(Long.parseLong(text)) ? Integer.valueOf(text) : null;
    }

    private static boolean isVmid(long number) {
        return number >= SMALLEST_VMID && number <= LARGEST_VMID;
    }

    /** The message that {@code text} is not a VMID. */
    static String noVmid(String text) {
        return Texts.of("vmid.range", text, SMALLEST_VMID, LARGEST_VMID);
    }

    /** {@code VM 100} or {@code CT 200}. */
    public String guest() {
        return type.label() + " " + vmid;
    }

    @Override
    public String toString() {
        return Texts.of("guest.on-node", guest(), node);
    }
}
