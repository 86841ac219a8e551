package io.jenkins.plugins.proxmox.server;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.Extension;
import hudson.Util;
import hudson.model.AbstractDescribableImpl;
import hudson.model.Descriptor;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.pve.call.CallRules;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.diagnosis.ConnectionCheck;
import io.jenkins.plugins.proxmox.pve.diagnosis.ConnectionReport;
import io.jenkins.plugins.proxmox.pve.http.CertificateFingerprint;
import io.jenkins.plugins.proxmox.pve.http.HttpTimeouts;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.http.TlsTrust;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import jenkins.model.Jenkins;
import org.jenkinsci.Symbol;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * A Proxmox VE cluster, or a single host, as an administrator configured it. Values are kept as entered, except for
 * blanks and line breaks at the ends. The form checks them, and so does every use.
 */
public final class ProxmoxServer extends AbstractDescribableImpl<ProxmoxServer> {

    private final String name;
    private final String addresses;
    private String credentialsId = "";
    private List<String> folders = new ArrayList<>();
    private List<String> apiRules = new ArrayList<>();
    private String caCertificates = "";
    private String fingerprint = "";
    private boolean verificationOff;
    private int connectTimeout = secondsOf(HttpTimeouts.DEFAULT.connect());
    private int responseTimeout = secondsOf(HttpTimeouts.DEFAULT.response());

    /** Null for never. */
    @CheckForNull
    private Integer removeOrphansAfter;

    /**
     * @param name the name by which jobs choose the server
     * @param addresses addresses of nodes of the cluster, separated by blanks, commas or line breaks
     */
    @DataBoundConstructor
    public ProxmoxServer(String name, String addresses) {
        this.name = SafeText.trimmed(Util.fixNull(name));
        this.addresses = SafeText.trimmed(Util.fixNull(addresses));
    }

    /** Fields that a file leaves out, because it is older or written by hand, get the values of a new server. */
    private Object readResolve() {
        return withFolders(folders);
    }

    @NonNull
    ProxmoxServer withFolders(@CheckForNull List<String> others) {
        ProxmoxServer server = new ProxmoxServer(name, addresses);
        server.setCredentialsId(credentialsId);
        server.setFolders(others);
        server.setApiRules(apiRules);
        server.setCaCertificates(caCertificates);
        server.setFingerprint(fingerprint);
        server.setVerificationOff(verificationOff);
        server.setConnectTimeout(connectTimeout);
        server.setResponseTimeout(responseTimeout);
        server.setRemoveOrphansAfter(removeOrphansAfter);
        return server;
    }

    public String getName() {
        return name;
    }

    public String getAddresses() {
        return addresses;
    }

    public String getCredentialsId() {
        return credentialsId;
    }

    @DataBoundSetter
    public void setCredentialsId(String credentialsId) {
        this.credentialsId = SafeText.trimmed(Util.fixNull(credentialsId));
    }

    /** Patterns of the folders whose jobs may use the server; empty for all. */
    public List<String> getFolders() {
        return List.copyOf(Util.fixNull(folders));
    }

    /**
     * @param folders each text can contain several patterns, one per line, as the form submits them
     */
    @DataBoundSetter
    public void setFolders(@CheckForNull List<String> folders) {
        this.folders = new ArrayList<>(AllowedFolders.patternsIn(Util.fixNull(folders)));
    }

    /** The folders as one text, one pattern per line, for the form. */
    public String getFoldersText() {
        return String.join("\n", getFolders());
    }

    /** Rules for the calls that jobs may make with {@code proxmoxApi}; empty for none. */
    public List<String> getApiRules() {
        return List.copyOf(Util.fixNull(apiRules));
    }

    /**
     * @param apiRules each text can contain several rules, one per line, as the form submits them
     */
    @DataBoundSetter
    public void setApiRules(@CheckForNull List<String> apiRules) {
        this.apiRules = new ArrayList<>(linesOf(Util.fixNull(apiRules)));
    }

    /** The rules as one text, one per line, for the form. */
    public String getApiRulesText() {
        return String.join("\n", getApiRules());
    }

    private static List<String> linesOf(List<String> texts) {
        return texts.stream()
                .flatMap(String::lines)
                .map(SafeText::trimmed)
                .filter(line -> !line.isEmpty())
                .toList();
    }

    /**
     * @throws IllegalArgumentException when a rule cannot be read
     */
    @NonNull
    CallRules callRules() {
        return CallRules.parse(getApiRules());
    }

