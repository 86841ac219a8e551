package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.Nullable;

/**
 * How much of its processors and memory a node or a guest uses.
 *
 * @param cpu used share of its processors, 0 to 1; a guest may show a little more than 1
 * @param cpus how many processors it has
 * @param memoryBytes used memory
 * @param maxMemoryBytes memory that it has
 * @param uptimeSeconds 0 when it does not run
 */
public record ResourceUsage(double cpu, int cpus, long memoryBytes, long maxMemoryBytes, long uptimeSeconds) {

    /** The figures among the fields of a resource, or null when the server left them out. */
    @Nullable
    public static ResourceUsage from(JsonNode json) {
        // an offline node of which the server remembers something has maxcpu and maxmem, but not cpu and mem
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
