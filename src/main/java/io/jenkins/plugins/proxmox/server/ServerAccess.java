package io.jenkins.plugins.proxmox.server;

import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.ProxyConfiguration;
import hudson.model.Saveable;
import java.io.IOException;
import java.util.Objects;

/**
 * With what the controller asks a server by itself: addresses, secret, trust, proxy. Equal to another one as long as
 * nothing of it was changed; tells nothing of what is in it.
 */
public final class ServerAccess {

    /** The settings, or as a text why there are none. */
    private final Object settings;

    private ServerAccess(Object settings) {
        this.settings = settings;
    }

    /** The present access to the server. Reads its credentials if they were not read lately, and asks no server. */
    @NonNull
    public static ServerAccess of(ProxmoxServer server) {
        try {
            return new ServerAccess(ServerConnections.settings(server));
        } catch (IOException | RuntimeException | LinkageError e) {
            // whatever hinders the lookup is told by the one who asks the server
            return new ServerAccess(e.toString());
        }
    }

    /** Whether a save of that may change which servers there are, or the access to one. */
    public static boolean mayChangeWith(@CheckForNull Saveable saved) {
        return saved instanceof ProxmoxConfiguration
                || saved instanceof SystemCredentialsProvider
                || saved instanceof ProxyConfiguration;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ServerAccess access && settings.equals(access.settings);
    }

    @Override
    public int hashCode() {
        return Objects.hash(settings);
    }
}
