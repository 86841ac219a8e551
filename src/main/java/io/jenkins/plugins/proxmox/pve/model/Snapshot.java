package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.time.Instant;

/**
 * A snapshot of a guest, or its current state, which Proxmox VE lists among them.
 *
 * @param name {@value #CURRENT} for the current state
 * @param description empty when it has none; may have several lines
 * @param parent the snapshot that it was made from, or null
 * @param taken when it was made; null for the current state
 * @param withMemory whether it contains the memory of a running machine
 * @param unfinished whether it is still being made or deleted, or was left behind by an attempt to do so
 */
public record Snapshot(
        String name,
        String description,
        @Nullable String parent,
        @Nullable Instant taken,
        boolean withMemory,
        boolean unfinished) {

    private static final String CURRENT = "current";

    /** Reads an entry of the list (PVE::API2::Qemu, PVE::API2::LXC::Snapshot, snapshot_list). */
    public static Snapshot from(JsonNode json) {
        return new Snapshot(
                SafeText.singleLine(JsonChecks.requireText("name", json)),
                SafeText.lines(json.path("description").asText("")),
                SafeText.singleLineOrNull(json.path("parent")),
                JsonChecks.time("snaptime", json),
                json.path("vmstate").asInt() == 1,
                !json.path("snapstate").asText("").isEmpty());
    }

    public boolean isCurrentState() {
        return name.equals(CURRENT);
    }
}
