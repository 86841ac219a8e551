package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.http.HttpSettings;
import io.jenkins.plugins.proxmox.pve.http.HttpTimeouts;
import io.jenkins.plugins.proxmox.pve.http.ProxySettings;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.http.TlsTrust;
import java.util.List;

/**
 * The settings of a client.
 *
 * @param http how to reach the server
 * @param authentication the identity and its secret
 */
public record ClientSettings(HttpSettings http, Authentication authentication) {

    /** Settings with default timeouts, no proxy and the default maximum length of an answer. */
    public static ClientSettings of(List<ServerAddress> addresses, Authentication authentication, TlsTrust trust) {
        return new ClientSettings(HttpSettings.of(addresses, trust), authentication);
    }

    /** Nodes of one cluster, tried in this order. */
    public List<ServerAddress> addresses() {
        return http.addresses();
    }

    public ClientSettings with(HttpTimeouts other) {
        return new ClientSettings(http.with(other), authentication);
    }

    public ClientSettings with(@Nullable ProxySettings other) {
        return new ClientSettings(http.with(other), authentication);
    }
}
