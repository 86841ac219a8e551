package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.model.Run;
import io.jenkins.plugins.proxmox.pve.operation.ServerConnection;
import io.jenkins.plugins.proxmox.pve.operation.SettingsUnavailableException;
import io.jenkins.plugins.proxmox.server.ProxmoxServers;
import io.jenkins.plugins.proxmox.server.ServerConnections;
import java.io.IOException;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The connection of a build to the server and with the credentials that it names, according to the current
 * configuration.
 */
public final class BuildConnection implements ServerConnection.Source {

    private final Run<?, ?> build;

    @CheckForNull
    private final String server;

    @CheckForNull
    private final String credentialsId;

    @CheckForNull
    private volatile ServerConnection last;

    /** Does not look anything up yet. The names are those of {@link ServerConnections#known}. */
    public BuildConnection(Run<?, ?> build, @CheckForNull String server, @CheckForNull String credentialsId) {
        this.build = build;
        this.server = server;
        this.credentialsId = credentialsId;
    }

    @NonNull
    @Override
    public ServerConnection connection() throws IOException {
        ServerConnection known = ServerConnections.known(build, server, credentialsId);
        ServerConnection present = known == null ? last : known;
        if (present == null) {
            throw new SettingsUnavailableException(Messages.BuildConnection_beingRead(), true, null);
        }
        return use(present);
    }

    /**
     * A name can be given to another server at any time. An operation that began on one server must not continue on
     * another.
     */
    private ServerConnection use(ServerConnection present) throws AbortException {
        ServerConnection before = last;
        if (before != null
                && Collections.disjoint(
                        before.client().addresses(), present.client().addresses())) {
            throw new AbortException(Messages.BuildConnection_anotherServer(
                    ProxmoxServers.nameOf(build.getParent(), server),
                    present.client().addresses(),
                    before.client().addresses()));
        }
        last = present;
        return present;
    }

    @NonNull
    @Override
    public CompletableFuture<ServerConnection> read() {
        return ServerConnections.read(build, server, credentialsId).thenApply(read -> {
            try {
                return use(read);
            } catch (AbortException e) {
                throw new CompletionException(e);
            }
        });
    }
}
