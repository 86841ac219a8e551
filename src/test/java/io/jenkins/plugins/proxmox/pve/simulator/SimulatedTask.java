package io.jenkins.plugins.proxmox.pve.simulator;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A task of the simulated cluster: running until its end, then ended with a status. */
final class SimulatedTask {

    /** How a task ends whose process was killed before it could write the end of its log. */
    static final String WITHOUT_LAST_LINE = "unexpected status";

    final String upid;
    final String node;
    final String type;
    final String id;
    final AccessControl.Identity identity;
    final Instant start;
    final int pid;
    final int pstart;
    final List<String> log = new ArrayList<>();
    long endNanos;
    Instant end;
    String exitStatus;
    Runnable onEnd;
    Runnable onCancel;
    boolean listed = true;

    /** How it ends when somebody ends it. */
    String whenCancelled = "interrupted by signal";

    /** What happens last, however it ended. */
    final List<Runnable> afterEnd = new ArrayList<>();

    private List<String> progress = List.of();
    private int told;
    private long progressNanos;

    SimulatedTask(
            String node,
            String type,
            String id,
            AccessControl.Identity identity,
            int pid,
            int pstart,
            Instant start,
            long endNanos) {
        this.node = node;
        this.type = type;
        this.id = id;
        this.identity = identity;
        this.start = start;
        this.pid = pid;
        this.pstart = pstart;
        this.endNanos = endNanos;
        this.upid = String.format(
                "UPID:%s:%08X:%08X:%08X:%s:%s:%s:", node, pid, pstart, start.getEpochSecond(), type, id, identity.id());
    }

    boolean hasEnded() {
        return end != null;
    }

    /** Whether it ended before it did anything: the guest was not there, or its file was locked. */
    boolean isRefused() {
        return hasEnded()
                && (exitStatus.contains("can't lock file")
                        || exitStatus.contains("is locked (")
                        || exitStatus.contains("does not exist"));
    }

    /** From now on it writes those lines to its log, evenly until its end. */
    void writes(List<String> lines) {
        progress = lines;
        told = 0;
        progressNanos = System.nanoTime();
    }

    /** Writes what is due by now. */
    void grow(long nanos) {
        long whole = Math.max(1, endNanos - progressNanos);
        double part = Math.min(1, (nanos - progressNanos) / (double) whole);
        while (told < Math.floor(part * progress.size() + 1e-9)) {
            log.add(progress.get(told++));
        }
    }

    void finish() {
        grow(System.nanoTime());
        end = Instant.now();
        if (exitStatus.equals("OK")) {
            log.add("TASK OK");
        } else if (exitStatus.startsWith("WARNINGS")) {
            log.add("TASK " + exitStatus);
        } else if (!exitStatus.equals(WITHOUT_LAST_LINE)) {
            log.add("TASK ERROR: " + exitStatus);
        }
        if (onEnd != null) {
            onEnd.run();
        }
        afterEnd.forEach(Runnable::run);
    }

    private ObjectNode common() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("upid", upid);
        json.put("node", node);
        json.put("type", type);
        json.put("id", id);
        json.put("user", identity.userId());
        if (identity.isToken()) {
            json.put("tokenid", identity.tokenName());
        }
        json.put("pid", pid);
        json.put("pstart", pstart);
        json.put("starttime", start.getEpochSecond());
        return json;
    }

    ObjectNode status() {
        ObjectNode json = common();
        json.put("status", hasEnded() ? "stopped" : "running");
        if (hasEnded()) {
            json.put("exitstatus", exitStatus);
        }
        return json;
    }

    ObjectNode listEntry() {
        ObjectNode json = common();
        json.put("status", hasEnded() ? exitStatus : "RUNNING");
        if (hasEnded()) {
            json.put("endtime", end.getEpochSecond());
        }
        return json;
    }
}
