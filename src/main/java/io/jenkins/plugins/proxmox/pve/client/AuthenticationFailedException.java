package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.access.TokenId;
import io.jenkins.plugins.proxmox.pve.text.MessageBundle;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Duration;

/** 401: the server rejected the identity, or the CSRF token was missing or wrong (PVE::APIServer answers 401 to it). */
public non-sealed class AuthenticationFailedException extends ApiException {
    private static final long serialVersionUID = 1L;

    private static final Duration BETWEEN_TOKENS = Duration.ofSeconds(5);

    /** Wrong passwords count: directories lock accounts after a few of them. */
    private static final Duration BETWEEN_PASSWORDS = Duration.ofSeconds(30);

    private final String identity;
    private final boolean mayPass;
    private final RememberedRefusal remembered;

    AuthenticationFailedException(String identity, ErrorAnswer failure) {
        this(
                Texts.of(
                        TokenId.isTokenId(identity) ? "refused.token" : "refused.user",
                        identity,
                        SafeText.sentence(failure.toString())),
                identity,
                failure);
    }

    AuthenticationFailedException(String message, String identity, ErrorAnswer failure) {
        this(message, identity, failure, false, null);
    }

    private AuthenticationFailedException(
            String message,
            String identity,
            ErrorAnswer failure,
            boolean mayPass,
            @Nullable RememberedRefusal remembered) {
        super(message, failure);
        this.identity = identity;
        this.mayPass = mayPass;
        this.remembered = remembered;
    }

    /** The same refusal, for an identity that was accepted shortly before. */
    AuthenticationFailedException ofAcceptedIdentity() {
        return new AuthenticationFailedException(getMessage(), identity, failure(), true, remembered);
    }

    /** The same refusal, repeated from memory without a request to the server. */
    AuthenticationFailedException toldFromMemory(RememberedRefusal memory) {
        return new AuthenticationFailedException(
                MessageBundle.sentences(getMessage(), memory.inWords()), identity, failure(), mayPass, memory);
    }

    /** How long the refusal has been, and will be, repeated from memory; null when the server has just given it. */
    @Nullable
    public RememberedRefusal remembered() {
        return remembered;
    }

    /** The rejected identity: {@code user@realm} or {@code user@realm!name}. */
    public String identity() {
        return identity;
    }

    /**
     * True for a minute after the first refusal of an identity that the same client saw accepted before. A node that
     * has just started knows neither users nor tokens until its cluster file system is available.
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
