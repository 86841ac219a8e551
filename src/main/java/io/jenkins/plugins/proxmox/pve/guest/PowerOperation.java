package io.jenkins.plugins.proxmox.pve.guest;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.access.GuestRight;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.lookup.RunState;
import io.jenkins.plugins.proxmox.pve.model.GuestConfig;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.operation.GuestInspection;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import io.jenkins.plugins.proxmox.pve.operation.Readiness;
import io.jenkins.plugins.proxmox.pve.operation.Trace;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Starts, stops, shuts down, reboots, resets, suspends or resumes a guest.
 *
 * @param forceStop whether a guest that ignores its shutdown is stopped
 */
public record PowerOperation(PowerAction action, boolean forceStop) implements GuestOperation {

    /** Makes a stop end running shutdowns of the guest, as far as the identity may end them. */
    private static final String OVERRULE_SHUTDOWN = "overrule-shutdown";

    /** Makes Proxmox VE kill a guest that does not obey in time, and one that cannot because it is paused. */
    private static final String FORCE_STOP = "forceStop";

    /**
     * From the request until the HA managers have passed it on, and from the guest's end until they have noticed it.
     */
    private static final long SECONDS_OF_HIGH_AVAILABILITY = 30;

    /** From SIGTERM to the end of a QEMU that needs SIGKILL (PVE::QemuServer::_do_vm_stop). */
    private static final long SECONDS_OF_FORCED_STOP = 12;

    /** Proxmox VE waits twice as long, plus some time, for a container that does not shut down (PVE::LXC::vm_stop). */
    private static final long SECONDS_MORE_FOR_A_CONTAINER = 5;

    /** A start follows the reboot's task, which may take long with much memory or passed-through devices. */
    private static final Duration SETTLING_AFTER_REBOOT = Duration.ofMinutes(3);

    /**
     * States after which the HA manager has forgotten the request to stop the guest
     * (PVE::HA::Manager::change_service_state).
     */
    private static final Set<String> HA_FORGETS_A_STOP =
            Set.of("migrate", "relocate", "request_start", "request_start_balance", "freeze", "fence", "recovery");

    /** PVE::HA::Manager: states in which it starts a guest that is not running. */
    private static final Set<String> HA_STARTS = Set.of("started", "request_start", "request_start_balance");

    /** Locks of a running VM that will soon be down (PVE::QemuServer::RunState, PVE::AbstractConfig). */
    private static final Set<String> GOING_DOWN = Set.of("suspending", "rollback");

    /**
     * @throws IllegalArgumentException when a stop is to be forced after anything but a shutdown
     */
    public PowerOperation {
        if (forceStop && action != PowerAction.SHUTDOWN) {
            throw new IllegalArgumentException(Texts.of("force-stop.other-action", action));
        }
    }

    /** The action, which the guest may ignore. */
    public PowerOperation(PowerAction action) {
        this(action, false);
    }

    @Override
    public String name() {
        return action.apiName();
    }

    /** The same for both types and all actions (PVE::API2::Qemu, PVE::API2::LXC::Status). */
    @Override
    public List<RequiredPrivilege> needs(int vmid, GuestConfig config) {
        return List.of(GuestRight.SEE.on(vmid), GuestRight.POWER.on(vmid));
    }

    @Override
    public boolean isKnownTo(GuestType type) {
        return action.isKnownTo(type);
    }

    @Override
    public Readiness readiness(GuestInspection guest) {
        GuestStatus now = guest.status();
        String obstacle = obstacle(now, guest.isTemplate());
        if (obstacle != null) {
            return new Readiness.Impossible(obstacle);
        }
        if (isDone(now)) {
            return new Readiness.Done();
        }
        if (isToBeAwaited(now)) {
            return new Readiness.Changing();
        }
        String haState = now.haState();
        if (haState != null && isHeldByHighAvailability(now)) {
            return new Readiness.HeldByHighAvailability(haState);
        }
        String lock = now.lock();
        return lock == null || isHarmless(lock, now)
                ? new Readiness.Ready()
                : new Readiness.Locked(lock, now.haManaged() && isAskedOfHa());
    }

    /** Why the action makes no sense for the guest, or null when it does. */
    @CheckForNull
    private String obstacle(GuestStatus now, boolean template) {
        boolean container = now.location().type() == GuestType.LXC;
        boolean stopped = now.state().equals("stopped");
        if (!isKnownTo(now.location().type())) {
            return Texts.of("obstacle.container", action);
        }
        return switch (action) {
            case START ->
                template
                        ? Texts.of("obstacle.template")
                        : now.isPaused() && !isGoingDown(now) ? Texts.of("obstacle.paused") : RunState.halt(now);
            case RESET -> stopped ? Texts.of("obstacle.stopped") : null;
            case REBOOT, SUSPEND -> stopped ? Texts.of("obstacle.stopped") : RunState.halt(now);
            case RESUME ->
                RunState.needsReset(now.qmpStatus())
                        ? RunState.halt(now)
                        : now.running() || now.isHibernated() || container ? null : Texts.of("obstacle.not-suspended");
            case SHUTDOWN -> forceStop ? null : RunState.halt(now);
            case STOP -> null;
        };
    }

