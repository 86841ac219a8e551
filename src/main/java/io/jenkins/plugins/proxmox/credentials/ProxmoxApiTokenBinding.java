package io.jenkins.plugins.proxmox.credentials;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import hudson.AbortException;
import hudson.Extension;
import hudson.FilePath;
import hudson.Launcher;
import hudson.Util;
import hudson.model.Run;
import hudson.model.TaskListener;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jenkinsci.Symbol;
import org.jenkinsci.plugins.credentialsbinding.BindingDescriptor;
import org.jenkinsci.plugins.credentialsbinding.MultiBinding;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;

/**
 * {@code withCredentials([proxmoxApiToken(credentialsId: 'pve', tokenIdVariable: 'ID', secretVariable: 'SECRET')])}: a
 * token in environment variables, for scripts that call the API themselves. The secret is masked in the log; the token
 * ID is not.
 */
public final class ProxmoxApiTokenBinding extends MultiBinding<ProxmoxApiToken> {

    private String variable;
    private String tokenIdVariable;
    private String secretVariable;

    @DataBoundConstructor
    public ProxmoxApiTokenBinding(String credentialsId) {
        super(credentialsId);
    }

    /**
     * The variable for {@code user@realm!name=secret}, as it follows {@code PVEAPIToken=} in the header
     * {@code Authorization}; {@code …_TOKEN_ID} and {@code …_SECRET} go with it.
     */
    @CheckForNull
    public String getVariable() {
        return variable;
    }

    @DataBoundSetter
    public void setVariable(@CheckForNull String variable) {
        this.variable = Util.fixEmptyAndTrim(variable);
    }

    /** The variable for {@code user@realm!name}. */
    @CheckForNull
    public String getTokenIdVariable() {
        return tokenIdVariable;
    }

    @DataBoundSetter
    public void setTokenIdVariable(@CheckForNull String tokenIdVariable) {
        this.tokenIdVariable = Util.fixEmptyAndTrim(tokenIdVariable);
    }

    /** The variable for the secret alone. */
    @CheckForNull
    public String getSecretVariable() {
        return secretVariable;
    }

    @DataBoundSetter
    public void setSecretVariable(@CheckForNull String secretVariable) {
        this.secretVariable = Util.fixEmptyAndTrim(secretVariable);
    }

    @Override
    protected Class<ProxmoxApiToken> type() {
        return ProxmoxApiToken.class;
    }

    @Override
    public MultiEnvironment bind(
            @NonNull Run<?, ?> build,
            @Nullable FilePath workspace,
            @Nullable Launcher launcher,
            @NonNull TaskListener listener)
            throws IOException, InterruptedException {
        Map<String, String> secrets = new LinkedHashMap<>();
        Map<String, String> others = new LinkedHashMap<>();
        ProxmoxApiToken token = getCredentials(build);
        String secret = token.getSecret().getPlainText();
        if (variable != null) {
            // the secret alone is a variable as well so that it is masked also where it stands alone
            secrets.put(variable, token.getTokenId() + "=" + secret);
            secrets.put(variable + "_SECRET", secret);
            others.put(variable + "_TOKEN_ID", token.getTokenId());
        }
        if (secretVariable != null) {
            secrets.put(secretVariable, secret);
        }
        if (tokenIdVariable != null) {
            others.put(tokenIdVariable, token.getTokenId());
        }
        if (others.isEmpty() && secrets.isEmpty()) {
            throw new AbortException(Messages.ProxmoxApiTokenBinding_noVariable());
        }
        return new MultiEnvironment(secrets, others);
    }

    @Override
    public Set<String> variables(@NonNull Run<?, ?> build) {
        Set<String> secrets = new LinkedHashSet<>();
        if (variable != null) {
            secrets.add(variable);
            secrets.add(variable + "_SECRET");
        }
        if (secretVariable != null) {
            secrets.add(secretVariable);
        }
        return secrets;
    }

    @Extension
    @Symbol("proxmoxApiToken")
    public static final class DescriptorImpl extends BindingDescriptor<ProxmoxApiToken> {

        @Override
        protected Class<ProxmoxApiToken> type() {
            return ProxmoxApiToken.class;
        }

        @NonNull
        @Override
        public String getDisplayName() {
            return Messages.ProxmoxApiToken_displayName();
        }

        @Override
        public boolean requiresWorkspace() {
            return false;
        }
    }
}
