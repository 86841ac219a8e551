package io.jenkins.plugins.proxmox.pve.diagnosis;

import io.jenkins.plugins.proxmox.pve.client.SecretShape;
import io.jenkins.plugins.proxmox.pve.client.TokenId;
import io.jenkins.plugins.proxmox.pve.diagnosis.Finding.Result;
import java.util.Optional;

/** What is wrong with a token as it was typed. */
final class InputDiagnosis {

    private InputDiagnosis() {}

    static Optional<Diagnosis> of(String tokenId, String secret) {
        Draft draft = new Draft(null);
        // what is no token ID may be a secret in the wrong field
        Facts facts = Facts.of(TokenId.isTokenId(tokenId) ? tokenId : "", "");
        if (!TokenId.isTokenId(tokenId)) {
            draft.found(Result.NOT_OK, "happened", facts.detail(complaint(tokenId)));
            draft.cause("token-id-malformed", facts);
        } else if (SecretShape.of(secret) != SecretShape.UUID) {
            Facts shape = facts.detail(Texts.shape(SecretShape.of(secret)));
            draft.found(Result.NOT_OK, "secret-malformed", shape);
            draft.cause("secret-malformed", shape);
        } else {
            return Optional.empty();
        }
        return Optional.of(draft.under("input", facts));
    }

    private static String complaint(String tokenId) {
        try {
            return TokenId.parse(tokenId).toString();
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
