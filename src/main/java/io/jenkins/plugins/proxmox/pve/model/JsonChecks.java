package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.text.Texts;

/** Checks that an answer has the form that Proxmox VE gives it. */
public final class JsonChecks {

    private JsonChecks() {}

    /**
     * Returns {@code data} if it is an object with that field. Proxmox VE leaves out fields that do not apply, but not
     * this one.
     *
     * @throws IllegalArgumentException if not
     */
    @NonNull
    public static JsonNode objectWith(String field, JsonNode data) {
        if (!data.path(field).isValueNode() || data.path(field).asText("").isEmpty()) {
            throw new IllegalArgumentException(Texts.of("answer.no-field", field));
        }
        return data;
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
