package io.jenkins.plugins.proxmox.pve.http;

import java.security.cert.X509Certificate;
import java.util.List;

/** Which certificates of a server are trusted. Each choice applies to one client; no JVM-wide setting is touched. */
public sealed interface TlsTrust {

    /** What the JVM trusts (its {@code cacerts}). The certificate's name must match the address. */
    record JvmTrustStore() implements TlsTrust {}

    /**
     * Only certificates signed by these authorities. The certificate's name must match the address. A fresh Proxmox VE
     * cluster has its own authority in {@code /etc/pve/pve-root-ca.pem}.
     */
    record CertificateAuthority(List<X509Certificate> authorities) implements TlsTrust {

        public CertificateAuthority {
            authorities = List.copyOf(authorities);
        }

        /**
         * The certificates in a PEM text, with or without its line breaks.
         *
         * @throws IllegalArgumentException with a message for the person who pasted it, which does not repeat the text
         */
        public static CertificateAuthority fromPem(String pem) {
            return new CertificateAuthority(new PemParser(pem).certificates());
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

    /** Any certificate. Anyone between the controller and the server can read the secret. */
    record Unverified() implements TlsTrust {}
}
