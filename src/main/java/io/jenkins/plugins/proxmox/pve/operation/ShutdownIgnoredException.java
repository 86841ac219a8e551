package io.jenkins.plugins.proxmox.pve.operation;

import io.jenkins.plugins.proxmox.pve.lookup.GuestException;

/** A guest was asked to shut down, and is still running after the time that it was given. */
public final class ShutdownIgnoredException extends GuestException {
    private static final long serialVersionUID = 1L;

    ShutdownIgnoredException(String message) {
        super(message);
    }
}
