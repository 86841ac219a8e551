package io.jenkins.plugins.proxmox.pve.exec;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.client.ExecApi;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestProcess;
import java.time.Duration;

/** Runs short programs in a guest, one at a time. All of them may be repeated, so a lost answer does no harm. */
final class ShortCalls {

    /** After that, a call is made again. */
    private static final Duration LONGEST = Duration.ofMinutes(1);

    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

    private final ExecApi api;

    @CheckForNull
    private GuestCall call;

    @CheckForNull
    private Long pending;

    private long begun;
    private Duration pause = Duration.ZERO;

    ShortCalls(ExecApi api) {
        this.api = api;
    }

    /** Whether a program runs. */
    boolean isPending() {
        return pending != null;
    }

    /** Makes the next {@link #ask} begin another program. */
    void forget() {
        pending = null;
        pause = Duration.ZERO;
    }

    /** How long to wait before the next {@link #ask}. */
    @NonNull
    Duration pause() {
        return pause;
    }

    /** Begins the program, unless it runs. Returns the ended program, or null while it runs. */
    @CheckForNull
    GuestProcess ask(GuestLocation guest, GuestCall wanted) throws ProxmoxException {
        if (pending == null || !wanted.equals(call)) {
            pending = api.begin(guest, wanted.command(), wanted.input());
            call = wanted;
            begun = System.nanoTime();
        }
        GuestProcess process;
        try {
            process = api.process(guest, pending);
        } catch (RequestRejectedException e) {
            if (!e.isNoSuchProcess()) {
                throw e;
            }
            // the answer with its end was lost, or the agent was restarted
            pending = null;
            pause = LONGEST_PAUSE;
            return null;
        }
        if (process.exited()) {
            forget();
            return process;
        }
        Duration age = Duration.ofNanos(System.nanoTime() - begun);
        if (age.compareTo(LONGEST) > 0) {
            pending = null;
        }
        Duration share = age.dividedBy(4);
        pause = share.compareTo(SHORTEST_PAUSE) < 0
                ? SHORTEST_PAUSE
                : share.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : share;
        return null;
    }
}
