package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.Nullable;
import java.util.List;

/**
 * Everything a client needs to know.
 *
 * @param addresses nodes of one cluster, tried in this order
 * @param proxy null to connect directly
 * @param maxBodyBytes the longest answer that is read
 */
public record ClientSettings(
        List<ServerAddress> addresses,
        Authentication authentication,
        TlsTrust trust,
        ClientTimeouts timeouts,
        @Nullable ProxySettings proxy,
        int maxBodyBytes) {

    /** Room for the guests of the largest clusters (about 500 bytes each). */
    public static final int DEFAULT_MAX_BODY_BYTES = 16 * 1024 * 1024;

    public ClientSettings {
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException(Texts.of("settings.no-address"));
        }
        addresses = List.copyOf(addresses);
    }

    /** Settings with default timeouts, no proxy and the default limit of an answer. */
    public static ClientSettings of(List<ServerAddress> addresses, Authentication authentication, TlsTrust trust) {
        return new ClientSettings(
                addresses, authentication, trust, ClientTimeouts.DEFAULT, null, DEFAULT_MAX_BODY_BYTES);
    }

    public ClientSettings with(ClientTimeouts other) {
        return new ClientSettings(addresses, authentication, trust, other, proxy, maxBodyBytes);
    }

    public ClientSettings with(@Nullable ProxySettings other) {
        return new ClientSettings(addresses, authentication, trust, timeouts, other, maxBodyBytes);
    }
}
