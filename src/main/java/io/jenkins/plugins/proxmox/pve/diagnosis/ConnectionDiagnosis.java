package io.jenkins.plugins.proxmox.pve.diagnosis;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.diagnosis.Evidence.Result;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException.Kind;
import io.jenkins.plugins.proxmox.pve.http.PresentedCertificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Why no answer came: name, network, TLS. There is no server to ask. */
final class ConnectionDiagnosis {

    private final Kind kind;
    private final MessageArguments facts;
    private final DiagnosisBuilder draft;

    private ConnectionDiagnosis(ConnectionFailedException failure) {
        this.kind = failure.kind();
        this.facts = MessageArguments.of("", failure.address());
        this.draft = new DiagnosisBuilder(failure);
    }

    static Diagnosis of(ConnectionFailedException failure) {
        return new ConnectionDiagnosis(failure).write(failure.getMessage(), failure.certificate());
    }

    private Diagnosis write(String message, @Nullable PresentedCertificate certificate) {
        if (certificate == null) {
            draft.found(Result.NOT_OK, "happened", facts.detail(message));
            draft.cause(cause(), facts.detail(facts.url()));
        } else {
            note(certificate);
            boolean authority = kind == Kind.CERTIFICATE_EXPIRED
                    && !certificate.firstToExpire().equals(certificate);
            draft.cause(authority ? "certificate-authority-expired" : cause(), about(certificate));
        }
        return draft.under("unreachable", facts);
    }

    private String cause() {
        return switch (kind) {
            case NAME_NOT_RESOLVED -> "name-not-resolved";
            case REFUSED -> "refused";
            case NOT_REACHABLE -> "not-reachable";
            case PROXY_REFUSED, PROXY_NOT_REACHED -> "proxy-refused";
            case NO_ANSWER -> "no-answer";
            case BROKEN -> "broken";
            case CERTIFICATE_NOT_TRUSTED -> "certificate-untrusted";
            case CERTIFICATE_AUTHORITY_UNKNOWN -> "certificate-authority-unknown";
            case CERTIFICATE_CHAIN_INCOMPLETE -> "certificate-chain-incomplete";
            case CERTIFICATE_CHANGED -> "certificate-changed";
            case CERTIFICATE_FOR_OTHER_NAME -> "certificate-other-name";
            case CERTIFICATE_EXPIRED -> "certificate-expired";
            case CERTIFICATE_NOT_YET_VALID -> "certificate-not-yet-valid";
            case CLOSED_IN_HANDSHAKE -> "closed-in-handshake";
            case NOT_TLS -> "not-tls";
            case TLS_FAILED -> "tls-failed";
            case TOO_LONG -> "too-long";
        };
    }

    /** The facts about the certificate that the texts of its cause need. */
    private MessageArguments about(PresentedCertificate certificate) {
        PresentedCertificate early = certificate.lastToBecomeValid();
        PresentedCertificate old = certificate.firstToExpire();
        return switch (kind) {
            case CERTIFICATE_AUTHORITY_UNKNOWN, CERTIFICATE_CHAIN_INCOMPLETE -> facts.detail(certificate.lastIssuer());
            case CERTIFICATE_NOT_YET_VALID -> facts.detail(early.subject(), early.notBefore());
            case CERTIFICATE_EXPIRED ->
                old.equals(certificate) ? facts.detail(old.notAfter()) : facts.detail(old.subject(), old.notAfter());
            default ->
                facts.detail(
                        certificate.names().isEmpty()
                                ? certificate.subject()
                                : DiagnosisTexts.allOf(certificate.names()));
        };
    }

    private void note(PresentedCertificate certificate) {
        draft.found(Result.UNKNOWN, "certificate-subject", facts.detail(certificate.subject(), certificate.issuer()));
        List<String> authorities = certificate.authorities().stream()
                .map(PresentedCertificate::subject)
                .toList();
        if (!authorities.isEmpty()) {
            draft.found(Result.UNKNOWN, "certificate-authorities", facts.detail(DiagnosisTexts.allOf(authorities)));
        } else if (kind == Kind.CERTIFICATE_CHAIN_INCOMPLETE) {
            draft.found(Result.NOT_OK, "certificate-alone", facts);
        }
        draft.found(
                kind == Kind.CERTIFICATE_FOR_OTHER_NAME ? Result.NOT_OK : Result.UNKNOWN,
                certificate.names().isEmpty() ? "certificate-no-names" : "certificate-names",
                facts.detail(DiagnosisTexts.allOf(certificate.names())));
        noteValidity(certificate);
        draft.found(
                Result.UNKNOWN,
                "certificate-fingerprint",
                facts.detail(certificate.fingerprint().hex()));
    }

    private void noteValidity(PresentedCertificate certificate) {
        Instant now = Instant.now();
        draft.found(
                certificate.isValidAt(now) ? Result.OK : Result.NOT_OK,
                "certificate-validity",
                facts.detail(certificate.notBefore(), certificate.notAfter()));
        if (kind == Kind.CERTIFICATE_EXPIRED || kind == Kind.CERTIFICATE_NOT_YET_VALID) {
            draft.found(Result.UNKNOWN, "clock-of-jenkins", facts.detail(now.truncatedTo(ChronoUnit.SECONDS)));
        }
    }
}
