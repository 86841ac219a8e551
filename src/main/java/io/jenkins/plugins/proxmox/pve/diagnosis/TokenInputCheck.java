package io.jenkins.plugins.proxmox.pve.diagnosis;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.client.SecretShape;
import io.jenkins.plugins.proxmox.pve.model.TokenId;
import java.util.Optional;

/**
 * What is wrong with a token as it was typed, in the words of the explanations. Nothing of what was typed is repeated:
 * it may be a secret in the wrong field.
 */
public final class TokenInputCheck {

    private TokenInputCheck() {}

    /** Why this is no token ID and what to type, or nothing when it is one. */
    @NonNull
    public static Optional<String> complaintAboutId(String tokenId) {
        try {
            TokenId.parse(tokenId);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Why this cannot be the secret of a token and what to type, or nothing when it can. */
    @NonNull
    public static Optional<String> complaintAboutSecret(String secret) {
        SecretShape shape = SecretShape.of(secret);
        if (shape == SecretShape.UUID) {
            return Optional.empty();
        }
        MessageArguments why = MessageArguments.of("", "").detail(Texts.shape(shape));
        return Optional.of(Texts.sentence("finding.secret-malformed", why) + " " + Texts.plain("input.secret"));
    }
}
