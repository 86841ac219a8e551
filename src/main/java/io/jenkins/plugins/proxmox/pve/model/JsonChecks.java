package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Instant;

/** Checks that an answer has the form that Proxmox VE gives it. */
public final class JsonChecks {

    private JsonChecks() {}

    /**
     * The text of that field. Proxmox VE leaves out fields that do not apply, but not this one.
     *
     * @throws IllegalArgumentException when it is missing or empty
     */
    @NonNull
    public static String requireText(String field, JsonNode data) {
        String text = data.path(field).asText("");
        if (text.isEmpty()) {
            throw new IllegalArgumentException(Texts.of("answer.no-field", field));
        }
        return text;
    }

    /**
     * The time of that field, in seconds since 1970; null when it is missing or 0.
     *
     * @throws IllegalArgumentException when it is no time
     */
    @Nullable
    public static Instant time(String field, JsonNode data) {
        long seconds = data.path(field).asLong(0);
        if (seconds < 0 || seconds > Instant.MAX.getEpochSecond()) {
            throw new IllegalArgumentException(Texts.of("answer.no-time", field));
        }
        return seconds == 0 ? null : Instant.ofEpochSecond(seconds);
    }

    /**
     * Returns {@code data} if it is an array.
     *
     * @throws IllegalArgumentException if not
     */
    @NonNull
    public static JsonNode array(JsonNode data) {
        if (!data.isArray()) {
            throw new IllegalArgumentException(Texts.of("answer.no-list"));
        }
        return data;
    }
}