    private static boolean isGoingDown(GuestStatus now) {
        return now.lock() != null && GOING_DOWN.contains(now.lock());
    }

    private boolean isDone(GuestStatus now) {
        if (isAboutToChange(now)) {
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

    /** Whether the HA manager will soon undo the current state, which is the one that the action wants. */
    private boolean isAboutToChange(GuestStatus now) {
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

    /**
     * Whether the current state is temporary and the action depends on the next one: a start by someone else, which may
     * fail; a snapshot, a migration or a shutdown in progress.
     */
    private boolean isToBeAwaited(GuestStatus now) {
        if (RunState.of(now) != RunState.CHANGING) {
            return false;
        }
        return switch (action) {
            case START, SUSPEND -> true;
            // a guest that was reset after an error, or switched off during its backup, stays in this state until it is
            // resumed
            case RESUME ->
                !now.qmpStatus().equals("prelaunch") && !now.qmpStatus().equals("shutdown");
            case STOP, SHUTDOWN, REBOOT, RESET -> false;
        };
    }

    private boolean isHeldByHighAvailability(GuestStatus now) {
        if (!now.haManaged()) {
            return false;
        }
        boolean stops = action == PowerAction.STOP || action == PowerAction.SHUTDOWN;
        boolean forgotten = stops && HA_FORGETS_A_STOP.contains(now.haState());
        boolean refused = now.location().type() == GuestType.LXC && isAboutToChange(now);
        return forgotten || refused;
    }

    /**
     * Whether the request goes to the HA manager if the guest is managed by HA. The other actions take effect
     * immediately.
     */
    private boolean isAskedOfHa() {
        return action == PowerAction.START || action == PowerAction.STOP || action == PowerAction.SHUTDOWN;
    }

    /**
     * Whether Proxmox VE carries out the action despite the lock. A hibernated guest may be started, one with a running
     * backup may be suspended and resumed (PVE::QemuServer), a mounted container may be started and stopped
     * (PVE::API2::LXC::Status).
     */
    private boolean isHarmless(String lock, GuestStatus now) {
        boolean container = now.location().type() == GuestType.LXC;
        return switch (lock) {
            case "suspended" -> action == PowerAction.START || action == PowerAction.RESUME;
            case "backup" ->
                !container
                        && (action == PowerAction.SUSPEND
                                || action == PowerAction.RESUME
                                || action == PowerAction.START && now.running());
            // the HA manager does one thing after the other
            case "migrate" -> now.haManaged() && isAskedOfHa();
            case "mounted" -> container && (action == PowerAction.START || action == PowerAction.STOP);
            default -> false;
        };
    }

    /** True for the start of a plain, stopped guest: starting a running guest is refused without harm. */
    @Override
    public boolean isReadyAsListed(ListedGuest listed) {
        return action == PowerAction.START
                && listed.status().equals("stopped")
                && !listed.template()
                && !listed.haManaged()
                && !listed.locked();
    }

    @Override
    public Upid send(ProxmoxClient client, OperationState state, OperationRequest request, Duration left)
            throws ProxmoxException {
        ObservedGuest guest = state.guest();
        if (action.waitsForGuest()) {
            String seconds = String.valueOf(
                    secondsForGuest(request, left, guest.location().type(), guest.haManaged()));
            // the HA manager forces a stop of a virtual machine in any case, and knows no such option
            return client.power(
                    guest.location(),
                    action,
                    forceStop && !guest.haManaged()
                            ? Map.of("timeout", seconds, FORCE_STOP, "1")
                            : Map.of("timeout", seconds));
        }
        // the HA manager stops a guest during its shutdown in its own way (PVE::API2::Qemu, PVE::API2::LXC)
        return action == PowerAction.STOP && !guest.haManaged()
                ? stop(client, guest)
                : client.power(guest.location(), action, Map.of());
    }

    /**
     * Falls back to a plain stop where no shutdown can be overruled: the guest is now managed by HA, or Proxmox VE is
     * older than 8.2.
     */
    private Upid stop(ProxmoxClient client, ObservedGuest guest) throws ProxmoxException {
        try {
            return client.power(guest.location(), action, Map.of(OVERRULE_SHUTDOWN, "1"));
        } catch (RequestRejectedException e) {
            if (!e.failure().errors().containsKey(OVERRULE_SHUTDOWN)) {
                throw e;
            }
            return client.power(guest.location(), action, Map.of());
        }
    }

    /**
     * The seconds that Proxmox VE gives the guest to obey. They are fewer than what is left of the timeout, so that the
     * error of Proxmox VE, which says more than a timeout here, or its forced stop of the guest, still arrives.
     */
    long secondsForGuest(OperationRequest request, Duration left, GuestType type, boolean haManaged) {
        if (!request.awaited()) {
            return request.timeout().toSeconds();
        }
        long seconds = left.plusMillis(999).toSeconds();
        long rest = seconds - Math.max(2, seconds / 20);
        if (forceStop) {
            rest -= Math.min(SECONDS_OF_FORCED_STOP, rest / 2);
        }
        if (haManaged) {
            rest -= Math.min(SECONDS_OF_HIGH_AVAILABILITY, rest / 2);
        } else if (type == GuestType.LXC && action == PowerAction.SHUTDOWN && !forceStop) {
            rest = (rest - SECONDS_MORE_FOR_A_CONTAINER) / 2;
        }
        return Math.max(1, rest);
    }

    @Override
    public boolean isHarmlessTwice() {
        return action != PowerAction.REBOOT;
    }

    @Override
    public boolean isTask(Upid task) {
        String type = task.type();
        return switch (action) {
            case START -> type.matches("qmstart|vzstart|hastart");
            case STOP -> isStop(task);
            case SHUTDOWN -> type.matches("qmshutdown|vzshutdown|hastop");
            case REBOOT -> type.matches("qmreboot|vzreboot");
            case RESET -> type.equals("qmreset");
            case SUSPEND -> type.matches("qmpause|vzsuspend");
            case RESUME -> type.matches("qmresume|vzresume");
        };
    }

    private static boolean isStop(Upid task) {
        return task.type().matches("qmstop|vzstop|hastop");
    }

    /** A reboot is complete when the guest has another process than before. */
    @Override
    public Trace trace(OperationState state, GuestInspection guest) throws ProxmoxException {
        GuestStatus now = guest.status();
        boolean rebooted =
                action == PowerAction.REBOOT && state.before().pid() != 0 && now.pid() != 0 && isReached(state, guest);
        return rebooted || isDone(now) ? Trace.CARRIED_OUT : GuestOperation.super.trace(state, guest);
    }

    @Override
    public boolean isReached(OperationState state, GuestInspection guest) {
        GuestStatus now = guest.status();
        ObservedGuest before = state.before();
        return switch (action) {
            // the task ends when the guest is down; a process with the same number is still the old one
            case REBOOT -> RunState.of(now) == RunState.RUNNING && (now.pid() == 0 || now.pid() != before.pid());
            case RESET ->
                RunState.of(now) == RunState.RUNNING || stoodStill(before) && RunState.standsUntilResumed(now);
            // suspending a container writes it to disk and stops it (lxc-checkpoint -s)
            case SUSPEND -> now.location().type() == GuestType.LXC ? !now.running() : isDone(now);
            default -> isDone(now);
        };
    }

    private static boolean stoodStill(ObservedGuest before) {
        return !before.qmpStatus().isEmpty() && !before.qmpStatus().equals("running");
    }

    /** The message that the guest is halted after an error. A reset takes a moment to end such a state. */
    @CheckForNull
    @Override
    public String failureSeen(GuestStatus now) {
        boolean runs = action == PowerAction.START || action == PowerAction.RESUME || action == PowerAction.REBOOT;
        return runs ? RunState.halt(now) : null;
    }

    @Override
    public Duration settling() {
        return action == PowerAction.REBOOT ? SETTLING_AFTER_REBOOT : GuestOperation.super.settling();
    }

    @Override
    public String goal(GuestType type) {
        return switch (action) {
            case START, REBOOT, RESET, RESUME -> "running";
            case STOP, SHUTDOWN -> "stopped";
            case SUSPEND -> type == GuestType.LXC ? "stopped" : "paused";
        };
    }

    /** A task that failed to start a guest has not touched it if its process is running. */
    @Override
    public boolean leavesGuestAloneOnFailure() {
        return action == PowerAction.START;
    }

    @Override
    public boolean mayBeIgnored() {
        return action == PowerAction.SHUTDOWN;
    }

    /** A stop, which the HA manager needs for a container: it forces only virtual machines (PVE::HA::Resources). */
    @CheckForNull
    @Override
    public GuestOperation lastResort() {
        return forceStop ? new PowerOperation(PowerAction.STOP) : null;
    }

    @Override
    public boolean isOverruledBy(Upid task) {
        return action == PowerAction.SHUTDOWN && isStop(task);
    }

    @Override
    public String toString() {
        return name();
    }
}
