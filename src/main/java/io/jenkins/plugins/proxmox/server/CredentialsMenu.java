package io.jenkins.plugins.proxmox.server;

import com.cloudbees.plugins.credentials.CredentialsMatcher;
import com.cloudbees.plugins.credentials.CredentialsMatchers;
import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.common.StandardCredentials;
import com.cloudbees.plugins.credentials.common.StandardListBoxModel;
import com.cloudbees.plugins.credentials.common.StandardUsernamePasswordCredentials;
import com.cloudbees.plugins.credentials.domains.DomainRequirement;
import com.cloudbees.plugins.credentials.domains.URIRequirementBuilder;
import edu.umd.cs.findbugs.annotations.CheckForNull;
import hudson.Util;
import hudson.model.Item;
import hudson.model.Queue;
import hudson.security.ACL;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.credentials.ProxmoxApiToken;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.util.List;
import jenkins.model.Jenkins;
import org.jenkinsci.plugins.plaincredentials.StringCredentials;
import org.springframework.security.core.Authentication;

/** The menu of credentials in forms: only those that can authenticate with Proxmox VE. */
public final class CredentialsMenu {

    /** The kinds that {@link CredentialsAuthentication} understands. */
    static final CredentialsMatcher FITTING = CredentialsMatchers.anyOf(
            CredentialsMatchers.instanceOf(ProxmoxApiToken.class),
            CredentialsMatchers.instanceOf(StringCredentials.class),
            CredentialsMatchers.instanceOf(StandardUsernamePasswordCredentials.class));

    private CredentialsMenu() {}

    /** Only the selected credentials, for users who must not see the others. */
    public static ListBoxModel onlyCurrent(@CheckForNull String current) {
        return new StandardListBoxModel().includeCurrentValue(Util.fixNull(current));
    }

    /** The credentials of the controller, for the global configuration. The caller has checked the permission. */
    static ListBoxModel ofController(@CheckForNull String addresses, @CheckForNull String current) {
        return new StandardListBoxModel()
                .includeEmptyValue()
                .includeMatchingAs(
                        ACL.SYSTEM2, Jenkins.get(), StandardCredentials.class, requirements(addresses), FITTING)
                .includeCurrentValue(Util.fixNull(current));
    }

    /** Whether no job can use those credentials of the controller itself: their scope is System. */
    static boolean isForTheControllerOnly(String id) {
        return CredentialsProvider.lookupCredentialsInItemGroup(
                        StandardCredentials.class, Jenkins.get(), ACL.SYSTEM2, List.of())
                .stream()
                .filter(credentials -> credentials.getId().equals(id))
                .anyMatch(credentials -> credentials.getScope() == CredentialsScope.SYSTEM);
    }

    /**
     * The credentials that a job can use for a server. Checks that the current user is allowed to see them.
     *
     * @param item null outside of a job
     * @param server null for the default
     */
    public static ListBoxModel ofItem(
            @CheckForNull Item item, @CheckForNull String server, @CheckForNull String current) {
        if (!maySee(item)) {
            return onlyCurrent(current);
        }
        StandardListBoxModel menu = new StandardListBoxModel();
        menu.includeEmptyValue();
        Authentication user = item instanceof Queue.Task task ? task.getDefaultAuthentication2() : ACL.SYSTEM2;
        List<DomainRequirement> requirements = ProxmoxServers.requirements(item, server);
        if (item == null) {
            // without System scope, which no job can use
            menu.includeMatchingAs(
                    user,
                    Jenkins.get(),
                    StandardCredentials.class,
                    requirements,
                    CredentialsMatchers.allOf(
                            FITTING, CredentialsMatchers.not(CredentialsMatchers.withScope(CredentialsScope.SYSTEM))));
        } else {
            menu.includeMatchingAs(user, item, StandardCredentials.class, requirements, FITTING);
        }
        return menu.includeCurrentValue(Util.fixNull(current));
    }

    private static boolean maySee(@CheckForNull Item item) {
        return item == null
                ? Jenkins.get().hasPermission(Jenkins.ADMINISTER)
                : item.hasPermission(Item.EXTENDED_READ) || item.hasPermission(CredentialsProvider.USE_ITEM);
    }

    /** Reports credentials that the job cannot use or that are gone. An expression cannot be checked. */
    public static FormValidation checkOrVariable(
            @CheckForNull Item item, @CheckForNull String server, @CheckForNull String value) {
        String id = Util.fixEmptyAndTrim(value);
        if (id == null || id.contains("${") || !maySee(item)) {
            return FormValidation.ok();
        }
        return ofItem(item, server, null).stream().anyMatch(option -> option.value.equals(id))
                ? FormValidation.ok()
                : FormValidation.error(Messages.CredentialsMenu_outOfScope(SafeText.singleLine(id)));
    }

    /** The requirements for credentials for these addresses, as below; empty if the addresses cannot be read. */
    static List<DomainRequirement> requirements(@CheckForNull String addresses) {
        try {
            return requirements(ServerAddress.parseAll(Util.fixNull(addresses)));
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    /**
     * The requirements for credentials for these addresses: the hosts of all of them, since the secret is sent to each
     * one whose predecessors do not answer. A domain fits several requirements when it fits each ({@code Domain.test}).
     */
    static List<DomainRequirement> requirements(List<ServerAddress> addresses) {
        return addresses.stream()
                .flatMap(address -> URIRequirementBuilder.fromUri(address.url()).build().stream())
                .toList();
    }
}
