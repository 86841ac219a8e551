package io.jenkins.plugins.proxmox.pve.http;

import java.io.IOException;
import java.time.Duration;

/**
 * A call of the Proxmox VE API that did not succeed. The subtypes tell what went wrong; every message is one that a
 * person can act on and holds no secret.
 */
public abstract class ProxmoxException extends IOException {
    private static final long serialVersionUID = 1L;

    protected ProxmoxException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * Whether the server may have carried out a write although no proper answer came. A caller must look before it
     * sends it again. False for what changes nothing.
     */
    public abstract boolean mayHaveBeenExecuted();

    /**
     * Whether the same request may go well some seconds later, with nobody having changed anything: a service is being
     * restarted, a connection broke.
     */
    public abstract boolean mayPass();

    /** How long to leave the server alone before the next attempt; zero when it does not matter. */
    public Duration retryAfter() {
        return Duration.ZERO;
    }
}
