package io.jenkins.plugins.proxmox.pve.guest;

import java.util.Locale;

/** What to do with a snapshot of a guest, or with all of them. */
public enum SnapshotAction {
    CREATE,
    /** Take the guest back to it. */
    ROLLBACK,
    DELETE,
    /** Only query those that there are. */
    LIST;

    /** The name in Jenkinsfiles, such as {@code create}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
