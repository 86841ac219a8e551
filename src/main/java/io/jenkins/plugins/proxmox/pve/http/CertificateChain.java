package io.jenkins.plugins.proxmox.pve.http;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException.Kind;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;

/**
 * The server's own certificate and those that vouch for it, each for the one before it, as far as the server sent them.
 * Any other certificate that it sent is left out.
 */
final class CertificateChain {

    private final List<X509Certificate> certificates = new ArrayList<>();

    /**
     * @param sent the server's own certificate first, the others in any order
     */
    CertificateChain(X509Certificate... sent) {
        for (X509Certificate next = sent[0]; next != null; next = issuerOf(next, sent)) {
            certificates.add(next);
        }
    }

    @Nullable
    private X509Certificate issuerOf(X509Certificate certificate, X509Certificate... sent) {
        return Stream.of(sent)
                .filter(each -> each.getSubjectX500Principal().equals(certificate.getIssuerX500Principal()))
                .filter(each -> !certificates.contains(each))
                .findFirst()
                .orElse(null);
    }

    /**
     * The reason why the JVM refused the chain.
     *
     * @param trusted the trusted authorities
     */
    Kind whyRefused(X509Certificate... trusted) {
        Set<X500Principal> trustedNames =
                Stream.of(trusted).map(X509Certificate::getSubjectX500Principal).collect(Collectors.toSet());
        Date now = new Date();
        for (X509Certificate certificate : certificates) {
            if (now.before(certificate.getNotBefore())) {
                return Kind.CERTIFICATE_NOT_YET_VALID;
            }
            if (now.after(certificate.getNotAfter())) {
                return Kind.CERTIFICATE_EXPIRED;
            }
            if (trustedNames.contains(certificate.getIssuerX500Principal())) {
                return Kind.CERTIFICATE_NOT_TRUSTED;
            }
        }
        X509Certificate last = certificates.get(certificates.size() - 1);
        if (isOfCluster(last.getIssuerX500Principal())) {
            return Kind.CERTIFICATE_NOT_TRUSTED;
        }
        return last.getIssuerX500Principal().equals(last.getSubjectX500Principal())
                ? Kind.CERTIFICATE_AUTHORITY_UNKNOWN
                : Kind.CERTIFICATE_CHAIN_INCOMPLETE;
    }

    /** Whether it is an authority that a cluster creates for itself (PVE::Cluster::Setup::gen_pveca_cert). */
    private static boolean isOfCluster(X500Principal authority) {
        return authority.getName().contains("O=PVE Cluster Manager CA");
    }

    /** The description of the chain for messages. */
    PresentedCertificate presented() {
        return PresentedCertificate.of(certificates);
    }
}
