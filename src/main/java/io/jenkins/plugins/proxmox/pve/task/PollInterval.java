package io.jenkins.plugins.proxmox.pve.task;

import java.time.Duration;

/**
 * How long to wait before a task or a guest is looked at again: quick at first, since most starts end within two
 * seconds, then a small share of what has passed already.
 */
public final class PollInterval {

    private static final Duration SHORTEST = Duration.ofMillis(250);
    /** What takes others some seconds at least, such as high availability or a backup. */
    private static final Duration SHORTEST_FOR_OTHERS = Duration.ofSeconds(1);

    private static final Duration LONGEST = Duration.ofSeconds(5);

    /** Other looks cost a request for each guest. */
    private static final int SHARE = 8;

    /** One look at a node's list serves all who wait, so that it may be frequent. */
    private static final int SHARE_FOR_TASKS = 64;

    private PollInterval() {}

    /** The pause between two looks at a guest: an eighth of the age, between 250 milliseconds and 5 seconds. */
    public static Duration after(Duration age) {
        return share(age, SHARE);
    }

    /**
     * The pause between two looks at a guest of which something slower than a task is awaited, such as high availability
     * or the end of a lock: an eighth of the age, between one and 5 seconds.
     */
    public static Duration afterOthers(Duration age) {
        Duration share = after(age);
        return share.compareTo(SHORTEST_FOR_OTHERS) < 0 ? SHORTEST_FOR_OTHERS : share;
    }

    /** The pause between two looks at a task: a 64th of its age, between 250 milliseconds and 5 seconds. */
    static Duration ofTask(Duration age) {
        return share(age, SHARE_FOR_TASKS);
    }

    /** The pause after so many errors one after the other: twice as long after each, up to 5 seconds. */
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
