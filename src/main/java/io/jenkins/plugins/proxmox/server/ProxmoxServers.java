package io.jenkins.plugins.proxmox.server;

import com.cloudbees.plugins.credentials.CredentialsMatchers;
import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.common.StandardCredentials;
import com.cloudbees.plugins.credentials.domains.DomainRequirement;
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
import io.jenkins.plugins.proxmox.pve.client.Text;
import io.jenkins.plugins.proxmox.pve.guest.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import jenkins.model.Jenkins;

/**
 * From what a job says to a client: which server (by name, or the first one that it may use), which credentials (the
 * server's, or ones in the job's own scope), and whether the job may use them.
 */
public final class ProxmoxServers {

    private static final int ANSWERS = 3;

    private ProxmoxServers() {}

    /**
     * What builds share on a server as one identity. Asked for anew before each use it follows changes of the
     * configuration; it is the same one as long as nothing was changed.
     *
     * @param serverName null for the default
     * @param credentialsId null for those of the server
     * @throws AbortException when there is no such server, there are no such credentials for the job, or they cannot be
     *     used; nothing was sent then
     */
    @NonNull
    public static Connection connection(
            Run<?, ?> run, @CheckForNull String serverName, @CheckForNull String credentialsId) throws AbortException {
        ProxmoxServer server = server(run, serverName);
        try {
            return ConnectionCache.get().connection(settings(server, credentials(server, run, credentialsId)));
        } catch (IllegalArgumentException e) {
            throw new AbortException(Messages.ProxmoxServers_unusable(server.getName(), e.getMessage()));
        }
    }

    /**
     * The connection to a server with the credentials of its own, for what the controller does by itself.
     *
     * @throws AbortException when it has no credentials, or they cannot be used; nothing was sent then
     */
    @NonNull
    public static Connection connection(ProxmoxServer server) throws AbortException {
        try {
            return ConnectionCache.get().connection(settings(server));
        } catch (IllegalArgumentException e) {
            throw new AbortException(Messages.ProxmoxServers_unusable(server.getName(), e.getMessage()));
        }
    }

    /**
     * Notes on the page of the credentials that the build used them. Writes to disk: once for each use, not for each
     * request.
     *
     * @throws AbortException as {@link #connection(Run, String, String)} does
     */
    public static void trackUse(Run<?, ?> run, @CheckForNull String serverName, @CheckForNull String credentialsId)
            throws AbortException {
        ProxmoxServer server = server(run, serverName);
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

    /**
     * How long a build waits for what it asks at a moment, which takes a few exchanges, each of them perhaps on several
     * addresses: three times as long as for one answer, so two minutes unless the server's settings say otherwise.
     *
     * @param serverName null for the default
     * @throws AbortException when there is no such server
     */
    @NonNull
    public static Duration timeToAsk(Run<?, ?> run, @CheckForNull String serverName) throws AbortException {
        return server(run, serverName).timeouts().response().multipliedBy(ANSWERS);
    }

    /**
     * The name of the server that a job means, be there such a one or not; empty when it may use none. Whoever uses a
     * server for a while settles for its name at first: when servers are added or sorted anew meanwhile, the default is
     * another cluster, with other guests under the same numbers.
     */
    @NonNull
    public static String nameOf(Item job, @CheckForNull String serverName) {
        if (Util.fixEmptyAndTrim(serverName) != null) {
            return serverName;
        }
        List<ProxmoxServer> servers = usableFor(job);
        return servers.isEmpty() ? "" : servers.get(0).getName();
    }

    /**
     * The names of the servers for a drop-down, the default first: of those that the job may use.
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
            List<ProxmoxServer> servers =
                    item == null ? ProxmoxConfiguration.get().getServers() : usableFor(item);
            servers.forEach(server -> menu.add(server.getName()));
        }
        return menu;
    }

    /** What credentials must fit to be of use with the server that a form names; nothing if that is not known. */
    static List<DomainRequirement> requirements(@CheckForNull Item item, @CheckForNull String serverName) {
        boolean first = Util.fixEmptyAndTrim(serverName) == null;
        return (item == null ? ProxmoxConfiguration.get().getServers() : usableFor(item))
                .stream()
                        .filter(server -> first || server.getName().equals(serverName))
                        .findFirst()
                        .map(server -> CredentialsMenu.requirements(server.getAddresses()))
                        .orElse(List.of());
    }

    private static List<ProxmoxServer> usableFor(Item item) {
        return usable(ProxmoxConfiguration.get().getServers(), item);
    }

    private static List<ProxmoxServer> usable(List<ProxmoxServer> servers, Item item) {
        return servers.stream()
                .filter(server -> server.folderLimit().allows(item))
                .toList();
    }

    /**
     * A client of its own for values that may not be saved; the caller closes it.
     *
     * @throws IllegalArgumentException when the values cannot be used
     */
    static ProxmoxClient connect(ProxmoxServer server) {
        return new ProxmoxClient(settings(server));
    }

    /**
     * The settings with the server's own credentials.
     *
     * @throws IllegalArgumentException when there are no such credentials, or the values cannot be used
     */
    static ClientSettings settings(ProxmoxServer server) {
        return settings(server, credentialsOf(server));
    }

    /**
     * The server that a build means, by the name that it had when the build began; the default is the first one that its
     * job may use.
     */
    private static ProxmoxServer server(Run<?, ?> run, @CheckForNull String name) throws AbortException {
        Item job = run.getParent();
        List<ProxmoxServer> all = ProxmoxConfiguration.get().getServers();
        if (all.isEmpty()) {
            throw new AbortException(Messages.ProxmoxServers_none());
        }
        List<ProxmoxServer> usable = usable(all, job);
        String given = Util.fixEmptyAndTrim(name);
        String wanted = given == null ? null : ProxmoxConfiguration.get().nameNow(given, run.getStartTimeInMillis());
        Optional<ProxmoxServer> found =
                usable.stream().filter(server -> isCalled(server, wanted)).findFirst();
        if (found.isPresent()) {
            return found.get();
        }
        if (wanted != null && all.stream().anyMatch(server -> isCalled(server, wanted))) {
            throw new AbortException(Messages.ProxmoxServers_notForJob(Text.singleLine(wanted), job.getFullName()));
        }
        throw new AbortException(
                usable.isEmpty()
                        ? Messages.ProxmoxServers_noneForJob(job.getFullName())
                        : Messages.ProxmoxServers_unknown(
                                Text.singleLine(Util.fixNull(wanted)),
                                usable.stream().map(ProxmoxServer::getName).collect(Collectors.joining(", "))));
    }

    private static boolean isCalled(ProxmoxServer server, @CheckForNull String wanted) {
        return wanted == null || server.getName().equals(wanted);
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
            throw new IllegalArgumentException(Messages.ProxmoxServers_credentialsOutOfScope(Text.singleLine(id)));
        }
        return found;
    }

    private static ClientSettings settings(ProxmoxServer server, StandardCredentials credentials) {
        return ClientSettings.of(server.serverAddresses(), CredentialsAuthentication.of(credentials), server.tlsTrust())
                .with(server.timeouts())
                .with(ControllerProxy.settings());
    }
}
