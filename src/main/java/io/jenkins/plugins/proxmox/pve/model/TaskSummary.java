package io.jenkins.plugins.proxmox.pve.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.proxmox.pve.text.SafeText;

/** A task in a node's list of tasks. */
public record TaskSummary(Upid upid, TaskStatus status) {

    /** Reads a task whose UPID can be parsed, which is true of all tasks of this client. */
    public static TaskSummary from(JsonNode json) {
        String upid = JsonChecks.requireText("upid", json);
        if (!Upid.isUpid(upid)) {
            throw new Listing.OddEntryException(Upid.noUpid(upid));
        }
        String status = json.path("status").asText("");
        boolean running = status.isEmpty() || status.equals("RUNNING");
        return new TaskSummary(Upid.parse(upid), new TaskStatus(running, running ? "" : SafeText.singleLine(status)));
    }
}
