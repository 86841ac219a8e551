package io.jenkins.plugins.proxmox.pve.guest;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.model.Guest;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import java.util.Set;

/** What each power action is to lead to, and what it needs to begin with. */
final class WantedState {

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

    /** Whether the guest already is what the action would make of it, so that nothing needs to be sent. */
    static boolean isAlready(PowerAction action, GuestStatus now) {
        if (isAboutToChange(action, now)) {
            return false;
        }
        RunState state = RunState.of(now);
        return switch (action) {
            case START -> state == RunState.RUNNING && !isGoingDown(now);
            case RESUME -> state == RunState.RUNNING;
            case STOP, SHUTDOWN -> state == RunState.STOPPED;
            case SUSPEND -> state == RunState.PAUSED;
            case REBOOT, RESET -> false;
        };
    }

    /**
     * Whether what the guest is just now passes, and the action has to know what follows: somebody else's start, which
     * may fail; a snapshot, a migration or an end that Proxmox VE is at work on. Until then nothing is to be sent.
     */
    static boolean isToBeAwaited(PowerAction action, GuestStatus now) {
        if (RunState.of(now) != RunState.CHANGING) {
            return false;
        }
        return switch (action) {
            case START, SUSPEND -> true;
            // what was reset after an error, or is switched off while its backup runs, stands there until it is resumed
            case RESUME ->
                !now.qmpStatus().equals("prelaunch") && !now.qmpStatus().equals("shutdown");
            case STOP, SHUTDOWN, REBOOT, RESET -> false;
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
            case REBOOT -> RunState.of(now) == RunState.RUNNING && (now.pid() == 0 || now.pid() != before.pid());
            case RESET -> RunState.of(now) == RunState.RUNNING || stoodStill(before) && standsUntilResumed(now);
            // suspending a container writes it to disk and stops it (lxc-checkpoint -s)
            case SUSPEND ->
                now.location().type() == GuestType.LXC ? !now.running() : isAlready(PowerAction.SUSPEND, now);
            default -> isAlready(action, now);
        };
    }

    private static boolean stoodStill(Sighting before) {
        return !before.qmpStatus().isEmpty() && !before.qmpStatus().equals("running");
    }

    /**
     * Whether its process has begun and it has not. If nobody is starting it, it stays so: QEMU does not let a guest run
     * by itself that was reset while it stood still (main_loop_should_exit), nor one that has the option {@code freeze}.
     */
    static boolean standsUntilResumed(GuestStatus now) {
        return now.running() && now.qmpStatus().equals("prelaunch");
    }

    /**
     * Whether the guest stands still after an error that the action was not to lead to. A reset takes a moment to bring
     * it out of such a state.
     */
    static boolean isHaltedInstead(PowerAction action, GuestStatus now) {
        return RunState.of(now) == RunState.HALTED
                && (action == PowerAction.START || action == PowerAction.RESUME || action == PowerAction.REBOOT);
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
                        : now.isPaused() && !isGoingDown(now) ? Texts.of("obstacle.paused") : halt(now);
            case RESET -> stopped(now);
            case REBOOT, SUSPEND -> now.state().equals("stopped") ? stopped(now) : halt(now);
            case RESUME ->
                RunState.needsReset(now.qmpStatus())
                        ? halt(now)
                        : now.running() || now.isHibernated() || container ? null : Texts.of("obstacle.not-suspended");
            case SHUTDOWN -> halt(now);
            case STOP -> null;
        };
    }

    @CheckForNull
    private static String stopped(GuestStatus now) {
        return now.state().equals("stopped") ? Texts.of("obstacle.stopped") : null;
    }

    /** That the guest stands still after an error, with the ways out, or null when it does not. */
    @CheckForNull
    static String halt(GuestStatus now) {
        if (RunState.of(now) != RunState.HALTED) {
            return null;
        }
        String state = now.qmpStatus();
        if (state.equals("io-error")) {
            return Texts.of("halt.io-error");
        }
        return Texts.of(RunState.needsReset(state) ? "halt.needs-reset" : "halt.other", state);
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
