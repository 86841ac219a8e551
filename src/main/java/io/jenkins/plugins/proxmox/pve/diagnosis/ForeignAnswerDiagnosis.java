package io.jenkins.plugins.proxmox.pve.diagnosis;

import io.jenkins.plugins.proxmox.pve.client.NotProxmoxException;
import io.jenkins.plugins.proxmox.pve.diagnosis.Evidence.Result;

/** What answered when it was not the API of Proxmox VE. */
final class ForeignAnswerDiagnosis {

    private ForeignAnswerDiagnosis() {}

    static Diagnosis of(NotProxmoxException failure) {
        MessageArguments facts = MessageArguments.of("", failure.answer().address());
        DiagnosisBuilder draft = new DiagnosisBuilder(failure);
        draft.found(Result.NOT_OK, "happened", facts.detail(failure.getMessage()));
        String challenge = failure.answer().challenge();
        String otherProduct = OtherProxmoxProduct.of(facts, failure.answer());
        if (otherProduct != null) {
            draft.cause("backup-server", facts.detail(otherProduct));
        } else if (challenge != null) {
            draft.found(Result.NOT_OK, "challenge", facts.detail(challenge));
            draft.cause("reverse-proxy-login", facts.detail(facts.url()));
        } else {
            draft.cause(causeOf(failure.answer().status()), facts.detail(facts.url()));
        }
        return draft.under("not-proxmox", facts);
    }

    private static String causeOf(int status) {
        return switch (status) {
            case 301, 302, 303, 307, 308 -> "redirected";
            case 401, 403, 407 -> "reverse-proxy-login";
            case 408 -> "gateway";
            case 429 -> "rate-limited";
            default -> status >= 500 ? "gateway" : "not-proxmox";
        };
    }
}
