package io.jenkins.plugins.proxmox.pve.guest;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.client.Guest;
import io.jenkins.plugins.proxmox.pve.client.GuestStatus;
import io.jenkins.plugins.proxmox.pve.client.GuestType;
import io.jenkins.plugins.proxmox.pve.client.PowerAction;
import io.jenkins.plugins.proxmox.pve.client.Upid;

/** What each power action is to lead to, and what it needs to begin with. */
final class WantedState {

    private WantedState() {}

    /** Whether the guest already is what the action would make of it, so that nothing needs to be sent. */
    static boolean isAlready(PowerAction action, GuestStatus now) {
        return switch (action) {
            case START, RESUME -> now.running() && !now.isPaused();
            case STOP, SHUTDOWN -> !now.running();
            case SUSPEND -> now.isPaused();
            case REBOOT, RESET -> false;
        };
    }

    /** Whether the guest is what the action was to make of it, after the action's task has ended well. */
    static boolean isReached(PowerAction action, Sighting before, GuestStatus now) {
        return switch (action) {
            // the task ends when the guest is down; a process with the same number is still the old one
            case REBOOT -> now.running() && !now.isPaused() && (now.pid() == 0 || now.pid() != before.pid());
            case RESET -> now.running();
            // suspending a container writes it to disk and stops it (lxc-checkpoint -s)
            case SUSPEND -> now.location().type() == GuestType.LXC ? !now.running() : now.isPaused();
            default -> isAlready(action, now);
        };
    }

    /**
     * Whether the cluster's list, which is up to ten seconds old, is enough to send the request: it shows a plain guest
     * that is stopped and is to be started. Were it no longer so, the start of a running guest is refused, which does
     * no harm and is understood.
     */
    static boolean isListEnough(PowerAction action, Guest listed) {
        return action == PowerAction.START
                && listed.status().equals("stopped")
                && !listed.template()
                && !listed.haManaged()
                && !listed.locked();
    }

    /**
     * The lock that makes Proxmox VE refuse the action, or null. A hibernated guest may be started, one whose backup
     * runs may be suspended and resumed (PVE::QemuServer), and a container that is mounted started and stopped
     * (PVE::API2::LXC::Status).
     */
    @CheckForNull
    static String lockInTheWay(PowerAction action, GuestStatus now) {
        String lock = now.lock();
        if (lock == null || now.haManaged()) {
            return null;
        }
        boolean container = now.location().type() == GuestType.LXC;
        boolean harmless =
                switch (lock) {
                    case "suspended" -> action == PowerAction.START || action == PowerAction.RESUME;
                    case "backup" ->
                        !container
                                && (action == PowerAction.SUSPEND
                                        || action == PowerAction.RESUME
                                        || action == PowerAction.START && now.running());
                    case "mounted" -> container && (action == PowerAction.START || action == PowerAction.STOP);
                    default -> false;
                };
        return harmless ? null : lock;
    }

    /** Why the action makes no sense for the guest as it is, or null when it does. */
    @CheckForNull
    static String obstacle(PowerAction action, GuestStatus now, boolean template) {
        boolean container = now.location().type() == GuestType.LXC;
        if (!action.isKnownTo(now.location().type())) {
            return "containers have no " + action + ". Use reboot";
        }
        return switch (action) {
            case START ->
                template
                        ? "it is a template. Clone it and start the clone"
                        : now.isPaused() ? "it is paused, not stopped. Use resume" : null;
            case REBOOT, RESET, SUSPEND -> now.running() ? null : "it is stopped. Use start first";
            case RESUME ->
                now.running() || now.isHibernated() || container ? null : "it is stopped, not suspended. Use start";
            case STOP, SHUTDOWN -> null;
        };
    }

    /** Whether a task is one that the action starts; guests under high availability have types of their own. */
    static boolean isTaskOf(PowerAction action, Upid task) {
        String type = task.type();
        return switch (action) {
            case START -> type.matches("qmstart|vzstart|hastart");
            case STOP -> type.matches("qmstop|vzstop|hastop");
            case SHUTDOWN -> type.matches("qmshutdown|vzshutdown|hastop");
            case REBOOT -> type.matches("qmreboot|vzreboot");
            case RESET -> type.equals("qmreset");
            case SUSPEND -> type.matches("qmpause|qmsuspend|vzsuspend");
            case RESUME -> type.matches("qmresume|vzresume");
        };
    }

    /** The state in one word, for messages. */
    static String inWords(PowerAction action, GuestType type) {
        return switch (action) {
            case START, REBOOT, RESET, RESUME -> "running";
            case STOP, SHUTDOWN -> "stopped";
            case SUSPEND -> type == GuestType.LXC ? "stopped" : "paused";
        };
    }
}