    /** PEM certificates of the trusted authorities; empty for those of Java. */
    public String getCaCertificates() {
        return caCertificates;
    }

    @DataBoundSetter
    public void setCaCertificates(String caCertificates) {
        this.caCertificates = SafeText.trimmed(Util.fixNull(caCertificates));
    }

    /** SHA-256 fingerprint of the only trusted certificate; empty for none. */
    public String getFingerprint() {
        return fingerprint;
    }

    @DataBoundSetter
    public void setFingerprint(String fingerprint) {
        this.fingerprint = SafeText.trimmed(Util.fixNull(fingerprint));
    }

    /** Whether any certificate is trusted. */
    public boolean isVerificationOff() {
        return verificationOff;
    }

    @DataBoundSetter
    public void setVerificationOff(boolean verificationOff) {
        this.verificationOff = verificationOff;
    }

    /** Seconds. */
    public int getConnectTimeout() {
        return connectTimeout;
    }

    /**
     * @param connectTimeout 0 for the default, which is also what an empty field is bound to
     */
    @DataBoundSetter
    public void setConnectTimeout(int connectTimeout) {
        this.connectTimeout = connectTimeout == 0 ? secondsOf(HttpTimeouts.DEFAULT.connect()) : connectTimeout;
    }

    /** Seconds. */
    public int getResponseTimeout() {
        return responseTimeout;
    }

    /** As {@link #setConnectTimeout}. */
    @DataBoundSetter
    public void setResponseTimeout(int responseTimeout) {
        this.responseTimeout = responseTimeout == 0 ? secondsOf(HttpTimeouts.DEFAULT.response()) : responseTimeout;
    }

    /** Hours; null when orphaned clones are removed only by hand. */
    @CheckForNull
    public Integer getRemoveOrphansAfter() {
        return removeOrphansAfter;
    }

    /**
     * @param removeOrphansAfter hours; null for never, which is also what an empty field is bound to
     */
    @DataBoundSetter
    public void setRemoveOrphansAfter(@CheckForNull Integer removeOrphansAfter) {
        this.removeOrphansAfter = removeOrphansAfter;
    }

    /** How old an orphaned clone must be to be removed without asking; null when none is. */
    @CheckForNull
    public Duration ageOfOrphans() {
        Integer hours = removeOrphansAfter;
        return hours == null || hours < 1 ? null : Duration.ofHours(hours);
    }

    private static int secondsOf(Duration duration) {
        return (int) duration.toSeconds();
    }

    @NonNull
    AllowedFolders folderLimit() {
        return new AllowedFolders(getFolders());
    }

    /**
     * @throws IllegalArgumentException when one cannot be read
     */
    @NonNull
    List<ServerAddress> serverAddresses() {
        return ServerAddress.parseAll(addresses);
    }

    /**
     * @throws IllegalArgumentException when the certificate or fingerprint cannot be read, or the fields contradict
     *     each other
     */
    @NonNull
    TlsTrust tlsTrust() {
        requireOneTrust();
        if (!fingerprint.isEmpty()) {
            return new TlsTrust.PinnedFingerprint(CertificateFingerprint.parse(fingerprint));
        }
        if (!caCertificates.isEmpty()) {
            return TlsTrust.CertificateAuthority.fromPem(caCertificates);
        }
        return verificationOff ? new TlsTrust.Unverified() : new TlsTrust.JvmTrustStore();
    }

    /**
     * @throws IllegalArgumentException when the fields contradict each other
     */
    void requireOneTrust() {
        if (!caCertificates.isEmpty() && !fingerprint.isEmpty()) {
            throw new IllegalArgumentException(Messages.ProxmoxServer_trustTwice());
        }
        if (verificationOff && !(caCertificates.isEmpty() && fingerprint.isEmpty())) {
            throw new IllegalArgumentException(Messages.ProxmoxServer_trustContradiction());
        }
    }

    /**
     * @throws IllegalArgumentException when one is too short
     */
    @NonNull
    HttpTimeouts timeouts() {
        return new HttpTimeouts(Duration.ofSeconds(connectTimeout), Duration.ofSeconds(responseTimeout));
    }

    @Extension
    @Symbol("proxmoxServer")
    public static final class DescriptorImpl extends Descriptor<ProxmoxServer> {

        private static final Logger LOGGER = Logger.getLogger(ProxmoxServer.class.getName());

