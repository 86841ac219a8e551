package io.jenkins.plugins.proxmox.pve.http;

import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The certificate that a server presented, in words: what an administrator needs to decide whether to trust it.
 *
 * @param names the host names and IP addresses that it is valid for
 * @param authorities the certificates that the server sent with it and that vouch for it, each for the one before
 */
public record PresentedCertificate(
        String subject,
        String issuer,
        List<String> names,
        Instant notBefore,
        Instant notAfter,
        CertificateFingerprint fingerprint,
        List<PresentedCertificate> authorities)
        implements Serializable {

    public PresentedCertificate {
        names = List.copyOf(names);
        authorities = List.copyOf(authorities);
    }

    static PresentedCertificate of(X509Certificate certificate) {
        return of(List.of(certificate));
    }

    /**
     * @param chain the server's own certificate first, then those that vouch for it
     */
    static PresentedCertificate of(List<X509Certificate> chain) {
        X509Certificate certificate = chain.get(0);
        return new PresentedCertificate(
                SafeText.singleLine(certificate.getSubjectX500Principal().getName()),
                SafeText.singleLine(certificate.getIssuerX500Principal().getName()),
                namesOf(certificate),
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant(),
                CertificateFingerprint.of(certificate),
                chain.stream().skip(1).map(PresentedCertificate::of).toList());
    }

    private static List<String> namesOf(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> alternative : alternatives) {
                    // RFC 5280: type 2 is a DNS name, type 7 an IP address
                    if (alternative.get(0).equals(2) || alternative.get(0).equals(7)) {
                        names.add(SafeText.singleLine(String.valueOf(alternative.get(1))));
                    }
                }
            }
        } catch (CertificateParsingException e) {
            return List.of();
        }
        return names;
    }

    /** Whether it is already and still valid at {@code moment}. */
    public boolean isValidAt(Instant moment) {
        return !moment.isBefore(notBefore) && !moment.isAfter(notAfter);
    }

    /** This certificate or one of its authorities: the one that expires first. */
    public PresentedCertificate firstToExpire() {
        return Stream.concat(Stream.of(this), authorities.stream())
                .min(Comparator.comparing(PresentedCertificate::notAfter))
                .orElseThrow();
    }

    /** This certificate or one of its authorities: the one that becomes valid last. */
    public PresentedCertificate lastToBecomeValid() {
        return Stream.concat(Stream.of(this), authorities.stream())
                .max(Comparator.comparing(PresentedCertificate::notBefore))
                .orElseThrow();
    }

    /** The issuer of the last certificate that the server sent. A self-signed one is its own issuer. */
    public String lastIssuer() {
        return authorities.isEmpty()
                ? issuer
                : authorities.get(authorities.size() - 1).issuer();
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
