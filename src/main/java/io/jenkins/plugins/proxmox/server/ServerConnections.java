package io.jenkins.plugins.proxmox.server;

import com.cloudbees.plugins.credentials.CredentialsMatcher;
import com.cloudbees.plugins.credentials.CredentialsMatchers;
import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import com.cloudbees.plugins.credentials.common.StandardCredentials;
import com.cloudbees.plugins.credentials.domains.DomainRequirement;
import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.ProxyConfiguration;
import hudson.Util;
import hudson.model.Saveable;
import hudson.security.ACL;
import io.jenkins.plugins.proxmox.pve.client.Authentication;
import io.jenkins.plugins.proxmox.pve.client.ClientSettings;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.operation.ServerConnection;
import io.jenkins.plugins.proxmox.pve.operation.SettingsUnavailableException;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.server.CachedCredentials.Found;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;
import jenkins.model.Jenkins;

/** Finds the shared connection for a server with its own credentials, or with those that a build names. */
public final class ServerConnections {

    private ServerConnections() {}

    /**
     * The connection that builds share on a server as one identity, with the secret as last read. Callers that ask for
     * it before each use follow changes of the configuration; without a change, it is the same connection. Does not
     * wait for a secret store.
     *
     * @param serverName null for the default
     * @param credentialsId null for those of the server
     * @return null while the secret is being read for the first time
     * @throws AbortException when there is no such server, or no such credentials for the job
     * @throws SettingsUnavailableException when the settings or the secret cannot be used
     */
    @CheckForNull
    public static ServerConnection known(
            ServerUser user, @CheckForNull String serverName, @CheckForNull String credentialsId) throws IOException {
        ProxmoxServer server = user.server(serverName);
        CachedCredentials credentials = credentials(server, user, credentialsId);
        Found known = credentials.known();
        if (known == null) {
            return null;
        }
        ServerConnection connection = connection(server, known);
        if (connection.client().isRefused()) {
            // a wait tolerates a refusal for a minute, during which the secret may have been replaced
            credentials.doubt();
        }
        return connection;
    }