        @NonNull
        @Override
        public String getDisplayName() {
            return Messages.ProxmoxServer_displayName();
        }

        /** Seconds, for the form. */
        public int getDefaultConnectTimeout() {
            return secondsOf(HttpTimeouts.DEFAULT.connect());
        }

        /** Seconds, for the form. */
        public int getDefaultResponseTimeout() {
            return secondsOf(HttpTimeouts.DEFAULT.response());
        }

        @POST
        public ListBoxModel doFillCredentialsIdItems(
                @QueryParameter String addresses, @QueryParameter String credentialsId) {
            if (isOnlyShown()) {
                return CredentialsMenu.onlyCurrent(credentialsId);
            }
            return CredentialsMenu.ofController(addresses, credentialsId);
        }

        @POST
        public FormValidation doCheckName(@QueryParameter String value) {
            return isOnlyShown() || !isEmpty(value)
                    ? FormValidation.ok()
                    : FormValidation.error(Messages.ProxmoxServer_nameMissing());
        }

        @POST
        public FormValidation doCheckAddresses(@QueryParameter String value) {
            return check(() -> ServerAddress.parseAll(Util.fixNull(value)));
        }

        @POST
        public FormValidation doCheckCredentialsId(
                @QueryParameter String value, @QueryParameter String addresses, @QueryParameter String folders) {
            if (isOnlyShown()) {
                return FormValidation.ok();
            }
            if (Util.fixEmptyAndTrim(value) == null) {
                return FormValidation.warning(Messages.ProxmoxServer_credentialsMissing());
            }
            if (CredentialsMenu.ofController(addresses, null).stream().noneMatch(o -> o.value.equals(value))) {
                return FormValidation.error(Messages.ProxmoxServer_credentialsUnknown(SafeText.singleLine(value)));
            }
            boolean limited = Util.fixEmptyAndTrim(folders) != null;
            return limited && !CredentialsMenu.isForTheControllerOnly(value)
                    ? FormValidation.warning(Messages.ProxmoxServer_credentialsForAll(SafeText.singleLine(value)))
                    : FormValidation.ok();
        }

        @POST
        public FormValidation doCheckCaCertificates(@QueryParameter String value) {
            return isEmpty(value) ? FormValidation.ok() : check(() -> TlsTrust.CertificateAuthority.fromPem(value));
        }

        @POST
        public FormValidation doCheckFingerprint(@QueryParameter String value, @QueryParameter String caCertificates) {
            if (isOnlyShown() || isEmpty(value)) {
                return FormValidation.ok();
            }
            if (!isEmpty(caCertificates)) {
                return FormValidation.error(Messages.ProxmoxServer_trustTwice());
            }
            return check(() -> CertificateFingerprint.parse(value));
        }

        @POST
        public FormValidation doCheckVerificationOff(
                @QueryParameter boolean value,
                @QueryParameter String caCertificates,
                @QueryParameter String fingerprint) {
            if (isOnlyShown() || !value) {
                return FormValidation.ok();
            }
            return isEmpty(caCertificates) && isEmpty(fingerprint)
                    ? FormValidation.warning(Messages.ProxmoxServer_verificationOff())
                    : FormValidation.error(Messages.ProxmoxServer_trustContradiction());
        }

        /**
         * Warns about patterns that match no folder at present, for example because of a typing error, and about those
         * of deleted folders.
         */
        @POST
        public FormValidation doCheckFolders(@QueryParameter String value) {
            if (isOnlyShown()) {
                return FormValidation.ok();
            }
            List<String> patterns = AllowedFolders.patternsIn(List.of(Util.fixNull(value)));
            List<String> idle = AllowedFolders.withoutFolder(patterns);
            List<String> ended = AllowedFolders.ended(patterns);
            List<FormValidation> warnings = new ArrayList<>();
            if (!idle.isEmpty()) {
                warnings.add(FormValidation.warning(Messages.ProxmoxServer_noSuchFolder(inWords(idle))));
            }
            if (!ended.isEmpty()) {
                warnings.add(FormValidation.warning(Messages.ProxmoxServer_folderDeleted(inWords(ended))));
            }
            return FormValidation.aggregate(warnings);
        }

        private static String inWords(List<String> patterns) {
            return patterns.stream().map(SafeText::singleLine).collect(Collectors.joining(", "));
        }

