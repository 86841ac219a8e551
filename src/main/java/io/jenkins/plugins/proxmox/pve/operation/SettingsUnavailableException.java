package io.jenkins.plugins.proxmox.pve.operation;

import java.io.IOException;

/**
 * The settings of a server, or the secret for it, could not be read or cannot be used at present. Nobody has withdrawn
 * them, so that an operation under way goes on with those that it has.
 */
public final class SettingsUnavailableException extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean mayPass;

    /**
     * @param message for people, in whole sentences; holds no secret
     * @param mayPass whether the next attempt may succeed without anybody mending something
     */
    public SettingsUnavailableException(String message, boolean mayPass, Throwable cause) {
        super(message, cause);
        this.mayPass = mayPass;
    }

    /** Whether the next attempt may succeed by itself, as when a secret store is away for a moment. */
    public boolean mayPass() {
        return mayPass;
    }
}
