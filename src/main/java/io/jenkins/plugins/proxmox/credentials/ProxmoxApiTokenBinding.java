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
import hudson.util.FormValidation;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jenkinsci.Symbol;
import org.jenkinsci.plugins.credentialsbinding.BindingDescriptor;
import org.jenkinsci.plugins.credentialsbinding.MultiBinding;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * {@code withCredentials([proxmoxApiToken(credentialsId: 'pve', tokenIdVariable: 'ID', secretVariable: 'SECRET')])}: a
 * token in environment variables, for scripts that call the API themselves. The secret is masked in the log; the token
 * ID is not.
 */
public final class ProxmoxApiTokenBinding extends MultiBinding<ProxmoxApiToken> {

    /** A name that every shell accepts for a variable. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

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
        Map<String, Part> parts;
        try {
            parts = parts(variable, tokenIdVariable, secretVariable);
        } catch (IllegalArgumentException e) {
            throw new AbortException(SafeText.line(Messages.ProxmoxApiTokenBinding_cannotBind(e.getMessage())));
        }
        ProxmoxApiToken token = getCredentials(build);
        Map<String, String> secrets = new LinkedHashMap<>();
        Map<String, String> others = new LinkedHashMap<>();
        parts.forEach((name, part) -> (part == Part.TOKEN_ID ? others : secrets).put(name, part.of(token)));
        return new MultiEnvironment(secrets, others);
    }

    /** What a variable can contain. */
    private enum Part {
        TOKEN_ID,
        SECRET,
        BOTH;

        String of(ProxmoxApiToken token) {
            return switch (this) {
                case TOKEN_ID -> token.getTokenId();
                case SECRET -> token.getSecret().getPlainText();
                case BOTH -> TOKEN_ID.of(token) + "=" + SECRET.of(token);
            };
        }
    }

    /**
     * The variables by name.
     *
     * @throws IllegalArgumentException when there is none, or one name is given for two values
     */
    private static Map<String, Part> parts(
            @CheckForNull String variable, @CheckForNull String tokenIdVariable, @CheckForNull String secretVariable) {
        Map<String, Part> parts = new LinkedHashMap<>();
        if (variable != null) {
            // a variable for the secret alone too, so that it is masked even without the token ID
            put(parts, variable, Part.BOTH);
            put(parts, variable + "_TOKEN_ID", Part.TOKEN_ID);
            put(parts, variable + "_SECRET", Part.SECRET);
        }
        if (tokenIdVariable != null) {
            put(parts, tokenIdVariable, Part.TOKEN_ID);
        }
        if (secretVariable != null) {
            put(parts, secretVariable, Part.SECRET);
        }
        if (parts.isEmpty()) {
            throw new IllegalArgumentException(Messages.ProxmoxApiTokenBinding_noVariable());
        }
        return parts;
    }

    private static void put(Map<String, Part> parts, String name, Part part) {
        Part other = parts.putIfAbsent(name, part);
        if (other != null && other != part) {
            throw new IllegalArgumentException(Messages.ProxmoxApiTokenBinding_sameVariable(SafeText.singleLine(name)));
        }
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

        /** Reports missing names at the first field, since one of the fields is enough. */
        @POST
        public FormValidation doCheckTokenIdVariable(
                @QueryParameter String value, @QueryParameter String secretVariable, @QueryParameter String variable) {
            try {
                parts(
                        Util.fixEmptyAndTrim(variable),
                        Util.fixEmptyAndTrim(value),
                        Util.fixEmptyAndTrim(secretVariable));
            } catch (IllegalArgumentException e) {
                return FormValidation.error(e.getMessage());
            }
            return checkName(value);
        }

        @POST
        public FormValidation doCheckSecretVariable(@QueryParameter String value) {
            return checkName(value);
        }

        @POST
        public FormValidation doCheckVariable(@QueryParameter String value) {
            return checkName(value);
        }

        private static FormValidation checkName(@CheckForNull String value) {
            String name = Util.fixEmptyAndTrim(value);
            return name == null || NAME.matcher(name).matches()
                    ? FormValidation.ok()
                    : FormValidation.warning(Messages.ProxmoxApiTokenBinding_strangeName(SafeText.singleLine(name)));
        }
    }
}
