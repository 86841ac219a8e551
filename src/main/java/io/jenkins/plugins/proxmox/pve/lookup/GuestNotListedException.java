package io.jenkins.plugins.proxmox.pve.lookup;

/**
 * The cluster's list does not have a guest, but that does not prove that there is none, because the cluster reports no
 * node as online. The list recovers by itself once the cluster services have found each other again.
 */
public final class GuestNotListedException extends GuestException {
    private static final long serialVersionUID = 1L;

    GuestNotListedException(String message) {
        super(message);
    }
}
