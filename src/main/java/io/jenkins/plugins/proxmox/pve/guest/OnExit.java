package io.jenkins.plugins.proxmox.pve.guest;

import io.jenkins.plugins.proxmox.pve.lookup.RunState;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import java.util.Locale;
import java.util.Optional;

/**
 * What becomes of a guest, started for a piece of work, when the work is over. States are those of
 * {@link GuestStatus#state()}: {@code running}, {@code stopped} or {@code paused}.
 */
public enum OnExit {
    /**
     * As it was found. One that was stopped is shut down, and stopped if it does not obey in time; one that was running
     * runs again, even if the work stopped it; one that was paused is paused again.
     */
    RESTORE,
    /** It is shut down, whatever it was. One that does not obey is left running, which is a failure. */
    SHUTDOWN,
    /** It is stopped like by pulling the plug, whatever it was. */
    STOP,
    /** Nothing is done with it. */
    LEAVE;

    private static final String PAUSED = "paused";
    private static final String STOPPED = "stopped";

    /** The name in Jenkinsfiles, such as {@code restore}. */
    public String optionName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The action to run at the end, or none when the guest already is as it should be.
     *
     * @param before the state in which it was found
     * @param now the present state
     */
    public Optional<PowerAction> action(String before, String now) {
        return switch (this) {
            case RESTORE -> now.equals(before) ? Optional.empty() : restoring(before, now);
            case SHUTDOWN -> unlessStopped(now, PowerAction.SHUTDOWN);
            case STOP -> unlessStopped(now, PowerAction.STOP);
            case LEAVE -> Optional.empty();
        };
    }

    /**
     * The same for a guest as it was just seen. One that stands still after an error hears no request to shut down, just
     * like a paused one, and does not run although its process does.
     */
    public Optional<PowerAction> action(String before, GuestStatus now) {
        boolean halted = RunState.of(now) == RunState.HALTED;
        return this == RESTORE && halted ? restoring(before, PAUSED) : action(before, now.state());
    }

    private static Optional<PowerAction> restoring(String before, String now) {
        return switch (before) {
            // a paused machine hears no request to shut down
            case STOPPED -> Optional.of(now.equals(PAUSED) ? PowerAction.STOP : PowerAction.SHUTDOWN);
            // what a paused machine had in its memory is lost once it was stopped: it stays so
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
