package io.jenkins.plugins.proxmox.pve.lookup;

/** No guest of that VMID or name exists, as far as the identity can see. */
public final class NoSuchGuestException extends GuestException {
    private static final long serialVersionUID = 1L;

    NoSuchGuestException(String message) {
        super(message);
    }
}
