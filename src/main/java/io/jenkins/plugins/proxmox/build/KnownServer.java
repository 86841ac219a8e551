package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The addresses of the server on which some work has begun. They are saved with the work, because the name of the server
 * can be given to another one at any time, and work that began on one server must not continue on another.
 */
public final class KnownServer implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Empty until the work has begun. */
    private volatile ArrayList<ServerAddress> addresses;

    /** Of work that has not begun. */
    public KnownServer() {
        this(List.of());
    }

    /** Of work that began on the server with those addresses; empty if it has not begun. */
    public KnownServer(List<ServerAddress> addresses) {
        this.addresses = new ArrayList<>(addresses);
    }

    @NonNull
    public List<ServerAddress> addresses() {
        return List.copyOf(addresses);
    }

    /** Whether those are the addresses of another server. */
    boolean isNot(List<ServerAddress> present) {
        List<ServerAddress> before = addresses;
        return !before.isEmpty() && Collections.disjoint(before, present);
    }

    /** Keeps the current addresses of the same server. */
    void is(List<ServerAddress> present) {
        addresses = new ArrayList<>(present);
    }
}
