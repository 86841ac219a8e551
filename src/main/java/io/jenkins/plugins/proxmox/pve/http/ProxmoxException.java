package io.jenkins.plugins.proxmox.pve.http;

import java.io.IOException;
import java.time.Duration;

/**
 * A failed call of the Proxmox VE API. The subtypes stand for what went wrong. Every message is one that a person can
 * act on, and contains no secret.
 */
public abstract class ProxmoxException extends IOException {
    private static final long serialVersionUID = 1L;

    protected ProxmoxException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * Whether the server may have carried out a write although no proper answer arrived. If so, the caller must check
     * before it sends it again. False for requests that change nothing.
     */
    public abstract boolean mayHaveBeenExecuted();

    /**
     * Whether the same request may succeed some seconds later without any change by a person: a service is restarting,
     * a connection broke.
     */
    public abstract boolean mayPass();

    /** How long to leave the server alone before the next attempt; zero when it does not matter. */
    public Duration retryAfter() {
        return Duration.ZERO;
    }
}
