package io.jenkins.plugins.proxmox.server;

import com.cloudbees.plugins.credentials.CredentialsMatchers;
import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.common.StandardCredentials;
import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.Util;
import hudson.model.Item;
import hudson.model.Run;
import hudson.security.ACL;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.proxmox.pve.client.ClientSettings;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import java.util.List;
import java.util.stream.Collectors;
import jenkins.model.Jenkins;

/**
 * From what a job says to a client: which server (by name, or the default), which credentials (the server's, or ones in
 * the job's own scope), and whether the job may use them.
 */
public final class ProxmoxServers {

    private ProxmoxServers() {}

    /**
     * The shared client for a build. Asked for anew before each use it follows changes of the configuration.
     *
     * @param serverName null for the default
     * @param credentialsId null for those of the server
     * @throws AbortException when there is no such server, there are no such credentials for the job, or they cannot be
     *     used; nothing was sent then
     */
    @NonNull
    public static ProxmoxClient client(
            Run<?, ?> run, @CheckForNull String serverName, @CheckForNull String credentialsId) throws AbortException {
        ProxmoxServer server = server(serverName);
        try {
            return ClientCache.get().client(settings(server, credentials(server, run, credentialsId)));
        } catch (IllegalArgumentException e) {
            throw new AbortException(Messages.ProxmoxServers_unusable(server.getName(), e.getMessage()));
        }
    }

    /**
     * Notes on the page of the credentials that the build used them. Writes to disk: once for each use, not for each
     * request.
     *
     * @throws AbortException as {@link #client} does
     */
    public static void trackUse(Run<?, ?> run, @CheckForNull String serverName, @CheckForNull String credentialsId)
            throws AbortException {
        ProxmoxServer server = server(serverName);
        try {
            CredentialsProvider.track(run, credentials(server, run, credentialsId));
        } catch (IllegalArgumentException e) {
            throw new AbortException(Messages.ProxmoxServers_unusable(server.getName(), e.getMessage()));
        }
    }

    private static StandardCredentials credentials(
            ProxmoxServer server, Run<?, ?> run, @CheckForNull String credentialsId) {
        return Util.fixEmptyAndTrim(credentialsId) == null
                ? credentialsOf(server)
                : credentialsOf(server, run, credentialsId);
    }

    /** The name by which messages call the server that a job means, be there such a one or not. */
    @NonNull
    public static String nameOf(@CheckForNull String serverName) {
        if (Util.fixEmptyAndTrim(serverName) != null) {
            return serverName;
        }
        List<ProxmoxServer> servers = ProxmoxConfiguration.get().getServers();
        return servers.isEmpty() ? "" : servers.get(0).getName();
    }

    /**
     * The names of the servers for a drop-down, the default first.
     *
     * @param item the job whose form it is; null outside of a job
     */
    @NonNull
    public static ListBoxModel menu(@CheckForNull Item item) {
        ListBoxModel menu = new ListBoxModel();
        menu.add(Messages.ProxmoxServers_default(), "");
        boolean allowed = item == null
                ? Jenkins.get().hasPermission(Jenkins.ADMINISTER)
                : item.hasPermission(Item.EXTENDED_READ) || item.hasPermission(Item.CONFIGURE);
        if (allowed) {
            ProxmoxConfiguration.get().getServers().forEach(server -> menu.add(server.getName()));
        }
        return menu;
    }

    /**
     * A client of its own for values that may not be saved; the caller closes it.
     *
     * @throws IllegalArgumentException when the values cannot be used
     */
    static ProxmoxClient connect(ProxmoxServer server) {
        return new ProxmoxClient(settings(server, credentialsOf(server)));
    }

    private static ProxmoxServer server(@CheckForNull String name) throws AbortException {
        List<ProxmoxServer> servers = ProxmoxConfiguration.get().getServers();
        if (servers.isEmpty()) {
            throw new AbortException(Messages.ProxmoxServers_none());
        }
        if (Util.fixEmptyAndTrim(name) == null) {
            return servers.get(0);
        }
        return ProxmoxConfiguration.get()
                .server(name)
                .orElseThrow(() -> new AbortException(Messages.ProxmoxServers_unknown(
                        name, servers.stream().map(ProxmoxServer::getName).collect(Collectors.joining(", ")))));
    }

    private static StandardCredentials credentialsOf(ProxmoxServer server) {
        String id = server.getCredentialsId();
        if (id.isEmpty()) {
            throw new IllegalArgumentException(Messages.ProxmoxServers_noCredentials());
        }
        StandardCredentials found = CredentialsMatchers.firstOrNull(
                CredentialsProvider.lookupCredentialsInItemGroup(
                        StandardCredentials.class,
                        Jenkins.get(),
                        ACL.SYSTEM2,
                        CredentialsMenu.requirements(server.serverAddresses())),
                CredentialsMatchers.withId(id));
        if (found == null) {
            throw new IllegalArgumentException(Messages.ProxmoxServers_credentialsGone(id));
        }
        return found;
    }

    private static StandardCredentials credentialsOf(ProxmoxServer server, Run<?, ?> run, String id) {
        StandardCredentials found = CredentialsProvider.findCredentialById(
                id, StandardCredentials.class, run, CredentialsMenu.requirements(server.serverAddresses()));
        if (found == null) {
            throw new IllegalArgumentException(Messages.ProxmoxServers_credentialsOutOfScope(id));
        }
        return found;
    }

    private static ClientSettings settings(ProxmoxServer server, StandardCredentials credentials) {
        return ClientSettings.of(server.serverAddresses(), CredentialsAuthentication.of(credentials), server.tlsTrust())
                .with(server.timeouts())
                .with(ControllerProxy.settings());
    }
}
