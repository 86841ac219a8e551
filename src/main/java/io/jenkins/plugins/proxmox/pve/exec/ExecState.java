package io.jenkins.plugins.proxmox.pve.exec;

import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/**
 * The progress of a command in a guest: everything needed to continue it, in this process or in another one.
 *
 * @param phase the next step
 * @param begun when the operation began
 * @param phaseBegun when the current phase began
 * @param id names the command's files in the guest; a second command with the same ID cannot begin
 * @param guest the guest as last seen; null until it is found
 * @param windows whether Windows runs in it
 * @param pid the process that the request to begin the command began; null when its answer was lost
 * @param unclear whether a request to begin the command may still arrive
 * @param seen whether the guest has shown that the command began
 * @param offset how many bytes of the output were logged or left out
 * @param drainTo how many bytes of output there were when the command had ended; null until then
 * @param end how the command ended; null while it runs
 * @param stdout the standard output, once it was read; null if it is not returned
 */
public record ExecState(
        Phase phase,
        Instant begun,
        Instant phaseBegun,
        String id,
        @Nullable ObservedGuest guest,
        boolean windows,
        @Nullable Long pid,
        boolean unclear,
        boolean seen,
        long offset,
        @Nullable Long drainTo,
        @Nullable ExecEnd end,
        @Nullable String stdout)
        implements Serializable {

    public enum Phase {
        /** Find the guest and its system. */
        FIND,
        /** Send what is too long for one request. */
        STORE,
        /** Request the beginning. */
        START,
        /** Log the output until the command ends. */
        RUN,
        /** End the command. */
        STOP,
        /** Log the rest of the output. */
        DRAIN,
        /** Read the standard output that is returned. */
        STDOUT,
        /** Remove the command's files. */
        REMOVE,
        /** Nothing left to do. */
        DONE
    }

    @NonNull
    public static ExecState begin() {
        Instant now = Instant.now();
        String id = UUID.randomUUID().toString().replace("-", "");
        return new ExecState(Phase.FIND, now, now, id, null, false, null, false, false, 0, null, null, null);
    }

    /**
     * This state for a process other than the one that saved it: a request that was about to be sent may have been
     * sent.
     */
    @NonNull
    public ExecState resumed() {
        return phase == Phase.START ? maybeStarted() : this;
    }

    /** Whether a process that continues from {@code earlier} would lack something that matters, beyond the offset. */
    boolean isToBeSavedAfter(ExecState earlier) {
        boolean stops = phase == Phase.STOP && earlier.phase != Phase.STOP;
        return stops || unclear != earlier.unclear || seen != earlier.seen;
    }

    public boolean isDone() {
        return phase == Phase.DONE;
    }

    /** Whether the command may be running or have run, and its files may be in the guest. */
    boolean isInGuest() {
        return phase != Phase.FIND && phase != Phase.DONE;
    }

    /** A description of what the operation waits for. */
    @NonNull
    public String waitsFor() {
        return switch (phase) {
            case FIND -> Texts.of("waits.find");
            case STORE -> Texts.of("exec.waits.store", guest);
            case START -> Texts.of("exec.waits.start", guest);
            case RUN -> Texts.of("exec.waits.run", guest);
            case STOP -> Texts.of("exec.waits.stop", guest);
            case DRAIN, STDOUT -> Texts.of("exec.waits.output", guest);
            case REMOVE, DONE -> Texts.of("exec.waits.remove", guest);
        };
    }

    Duration age() {
        return Duration.between(begun, Instant.now());
    }

    Duration ageOfPhase() {
        return Duration.between(phaseBegun, Instant.now());
    }

    ExecState at(Phase next) {
        return new ExecState(
                next, begun, Instant.now(), id, guest, windows, pid, unclear, seen, offset, drainTo, end, stdout);
    }

    ExecState found(ObservedGuest found, boolean runsWindows, Phase next) {
        return new ExecState(
                next, begun, Instant.now(), id, found, runsWindows, null, false, false, 0, null, null, null);
    }

    ExecState movedTo(ObservedGuest elsewhere) {
        return new ExecState(
                phase, begun, phaseBegun, id, elsewhere, windows, pid, unclear, seen, offset, drainTo, end, stdout);
    }

    ExecState started(long process) {
        return new ExecState(
                Phase.RUN,
                begun,
                Instant.now(),
                id,
                guest,
                windows,
                process,
                unclear,
                seen,
                offset,
                drainTo,
                null,
                stdout);
    }

    ExecState maybeStarted() {
        return new ExecState(
                Phase.RUN, begun, Instant.now(), id, guest, windows, null, true, seen, offset, drainTo, null, stdout);
    }

    ExecState withoutProcess() {
        return new ExecState(
                phase, begun, Instant.now(), id, guest, windows, null, true, seen, offset, drainTo, end, stdout);
    }

    ExecState logged(long upTo) {
        return new ExecState(
                phase, begun, phaseBegun, id, guest, windows, pid, unclear, true, upTo, drainTo, end, stdout);
    }

    ExecState drainingTo(long size) {
        return new ExecState(
                phase, begun, phaseBegun, id, guest, windows, pid, unclear, seen, offset, size, end, stdout);
    }

    ExecState ended(ExecEnd how, Phase next) {
        return new ExecState(
                next, begun, Instant.now(), id, guest, windows, pid, unclear, seen, offset, drainTo, how, stdout);
    }

    ExecState returning(String standardOutput) {
        return new ExecState(
                Phase.REMOVE,
                begun,
                Instant.now(),
                id,
                guest,
                windows,
                pid,
                unclear,
                seen,
                offset,
                drainTo,
                end,
                standardOutput);
    }

    /** Its beginning was prevented, so that a request which is still on its way finds that. */
    ExecState prevented() {
        return new ExecState(
                phase, begun, phaseBegun, id, guest, windows, pid, true, seen, offset, drainTo, end, stdout);
    }
}
