package io.jenkins.plugins.proxmox.pve.client;

/** Nothing was sent, since the client had no request left ({@link ProxmoxClient#limitedTo}). */
public final class RequestLimitException extends ProxmoxException {
    private static final long serialVersionUID = 1L;

    RequestLimitException(ApiRequest request) {
        super(request + " was not sent: the number of requests that it might have cost is used up.", null);
    }

    @Override
    public boolean mayHaveBeenExecuted() {
        return false;
    }
}
