package io.jenkins.plugins.proxmox.pve.operation;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.util.List;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How far a task is, as its log tells in lines such as {@code transferred 2.7 MiB of 64.0 MiB (4.17%)}. */
final class TaskProgress {

    private static final Logger LOGGER = Logger.getLogger(TaskProgress.class.getName());

    private static final Pattern PERCENTAGE = Pattern.compile("\\((\\d{1,3}(?:\\.\\d+)?)%\\)");

    private static final int MOST_LINES = 500;

    private final Upid task;
    private final Consumer<String> log;
    private int linesRead;

    @CheckForNull
    private volatile String percentage;

    TaskProgress(Upid task, Consumer<String> log) {
        this.task = task;
        this.log = log;
    }

    boolean isOf(Upid other) {
        return task.equals(other);
    }

    /** The percentage that was last read, such as {@code 4.17}; null before the first one. */
    @CheckForNull
    String percentage() {
        return percentage;
    }

    /** Reads what is new in the log of the task, and logs the percentage if it has changed. */
    synchronized void read(ProxmoxClient client) {
        try {
            List<String> lines = client.taskLog(task, linesRead, MOST_LINES);
            linesRead += lines.size();
            String last = null;
            for (String line : lines) {
                Matcher matcher = PERCENTAGE.matcher(line);
                last = matcher.find() ? matcher.group(1) : last;
            }
            if (last != null && !last.equals(percentage)) {
                percentage = last;
                log.accept(Texts.of("task.progress", task.type(), last));
            }
        } catch (ProxmoxException | RuntimeException e) {
            // the wait for the task reports what matters
            LOGGER.log(Level.FINE, "The progress of a task could not be read", e);
        }
    }
}
