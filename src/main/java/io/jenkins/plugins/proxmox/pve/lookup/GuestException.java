package io.jenkins.plugins.proxmox.pve.lookup;

/** An operation on a guest that cannot go on, with a message for the person who asked for it. */
public class GuestException extends Exception {
    private static final long serialVersionUID = 1L;

    public GuestException(String message) {
        super(message);
    }
}
