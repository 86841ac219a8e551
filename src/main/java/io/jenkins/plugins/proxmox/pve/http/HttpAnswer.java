package io.jenkins.plugins.proxmox.pve.http;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.text.Redaction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.apache.hc.client5.http.utils.DateUtils;
import org.apache.hc.core5.http.impl.EnglishReasonPhraseCatalog;

/**
 * An HTTP answer before it is interpreted.
 *
 * @param reason the reason phrase, where Proxmox VE writes why it refused
 * @param serverHeader the {@code Server} header, or null
 * @param challenge the {@code WWW-Authenticate} header, which Proxmox VE never sends, or null
 * @param location the {@code Location} header, or null
 * @param dateHeader the {@code Date} header, or null
 * @param retryAfterHeader the {@code Retry-After} header, which only something in between sends, or null
 * @param took from the request to the end of the answer
 */
public record HttpAnswer(
        ServerAddress address,
        int status,
        String reason,
        byte[] body,
        @Nullable String serverHeader,
        @Nullable String challenge,
        @Nullable String location,
        @Nullable String dateHeader,
        @Nullable String retryAfterHeader,
        Duration took) {

    /** The server's clock, or null when the answer does not contain it. Parsed on demand, because that is slow. */
    @Nullable
    public Instant date() {
        return dateHeader == null ? null : DateUtils.parseStandardDate(dateHeader);
    }

    /** The time of the answer by the server's clock, or by our own when the answer does not contain it. */
    public Instant givenAt() {
        Instant date = date();
        return date == null ? Instant.now() : date;
    }

    /** Whether the reason is just the standard name of the status. */
    public boolean hasStandardReason() {
        return reason.strip().equalsIgnoreCase(EnglishReasonPhraseCatalog.INSTANCE.getReason(status, Locale.ROOT));
    }

    /**
     * How long the server asks clients to wait, given in seconds or as a date (RFC 9110, 10.2.3); zero when it does not
     * ask.
     */
    public Duration retryAfter() {
        if (retryAfterHeader == null) {
            return Duration.ZERO;
        }
        if (retryAfterHeader.matches("\\d{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(retryAfterHeader));
        }
        Instant until = DateUtils.parseStandardDate(retryAfterHeader);
        Duration away = until == null ? Duration.ZERO : Duration.between(givenAt(), until);
        return away.isNegative() ? Duration.ZERO : away;
    }

    /** The answer without secrets, fit to be quoted in messages. */
    public HttpAnswer without(Redaction redaction) {
        // one character per byte, so that bytes that are not UTF-8 stay as they are
        String text = new String(body, StandardCharsets.ISO_8859_1);
        return new HttpAnswer(
                address,
                status,
                redaction.of(reason),
                redaction.of(text).getBytes(StandardCharsets.ISO_8859_1),
                serverHeader,
                challenge == null ? null : redaction.of(challenge),
                location == null ? null : redaction.of(location),
                dateHeader,
                retryAfterHeader,
                took);
    }
}
