package io.jenkins.plugins.proxmox.pve.client;

import com.fasterxml.jackson.databind.JsonNode;

/** A task in a node's list of tasks. */
public record TaskSummary(Upid upid, TaskStatus status) {

    /** A task whose UPID can be read, as all those of this client can. */
    static TaskSummary from(JsonNode json) {
        Answers.objectWith("upid", json);
        String upid = json.path("upid").asText();
        if (!Upid.isUpid(upid)) {
            throw new Listing.OddEntryException(Upid.noUpid(upid));
        }
        String status = json.path("status").asText("");
        boolean running = status.isEmpty() || status.equals("RUNNING");
        return new TaskSummary(Upid.parse(upid), new TaskStatus(running, running ? "" : Text.singleLine(status)));
    }
}
