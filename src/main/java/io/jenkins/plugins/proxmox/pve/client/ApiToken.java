package io.jenkins.plugins.proxmox.pve.client;

import io.jenkins.plugins.proxmox.pve.access.TokenId;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * An API token: one header, no login, no CSRF token. {@link #toString} hides the secret.
 *
 * @param secret as Proxmox VE showed it once, a UUID
 */
public record ApiToken(TokenId tokenId, String secret) implements Authentication {

    private static final Pattern UUID = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    private static final Pattern PRINTABLE = Pattern.compile("[\\x21-\\x7e]+");

    /**
     * @param secret blanks and line breaks at its ends are ignored, because secrets are often read from files
     * @throws IllegalArgumentException when the secret could not be sent in a header; the message does not contain it
     */
    public ApiToken {
        Objects.requireNonNull(tokenId);
        secret = SafeText.trimmed(secret);
        if (!PRINTABLE.matcher(secret).matches()) {
            throw new IllegalArgumentException(
                    Texts.of(secret.isEmpty() ? "token.secret-empty" : "token.secret-characters", tokenId));
        }
    }

    /**
     * Parses a token written as {@code user@realm!name=secret}, the form in which it is sent. A leading {@code
     * Authorization:} or {@code PVEAPIToken=} and surrounding blanks are ignored.
     *
     * @throws IllegalArgumentException when the text is not such a pair; the message does not contain the text
     */
    public static ApiToken parse(String text) {
        String pair = SafeText.trimmed(text).replaceFirst("^(?i:Authorization:\\s*)?PVEAPIToken[= ]\\s*", "");
        int bang = pair.lastIndexOf('!');
        int equals = pair.indexOf('=', Math.max(bang, 0));
        if (bang < 0 || equals < 0) {
            throw new IllegalArgumentException(Texts.of("token.no-pair"));
        }
        String id = pair.substring(0, equals);
        if (!TokenId.isTokenId(id)) {
            throw new IllegalArgumentException(Texts.of("token.no-id"));
        }
        return new ApiToken(TokenId.parse(id), pair.substring(equals + 1));
    }

    /** Whether {@code secret} is a UUID, as every secret created by Proxmox VE is. */
    public static boolean isUuid(String secret) {
        return UUID.matcher(secret).matches();
    }

    /** The value of the {@code Authorization} header. */
    String headerValue() {
        return "PVEAPIToken=" + tokenId + "=" + secret;
    }

    @Override
    public String identity() {
        return tokenId.toString();
    }

    @Override
    public String toString() {
        return "API token " + tokenId;
    }
}
