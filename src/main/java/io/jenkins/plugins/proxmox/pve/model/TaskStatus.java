package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.text.SafeText;

/**
 * The state of a task.
 *
 * @param exitStatus {@code OK}, {@code WARNINGS: n} or the text of an error; empty while it is running
 */
public record TaskStatus(boolean running, String exitStatus) {

    public static TaskStatus from(JsonNode json) {
        boolean running = JsonChecks.requireText("status", json).equals("running");
        return new TaskStatus(
                running,
                running ? "" : SafeText.singleLine(json.path("exitstatus").asText("unexpected end")));
    }

    /** Whether it failed because the guest has no configuration on the task's node. */
    public boolean isNoSuchGuest() {
        return ServerErrorPattern.NO_SUCH_GUEST.isIn(exitStatus);
    }

    /** Whether it failed because another task held the guest's lock. */
    public boolean isLockTimeout() {
        return ServerErrorPattern.LOCK_TIMEOUT.isIn(exitStatus);
    }

    /** Whether it failed because the cluster, or the part of it where the task ran, has no quorum. */
    public boolean isWithoutQuorum() {
        return ServerErrorPattern.WITHOUT_QUORUM.isIn(exitStatus);
    }

    /** Whether it tried to shut down a guest that did not obey in the given time. */
    public boolean isShutdownIgnored() {
        return ServerErrorPattern.SHUTDOWN_IGNORED.isIn(exitStatus);
    }

    /** Whether it succeeded, possibly with warnings. */
    public boolean isSuccessful() {
        return exitStatus.equals("OK") || hasWarnings();
    }

    /** The lock of the guest that stood in the way, such as {@code backup}, or null. */
    @CheckForNull
    public String lock() {
        return ServerErrorPattern.lockIn(exitStatus);
    }

    /** The number of warnings in its log if it succeeded, 0 when there are none. */
    public int warnings() {
        return ServerErrorPattern.warningsIn(exitStatus);
    }

    /** Whether it succeeded but wrote warnings to its log. */
    public boolean hasWarnings() {
        return exitStatus.startsWith("WARNINGS:");
    }
}
