package io.jenkins.plugins.proxmox.pve.operation;

import io.jenkins.plugins.proxmox.pve.lookup.GuestException;

/** A guest was asked to shut down, and still runs after the time that it was given for that. */
public final class ShutdownIgnoredException extends GuestException {
    private static final long serialVersionUID = 1L;

    ShutdownIgnoredException(String message) {
        super(message);
    }
}
