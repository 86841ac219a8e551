package io.jenkins.plugins.proxmox.pve.client;

/** Something answered that is not the API of Proxmox VE: another product, a proxy's page, a login portal. */
public final class NotProxmoxException extends ProxmoxException {
    private static final long serialVersionUID = 1L;

    private final String address;
    private final int status;
    private final boolean mayHaveBeenExecuted;

    NotProxmoxException(ApiRequest request, ServerAddress address, int status, String what) {
        super(Texts.of("not-proxmox", address, what), null);
        this.address = address.toString();
        this.status = status;
        this.mayHaveBeenExecuted = request.changesSomething();
    }

    /** {@code host:port} that answered. */
    public String address() {
        return address;
    }

    /** The HTTP status of the answer. */
    public int status() {
        return status;
    }

    /** True for every write: a proxy in between may have passed it on before it answered itself. */
    @Override
    public boolean mayHaveBeenExecuted() {
        return mayHaveBeenExecuted;
    }
}
