package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * VMIDs that this process has drawn on one server and whose guests may not exist yet. Proxmox VE reserves nothing: it
 * gives everyone who asks the same free VMID (PVE::API2::Cluster, nextid). Shared by all clients of a server.
 *
 * <p>Only a request for the lowest free VMID respects the range that the administrator has set ({@code next-id} in
 * datacenter.cfg), so that is where each burst of draws begins.
 */
public final class VmidReservations {

    /** Longer than a request takes; after it, the guest exists, or never will. */
    private static final long KEPT = TimeUnit.MINUTES.toNanos(1);

    /** How long the draws after one for the lowest free VMID go on from there, rather than ask for it again. */
    private static final long BURST = TimeUnit.SECONDS.toNanos(30);

    /** The same as a number of draws. */
    private static final int LARGEST_BURST = 100;

    /** How many VMIDs are left to others at most, each time they were faster. */
    private static final int LARGEST_GAP = 16;

    /** Asks the server. */
    interface Question {

        /** The lowest free VMID of the administrator's range. */
        int lowestFree() throws ProxmoxException;

        /**
         * @throws ProxmoxException also for a number that cannot be a VMID
         */
        boolean isFree(int vmid) throws ProxmoxException;
    }

    /** After so many existing guests, the lowest free VMID is asked for again. */
    private static final int LONG_ROW = 3;

    private record Draw(String owner, long at) {}

    private final LongSupplier nanoClock;

    private final Map<Integer, Draw> drawn = new TreeMap<>();

    /** When the lowest free VMID was asked for; null before that. */
    @CheckForNull
    private Long burstBegan;

    private int drawnInBurst;

    /** The last VMID that was drawn in this burst. */
    private int last;

    /**
     * How many VMIDs are left to others when they are faster the next time. Without a gap, two controllers that draw at
     * the same time meet again and again.
     */
    private int gap;

    public VmidReservations() {
        this(System::nanoTime);
    }

    VmidReservations(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /**
     * Draws a free VMID that nobody else in this process gets. Others may still take it.
     *
     * <p>Asks one at a time, so that each draw takes one request and not as many as there are draws at the same moment.
     *
     * @param owner for whom
     * @param before what the same owner has drawn before and not used yet, which it gets again unless too much time has
     *     passed; null for none
     */
    synchronized int draw(String owner, @Nullable Integer before, Question question) throws ProxmoxException {
        long now = nanoClock.getAsLong();
        drawn.values().removeIf(draw -> now - draw.at() > KEPT);
        Draw kept = before == null ? null : drawn.get(before);
        if (before == null
                && drawn.values().stream().anyMatch(draw -> draw.owner().equals(owner))) {
            // somebody else was faster
            last += leaveGap();
        }
        int vmid = before != null && (kept == null || kept.owner().equals(owner)) ? before : next(now, question);
        drawn.put(vmid, new Draw(owner, now));
        return vmid;
    }

    private int next(long now, Question question) throws ProxmoxException {
        boolean goesOn = burstBegan != null && now - burstBegan < BURST && drawnInBurst < LARGEST_BURST;
        int vmid;
        if (goesOn) {
            vmid = freeFrom(last + 1, question);
        } else {
            int lowest = question.lowestFree();
            burstBegan = now;
            drawnInBurst = 0;
            gap = 1;
            vmid = drawn.containsKey(lowest) ? freeFrom(lowest + 1, question) : lowest;
        }
        drawnInBurst++;
        last = vmid;
        return vmid;
    }

    private int leaveGap() {
        int left = gap;
        gap = Math.min(2 * gap, LARGEST_GAP);
        return left;
    }

    /**
     * Doubles the distance each time, since the VMIDs above may be a long row of existing guests. But such a row may also
     * reach to the end of the administrator's range.
     */
    private int freeFrom(int first, Question question) throws ProxmoxException {
        int vmid = first;
        int taken = 0;
        while (true) {
            if (drawn.containsKey(vmid)) {
                vmid++;
            } else if (question.isFree(vmid)) {
                return vmid;
            } else {
                vmid += Math.max(1 << taken++, leaveGap());
                int lowest = taken == LONG_ROW ? question.lowestFree() : 0;
                if (lowest != 0 && !drawn.containsKey(lowest)) {
                    return lowest;
                }
            }
        }
    }
}
