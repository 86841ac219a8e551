package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.Nullable;
import java.time.Instant;
import org.apache.hc.client5.http.utils.DateUtils;

/**
 * What came back over the wire, before anything is made of it.
 *
 * @param reason the reason phrase, where Proxmox VE writes why it refused
 * @param serverHeader the {@code Server} header, or null
 * @param challenge the {@code WWW-Authenticate} header, which Proxmox VE never sends, or null
 * @param location the {@code Location} header, or null
 * @param dateHeader the {@code Date} header, or null
 */
record HttpAnswer(
        ServerAddress address,
        int status,
        String reason,
        byte[] body,
        @Nullable String serverHeader,
        @Nullable String challenge,
        @Nullable String location,
        @Nullable String dateHeader) {

    /** The server's clock, or null when the answer did not tell. Read only where it matters: it takes its time. */
    @Nullable
    Instant date() {
        return dateHeader == null ? null : DateUtils.parseStandardDate(dateHeader);
    }

    /** The moment at which the answer was given, by the clock of the server; by our own when it did not tell. */
    Instant givenAt() {
        Instant date = date();
        return date == null ? Instant.now() : date;
    }
}
