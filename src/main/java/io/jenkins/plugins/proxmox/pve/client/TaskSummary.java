package io.jenkins.plugins.proxmox.pve.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** A task in a node's list of tasks. */
public record TaskSummary(Upid upid, TaskStatus status) {

    /** The tasks of a list whose UPIDs can be read, as all those of this client can. */
    static List<TaskSummary> listFrom(JsonNode tasks) {
        List<TaskSummary> readable = new ArrayList<>();
        for (JsonNode task : Answers.array(tasks)) {
            if (Upid.isUpid(task.path("upid").asText())) {
                readable.add(from(task));
            }
        }
        return List.copyOf(readable);
    }

    private static TaskSummary from(JsonNode json) {
        String status = json.path("status").asText("");
        boolean running = status.isEmpty() || status.equals("RUNNING");
        return new TaskSummary(
                Upid.parse(json.path("upid").asText()),
                new TaskStatus(running, running ? "" : Text.singleLine(status)));
    }
}
