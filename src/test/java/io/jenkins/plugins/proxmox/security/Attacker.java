package io.jenkins.plugins.proxmox.security;

import java.util.Locale;

/** Who tries to do more than they may. */
enum Attacker {
    /** Overall/Read and nothing else. */
    READER,
    /** Overall/Read, and Job/Configure for one job. */
    CONFIGURER,
    /** Overall/Manage. */
    MANAGER,
    /** Not logged in, without any right. */
    NOBODY;

    /** As which they log in. */
    String login() {
        return name().toLowerCase(Locale.ROOT);
    }
}
