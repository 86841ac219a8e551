package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.client.ConnectionFailedException.Kind;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Instant;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;

/** Names what an {@link IOException} of the HTTP client means for the person who meets it. */
final class ConnectionFailure {

    private static final String CHECK_PROXY =
            " Check the HTTP proxy of Jenkins, or list the host under \"No Proxy Host\" there.";

    private ConnectionFailure() {}

    /** The answer is longer than the limit. */
    static final class AnswerTooLongException extends IOException {
        private static final long serialVersionUID = 1L;

        AnswerTooLongException(int limit) {
            super("the answer is longer than " + limit + " bytes");
        }
    }

    private record Finding(
            Kind kind, String sentence, @Nullable PresentedCertificate certificate) {

        Finding(Kind kind, String sentence) {
            this(kind, sentence, null);
        }
    }

    /**
     * @param sent whether bytes of the request may have left before the failure
     */
    @NonNull
    static ConnectionFailedException of(
            ApiRequest request, ServerAddress address, @Nullable ProxySettings proxy, boolean sent, IOException e) {
        boolean throughProxy = proxy != null && proxy.isUsedFor(address);
        Finding finding = find(address, throughProxy ? proxy : null, sent, e);
        String way = throughProxy ? " (through " + proxy + ")" : "";
        return new ConnectionFailedException(
                finding.kind(),
                address,
                "Cannot talk to Proxmox VE at " + address + way + ": " + finding.sentence(),
                finding.certificate(),
                sent && request.changesSomething(),
                e);
    }

    /** The proxy answered {@code CONNECT} with something else than success. */
    @NonNull
    static ConnectionFailedException proxyRefused(
            ServerAddress address, @Nullable ProxySettings proxy, HttpAnswer answer) {
        return new ConnectionFailedException(
                Kind.PROXY_REFUSED,
                address,
                "Cannot talk to Proxmox VE at " + address + ": " + proxy + " refused the connection (" + answer.status()
                        + " " + Text.singleLine(answer.reason()) + ")." + CHECK_PROXY,
                null,
                false,
                null);
    }

    private static Finding find(ServerAddress address, @Nullable ProxySettings proxy, boolean sent, IOException e) {
        TlsStrategies.RefusedCertificateException refused = cause(e, TlsStrategies.RefusedCertificateException.class);
        if (refused != null) {
            return certificate(refused);
        }
        if (cause(e, AnswerTooLongException.class) != null) {
            return new Finding(Kind.TOO_LONG, e.getMessage() + ".");
        }
        if (cause(e, UnknownHostException.class) != null) {
            return proxy == null
                    ? new Finding(
                            Kind.NAME_NOT_RESOLVED,
                            "the host name cannot be resolved by the Jenkins controller. Check its spelling and DNS.")
                    : new Finding(Kind.PROXY_NOT_REACHED, "the name of the proxy cannot be resolved." + CHECK_PROXY);
        }
        if (e instanceof ConnectionRequestTimeoutException) {
            return new Finding(Kind.NO_ANSWER, "all connections are busy with requests that are not answered.");
        }
        if (!sent) {
            Finding connecting = connecting(address, proxy, e);
            if (connecting != null) {
                return connecting;
            }
        }
        if (cause(e, SocketTimeoutException.class) != null) {
            return new Finding(Kind.NO_ANSWER, "connected, but no answer in time.");
        }
        if (e instanceof InterruptedIOException) {
            return new Finding(Kind.BROKEN, "interrupted.");
        }
        return new Finding(
                Kind.BROKEN, "the connection broke (" + Text.singleLine(String.valueOf(e.getMessage())) + ").");
    }

    @Nullable
    private static Finding connecting(ServerAddress address, @Nullable ProxySettings proxy, IOException e) {
        Kind noWay = proxy == null ? Kind.NOT_REACHABLE : Kind.PROXY_NOT_REACHED;
        if (proxy == null && messageOf(e).contains("Read timed out")) {
            // HttpClient calls it a failure to connect, as it does where no packet comes back at all
            return new Finding(Kind.NO_ANSWER, "connected, but no answer to the TLS handshake in time.");
        }
        if (e instanceof ConnectTimeoutException || cause(e, SocketTimeoutException.class) != null) {
            return new Finding(
                    noWay,
                    "no connection in time. Is the host up, and does a firewall let the "
                            + (proxy == null ? "controller" : "proxy") + " through to port " + address.port() + "?");
        }
        if (cause(e, NoRouteToHostException.class) != null || messageOf(e).contains("unreachable")) {
            return new Finding(noWay, "there is no route to the " + (proxy == null ? "host." : "proxy."));
        }
        if (cause(e, ConnectException.class) != null) {
            return proxy == null
                    ? new Finding(
                            Kind.REFUSED,
                            "connection refused, nothing listens on port " + address.port()
                                    + ". Proxmox VE listens on port 8006; is pveproxy running?")
                    : new Finding(Kind.PROXY_NOT_REACHED, "the proxy does not accept connections." + CHECK_PROXY);
        }
        SSLException tls = cause(e, SSLException.class);
        if (tls != null && messageOf(tls).contains("Unsupported or unrecognized SSL message")) {
            return new Finding(
                    Kind.NOT_TLS, "port " + address.port() + " does not speak TLS. Proxmox VE speaks it on port 8006.");
        }
        if (tls != null) {
            return new Finding(Kind.TLS_FAILED, "TLS failed: " + Text.singleLine(messageOf(tls)) + ".");
        }
        return null;
    }

    private static Finding certificate(TlsStrategies.RefusedCertificateException refused) {
        PresentedCertificate certificate = refused.certificate();
        String shown = " It presented: " + certificate + ".";
        if (refused.kind() == Kind.CERTIFICATE_FOR_OTHER_NAME) {
            return new Finding(
                    refused.kind(),
                    "the certificate is for another name. Use a name that it is valid for as address, or pin its "
                            + "fingerprint after comparing it with the one that the Proxmox host shows." + shown,
                    certificate);
        }
        if (refused.kind() != Kind.CERTIFICATE_CHANGED && certificate.isExpiredAt(Instant.now())) {
            return new Finding(
                    Kind.CERTIFICATE_EXPIRED,
                    "the certificate has expired. Renew it on the Proxmox host (pvecm updatecerts --force)." + shown,
                    certificate);
        }
        return new Finding(
                refused.kind(),
                "the certificate is not trusted (" + Text.singleLine(String.valueOf(refused.getMessage()))
                        + "). Paste the cluster's CA certificate /etc/pve/pve-root-ca.pem into the server's "
                        + "configuration, or pin the fingerprint after comparing it with the one that the Proxmox "
                        + "host shows (pvenode cert info)." + shown,
                certificate);
    }

    private static String messageOf(Throwable e) {
        return String.valueOf(e.getMessage());
    }

    @Nullable
    private static <T extends Throwable> T cause(Throwable e, Class<T> type) {
        for (Throwable t = e; t != null; t = t.getCause() == t ? null : t.getCause()) {
            if (type.isInstance(t)) {
                return type.cast(t);
            }
        }
        return null;
    }
}
