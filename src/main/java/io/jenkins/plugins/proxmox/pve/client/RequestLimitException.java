package io.jenkins.plugins.proxmox.pve.client;

/** Nothing was sent, since the client had no request left ({@link ProxmoxClient#limitedTo}). */
public final class RequestLimitException extends ProxmoxException {
    private static final long serialVersionUID = 1L;

    RequestLimitException(ApiRequest request) {
        super(Texts.of("budget.used-up", request), null);
    }

    @Override
    public boolean mayHaveBeenExecuted() {
        return false;
    }

    @Override
    public boolean mayPass() {
        return false;
    }
}
