package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.model.Run;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.operation.ServerConnection;
import io.jenkins.plugins.proxmox.pve.operation.SettingsUnavailableException;
import io.jenkins.plugins.proxmox.server.ServerConnections;
import io.jenkins.plugins.proxmox.server.ServerUser;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The connection of a build to the server and with the credentials that it names, according to the current
 * configuration.
 */
public final class BuildConnection implements ServerConnection.Source {

    private final ServerUser user;

    @CheckForNull
    private final String server;

    @CheckForNull
    private final String credentialsId;

    private final KnownServer begun;

    @CheckForNull
    private volatile ServerConnection last;

    /** Does not look anything up yet. The names are those of {@link ServerConnections#known}. */
    public BuildConnection(Run<?, ?> build, @CheckForNull String server, @CheckForNull String credentialsId) {
        this(ServerUser.of(build), server, credentialsId, new KnownServer());
    }

    /**
     * The same for a user that may outlast its build, and for work that may have begun before.
     *
     * @param begun learns which server it is, and keeps the connection to that one
     */
    public BuildConnection(
            ServerUser user, @CheckForNull String server, @CheckForNull String credentialsId, KnownServer begun) {
        this.user = user;
        this.server = server;
        this.credentialsId = credentialsId;
        this.begun = begun;
    }

    @NonNull
    ServerUser user() {
        return user;
    }

    /** The name of the server. */
    @NonNull
    String serverName() {
        return user.nameOf(server);
    }

    @NonNull
    @Override
    public ServerConnection connection() throws IOException {
        ServerConnection known = ServerConnections.known(user, server, credentialsId);
        ServerConnection present = known == null ? last : known;
        if (present == null) {
            throw new SettingsUnavailableException(Messages.BuildConnection_beingRead(), true, null);
        }
        return use(present);
    }

    private ServerConnection use(ServerConnection present) throws AbortException {
        List<ServerAddress> addresses = present.client().addresses();
        if (begun.isNot(addresses)) {
            throw new AbortException(
                    Messages.BuildConnection_anotherServer(serverName(), addresses, begun.addresses()));
        }
        begun.is(addresses);
        last = present;
        return present;
    }

    @NonNull
    @Override
    public CompletableFuture<ServerConnection> read() {
        return ServerConnections.read(user, server, credentialsId).thenApply(read -> {
            try {
                return use(read);
            } catch (AbortException e) {
                throw new CompletionException(e);
            }
        });
    }
}
