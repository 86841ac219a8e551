package io.jenkins.plugins.proxmox.pve.task;

import java.time.Duration;

/**
 * How long to wait before a task or a guest is looked at again: quick at first, since most starts end within two
 * seconds, then a small share of what has passed already.
 */
public final class PollInterval {

    private static final Duration SHORTEST = Duration.ofMillis(250);
    private static final Duration LONGEST = Duration.ofSeconds(5);
    private static final int SHARE = 8;

    private PollInterval() {}

    /** The pause after {@code age} of waiting: an eighth of it, between 250 milliseconds and 5 seconds. */
    public static Duration after(Duration age) {
        Duration share = age.dividedBy(SHARE);
        if (share.compareTo(SHORTEST) < 0) {
            return SHORTEST;
        }
        return share.compareTo(LONGEST) > 0 ? LONGEST : share;
    }
}
