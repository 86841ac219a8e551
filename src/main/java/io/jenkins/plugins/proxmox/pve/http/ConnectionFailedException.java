package io.jenkins.plugins.proxmox.pve.http;

import edu.umd.cs.findbugs.annotations.Nullable;

/** There was no answer: the server was not reached or not trusted, or the connection broke. */
public final class ConnectionFailedException extends ProxmoxException {
    private static final long serialVersionUID = 1L;

    /** What went wrong. */
    public enum Kind {
        /** The host name cannot be resolved. */
        NAME_NOT_RESOLVED,
        /** Nothing listens on the port. */
        REFUSED,
        /** No route, or no connection in time: host off, firewall. */
        NOT_REACHABLE,
        /** Connected, but no answer in time. */
        NO_ANSWER,
        /** The connection broke before the answer was complete. */
        BROKEN,
        /** The certificate is not trusted. Usually the authority of the cluster has signed it. */
        CERTIFICATE_NOT_TRUSTED,
        /** The certificate is self-signed, or from an authority that is neither trusted nor that of a cluster. */
        CERTIFICATE_AUTHORITY_UNKNOWN,
        /**
         * The server does not send the certificate of the authority that vouches for its own, and it is not trusted.
         */
        CERTIFICATE_CHAIN_INCOMPLETE,
        /** The certificate is not the one whose fingerprint is pinned. */
        CERTIFICATE_CHANGED,
        /** The certificate is for another name. */
        CERTIFICATE_FOR_OTHER_NAME,
        /** The certificate, or that of an authority that the server sends with it, has expired. */
        CERTIFICATE_EXPIRED,
        /** The certificate, or that of an authority that the server sends with it, is not valid yet. */
        CERTIFICATE_NOT_YET_VALID,
        /** The server closed the connection before TLS was set up, without saying why. */
        CLOSED_IN_HANDSHAKE,
        /** The port does not speak TLS. */
        NOT_TLS,
        /** TLS failed otherwise. */
        TLS_FAILED,
        /** The proxy between Jenkins and the server refused the connection. */
        PROXY_REFUSED,
        /** The proxy cannot be reached, or cannot reach the server. */
        PROXY_NOT_REACHED,
        /** The answer is longer than the client reads. */
        TOO_LONG
    }

    private final Kind kind;
    private final String address;
    private final PresentedCertificate certificate;
    private final boolean mayHaveBeenExecuted;

    public ConnectionFailedException(
            Kind kind,
            ServerAddress address,
            String message,
            @Nullable PresentedCertificate certificate,
            boolean mayHaveBeenExecuted,
            Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.address = address.toString();
        this.certificate = certificate;
        this.mayHaveBeenExecuted = mayHaveBeenExecuted;
    }

    public Kind kind() {
        return kind;
    }

    /** {@code host:port} of the address that was tried. */
    public String address() {
        return address;
    }

    /** The certificate that was refused, or null when the failure has another reason. */
    @Nullable
    public PresentedCertificate certificate() {
        return certificate;
    }

    @Override
    public boolean mayHaveBeenExecuted() {
        return mayHaveBeenExecuted;
    }

    /**
     * True if the host responds: its web server is restarting or overloaded, or broke off. While it restarts, it also
     * closes connections that it has taken but not yet served.
     */
    @Override
    public boolean mayPass() {
        return switch (kind) {
            case REFUSED, NO_ANSWER, BROKEN, CLOSED_IN_HANDSHAKE -> true;
            default -> false;
        };
    }
}
