package io.jenkins.plugins.proxmox.pve.guest;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.client.Guest;
import io.jenkins.plugins.proxmox.pve.client.GuestStatus;
import io.jenkins.plugins.proxmox.pve.client.GuestType;
import io.jenkins.plugins.proxmox.pve.client.PowerAction;
import io.jenkins.plugins.proxmox.pve.client.Upid;
import java.util.Set;

/** What each power action is to lead to, and what it needs to begin with. */
final class WantedState {

    /** What QEMU reports while a guest that is not paused stands still until it is resumed (run states of QEMU). */
    private static final Set<String> HALTED =
            Set.of("prelaunch", "shutdown", "io-error", "internal-error", "guest-panicked", "watchdog", "postmigrate");

    /**
     * States out of which high availability comes by itself, forgetting meanwhile that it was asked to stop the guest
     * (PVE::HA::Manager::change_service_state).
     */
    private static final Set<String> HA_FORGETS_A_STOP =
            Set.of("migrate", "relocate", "request_start", "request_start_balance", "freeze", "fence", "recovery");

    /** Locks under which a VM runs that is about to be down (PVE::QemuServer::RunState, PVE::AbstractConfig). */
    private static final Set<String> GOING_DOWN = Set.of("suspending", "rollback");

    /** PVE::HA::Manager: states in which high availability brings up a guest that does not run. */
    private static final Set<String> HA_STARTS = Set.of("started", "request_start", "request_start_balance");

    private WantedState() {}

    /** The guest's state with what QEMU says about it where that tells more. */
    static String inDetail(GuestStatus now) {
        boolean halted = now.state().equals("running") && HALTED.contains(now.qmpStatus());
        return now.state() + (halted ? " (" + now.qmpStatus() + ")" : "");
    }

    /** Whether the guest already is what the action would make of it, so that nothing needs to be sent. */
    static boolean isAlready(PowerAction action, GuestStatus now) {
        if (isAboutToChange(action, now)) {
            return false;
        }
        return switch (action) {
            case START -> now.state().equals("running") && !isGoingDown(now);
            case RESUME -> now.state().equals("running") && !HALTED.contains(now.qmpStatus());
            case STOP, SHUTDOWN -> now.state().equals("stopped");
            case SUSPEND ->
                now.isPaused()
                        || now.state().equals("running") && now.qmpStatus().equals("prelaunch");
            case REBOOT, RESET -> false;
        };
    }

    private static boolean isGoingDown(GuestStatus now) {
        return now.lock() != null && GOING_DOWN.contains(now.lock());
    }

    /**
     * The state of high availability that must come to its end before it is asked, or null: it would forget the
     * request, or Proxmox VE refuses one for a container whose present state is about to change.
     */
    @CheckForNull
    static String heldByHighAvailability(PowerAction action, GuestStatus now) {
        String state = now.haState();
        if (!now.haManaged() || state == null) {
            return null;
        }
        boolean stops = action == PowerAction.STOP || action == PowerAction.SHUTDOWN;
        boolean forgotten = stops && HA_FORGETS_A_STOP.contains(state);
        boolean refused = now.location().type() == GuestType.LXC && isAboutToChange(action, now);
        return forgotten || refused ? state : null;
    }

    /** Whether high availability is about to undo what the guest is now, which is what the action wants. */
    private static boolean isAboutToChange(PowerAction action, GuestStatus now) {
        String state = now.haState();
        if (!now.haManaged() || state == null) {
            return false;
        }
        return switch (action) {
            case START -> now.running() && state.equals("request_stop");
            case STOP, SHUTDOWN -> !now.running() && HA_STARTS.contains(state);
            default -> false;
        };
    }

    /** Whether the request goes to high availability where that looks after the guest; the others act at once. */
    static boolean isAskedOfHa(PowerAction action) {
        return action == PowerAction.START || action == PowerAction.STOP || action == PowerAction.SHUTDOWN;
    }

    /** Whether the guest is what the action was to make of it, after the action's task has ended well. */
    static boolean isReached(PowerAction action, Sighting before, GuestStatus now) {
        return switch (action) {
            // the task ends when the guest is down; a process with the same number is still the old one
            case REBOOT -> now.running() && !now.isPaused() && (now.pid() == 0 || now.pid() != before.pid());
            case RESET -> now.running();
            // suspending a container writes it to disk and stops it (lxc-checkpoint -s)
            case SUSPEND ->
                now.location().type() == GuestType.LXC ? !now.running() : isAlready(PowerAction.SUSPEND, now);
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
     * The lock that makes Proxmox VE refuse the action, or high availability fail at it, or null. A hibernated guest
     * may be started, one whose backup runs may be suspended and resumed (PVE::QemuServer), and a container that is
     * mounted started and stopped (PVE::API2::LXC::Status).
     */
    @CheckForNull
    static String lockInTheWay(PowerAction action, GuestStatus now) {
        String lock = now.lock();
        if (lock == null) {
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
                    // high availability does one after the other
                    case "migrate" -> now.haManaged() && isAskedOfHa(action);
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
            return Texts.of("obstacle.container", action);
        }
        return switch (action) {
            case START ->
                template
                        ? Texts.of("obstacle.template")
                        : now.isPaused() && !isGoingDown(now) ? Texts.of("obstacle.paused") : null;
            case REBOOT, RESET, SUSPEND -> now.state().equals("stopped") ? Texts.of("obstacle.stopped") : null;
            case RESUME -> now.running() || now.isHibernated() || container ? null : Texts.of("obstacle.not-suspended");
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
