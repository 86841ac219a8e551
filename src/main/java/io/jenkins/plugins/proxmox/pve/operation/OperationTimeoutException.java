package io.jenkins.plugins.proxmox.pve.operation;

import io.jenkins.plugins.proxmox.pve.lookup.GuestException;

/** The time of an operation is over, and its end was not seen. Its task, if it has one, may go on. */
public final class OperationTimeoutException extends GuestException {
    private static final long serialVersionUID = 1L;

    OperationTimeoutException(String message) {
        super(message);
    }
}
