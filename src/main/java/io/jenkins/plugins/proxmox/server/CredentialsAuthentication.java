package io.jenkins.plugins.proxmox.server;

import com.cloudbees.plugins.credentials.common.StandardCredentials;
import com.cloudbees.plugins.credentials.common.StandardUsernamePasswordCredentials;
import io.jenkins.plugins.proxmox.credentials.ProxmoxApiToken;
import io.jenkins.plugins.proxmox.pve.access.TokenId;
import io.jenkins.plugins.proxmox.pve.client.ApiToken;
import io.jenkins.plugins.proxmox.pve.client.Authentication;
import io.jenkins.plugins.proxmox.pve.client.TicketLogin;
import org.jenkinsci.plugins.plaincredentials.StringCredentials;

/** Converts Jenkins credentials to what the client authenticates with. Nothing else does. */
final class CredentialsAuthentication {

    private CredentialsAuthentication() {}

    /**
     * @throws IllegalArgumentException when the credentials are of another kind, or cannot be a token or a login; the
     *     message names them and contains no secret
     */
    static Authentication of(StandardCredentials credentials) {
        try {
            if (credentials instanceof ProxmoxApiToken token) {
                return new ApiToken(
                        TokenId.parse(token.getTokenId()), token.getSecret().getPlainText());
            }
            if (credentials instanceof StringCredentials text) {
                return ApiToken.parse(text.getSecret().getPlainText());
            }
            if (credentials instanceof StandardUsernamePasswordCredentials login) {
                String password = login.getPassword().getPlainText();
                return TokenId.isTokenId(login.getUsername())
                        ? new ApiToken(TokenId.parse(login.getUsername()), password)
                        : new TicketLogin(login.getUsername(), password);
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    Messages.CredentialsAuthentication_unusable(credentials.getId(), e.getMessage()), e);
        }
        throw new IllegalArgumentException(Messages.CredentialsAuthentication_otherKind(
                credentials.getId(), credentials.getDescriptor().getDisplayName()));
    }
}
