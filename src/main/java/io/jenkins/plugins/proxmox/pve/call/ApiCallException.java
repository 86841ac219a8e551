package io.jenkins.plugins.proxmox.pve.call;

/** A call cannot continue. The message is for the person who requested it. */
public final class ApiCallException extends Exception {
    private static final long serialVersionUID = 1L;

    ApiCallException(String message) {
        super(message);
    }
}
