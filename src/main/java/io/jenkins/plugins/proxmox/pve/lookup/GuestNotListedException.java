package io.jenkins.plugins.proxmox.pve.lookup;

/**
 * The cluster's list does not have a guest, but at present it is no proof that there is none: it knows of no node that is
 * online. What is known of the cluster comes back by itself when its services have found each other again.
 */
public final class GuestNotListedException extends GuestException {
    private static final long serialVersionUID = 1L;

    GuestNotListedException(String message) {
        super(message);
    }
}
