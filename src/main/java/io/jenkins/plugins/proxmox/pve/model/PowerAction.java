package io.jenkins.plugins.proxmox.pve.model;

import java.util.Locale;

/** The power actions of a guest, named as in the API ({@code …/status/{action}}). */
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

    /** Whether guests of that type support the action: containers have no reset. */
    public boolean isKnownTo(GuestType type) {
        return this != RESET || type == GuestType.QEMU;
    }

    /** Whether the action accepts a {@code timeout}: the time that Proxmox VE gives the guest to obey. */
    public boolean waitsForGuest() {
        return this == SHUTDOWN || this == REBOOT;
    }

    @Override
    public String toString() {
        return apiName();
    }
}