        /** Warns about rules that allow every change, which the rights of the identity alone limit then. */
        @POST
        public FormValidation doCheckApiRules(@QueryParameter String value) {
            if (isOnlyShown()) {
                return FormValidation.ok();
            }
            try {
                List<String> unlimited =
                        CallRules.parse(linesOf(List.of(Util.fixNull(value)))).unlimited();
                return unlimited.isEmpty()
                        ? FormValidation.ok()
                        : FormValidation.warning(Messages.ProxmoxServer_unlimitedRule(String.join(", ", unlimited)));
            } catch (IllegalArgumentException e) {
                return FormValidation.error(e.getMessage());
            }
        }

        @POST
        public FormValidation doCheckConnectTimeout(@QueryParameter String value) {
            return check(() -> new HttpTimeouts(seconds(value), HttpTimeouts.DEFAULT.response()));
        }

        @POST
        public FormValidation doCheckResponseTimeout(@QueryParameter String value) {
            return check(() -> new HttpTimeouts(HttpTimeouts.DEFAULT.connect(), seconds(value)));
        }

        @POST
        public FormValidation doCheckRemoveOrphansAfter(@QueryParameter String value) {
            if (isOnlyShown() || isEmpty(value)) {
                return FormValidation.ok();
            }
            return value.strip().matches("0*[1-9][0-9]{0,3}")
                    ? FormValidation.ok()
                    : FormValidation.error(Messages.ProxmoxServer_noHours());
        }

        private static Duration seconds(@CheckForNull String value) {
            try {
                return Duration.ofSeconds(Integer.parseInt(Util.fixNull(value).strip()));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(Messages.ProxmoxServer_noNumber(), e);
            }
        }

        /** Whether the setters treat the value as empty. */
        private static boolean isEmpty(@CheckForNull String value) {
            return SafeText.trimmed(Util.fixNull(value)).isEmpty();
        }

        /**
         * Whether the page is shown to a user who cannot change it (SystemRead). An error message at each field would
         * confuse such a user.
         */
        private static boolean isOnlyShown() {
            return !Jenkins.get().hasPermission(Jenkins.ADMINISTER);
        }

        private static FormValidation check(Runnable reading) {
            if (isOnlyShown()) {
                return FormValidation.ok();
            }
            try {
                reading.run();
                return FormValidation.ok();
            } catch (IllegalArgumentException e) {
                return FormValidation.error(e.getMessage());
            }
        }

        /**
         * Connects with the values of the form, saved or not, and reports which server answered and as which identity.
         */
        @POST
        public FormValidation doTestConnection(
                @QueryParameter String name,
                @QueryParameter String addresses,
                @QueryParameter String credentialsId,
                @QueryParameter String caCertificates,
                @QueryParameter String fingerprint,
                @QueryParameter boolean verificationOff,
                @QueryParameter String connectTimeout,
                @QueryParameter String responseTimeout) {
            // sends a stored secret to the address in the form, so for administrators only
            Jenkins.get().checkPermission(Jenkins.ADMINISTER);
            ProxmoxServer server = new ProxmoxServer(name, addresses);
            server.setCredentialsId(credentialsId);
            server.setCaCertificates(caCertificates);
            server.setFingerprint(fingerprint);
            server.setVerificationOff(verificationOff);
            try {
                server.setConnectTimeout(secondsOf(seconds(connectTimeout)));
                server.setResponseTimeout(secondsOf(seconds(responseTimeout)));
                HttpTimeouts fitting = ConnectionCheck.timeouts(
                        server.timeouts(), server.serverAddresses().size());
                server.setConnectTimeout(secondsOf(fitting.connect()));
                server.setResponseTimeout(secondsOf(fitting.response()));
                try (ProxmoxClient client = ServerConnections.connect(server)) {
                    return test(client, !verificationOff);
                }
            } catch (IOException | IllegalArgumentException e) {
                LOGGER.log(Level.FINE, "Test connection failed", e);
                return FormValidation.error(e.getMessage());
            }
        }

        private static FormValidation test(ProxmoxClient client, boolean verified) {
            ConnectionReport report = ConnectionCheck.of(client, verified);
            if (report.trouble() != null) {
                return FormValidation.errorWithMarkup(report.toHtml());
            }
            // a password that was refused a minute ago may work now
            ConnectionCache.get().forgetRefusedPasswords();
            return report.isFine()
                    ? FormValidation.okWithMarkup(report.toHtml())
                    : FormValidation.warningWithMarkup(report.toHtml());
        }
    }
}
