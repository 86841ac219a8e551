package io.jenkins.plugins.proxmox.pve.operation;

import java.io.IOException;

/**
 * The settings of a server, or its secret, could not be read or cannot be used at the moment. Nobody has withdrawn
 * them, so a running operation continues with the ones that it has.
 */
public final class SettingsUnavailableException extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean mayPass;

    /**
     * @param message for people, in whole sentences; contains no secret
     * @param mayPass whether the next attempt may succeed without anyone fixing something
     */
    public SettingsUnavailableException(String message, boolean mayPass, Throwable cause) {
        super(message, cause);
        this.mayPass = mayPass;
    }

    /** Whether the next attempt may succeed by itself, as when a secret store is briefly unavailable. */
    public boolean mayPass() {
        return mayPass;
    }
}
