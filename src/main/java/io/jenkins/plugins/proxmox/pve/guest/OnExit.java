package io.jenkins.plugins.proxmox.pve.guest;

import io.jenkins.plugins.proxmox.pve.lookup.RunState;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import java.util.Locale;
import java.util.Optional;

/**
 * What happens to a guest that was started for some work when the work is over. States are those of {@link
 * GuestStatus#state()}: {@code running}, {@code stopped} or {@code paused}.
 */
public enum OnExit {
    /**
     * Restores the state in which it was found. A guest that was stopped is shut down, and stopped if it does not obey
     * in time. One that was running is started, even if the work stopped it. One that was paused is paused again.
     */
    RESTORE,
    /** Shuts it down, whatever its state was. If it does not obey, it keeps running, which is a failure. */
    SHUTDOWN,
    /** Stops it as if its power were cut, whatever its state was. */
    STOP,
    /** Takes it back to the snapshot with which the work began, then restores the state in which it was found. */
    ROLLBACK,
    /** Does nothing with it. */
    LEAVE;

    private static final String PAUSED = "paused";
    private static final String STOPPED = "stopped";

    /** The name in Jenkinsfiles, such as {@code restore}. */
    public String optionName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The action to run at the end, or none when the guest is already in the wanted state.
     *
     * @param before the state in which it was found
     * @param now the current state
     */
    public Optional<PowerAction> action(String before, String now) {
        return switch (this) {
            case RESTORE, ROLLBACK -> now.equals(before) ? Optional.empty() : restoring(before, now);
            case SHUTDOWN -> unlessStopped(now, PowerAction.SHUTDOWN);
            case STOP -> unlessStopped(now, PowerAction.STOP);
            case LEAVE -> Optional.empty();
        };
    }

    /**
     * The same for a guest that was just queried. A guest that is halted after an error ignores a request to shut down,
     * like a paused one, and is not running although its process is.
     */
    public Optional<PowerAction> action(String before, GuestStatus now) {
        boolean halted = RunState.of(now) == RunState.HALTED;
        return restores() && halted ? restoring(before, PAUSED) : action(before, now.state());
    }

    /** Whether nobody chose what happens to the guest, only that it is as it was found. */
    public boolean restores() {
        return this == RESTORE || this == ROLLBACK;
    }

    /** Of two pieces of work that share a guest, what counts for it in the end: whatever changes more. */
    public OnExit or(OnExit other) {
        return this == LEAVE || other != LEAVE && compareTo(other) < 0 ? other : this;
    }

    private static Optional<PowerAction> restoring(String before, String now) {
        return switch (before) {
            // a paused machine ignores a request to shut down
            case STOPPED -> Optional.of(now.equals(PAUSED) ? PowerAction.STOP : PowerAction.SHUTDOWN);
            // once a paused machine was stopped, its memory is lost, so it stays stopped
            case PAUSED -> now.equals(STOPPED) ? Optional.empty() : Optional.of(PowerAction.SUSPEND);
            default -> Optional.of(now.equals(PAUSED) ? PowerAction.RESUME : PowerAction.START);
        };
    }

    private static Optional<PowerAction> unlessStopped(String now, PowerAction action) {
        return now.equals(STOPPED) ? Optional.empty() : Optional.of(action);
    }

    @Override
    public String toString() {
        return optionName();
    }
}
