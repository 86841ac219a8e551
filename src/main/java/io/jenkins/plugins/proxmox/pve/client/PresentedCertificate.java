package io.jenkins.plugins.proxmox.pve.client;

import java.io.Serializable;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The certificate that a server showed, in words: what an administrator needs to decide whether to trust it.
 *
 * @param names the host names and IP addresses that it is valid for
 */
public record PresentedCertificate(
        String subject,
        String issuer,
        List<String> names,
        Instant notBefore,
        Instant notAfter,
        CertificateFingerprint fingerprint)
        implements Serializable {

    static PresentedCertificate of(X509Certificate certificate) {
        return new PresentedCertificate(
                Text.singleLine(certificate.getSubjectX500Principal().getName()),
                Text.singleLine(certificate.getIssuerX500Principal().getName()),
                namesOf(certificate),
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant(),
                CertificateFingerprint.of(certificate));
    }

    private static List<String> namesOf(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> alternative : alternatives) {
                    // RFC 5280: type 2 is a DNS name, type 7 an IP address
                    if (alternative.get(0).equals(2) || alternative.get(0).equals(7)) {
                        names.add(Text.singleLine(String.valueOf(alternative.get(1))));
                    }
                }
            }
        } catch (CertificateParsingException e) {
            return List.of();
        }
        return List.copyOf(names);
    }

    /** Whether it is outside its validity at {@code moment}. */
    public boolean isExpiredAt(Instant moment) {
        return moment.isAfter(notAfter);
    }

    /** One line: subject, issuer, names, validity, fingerprint. */
    @Override
    public String toString() {
        return Texts.of(
                names.isEmpty() ? "certificate.without-names" : "certificate",
                subject,
                issuer,
                names,
                notBefore,
                notAfter,
                fingerprint);
    }
}