    /**
     * The same, but reads the secret again. This is for the beginning of a use, which Jenkins records on the page of
     * the credentials. Returns at once.
     *
     * @return the connection, or a failure as described at {@link #known}
     */
    @NonNull
    public static CompletableFuture<ServerConnection> read(
            ServerUser user, @CheckForNull String serverName, @CheckForNull String credentialsId) {
        try {
            ProxmoxServer server = user.server(serverName);
            return credentials(server, user, credentialsId).read().thenApply(found -> {
                user.track(found.credentials());
                try {
                    return connection(server, found);
                } catch (SettingsUnavailableException e) {
                    throw new CompletionException(e);
                }
            });
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * The connection to a server with its own credentials, for requests of the controller itself. Waits while the
     * credentials are being read, which is rare.
     *
     * @throws AbortException when the server has no credentials, or they are gone; nothing was sent then
     * @throws SettingsUnavailableException when they could not be read, or cannot be used; nothing was sent then
     */
    @NonNull
    public static ServerConnection of(ProxmoxServer server) throws IOException {
        return connection(server, credentials(server).present());
    }

    /**
     * What the controller itself uses to ask a server: addresses, secret, trust, proxy. Only for comparison: two
     * results are equal if nothing has changed. Reads the credentials if they were not read recently; asks no server.
     */
    @NonNull
    public static Object access(ProxmoxServer server) {
        try {
            return settings(server, credentials(server).present().authentication());
        } catch (IOException | RuntimeException | LinkageError e) {
            // a caller that asks the server reports the reason
            return e.toString();
        }
    }

    /** Whether saving {@code saved} may change which servers there are, or what is needed to ask one. */
    public static boolean mayChangeWith(@CheckForNull Saveable saved) {
        return saved instanceof ProxmoxConfiguration
                || saved instanceof SystemCredentialsProvider
                || saved instanceof ProxyConfiguration;
    }

    /**
     * A separate client for values that may not be saved; the caller closes it. Always reads the credentials again, and
     * waits for that.
     *
     * @throws IOException as for {@link #of}
     */
    @NonNull
    static ProxmoxClient connect(ProxmoxServer server) throws IOException {
        String id = requireCredentials(server);
        List<DomainRequirement> requirements = CredentialsMenu.requirements(addresses(server));
        Found found = readNow(
                server.getName(), id, () -> lookUp(id, requirements), Messages.ProxmoxServers_credentialsGone(id));
        return new ProxmoxClient(settings(server, found.authentication()));
    }

    private static ServerConnection connection(ProxmoxServer server, Found found) throws SettingsUnavailableException {
        return ConnectionCache.get().connection(settings(server, found.authentication()));
    }

    private static ClientSettings settings(ProxmoxServer server, Authentication authentication)
            throws SettingsUnavailableException {
        try {
            return ClientSettings.of(server.serverAddresses(), authentication, server.tlsTrust())
                    .with(server.timeouts())
                    .with(ControllerProxy.settings());
        } catch (IllegalArgumentException e) {
            throw unusable(server, e);
        }
    }

    private static CachedCredentials credentials(
            ProxmoxServer server, ServerUser user, @CheckForNull String credentialsId) throws IOException {
        String id = Util.fixEmptyAndTrim(credentialsId);
        if (id == null) {
            return credentials(server);
        }
        return cached(
                server,
                id,
                user.scope(),
                requirements -> user.credentials(id, requirements),
                Messages.ProxmoxServers_credentialsOutOfScope(SafeText.singleLine(id)));
    }

    private static CachedCredentials credentials(ProxmoxServer server) throws IOException {
        String id = requireCredentials(server);
        return cached(
                server,
                id,
                null,
                requirements -> lookUp(id, requirements),
                Messages.ProxmoxServers_credentialsGone(id));
    }

    private static String requireCredentials(ProxmoxServer server) throws AbortException {
        String id = server.getCredentialsId();
        if (id.isEmpty()) {
            throw new AbortException(
                    Messages.ProxmoxServers_unusable(server.getName(), Messages.ProxmoxServers_noCredentials()));
        }
        return id;
    }

    @CheckForNull
    private static StandardCredentials lookUp(String id, List<DomainRequirement> requirements) {
        return lookUp(CredentialsMatchers.withId(id), requirements);
    }

    /** The same, except for those of the scope System, which no job can use. */
    @CheckForNull
    static StandardCredentials lookUpForJobs(String id, List<DomainRequirement> requirements) {
        return lookUp(
                CredentialsMatchers.allOf(
                        CredentialsMatchers.withId(id),
                        CredentialsMatchers.not(CredentialsMatchers.withScope(CredentialsScope.SYSTEM))),
                requirements);
    }

    @CheckForNull
    private static StandardCredentials lookUp(CredentialsMatcher wanted, List<DomainRequirement> requirements) {
        return CredentialsMatchers.firstOrNull(
                CredentialsProvider.lookupCredentialsInItemGroup(
                        StandardCredentials.class, Jenkins.get(), ACL.SYSTEM2, requirements),
                wanted);
    }

    private static List<ServerAddress> addresses(ProxmoxServer server) throws SettingsUnavailableException {
        try {
            return server.serverAddresses();
        } catch (IllegalArgumentException e) {
            throw unusable(server, e);
        }
    }

    private static SettingsUnavailableException unusable(ProxmoxServer server, IllegalArgumentException why) {
        return new SettingsUnavailableException(
                Messages.ProxmoxServers_unusable(server.getName(), why.getMessage()), false, why);
    }

    private static CachedCredentials cached(
            ProxmoxServer server,
            String id,
            @CheckForNull String scope,
            Function<List<DomainRequirement>, StandardCredentials> lookup,
            String missing)
            throws SettingsUnavailableException {
        String name = server.getName();
        List<ServerAddress> addresses = addresses(server);
        return CredentialsCache.get()
                .of(
                        new CredentialsCache.Key(ServerSettings.of(server), id, scope),
                        () -> readNow(name, id, () -> lookup.apply(CredentialsMenu.requirements(addresses)), missing));
    }

    private static Found readNow(String server, String id, Supplier<StandardCredentials> lookup, String missing)
            throws AbortException, SettingsUnavailableException {
        try {
            StandardCredentials found = lookup.get();
            if (found == null) {
                throw new AbortException(Messages.ProxmoxServers_unusable(server, missing));
            }
            return new Found(found, CredentialsAuthentication.of(found));
        } catch (IllegalArgumentException e) {
            throw new SettingsUnavailableException(Messages.ProxmoxServers_unusable(server, e.getMessage()), false, e);
        } catch (RuntimeException | LinkageError e) {
            // a secret store that is unavailable, or a broken plugin for it
            String why =
                    Messages.ProxmoxServers_credentialsUnread(id, SafeText.singleLine(String.valueOf(e.getMessage())));
            throw new SettingsUnavailableException(Messages.ProxmoxServers_unusable(server, why), true, e);
        }
    }
}
