package io.jenkins.plugins.proxmox.pve.call;

import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;

/**
 * How far a call is. It survives a restart.
 *
 * @param task the task that a write began, or null
 * @param awaited whether its end is, or was, awaited
 * @param answer what Proxmox VE answered, as plain values: maps, lists, texts, numbers, booleans and null
 */
public record ApiCallState(
        Phase phase,
        Instant begun,
        @Nullable Upid task,
        boolean awaited,
        @Nullable Serializable answer) implements Serializable {

    public enum Phase {
        /** Nothing was sent, or certainly nothing was carried out. */
        READY,
        /** A write is on its way, and may have been carried out. */
        SENT,
        AWAIT_TASK,
        DONE
    }

    @NonNull
    public static ApiCallState begin() {
        return new ApiCallState(Phase.READY, Instant.now(), null, false, null);
    }

    @NonNull
    ApiCallState at(Phase next) {
        return new ApiCallState(next, begun, task, awaited, answer);
    }

    @NonNull
    ApiCallState awaiting(Upid begunTask) {
        return new ApiCallState(Phase.AWAIT_TASK, begun, begunTask, true, begunTask.text());
    }

    @NonNull
    ApiCallState answered(@Nullable Upid begunTask, @Nullable Serializable with) {
        return new ApiCallState(Phase.DONE, begun, begunTask, false, with);
    }

    /** Whether a task began whose end nobody awaits. */
    public boolean isRequested() {
        return task != null && !awaited;
    }

    /** What is being waited for, as the end of a sentence. */
    @NonNull
    public String waitsFor(ApiCall call) {
        return phase == Phase.AWAIT_TASK ? Texts.of("patience.task", task) : Texts.of("call.waits", call);
    }

    @NonNull
    Duration age() {
        return Duration.between(begun, Instant.now());
    }
}
