package io.jenkins.plugins.proxmox.pve.model;

import java.util.Locale;

/** What can be done to the power of a guest; the names are those of the API ({@code …/status/{action}}). */
public enum PowerAction {
    START,
    STOP,
    SHUTDOWN,
    REBOOT,
    RESET,
    SUSPEND,
    RESUME;

    /** The name in paths of the API and in Jenkinsfiles, such as {@code start}. */
    public String apiName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether guests of that type know the action: containers have no reset. */
    public boolean isKnownTo(GuestType type) {
        return this != RESET || type == GuestType.QEMU;
    }

    /** Whether Proxmox VE takes a {@code timeout} for it, the time that it gives the guest to obey. */
    public boolean waitsForGuest() {
        return this == SHUTDOWN || this == REBOOT;
    }

    @Override
    public String toString() {
        return apiName();
    }
}
