package io.jenkins.plugins.proxmox.pve.client;

import java.time.Duration;

/**
 * 401: the server does not believe the identity. Also what a missing or wrong CSRF token gives (PVE::APIServer
 * answers 401 to it).
 */
public non-sealed class AuthenticationFailedException extends ApiException {
    private static final long serialVersionUID = 1L;

    private static final Duration BETWEEN_TOKENS = Duration.ofSeconds(5);

    /** Wrong passwords count: directories lock accounts after a few of them. */
    private static final Duration BETWEEN_PASSWORDS = Duration.ofSeconds(30);

    private final String identity;
    private final boolean mayPass;

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
        this(message, identity, failure, false);
    }

    private AuthenticationFailedException(String message, String identity, ApiFailure failure, boolean mayPass) {
        super(message, failure);
        this.identity = identity;
        this.mayPass = mayPass;
    }

    /** The same refusal of an identity that was accepted a moment ago. */
    AuthenticationFailedException ofAcceptedIdentity() {
        return new AuthenticationFailedException(getMessage(), identity, failure(), true);
    }

    /** Who tried: {@code user@realm} or {@code user@realm!name}. */
    public String identity() {
        return identity;
    }

    /**
     * True for a minute after the first refusal of an identity that the same client saw accepted before: a node that has
     * just come back knows neither users nor tokens until its cluster file system is there.
     */
    @Override
    public boolean mayPass() {
        return mayPass;
    }

    /** Some seconds for a token, half a minute for a password. */
    @Override
    public Duration retryAfter() {
        return TokenId.isTokenId(identity) ? BETWEEN_TOKENS : BETWEEN_PASSWORDS;
    }
}
