package io.jenkins.plugins.proxmox.pve.operation;

import io.jenkins.plugins.proxmox.pve.lookup.RunState;
import java.io.Serializable;

/**
 * What delays a request until it is over.
 *
 * @param detail the lock, the HA state, the QEMU state, the node, or the refusal; empty for a cluster
 */
record WaitReason(Kind kind, String detail) implements Serializable {

    enum Kind {
        /** A lock of the guest, such as {@code backup}. */
        LOCK,
        /** A state of the HA manager, such as {@code migrate}. */
        HIGH_AVAILABILITY,
        /** The guest is being started, saved, migrated or shut down (its {@link RunState}). */
        CHANGE,
        /** The guest's node does not answer, and the HA manager will recover the guest on another one. */
        NODE,
        /** The cluster's list does not have the guest, but reports no node as online. */
        CLUSTER,
        /** The identity may not see the guest, which may be half made. */
        HIDDEN
    }

    /** Whether the cluster's list shows when it is over. */
    boolean isListed() {
        return kind == Kind.LOCK || kind == Kind.HIGH_AVAILABILITY;
    }
}
