package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.time.Instant;
import java.util.Set;

/**
 * The current state of a guest ({@code status/current}).
 *
 * @param name empty when it has none
 * @param running whether its process is running, paused or not
 * @param qmpStatus the detailed state from QEMU, such as {@code paused} or {@code prelaunch}; empty for a container
 * @param lock why it is locked, such as {@code backup}; null when it is not
 * @param haState its state in the HA manager, or null
 * @param uptimeSeconds 0 when stopped
 * @param cpu used share of its CPUs, 0 to 1
 * @param memoryBytes used memory
 * @param maxMemoryBytes memory that it may use
 * @param pid of the process on the node, 0 when unknown
 * @param observedAt by the clock of the server, or by our own when the answer does not contain it
 */
public record GuestStatus(
        GuestLocation location,
        String name,
        boolean running,
        String qmpStatus,
        @Nullable String lock,
        boolean haManaged,
        @Nullable String haState,
        long uptimeSeconds,
        double cpu,
        long memoryBytes,
        long maxMemoryBytes,
        long pid,
        Instant observedAt) {

    /** The QEMU states of a guest whose processors are halted although its process is running. */
    private static final Set<String> STANDING = Set.of("paused", "suspended");

    /** The QEMU states of a guest that has not been started yet, or has switched itself off. */
    private static final Set<String> OFF = Set.of("prelaunch", "shutdown");

    public static GuestStatus from(GuestLocation location, JsonNode json, Instant observedAt) {
        JsonNode ha = json.path("ha");
        return new GuestStatus(
                location,
                SafeText.singleLine(json.path("name").asText("")),
                JsonChecks.requireText("status", json).equals("running"),
                SafeText.singleLine(json.path("qmpstatus").asText("")),
                SafeText.singleLineOrNull(json.path("lock")),
                ha.path("managed").asInt() == 1,
                SafeText.singleLineOrNull(ha.path("state")),
                json.path("uptime").asLong(),
                json.path("cpu").asDouble(),
                json.path("mem").asLong(),
                json.path("maxmem").asLong(),
                json.path("pid").asLong(),
                observedAt);
    }

    /** Whether its process is running but its processors are halted: it is paused, or has put itself to sleep. */
    public boolean isPaused() {
        return running && STANDING.contains(qmpStatus);
    }

    /** Whether it was suspended to disk: it is stopped, and the next start restores its memory. */
    public boolean isHibernated() {
        return !running && "suspended".equals(lock);
    }

    /**
     * Whether QEMU is running only for the backup of a guest that was off, or was switched off meanwhile. A start makes
     * the guest run; otherwise the process ends after the backup (PVE::VZDump::QemuServer, PVE::QemuServer::vm_start).
     */
    private boolean isHeldByBackup() {
        return running && OFF.contains(qmpStatus) && "backup".equals(lock);
    }

    /** {@code running}, {@code stopped} or {@code paused}. A guest that only its backup keeps open is stopped. */
    public String state() {
        return !running || isHeldByBackup() ? "stopped" : isPaused() ? "paused" : "running";
    }

    /** The state, with the QEMU state where that says more, such as {@code running (io-error)}. */
    public String stateInDetail() {
        return inDetail(state(), qmpStatus);
    }

    /** The same for a state and a QMP status that are stored separately. */
    public static String inDetail(String state, String qmpStatus) {
        boolean isMore = state.equals("running") && !qmpStatus.isEmpty() && !qmpStatus.equals("running");
        return isMore ? state + " (" + qmpStatus + ")" : state;
    }

    /** {@code VM 100 (web-1)}. */
    public String guest() {
        return location.guest() + (name.isEmpty() ? "" : " (" + name + ")");
    }
}
