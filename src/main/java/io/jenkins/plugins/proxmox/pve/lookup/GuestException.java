package io.jenkins.plugins.proxmox.pve.lookup;

/** An operation on a guest cannot continue. The message is for the person who requested it. */
public class GuestException extends Exception {
    private static final long serialVersionUID = 1L;

    public GuestException(String message) {
        super(message);
    }
}
