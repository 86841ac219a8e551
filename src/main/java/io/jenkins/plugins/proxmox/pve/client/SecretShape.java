package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.text.SafeText;

/** The form of a token's secret. Unlike the secret itself, it may be shown. */
public enum SecretShape {
    /** A UUID, like every secret created by Proxmox VE. */
    UUID,
    /** Empty. */
    EMPTY,
    /** In quotation marks, as in scripts. */
    QUOTED,
    /** The whole {@code Authorization} header, or token ID and secret in one. */
    WHOLE_HEADER,
    /** With blanks or line breaks in it, as after copying. */
    WITH_BLANKS,
    /** Something else. */
    OTHER;

    /** The shape of {@code text}, ignoring blanks and line breaks at its ends, which are not sent. */
    @NonNull
    public static SecretShape of(String text) {
        String secret = SafeText.trimmed(text);
        if (secret.isEmpty()) {
            return EMPTY;
        }
        if (ApiToken.isUuid(secret)) {
            return UUID;
        }
        if (secret.contains("PVEAPIToken") || secret.contains("!")) {
            return WHOLE_HEADER;
        }
        if (secret.codePoints().anyMatch(SafeText::isBlank)) {
            return WITH_BLANKS;
        }
        return secret.matches("[\"'`\u2018-\u201f].*|.*[\"'`\u2018-\u201f]") ? QUOTED : OTHER;
    }
}
