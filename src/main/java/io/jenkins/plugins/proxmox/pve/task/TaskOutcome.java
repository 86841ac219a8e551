package io.jenkins.plugins.proxmox.pve.task;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.TaskStatus;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The outcome of a task.
 *
 * @param status its exit status: OK, warnings with their number, or the text of an error
 * @param lastLogLines the end of its log, unless it simply succeeded; may be missing even then
 */
public record TaskOutcome(Upid task, TaskStatus status, List<String> lastLogLines) {

    private static final Logger LOGGER = Logger.getLogger(TaskOutcome.class.getName());

    private static final int LOG_LINES = 5;

    public TaskOutcome {
        lastLogLines = List.copyOf(lastLogLines);
    }

    /** The outcome with the end of its log, which is queried where it says more than the exit status. */
    public static TaskOutcome of(ProxmoxClient client, Upid task, TaskStatus status) {
        return new TaskOutcome(task, status, isWorthALog(status) ? lastLogLines(client, task) : List.of());
    }

    private static List<String> lastLogLines(ProxmoxClient client, Upid task) {
        try {
            return client.endOfTaskLog(task, LOG_LINES);
        } catch (ProxmoxException | RuntimeException e) {
            // the exit status is known, which is all that the wait needs
            LOGGER.log(Level.FINE, "The log of a task could not be read", e);
            return List.of();
        }
    }

    /** Whether it succeeded, possibly with warnings. */
    public boolean isSuccessful() {
        return status.isSuccessful();
    }

    /** Whether its log says more than its exit status. */
    static boolean isWorthALog(TaskStatus status) {
        return !status.isSuccessful() || status.hasWarnings();
    }
}
