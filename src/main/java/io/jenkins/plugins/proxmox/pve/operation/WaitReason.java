package io.jenkins.plugins.proxmox.pve.operation;

import io.jenkins.plugins.proxmox.pve.lookup.RunState;
import java.io.Serializable;

/**
 * What keeps a request from being sent, and is waited out.
 *
 * @param detail the lock, the state of high availability, what QEMU reports, or the node; empty for a cluster
 */
record WaitReason(Kind kind, String detail) implements Serializable {

    enum Kind {
        /** A lock of the guest, such as {@code backup}. */
        LOCK,
        /** A state of high availability, such as {@code migrate}. */
        HIGH_AVAILABILITY,
        /** The guest is being started, saved, migrated or ended (its {@link RunState}). */
        CHANGE,
        /** The guest's node does not answer, and high availability will bring the guest to another one. */
        NODE,
        /** The cluster's list does not have the guest, but knows of no node that is online. */
        CLUSTER
    }

    /** Whether the cluster's list shows when it is over. */
    boolean isListed() {
        return kind == Kind.LOCK || kind == Kind.HIGH_AVAILABILITY;
    }
}
