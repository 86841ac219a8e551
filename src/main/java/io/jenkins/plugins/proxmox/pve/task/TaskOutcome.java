package io.jenkins.plugins.proxmox.pve.task;

import io.jenkins.plugins.proxmox.pve.model.TaskStatus;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import java.util.List;

/**
 * The outcome of a task.
 *
 * @param status its exit status: OK, warnings with their number, or the text of an error
 * @param lastLogLines the end of its log, unless it simply succeeded; may be missing even then
 */
public record TaskOutcome(Upid task, TaskStatus status, List<String> lastLogLines) {

    public TaskOutcome {
        lastLogLines = List.copyOf(lastLogLines);
    }

    /** Whether it succeeded, possibly with warnings. */
    public boolean isSuccessful() {
        return status.isSuccessful();
    }

    /** The number of its warnings, 0 when it has none. */
    public int warnings() {
        return status.warnings();
    }

    /** Whether its log says more than its exit status. */
    static boolean isWorthALog(TaskStatus status) {
        return !status.isSuccessful() || status.hasWarnings();
    }
}
