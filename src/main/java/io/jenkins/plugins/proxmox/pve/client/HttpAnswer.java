package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.Nullable;
import java.time.Instant;

/**
 * What came back over the wire, before anything is made of it.
 *
 * @param reason the reason phrase, where Proxmox VE writes why it refused
 * @param serverHeader the {@code Server} header, or null
 * @param challenge the {@code WWW-Authenticate} header, which Proxmox VE never sends, or null
 * @param location the {@code Location} header, or null
 * @param date the server's clock, or null when the answer did not tell
 */
record HttpAnswer(
        ServerAddress address,
        int status,
        String reason,
        byte[] body,
        @Nullable String serverHeader,
        @Nullable String challenge,
        @Nullable String location,
        @Nullable Instant date) {}
