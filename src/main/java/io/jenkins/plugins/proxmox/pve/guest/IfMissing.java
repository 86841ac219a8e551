package io.jenkins.plugins.proxmox.pve.guest;

import java.util.Locale;

/** What to do when something that is to be used or deleted does not exist. */
public enum IfMissing {
    FAIL,
    /** Do nothing. */
    IGNORE;

    /** The name in Jenkinsfiles, such as {@code fail}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
