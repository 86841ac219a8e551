package io.jenkins.plugins.proxmox.pve.http;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.util.List;

/**
 * How to reach a server: its addresses, the trust in its certificate, the timeouts.
 *
 * @param addresses nodes of one cluster, tried in this order
 * @param proxy null to connect directly
 * @param maxBodyBytes the longest answer that is read
 */
public record HttpSettings(
        List<ServerAddress> addresses,
        TlsTrust trust,
        HttpTimeouts timeouts,
        @Nullable ProxySettings proxy,
        int maxBodyBytes) {

    /** Enough for the guests of the largest clusters (about 500 bytes each). */
    public static final int DEFAULT_MAX_BODY_BYTES = 16 * 1024 * 1024;

    /**
     * @throws IllegalArgumentException when there is no address
     */
    public HttpSettings {
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException(Texts.of("settings.no-address"));
        }
        addresses = List.copyOf(addresses);
    }

    /** Settings with default timeouts, no proxy and the default maximum length of an answer. */
    public static HttpSettings of(List<ServerAddress> addresses, TlsTrust trust) {
        return new HttpSettings(addresses, trust, HttpTimeouts.DEFAULT, null, DEFAULT_MAX_BODY_BYTES);
    }

    public HttpSettings with(HttpTimeouts other) {
        return new HttpSettings(addresses, trust, other, proxy, maxBodyBytes);
    }

    public HttpSettings with(@Nullable ProxySettings other) {
        return new HttpSettings(addresses, trust, timeouts, other, maxBodyBytes);
    }
}
