package io.jenkins.plugins.proxmox.pve.lookup;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;

/**
 * What the state that QEMU reports of a guest means for operations on it (RunState in QEMU's qapi/run-state.json). A
 * process that runs is not yet a guest that runs.
 */
public enum RunState {
    /** It has no process, or only one in which its backup has its disks open. */
    STOPPED,
    /** Its processors run. Of a container no more is known than that. */
    RUNNING,
    /** It was paused, or sleeps by its own will, until somebody resumes it. */
    PAUSED,
    /** It stands still for a moment: it is being started, saved, migrated or ended. */
    CHANGING,
    /** It stands still after an error, and nothing but a person brings it out of that. */
    HALTED;

    public static RunState of(GuestStatus now) {
        return switch (now.state()) {
            case "stopped" -> STOPPED;
            case "paused" -> PAUSED;
            default -> ofProcess(now.qmpStatus());
        };
    }

    private static RunState ofProcess(String qmpStatus) {
        return switch (qmpStatus) {
            case "", "running" -> RUNNING;
            default -> isHalted(qmpStatus) ? HALTED : CHANGING;
        };
    }

    public static boolean isHalted(String qmpStatus) {
        return switch (qmpStatus) {
            case "io-error", "debug", "watchdog" -> true;
            default -> needsReset(qmpStatus);
        };
    }

    /** Whether QEMU refuses to resume the guest (runstate_needs_reset), or its operating system is no longer there. */
    public static boolean needsReset(String qmpStatus) {
        return qmpStatus.equals("internal-error") || qmpStatus.equals("guest-panicked");
    }

    /** Whether its process has begun, but the guest has not: during a start, or until it is resumed. */
    public static boolean isBeginning(String qmpStatus) {
        return switch (qmpStatus) {
            case "prelaunch", "inmigrate", "restore-vm" -> true;
            default -> false;
        };
    }

    /**
     * Whether its process has begun and it has not. If nobody is starting it, it stays so: QEMU does not let a guest run
     * by itself that was reset while it stood still (main_loop_should_exit), nor one that has the option {@code freeze}.
     */
    public static boolean standsUntilResumed(GuestStatus now) {
        return now.running() && now.qmpStatus().equals("prelaunch");
    }

    /** That the guest stands still after an error, with the ways out, as the end of a sentence; null when it does not. */
    @CheckForNull
    public static String halt(GuestStatus now) {
        if (of(now) != HALTED) {
            return null;
        }
        String state = now.qmpStatus();
        if (state.equals("io-error")) {
            return Texts.of("halt.io-error");
        }
        return Texts.of(needsReset(state) ? "halt.needs-reset" : "halt.other", state);
    }
}
