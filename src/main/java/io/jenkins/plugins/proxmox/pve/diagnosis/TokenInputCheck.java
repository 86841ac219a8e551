package io.jenkins.plugins.proxmox.pve.diagnosis;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.access.TokenId;
import io.jenkins.plugins.proxmox.pve.client.SecretShape;
import java.util.Optional;

/**
 * Checks a token as it was typed, and complains in the words of the explanations. Never repeats what was typed: it may
 * be a secret in the wrong field.
 */
public final class TokenInputCheck {

    private TokenInputCheck() {}

    /** Why this is not a token ID and what to type instead, or nothing if it is one. */
    @NonNull
    public static Optional<String> complaintAboutId(String tokenId) {
        try {
            TokenId.parse(tokenId);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Why this cannot be the secret of a token and what to type instead, or nothing if it can. */
    @NonNull
    public static Optional<String> complaintAboutSecret(String secret) {
        SecretShape shape = SecretShape.of(secret);
        if (shape == SecretShape.UUID) {
            return Optional.empty();
        }
        MessageArguments why = MessageArguments.of("", "").detail(DiagnosisTexts.shape(shape));
        return Optional.of(
                DiagnosisTexts.sentence("finding.secret-malformed", why) + " " + DiagnosisTexts.plain("input.secret"));
    }
}
