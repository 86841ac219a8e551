package io.jenkins.plugins.proxmox.pve.lookup;

import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.task.PollInterval;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * One wait of an {@link AvailabilityWatch}. All but its end and its progress belongs to the poller of the node, which
 * guards it.
 */
public final class AvailabilityWait {

    /**
     * A DHCP request takes more bytes than that, and what IPv6 sends when an interface comes up takes fewer. Soon after
     * the latter, the agent most likely does not answer yet.
     */
    private static final long WORTH_A_QUESTION = 300;

    /** How soon after a silence an agent is asked again because its guest has sent something. */
    private static final long AFTER_SILENCE = Duration.ofSeconds(1).toNanos();

    private static final long BETWEEN_STATES = Duration.ofSeconds(5).toNanos();

    private final GuestLocation guest;
    private final Availability wanted;
    private final CompletableFuture<AvailabilityAnswer> end = new CompletableFuture<>();
    private volatile AvailabilityProgress progress;
    private final long begun = System.nanoTime();

    /** What the guest has sent; negative before the node told. */
    private long sent = -1;

    /** What it had sent when it was last asked. */
    private long sentWhenAsked;

    /** When the state of the guest was last looked at because it showed no sign of life. */
    private long stateAt;

    private boolean lookedAt;

    private boolean asking;
    private boolean asked;
    private boolean silent;
    private long answeredAt = begun;
    private long due = begun;

    AvailabilityWait(GuestLocation guest, Availability wanted, AvailabilityProgress soFar) {
        this.guest = guest;
        this.wanted = wanted;
        this.progress = soFar;
    }

    /** Cancel it to stop waiting. */
    public CompletableFuture<AvailabilityAnswer> end() {
        return end;
    }

    /** How far the guest has come. */
    public AvailabilityProgress progress() {
        return progress;
    }

    GuestLocation guest() {
        return guest;
    }

    Availability wanted() {
        return wanted;
    }

    void end(AvailabilityAnswer.Kind kind) {
        end.complete(new AvailabilityAnswer(kind, progress));
    }

    void reached(AvailabilityProgress reached) {
        progress = reached;
    }

    Duration age() {
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    /** The node shows what the guest has sent. */
    void hasSent(long bytes) {
        sent = bytes;
    }

    /** Whether the guest has shown a sign of life since it was last asked, such as a request for an address. */
    boolean isWorthAsking(long now) {
        long news = sent < sentWhenAsked ? sent : sent - sentWhenAsked;
        return !asking
                && sent > 0
                && news >= (mayBeSilent() ? WORTH_A_QUESTION : 1)
                && (!silent || now - answeredAt >= AFTER_SILENCE);
    }

    /** Whether it is to be asked although it has shown nothing new. */
    boolean isDue(long now) {
        return !asking && now - due >= 0;
    }

    long due() {
        return due;
    }

    boolean isAsking() {
        return asking;
    }

    /** Whether a question may have to wait for the agent. */
    boolean mayBeSilent() {
        return !asked || silent;
    }

    boolean wasListed() {
        return sent >= 0;
    }

    /** Whether it is time to look again why the guest shows no sign of life. */
    boolean isTimeForState(long now) {
        return !lookedAt || now - stateAt >= BETWEEN_STATES;
    }

    void looksAtState(long now) {
        lookedAt = true;
        stateAt = now;
    }

    void asks() {
        asking = true;
        sentWhenAsked = sent;
    }

    void answered(boolean silence) {
        asking = false;
        asked = true;
        silent = silence;
        answeredAt = System.nanoTime();
        Duration pause = silence ? PollInterval.afterOthers(age()) : PollInterval.after(age());
        due = answeredAt + pause.toNanos();
    }
}
