package io.jenkins.plugins.proxmox.pve.client;

/** The password was right, but the account asks for a second factor, which no automation can give. */
public final class SecondFactorRequiredException extends AuthenticationFailedException {
    private static final long serialVersionUID = 1L;

    SecondFactorRequiredException(String userId, ApiFailure failure) {
        super(
                "The account " + userId + " on " + failure.address() + " needs a second factor to log in, which a "
                        + "Jenkins job cannot give. Use an API token of this account instead, which needs none: "
                        + "pveum user token add " + userId + " jenkins --privsep 1",
                userId,
                failure);
    }
}
