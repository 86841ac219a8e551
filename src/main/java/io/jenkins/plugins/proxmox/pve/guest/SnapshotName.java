package io.jenkins.plugins.proxmox.pve.guest;

import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.util.regex.Pattern;

/** The rule for names of snapshots (PVE::JSONSchema, {@code pve-configid}; PVE::AbstractConfig, snapshot_create). */
public final class SnapshotName {

    private static final Pattern VALID = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{1,39}");

    /** The name under which Proxmox VE lists the current state. */
    private static final String CURRENT = "current";

    private SnapshotName() {}

    /**
     * Returns the name, without blanks around it, if it can be that of a snapshot.
     *
     * @throws IllegalArgumentException when there is none, or Proxmox VE would refuse it
     */
    @NonNull
    public static String require(@Nullable String name) {
        String trimmed = name == null ? "" : name.strip();
        if (trimmed.isEmpty()) {
            throw new IllegalArgumentException(Texts.of("snapshot.name-missing"));
        }
        if (!VALID.matcher(trimmed).matches()) {
            throw new IllegalArgumentException(Texts.of("snapshot.name", SafeText.singleLine(trimmed)));
        }
        if (trimmed.equals(CURRENT)) {
            throw new IllegalArgumentException(Texts.of("snapshot.name-reserved", trimmed));
        }
        return trimmed;
    }

    /**
     * Whether Proxmox VE needs the name for itself with guests of that type: for pending changes of virtual machines, and
     * for backups of containers (PVE::API2::Qemu, PVE::API2::LXC::Snapshot).
     */
    public static boolean isReserved(String name, GuestType type) {
        return name.equals(type == GuestType.QEMU ? "pending" : "vzdump");
    }
}
