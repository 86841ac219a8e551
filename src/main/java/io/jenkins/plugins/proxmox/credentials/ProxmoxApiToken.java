package io.jenkins.plugins.proxmox.credentials;

import com.cloudbees.plugins.credentials.CredentialsNameProvider;
import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.NameWith;
import com.cloudbees.plugins.credentials.impl.BaseStandardCredentials;
import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.Util;
import hudson.model.Item;
import hudson.security.AccessControlled;
import hudson.util.FormValidation;
import hudson.util.Secret;
import io.jenkins.plugins.proxmox.pve.access.TokenId;
import io.jenkins.plugins.proxmox.pve.diagnosis.TokenInputCheck;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.util.Optional;
import jenkins.model.Jenkins;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * An API token of Proxmox VE: the token ID, which is not secret, and the secret that Proxmox VE showed once. Values are
 * kept as entered, except for blanks and line breaks at the ends, which a secret read from a file may have. The form
 * checks whether they can be a token, and so does every use.
 */
@NameWith(ProxmoxApiToken.NameProvider.class)
public final class ProxmoxApiToken extends BaseStandardCredentials {
    private static final long serialVersionUID = 1L;

    private final String tokenId;
    private final Secret secret;

    /**
     * @param tokenId {@code user@realm!name}
     */
    @DataBoundConstructor
    public ProxmoxApiToken(
            @CheckForNull CredentialsScope scope,
            @CheckForNull String id,
            @CheckForNull String description,
            String tokenId,
            Secret secret) {
        super(scope, id, description);
        this.tokenId = SafeText.trimmed(Util.fixNull(tokenId));
        this.secret = Secret.fromString(SafeText.trimmed(Util.fixNull(Secret.toString(secret))));
    }

    /** {@code user@realm!name}. */
    @NonNull
    public String getTokenId() {
        return Util.fixNull(tokenId);
    }

    /** The secret, usually a UUID. */
    @NonNull
    public Secret getSecret() {
        return secret == null ? Secret.fromString("") : secret;
    }

    /** The name in drop-downs: the token ID, and the description where there is one. */
    public static final class NameProvider extends CredentialsNameProvider<ProxmoxApiToken> {

        @NonNull
        @Override
        public String getName(@NonNull ProxmoxApiToken token) {
            String description = Util.fixEmptyAndTrim(token.getDescription());
            return token.getTokenId() + (description == null ? "" : " (" + description + ")");
        }
    }

    @Extension
    @Symbol("proxmoxApiToken")
    public static final class DescriptorImpl extends BaseStandardCredentialsDescriptor {

        @NonNull
        @Override
        public String getDisplayName() {
            return Messages.ProxmoxApiToken_displayName();
        }

        @Override
        public String getIconClassName() {
            return "symbol-key";
        }

        /** Reports what is wrong with a token ID, and what to type instead. */
        @POST
        public FormValidation doCheckTokenId(@AncestorInPath Item item, @QueryParameter String value) {
            if (!mayEditCredentials(item)) {
                return FormValidation.ok();
            }
            String typed = Util.fixNull(value);
            Optional<String> complaint = TokenInputCheck.complaintAboutId(typed);
            if (complaint.isPresent()) {
                return FormValidation.error(complaint.get());
            }
            return TokenId.parse(typed).userId().equals("root@pam")
                    ? FormValidation.warning(Messages.ProxmoxApiToken_root())
                    : FormValidation.ok();
        }

        /** Reports what is wrong with a secret, without repeating it. */
        @POST
        public FormValidation doCheckSecret(@AncestorInPath Item item, @QueryParameter Secret value) {
            if (!mayEditCredentials(item)) {
                return FormValidation.ok();
            }
            return TokenInputCheck.complaintAboutSecret(Secret.toString(value))
                    .map(FormValidation::error)
                    .orElseGet(FormValidation::ok);
        }

        private static boolean mayEditCredentials(@CheckForNull Item item) {
            AccessControlled context = item == null ? Jenkins.get() : item;
            return context.hasAnyPermission(CredentialsProvider.CREATE, CredentialsProvider.UPDATE);
        }
    }
}
