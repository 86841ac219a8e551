package io.jenkins.plugins.proxmox.pve.operation;

import io.jenkins.plugins.proxmox.pve.lookup.GuestException;

/** The operation's timeout passed before its end was seen. Its task, if it has one, may continue. */
public final class OperationTimeoutException extends GuestException {
    private static final long serialVersionUID = 1L;

    OperationTimeoutException(String message) {
        super(message);
    }
}
