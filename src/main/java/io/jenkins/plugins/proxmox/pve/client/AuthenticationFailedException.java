package io.jenkins.plugins.proxmox.pve.client;

/**
 * 401: the server does not believe the identity. Also what a missing or wrong CSRF token gives (PVE::APIServer
 * answers 401 to it).
 */
public non-sealed class AuthenticationFailedException extends ApiException {
    private static final long serialVersionUID = 1L;

    private final String identity;

    AuthenticationFailedException(String identity, ApiFailure failure) {
        this(
                Texts.of(
                        TokenId.isTokenId(identity) ? "refused.token" : "refused.user",
                        identity,
                        Text.sentence(failure.toString())),
                identity,
                failure);
    }

    AuthenticationFailedException(String message, String identity, ApiFailure failure) {
        super(message, failure);
        this.identity = identity;
    }

    /** Who tried: {@code user@realm} or {@code user@realm!name}. */
    public String identity() {
        return identity;
    }
}
