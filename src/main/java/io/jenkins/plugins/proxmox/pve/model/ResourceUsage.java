package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.Nullable;

/**
 * The processors and memory that a node or a guest uses.
 *
 * @param cpu used share of its processors, 0 to 1; a guest may exceed 1 slightly
 * @param memoryBytes used memory
 * @param maxMemoryBytes memory that it has
 * @param uptimeSeconds 0 when it is not running
 */
public record ResourceUsage(double cpu, int cpus, long memoryBytes, long maxMemoryBytes, long uptimeSeconds) {

    /** The figures in the fields of a resource, or null when the server left them out. */
    @Nullable
    public static ResourceUsage from(JsonNode json) {
        // an offline node that the server remembers has maxcpu and maxmem, but not cpu and mem
        if (!json.has("cpu") || !json.has("mem")) {
            return null;
        }
        return new ResourceUsage(
                json.path("cpu").asDouble(),
                json.path("maxcpu").asInt(),
                json.path("mem").asLong(),
                json.path("maxmem").asLong(),
                json.path("uptime").asLong());
    }
}
