package io.jenkins.plugins.proxmox.pve.lookup;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.text.Texts;

/**
 * The meaning of a guest's QEMU state for operations on it (RunState in QEMU's qapi/run-state.json). A running process
 * does not imply a running guest.
 */
public enum RunState {
    /** It has no process, or only one that keeps its disks open for a backup. */
    STOPPED,
    /** Its processors are running. Nothing more is known of a container. */
    RUNNING,
    /** It is paused, or has put itself to sleep, until someone resumes it. */
    PAUSED,
    /** It is halted for a moment: it is being started, saved, migrated or shut down. */
    CHANGING,
    /** It is halted after an error, and only a person can change that. */
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

    /** Whether QEMU refuses to resume the guest (runstate_needs_reset), or its operating system has crashed. */
    public static boolean needsReset(String qmpStatus) {
        return qmpStatus.equals("internal-error") || qmpStatus.equals("guest-panicked");
    }

    /** Whether its process has started but the guest has not: during a start, or until it is resumed. */
    public static boolean isBeginning(String qmpStatus) {
        return switch (qmpStatus) {
            case "prelaunch", "inmigrate", "restore-vm" -> true;
            default -> false;
        };
    }

    /**
     * Whether its process has started but the guest has not. If nobody is starting it, it stays so: QEMU does not run a
     * guest by itself that was reset while it was halted (main_loop_should_exit), or that has the option {@code
     * freeze}.
     */
    public static boolean standsUntilResumed(GuestStatus now) {
        return now.running() && now.qmpStatus().equals("prelaunch");
    }

    /**
     * The message that the guest is halted after an error, and how to fix it, as the end of a sentence; null when it is
     * not.
     */
    @CheckForNull
    public static String halt(GuestStatus now) {
        return of(now) == HALTED ? halt(now.qmpStatus()) : null;
    }

    /** The same for its QEMU state. */
    @CheckForNull
    public static String halt(String state) {
        if (!isHalted(state)) {
            return null;
        }
        if (state.equals("io-error")) {
            return Texts.of("halt.io-error");
        }
        return Texts.of(needsReset(state) ? "halt.needs-reset" : "halt.other", state);
    }
}
