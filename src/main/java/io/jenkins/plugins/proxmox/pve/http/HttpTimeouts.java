package io.jenkins.plugins.proxmox.pve.http;

import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Duration;

/**
 * How long a client waits.
 *
 * @param connect for the TCP connection, and again for the TLS handshake
 * @param response for each part of an answer; an exchange as a whole may take twice that
 */
public record HttpTimeouts(Duration connect, Duration response) {

    /** Proxmox VE delays every 401 by 3 seconds. A client that does not wait longer sees a timeout instead. */
    public static final Duration SHORTEST_RESPONSE = Duration.ofSeconds(5);

    /** 10 seconds to connect; 40 for a response, because a silent node is reported (596) after 30. */
    public static final HttpTimeouts DEFAULT = new HttpTimeouts(Duration.ofSeconds(10), Duration.ofSeconds(40));

    public HttpTimeouts {
        if (connect.isNegative() || connect.isZero()) {
            throw new IllegalArgumentException(Texts.of("timeout.connect"));
        }
        if (response.compareTo(SHORTEST_RESPONSE) < 0) {
            throw new IllegalArgumentException(Texts.of("timeout.response", SHORTEST_RESPONSE.toSeconds()));
        }
    }
}
