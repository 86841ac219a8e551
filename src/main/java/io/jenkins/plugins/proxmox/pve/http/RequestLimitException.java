package io.jenkins.plugins.proxmox.pve.http;

import io.jenkins.plugins.proxmox.pve.text.Texts;

/** Nothing was sent, because the {@link RequestBudget} is used up. */
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
