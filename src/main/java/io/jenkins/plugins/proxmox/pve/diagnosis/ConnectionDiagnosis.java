package io.jenkins.plugins.proxmox.pve.diagnosis;

import io.jenkins.plugins.proxmox.pve.client.ConnectionFailedException;
import io.jenkins.plugins.proxmox.pve.client.PresentedCertificate;
import io.jenkins.plugins.proxmox.pve.diagnosis.Finding.Result;
import java.time.Instant;

/** Why no answer came: name, network, TLS. There is nobody to ask. */
final class ConnectionDiagnosis {

    private ConnectionDiagnosis() {}

    static Diagnosis of(ConnectionFailedException failure) {
        Facts facts = Facts.of("", failure.address());
        Draft draft = new Draft(failure);
        PresentedCertificate certificate = failure.certificate();
        if (certificate == null) {
            draft.found(Result.NOT_OK, "happened", facts.detail(failure.getMessage()));
            draft.cause(causeOf(failure.kind()), facts.detail(facts.url()));
        } else {
            note(certificate, failure, draft, facts);
            draft.cause(causeOf(failure.kind()), facts.detail(detailOf(failure, certificate)));
        }
        return draft.under("unreachable", facts);
    }

    private static String causeOf(ConnectionFailedException.Kind kind) {
        return switch (kind) {
            case NAME_NOT_RESOLVED -> "name-not-resolved";
            case REFUSED -> "refused";
            case NOT_REACHABLE -> "not-reachable";
            case PROXY_REFUSED, PROXY_NOT_REACHED -> "proxy-refused";
            case NO_ANSWER -> "no-answer";
            case BROKEN -> "broken";
            case CERTIFICATE_NOT_TRUSTED -> "certificate-untrusted";
            case CERTIFICATE_CHANGED -> "certificate-changed";
            case CERTIFICATE_FOR_OTHER_NAME -> "certificate-other-name";
            case CERTIFICATE_EXPIRED -> "certificate-expired";
            case NOT_TLS -> "not-tls";
            case TLS_FAILED -> "tls-failed";
            case TOO_LONG -> "too-long";
        };
    }

    private static String detailOf(ConnectionFailedException failure, PresentedCertificate certificate) {
        if (failure.kind() == ConnectionFailedException.Kind.CERTIFICATE_EXPIRED) {
            return certificate.notAfter().toString();
        }
        return certificate.names().isEmpty() ? certificate.subject() : Texts.allOf(certificate.names());
    }

    private static void note(
            PresentedCertificate certificate, ConnectionFailedException failure, Draft draft, Facts facts) {
        draft.found(Result.UNKNOWN, "certificate-subject", facts.detail(certificate.subject(), certificate.issuer()));
        boolean otherName = failure.kind() == ConnectionFailedException.Kind.CERTIFICATE_FOR_OTHER_NAME;
        draft.found(
                otherName ? Result.NOT_OK : Result.UNKNOWN,
                certificate.names().isEmpty() ? "certificate-no-names" : "certificate-names",
                facts.detail(Texts.allOf(certificate.names())));
        draft.found(
                certificate.isExpiredAt(Instant.now()) ? Result.NOT_OK : Result.OK,
                "certificate-validity",
                facts.detail(certificate.notBefore(), certificate.notAfter()));
        draft.found(
                Result.UNKNOWN,
                "certificate-fingerprint",
                facts.detail(certificate.fingerprint().hex()));
    }
}
