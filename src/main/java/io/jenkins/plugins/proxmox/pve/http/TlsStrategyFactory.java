package io.jenkins.plugins.proxmox.pve.http;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException.Kind;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.DefaultHostnameVerifier;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.HttpClientHostnameVerifier;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * Turns a {@link TlsTrust} into the TLS of one client, and keeps the certificate that was refused so that an error can
 * show it.
 */
final class TlsStrategyFactory {

    private static final String CLIENTS_ONLY = "this side only talks to servers";

    private TlsStrategyFactory() {}

    static TlsSocketStrategy of(TlsTrust trust) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new ServerTrustManager(trust)}, null);
            HostnameVerifier verifier =
                    believesAuthorities(trust) ? new ShowingHostnameVerifier() : NoopHostnameVerifier.INSTANCE;
            return new NoticedClosing(
                    new DefaultClientTlsStrategy(context, HostnameVerificationPolicy.CLIENT, verifier));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("The JVM offers no TLS as needed: " + e.getMessage(), e);
        }
    }

    /** An authority vouches for a name. A pin accepts one certificate, whatever its name. */
    private static boolean believesAuthorities(TlsTrust trust) {
        return trust instanceof TlsTrust.JvmTrustStore || trust instanceof TlsTrust.CertificateAuthority;
    }

    private static X509ExtendedTrustManager authorities(TlsTrust trust) throws GeneralSecurityException, IOException {
        KeyStore anchors = null;
        if (trust instanceof TlsTrust.CertificateAuthority ca) {
            anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            List<X509Certificate> authorities = ca.authorities();
            for (int i = 0; i < authorities.size(); i++) {
                anchors.setCertificateEntry("authority-" + i, authorities.get(i));
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(anchors);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager x509) {
                return x509;
            }
        }
        throw new GeneralSecurityException("no X.509 trust manager");
    }

    /** A certificate chain that is not trusted, or whose name does not match, with the certificate itself. */
    static final class RefusedCertificateException extends SSLException {
        private static final long serialVersionUID = 1L;

        private final PresentedCertificate certificate;
        private final Kind kind;

        RefusedCertificateException(String message, PresentedCertificate certificate, Kind kind, Throwable cause) {
            super(message, cause);
            this.certificate = certificate;
            this.kind = kind;
        }

        PresentedCertificate certificate() {
            return certificate;
        }

        Kind kind() {
            return kind;
        }
    }

    /** The server closed the connection before TLS was set up, and sent no alert that would say why. */
    static final class ClosedInHandshakeException extends SSLException {
        private static final long serialVersionUID = 1L;

        ClosedInHandshakeException(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /** Distinguishes a server that closes the connection from one with which TLS cannot be negotiated. */
    private record NoticedClosing(TlsSocketStrategy strategy) implements TlsSocketStrategy {

        @Override
        public SSLSocket upgrade(Socket socket, String target, int port, Object attachment, HttpContext context)
                throws IOException {
            try {
                return strategy.upgrade(socket, target, port, attachment, context);
            } catch (SocketException | SSLException e) {
                throw isClosedByServer(e) ? new ClosedInHandshakeException(e) : e;
            }
        }

        /** Depending on timing, the JVM sees the end of the stream, a reset, or can no longer write. */
        private static boolean isClosedByServer(IOException e) {
            Throwable cause = e instanceof SocketException ? e : e.getCause();
            boolean closedHere =
                    cause != null && String.valueOf(cause.getMessage()).contains("Socket closed");
            return !closedHere && (cause instanceof SocketException || cause instanceof EOFException);
        }
    }

    /** Lets the JVM's own hostname check decide and adds the certificate to its refusal. */
    private static final class ShowingHostnameVerifier implements HttpClientHostnameVerifier {

        private final DefaultHostnameVerifier strict = new DefaultHostnameVerifier();

        @Override
        public void verify(String host, X509Certificate certificate) throws SSLException {
            try {
                strict.verify(host, certificate);
            } catch (SSLException e) {
                throw new RefusedCertificateException(
                        Texts.of("certificate.other-name-than", host),
                        PresentedCertificate.of(certificate),
                        Kind.CERTIFICATE_FOR_OTHER_NAME,
                        e);
            }
        }

        @Override
        public boolean verify(String host, javax.net.ssl.SSLSession session) {
            return strict.verify(host, session);
        }
    }

    /** Applies the trust to a server's chain and adds the presented certificate to a refusal. */
    private static final class ServerTrustManager extends X509ExtendedTrustManager {

        private final TlsTrust trust;
        private final X509ExtendedTrustManager authorities;

        ServerTrustManager(TlsTrust trust) throws GeneralSecurityException, IOException {
            this.trust = trust;
            this.authorities = believesAuthorities(trust) ? authorities(trust) : null;
        }

        private interface Check {
            void run() throws CertificateException;
        }

        private void check(X509Certificate[] sent, Check byAuthorities) throws CertificateException {
            CertificateChain chain = new CertificateChain(sent);
            if (trust instanceof TlsTrust.PinnedFingerprint pin) {
                if (!pin.fingerprint().equals(CertificateFingerprint.of(sent[0]))) {
                    throw refusal(
                            Texts.of("certificate.not-pinned", pin.fingerprint()),
                            chain,
                            Kind.CERTIFICATE_CHANGED,
                            null);
                }
            } else if (authorities != null) {
                try {
                    byAuthorities.run();
                } catch (CertificateException | RuntimeException e) {
                    throw refusal(e.getMessage(), chain, chain.whyRefused(authorities.getAcceptedIssuers()), e);
                }
            }
        }

        private static CertificateException refusal(
                String message, CertificateChain chain, Kind kind, @Nullable Exception cause) {
            return new CertificateException(new RefusedCertificateException(message, chain.presented(), kind, cause));
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            check(chain, () -> authorities.checkServerTrusted(chain, type, socket));
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            check(chain, () -> authorities.checkServerTrusted(chain, type, engine));
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            check(chain, () -> authorities.checkServerTrusted(chain, type));
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            throw new CertificateException(CLIENTS_ONLY);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException(CLIENTS_ONLY);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException(CLIENTS_ONLY);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return authorities == null ? new X509Certificate[0] : authorities.getAcceptedIssuers();
        }
    }
}
