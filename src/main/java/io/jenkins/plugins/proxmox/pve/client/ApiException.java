package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;

/** The server answered with an error. */
public abstract sealed class ApiException extends ProxmoxException
        permits AuthenticationFailedException,
                PermissionDeniedException,
                RequestRejectedException,
                NodeUnreachableException {
    private static final long serialVersionUID = 1L;

    private final ErrorAnswer failure;

    ApiException(String message, ErrorAnswer failure) {
        super(message, null);
        this.failure = failure;
    }

    /** The answer of the server. */
    @NonNull
    public ErrorAnswer failure() {
        return failure;
    }

    @Override
    public boolean mayHaveBeenExecuted() {
        return false;
    }
}
