package io.jenkins.plugins.proxmox.pve.guest;

import java.util.Locale;

/** What to do when a guest already has what is to be created. */
public enum IfExists {
    FAIL,
    /** Leave it, and do nothing. */
    KEEP,
    /** Delete it first. */
    REPLACE;

    /** The name in Jenkinsfiles, such as {@code fail}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
