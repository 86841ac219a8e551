package io.jenkins.plugins.proxmox.pve.http;

import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException.Kind;
import io.jenkins.plugins.proxmox.pve.text.MessageBundle;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;

/** Translates an {@link IOException} of the HTTP client into a message that a person can act on. */
public final class ConnectionFailureTranslator {

    private ConnectionFailureTranslator() {}

    /** The answer is longer than the limit. */
    static final class AnswerTooLongException extends IOException {
        private static final long serialVersionUID = 1L;

        AnswerTooLongException(int limit) {
            super(Texts.of("connection.answer-too-long", limit));
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
    public static ConnectionFailedException of(
            ApiRequest request, ServerAddress address, @Nullable ProxySettings proxy, boolean sent, IOException e) {
        boolean throughProxy = proxy != null && proxy.isUsedFor(address);
        Finding finding = find(address, throughProxy ? proxy : null, sent, e);
        return new ConnectionFailedException(
                finding.kind(),
                address,
                throughProxy
                        ? Texts.of("connection.failed-through", address, proxy, finding.sentence())
                        : Texts.of("connection.failed", address, finding.sentence()),
                finding.certificate(),
                sent && request.changesSomething(),
                e);
    }

    /** The proxy answered {@code CONNECT} with something other than success. */
    @NonNull
    static ConnectionFailedException proxyRefused(
            ServerAddress address, @Nullable ProxySettings proxy, HttpAnswer answer) {
        String refusal = Texts.of(
                "connection.proxy-refused", address, proxy, answer.status(), SafeText.singleLine(answer.reason()));
        return new ConnectionFailedException(
                Kind.PROXY_REFUSED,
                address,
                MessageBundle.sentences(refusal, Texts.of("connection.check-proxy")),
                null,
                false,
                null);
    }

    private static Finding find(ServerAddress address, @Nullable ProxySettings proxy, boolean sent, IOException e) {
        TlsStrategyFactory.RefusedCertificateException refused =
                cause(e, TlsStrategyFactory.RefusedCertificateException.class);
        if (refused != null) {
            return new Finding(refused.kind(), sentence(refused), refused.certificate());
        }
        AnswerTooLongException tooLong = cause(e, AnswerTooLongException.class);
        if (tooLong != null) {
            return new Finding(Kind.TOO_LONG, messageOf(tooLong));
        }
        if (cause(e, UnknownHostException.class) != null) {
            return proxy == null
                    ? new Finding(Kind.NAME_NOT_RESOLVED, Texts.of("connection.host-unknown"))
                    : proxyNotReached(Texts.of("connection.proxy-unknown"));
        }
        if (e instanceof ConnectionRequestTimeoutException) {
            return new Finding(Kind.NO_ANSWER, Texts.of("connection.busy"));
        }
        if (!sent) {
            Finding connecting = connecting(address, proxy, e);
            if (connecting != null) {
                return connecting;
            }
        }
        if (cause(e, SocketTimeoutException.class) != null) {
            return new Finding(Kind.NO_ANSWER, Texts.of("connection.no-answer"));
        }
        if (e instanceof InterruptedIOException) {
            return new Finding(Kind.BROKEN, Texts.of("connection.interrupted"));
        }
        return new Finding(Kind.BROKEN, Texts.of("connection.broke", SafeText.singleLine(messageOf(e))));
    }

    @Nullable
    private static Finding connecting(ServerAddress address, @Nullable ProxySettings proxy, IOException e) {
        Kind noWay = proxy == null ? Kind.NOT_REACHABLE : Kind.PROXY_NOT_REACHED;
        if (proxy == null && messageOf(e).contains("Read timed out")) {
            // HttpClient reports this as a failure to connect, the same as when no packet comes back at all
            return new Finding(Kind.NO_ANSWER, Texts.of("connection.no-handshake"));
        }
        if (e instanceof ConnectTimeoutException || cause(e, SocketTimeoutException.class) != null) {
            return new Finding(
                    noWay,
                    Texts.of(
                            proxy == null ? "connection.not-in-time" : "connection.not-in-time-through-proxy",
                            address.port()));
        }
        if (cause(e, NoRouteToHostException.class) != null || messageOf(e).contains("unreachable")) {
            return new Finding(noWay, Texts.of(proxy == null ? "connection.no-route" : "connection.no-route-to-proxy"));
        }
        if (cause(e, ConnectException.class) != null) {
            return proxy == null
                    ? new Finding(Kind.REFUSED, Texts.of("connection.refused", address.port()))
                    : proxyNotReached(Texts.of("connection.proxy-down"));
        }
        if (cause(e, TlsStrategyFactory.ClosedInHandshakeException.class) != null) {
            return new Finding(Kind.CLOSED_IN_HANDSHAKE, Texts.of("connection.closed-in-handshake"));
        }
        SSLException tls = cause(e, SSLException.class);
        if (tls != null && messageOf(tls).contains("Unsupported or unrecognized SSL message")) {
            return new Finding(Kind.NOT_TLS, Texts.of("connection.not-tls", address.port()));
        }
        if (tls != null) {
            return new Finding(Kind.TLS_FAILED, Texts.of("connection.tls-failed", SafeText.singleLine(messageOf(tls))));
        }
        return null;
    }

    private static String sentence(TlsStrategyFactory.RefusedCertificateException refused) {
        PresentedCertificate certificate = refused.certificate();
        return switch (refused.kind()) {
            case CERTIFICATE_FOR_OTHER_NAME -> Texts.of("certificate.other-name", certificate);
            case CERTIFICATE_NOT_YET_VALID -> {
                PresentedCertificate early = certificate.lastToBecomeValid();
                yield Texts.of("certificate.not-yet-valid", early.subject(), early.notBefore(), certificate);
            }
            case CERTIFICATE_EXPIRED -> {
                PresentedCertificate old = certificate.firstToExpire();
                yield old.equals(certificate)
                        ? Texts.of("certificate.expired", certificate)
                        : Texts.of("certificate.authority-expired", old.subject(), old.notAfter(), certificate);
            }
            case CERTIFICATE_AUTHORITY_UNKNOWN ->
                Texts.of("certificate.authority-unknown", certificate.lastIssuer(), certificate);
            case CERTIFICATE_CHAIN_INCOMPLETE ->
                Texts.of("certificate.chain-incomplete", certificate.lastIssuer(), certificate);
            default -> Texts.of("certificate.not-trusted", SafeText.singleLine(messageOf(refused)), certificate);
        };
    }

    private static Finding proxyNotReached(String sentence) {
        return new Finding(
                Kind.PROXY_NOT_REACHED, MessageBundle.sentences(sentence, Texts.of("connection.check-proxy")));
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
