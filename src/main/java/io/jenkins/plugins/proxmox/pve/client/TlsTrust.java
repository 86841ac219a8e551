package io.jenkins.plugins.proxmox.pve.client;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;

/** Which certificates of a server are believed. Every choice is per client; no JVM-wide setting is touched. */
public sealed interface TlsTrust {

    /** What the JVM trusts (its {@code cacerts}), and the certificate's name must match the address. */
    record JvmTrustStore() implements TlsTrust {}

    /**
     * Only what these authorities signed, and the certificate's name must match the address. A fresh Proxmox VE
     * cluster has its own authority in {@code /etc/pve/pve-root-ca.pem}.
     */
    record CertificateAuthority(List<X509Certificate> authorities) implements TlsTrust {

        public CertificateAuthority {
            authorities = List.copyOf(authorities);
        }

        /**
         * The certificates in a PEM text.
         *
         * @throws IllegalArgumentException with a message for the person who pasted it
         */
        public static CertificateAuthority fromPem(String pem) {
            if (pem.contains("PRIVATE KEY")) {
                throw new IllegalArgumentException(Texts.of("authority.private-key"));
            }
            if (!pem.contains("-----BEGIN CERTIFICATE-----")) {
                throw new IllegalArgumentException(Texts.of("authority.no-pem"));
            }
            try {
                List<X509Certificate> found = CertificateFactory.getInstance("X.509")
                        .generateCertificates(
                                new ByteArrayInputStream(pem.strip().getBytes(StandardCharsets.UTF_8)))
                        .stream()
                        .map(X509Certificate.class::cast)
                        .toList();
                if (found.isEmpty()) {
                    throw new IllegalArgumentException(Texts.of("authority.empty"));
                }
                return new CertificateAuthority(found);
            } catch (CertificateException e) {
                throw new IllegalArgumentException(Texts.of("authority.unreadable"), e);
            }
        }

        @Override
        public String toString() {
            return "certificate authority "
                    + authorities.stream()
                            .map(a -> CertificateFingerprint.of(a).hex())
                            .toList();
        }
    }

    /**
     * Only the certificate with this fingerprint, whatever its name, issuer or validity: the pin is the identity.
     */
    record PinnedFingerprint(CertificateFingerprint fingerprint) implements TlsTrust {}

    /** Any certificate. Whoever stands between controller and server can read the secret. */
    record Unverified() implements TlsTrust {}
}
