package io.jenkins.plugins.proxmox.pve.task;

import java.time.Duration;

/**
 * How long to wait before a task or a guest is queried again: briefly at first, because most starts end within two
 * seconds, then a small share of the time that has passed.
 */
public final class PollInterval {

    private static final Duration SHORTEST = Duration.ofMillis(250);
    /** For changes that take at least some seconds, such as those by the HA manager or a backup. */
    private static final Duration SHORTEST_FOR_OTHERS = Duration.ofSeconds(1);

    private static final Duration LONGEST = Duration.ofSeconds(5);

    /** Other queries cost one request per guest. */
    private static final int SHARE = 8;

    /** One query of a node's list answers all waits, so it may be frequent. */
    private static final int SHARE_FOR_TASKS = 64;

    private PollInterval() {}

    /** The pause between two queries of a guest: an eighth of the age, between 250 milliseconds and 5 seconds. */
    public static Duration after(Duration age) {
        return share(age, SHARE);
    }

    /**
     * The pause between two queries of a guest that waits for something slower than a task, such as the HA manager or
     * the release of a lock: an eighth of the age, between one and 5 seconds.
     */
    public static Duration afterOthers(Duration age) {
        Duration share = after(age);
        return share.compareTo(SHORTEST_FOR_OTHERS) < 0 ? SHORTEST_FOR_OTHERS : share;
    }

    /** The pause between two queries of a task: a 64th of its age, between 250 milliseconds and 5 seconds. */
    static Duration ofTask(Duration age) {
        return share(age, SHARE_FOR_TASKS);
    }

    /** The pause after that many consecutive errors: doubled after each, up to 5 seconds. */
    public static Duration afterErrors(Duration without, int errors) {
        Duration pause = without.multipliedBy(1L << Math.min(errors, 10));
        return pause.compareTo(LONGEST) > 0 ? LONGEST : pause;
    }

    private static Duration share(Duration age, int parts) {
        Duration share = age.dividedBy(parts);
        if (share.compareTo(SHORTEST) < 0) {
            return SHORTEST;
        }
        return share.compareTo(LONGEST) > 0 ? LONGEST : share;
    }
}
