package io.jenkins.plugins.proxmox.pve.client;

import io.jenkins.plugins.proxmox.pve.text.Texts;

/** The password was right, but the account requires a second factor, which no automation can provide. */
public final class SecondFactorRequiredException extends AuthenticationFailedException {
    private static final long serialVersionUID = 1L;

    SecondFactorRequiredException(String userId, ErrorAnswer failure) {
        super(Texts.of("refused.second-factor", userId, failure.address()), userId, failure);
    }
}
