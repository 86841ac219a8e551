package io.jenkins.plugins.proxmox.soak;

import java.io.Serializable;
import java.util.HashSet;
import java.util.Set;

/**
 * One operation of a build on its guest: how a Pipeline asks for it, and what is true of the guest afterwards.
 *
 * @param number different for all operations of a soak
 * @param detail a snapshot, or a file for the marks of commands
 */
record Operation(Kind kind, int number, Target target, String detail) implements Serializable {

    /** Seconds; longer than anything is away, but not much. */
    static final int TIMEOUT = 240;

    /** The snapshot that every guest has from the beginning. */
    static final String BASE = "base";

    /**
     * The guest of a build.
     *
     * @param server its name in the configuration
     * @param template what is cloned, if anything
     */
    record Target(String server, String node, int vmid, boolean container, int template) implements Serializable {

        String type() {
            return container ? "lxc" : "qemu";
        }
    }

    enum Kind {
        START,
        START_AND_WAIT,
        STOP,
        SHUTDOWN,
        REBOOT,
        SNAPSHOT,
        DELETE_SNAPSHOT,
        ROLLBACK,
        ROLLBACK_AND_START,
        EXEC,
        DESCRIBE,
        CLONE,
        DELETE,
        WITH,
        WITH_AND_STOP,
        WITH_SNAPSHOT,
        WITH_TEMPLATE;

        /** Whether it borrows a guest, so that Jenkins may still put it back when the build is over. */
        boolean isLease() {
            return name().startsWith("WITH");
        }
    }

    /** The steps of a Pipeline for it. */
    String pipeline() {
        String guest = "server: '" + target.server + "', vmid: " + target.vmid + ", timeout: " + TIMEOUT;
        String patient = guest + ", waitForLock: true";
        return switch (kind) {
            case START -> "proxmoxVm action: 'start', " + patient;
            case START_AND_WAIT ->
                "proxmoxVm action: 'start', waitFor: '" + (target.container ? "ip" : "agent") + "', " + patient;
            case STOP -> "proxmoxVm action: 'stop', " + patient;
            case SHUTDOWN -> "proxmoxVm action: 'shutdown', forceStop: true, " + patient;
            case REBOOT -> "proxmoxVm action: 'start', " + patient + "\nproxmoxVm action: 'reboot', " + patient;
            case SNAPSHOT ->
                "proxmoxSnapshot action: 'create', snapshot: '" + detail + "', ifExists: 'replace', " + patient;
            case DELETE_SNAPSHOT ->
                "proxmoxSnapshot action: 'delete', snapshot: '" + detail + "', ifMissing: 'ignore', " + patient;
            case ROLLBACK ->
                "proxmoxSnapshot action: 'rollback', snapshot: '" + detail + "', ifMissing: 'ignore', " + patient;
            case ROLLBACK_AND_START ->
                "proxmoxSnapshot action: 'rollback', snapshot: '" + detail + "', ifMissing: 'ignore', start: true, "
                        + patient;
            case EXEC ->
                "proxmoxVm action: 'start', waitFor: 'agent', " + patient + "\nproxmoxExec " + guest + ", command: '"
                        + command() + "'";
            case DESCRIBE ->
                "proxmoxApi server: '" + target.server + "', method: 'PUT', path: '/nodes/" + target.node + "/"
                        + target.type() + "/" + target.vmid + "/config', parameters: [description: '" + mark() + "']";
            case CLONE ->
                "proxmoxClone template: " + target.template + ", name: 'clone-" + target.vmid + "', full: "
                        + target.container + ", " + patient;
            case DELETE -> "proxmoxDelete stop: true, ifMissing: 'ignore', " + patient;
            case WITH -> "withProxmoxVm(" + patient + ") { sleep time: 300, unit: 'MILLISECONDS' }";
            case WITH_AND_STOP -> "withProxmoxVm(onExit: 'stop', " + patient + ") { echo env.PROXMOX_GUEST_NAME }";
            case WITH_SNAPSHOT ->
                "withProxmoxVm(snapshot: '" + BASE + "', onExit: 'rollback', " + patient
                        + ") { echo env.PROXMOX_GUEST_NAME }";
            case WITH_TEMPLATE ->
                "withProxmoxVm(server: '" + target.server + "', template: " + target.template + ", name: 'leased-"
                        + number + "', full: " + target.container + ", timeout: " + TIMEOUT
                        + ") { echo env.PROXMOX_VMID }";
        };
    }

    /** What a command leaves in its file, or a call in the notes. */
    String mark() {
        return "mark-" + number;
    }

    /** The command of {@link Kind#EXEC}. */
    String command() {
        return "echo " + mark() + " >>" + detail;
    }

    /** What the guest is like after it has succeeded. */
    GuestState after(GuestState before) {
        return switch (kind) {
            case START, START_AND_WAIT, REBOOT, EXEC, ROLLBACK_AND_START -> before.running(true);
            case STOP, SHUTDOWN, WITH_AND_STOP -> before.running(false);
            case SNAPSHOT -> before.with(detail);
            case DELETE_SNAPSHOT -> before.without(detail);
            case ROLLBACK -> before.snapshots().contains(detail) ? before.running(false) : before;
            case DESCRIBE -> before.described(mark());
            case CLONE -> new GuestState(true, false, Set.of(), "");
            case DELETE -> GuestState.ABSENT;
            case WITH, WITH_SNAPSHOT, WITH_TEMPLATE -> before;
        };
    }

    /** What it may be like after it has failed, or was given up: before, afterwards, or half way. */
    Set<GuestState> afterFailure(GuestState before) {
        Set<GuestState> possible = new HashSet<>(Set.of(before));
        possible.add(after(before));
        switch (kind) {
            case SNAPSHOT -> possible.add(before.without(detail));
            case ROLLBACK_AND_START -> {
                if (before.snapshots().contains(detail)) {
                    possible.add(before.running(false));
                }
            }
            case DELETE -> possible.add(before.running(false));
            case CLONE -> {
                if (before.present()) {
                    // its VMID was taken: nothing of what was there is touched
                    return Set.of(before);
                }
            }
            default -> {
                // no half way
            }
        }
        return possible;
    }

    @Override
    public String toString() {
        return kind + (detail.isEmpty() || kind == Kind.EXEC ? "" : " " + detail) + " #" + number;
    }
}
