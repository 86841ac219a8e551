package io.jenkins.plugins.proxmox.lease;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.guest.CloneMark;
import io.jenkins.plugins.proxmox.pve.guest.CloneSequence;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * One line of the list of {@link Leases}.
 *
 * @param enclosing the IDs of the leases that end only after this one, because their work contains its work
 * @param inherited how the guest is put back, if this lease also stands for others that have ended; null if it does not
 * @param failures how often putting the guest back has failed
 * @param failure why it failed last: one line, which may be followed by what happened before and by an explanation; null
 *     if it did not fail
 * @param next when to try again, or when the time of a clone that is kept is over; null for neither
 */
public record LeaseEntry(
        @NonNull String id,
        @NonNull BuildReference build,
        @NonNull LeaseTerms terms,
        @NonNull List<String> enclosing,
        @NonNull Lease lease,
        @CheckForNull ReturnDuty inherited,
        int failures,
        @CheckForNull String failure,
        @CheckForNull Instant next) {

    private static final Duration FIRST_PAUSE = Duration.ofMinutes(1);

    private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

    private static final int MOST_DOUBLINGS = 6;

    /**
     * @throws NullPointerException when a part is missing, as in a damaged list
     */
    public LeaseEntry {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(build, "build");
        Objects.requireNonNull(terms, "terms");
        Objects.requireNonNull(lease, "lease");
        enclosing = List.copyOf(enclosing);
    }

    @NonNull
    static LeaseEntry begin(String id, BuildReference build, LeaseTerms terms, List<String> enclosing) {
        return new LeaseEntry(id, build, terms, enclosing, Lease.begin(), null, 0, null, null);
    }

    LeaseEntry with(Lease reached) {
        return new LeaseEntry(id, build, terms, enclosing, reached, inherited, failures, failure, next);
    }

    /** The same of a build that has this name now. */
    LeaseEntry of(BuildReference present) {
        return new LeaseEntry(id, present, terms, enclosing, lease, inherited, failures, failure, next);
    }

    /** The same after a job, or a folder of it, was renamed or moved. */
    LeaseEntry moved(String from, String to) {
        ReturnDuty duty = inherited == null ? null : inherited.moved(from, to);
        return new LeaseEntry(id, build.moved(from, to), terms, enclosing, lease, duty, failures, failure, next);
    }

    /** In whose name the guest is put back, and by which terms. */
    @NonNull
    ReturnDuty duty() {
        return inherited == null ? new ReturnDuty(build, terms) : inherited;
    }

    /** This lease, which also stands for another one of the same guest that is over. */
    LeaseEntry after(LeaseEntry ended) {
        String found = lease.found() == null ? ended.lease.foundBefore() : lease.found();
        ReturnDuty both = duty().or(ended.duty());
        return new LeaseEntry(id, build, terms, enclosing, lease.foundAs(found), both, failures, failure, next);
    }

    /** The same after an attempt to put the guest back has failed. */
    LeaseEntry failed(String why) {
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
        Instant again = Instant.now().plus(pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause);
        return new LeaseEntry(id, build, terms, enclosing, lease, inherited, failures + 1, why, again);
    }

    /** The same during an attempt to put the guest back. */
    LeaseEntry trying() {
        return new LeaseEntry(id, build, terms, enclosing, lease, inherited, failures, failure, null);
    }

    /** The same while its guest is being put back, perhaps not for the first time. */
    LeaseEntry returning() {
        boolean again = lease.phase() == Lease.Phase.RETURNING;
        Lease back = again ? lease.returningAgain().withMoreTime(duty().terms().timeout()) : lease.returning();
        return with(back).trying();
    }

    /** A clone that stays until then. */
    LeaseEntry keptUntil(Instant end) {
        return new LeaseEntry(id, build, terms, enclosing, lease.kept(), inherited, failures, failure, end);
    }

    /** Whether it is a clone that stays for inspection. */
    public boolean isKept() {
        return lease.phase() == Lease.Phase.KEPT;
    }

    /** Whether it is a clone that stays for inspection if the work in it fails. */
    boolean isToBeKept() {
        return terms.keptAfterFailure() != null && lease.phase() == Lease.Phase.IN_USE;
    }

    /** Whether the build uses the guest, or is starting it. */
    public boolean isUsing() {
        return lease.phase() == Lease.Phase.IN_USE || lease.phase() == Lease.Phase.STARTING && !isStartLeft();
    }

    /** Whether the guest is on its way back, between two attempts or during one. */
    public boolean isReturning() {
        return lease.phase() == Lease.Phase.RETURNING || isStartLeft();
    }

    /** Whether nobody starts the guest any more, but it is not known yet whether the last request to do so arrived. */
    private boolean isStartLeft() {
        return lease.phase() == Lease.Phase.STARTING && failures > 0;
    }

    /** Whether there may be something to put back. */
    boolean isToBePutBack() {
        return inherited != null || lease.isToBePutBack();
    }

    /** Whether putting the guest back has failed, and is tried again later. */
    public boolean isParked() {
        return isReturning() && next != null;
    }

    /** The same, or whether that is not known yet. */
    boolean mayNeedReturn() {
        return isToBePutBack() || lease.isStartUncertain();
    }

    /** Whether the guest is a clone, which is removed rather than put back. */
    public boolean isClone() {
        return terms.cloning() != null;
    }

    /** Whether it is of the clone with that mark, or of one that may get that VMID and that mark. */
    boolean isOf(int vmid, CloneMark mark) {
        CloneSequence cloning = terms.cloning();
        return cloning != null
                && cloning.settings().mark().id().equals(mark.id())
                && (lease.cloneVmid() == null || hasCloned(vmid));
    }

    /** Whether its clone has that VMID. */
    boolean hasCloned(int vmid) {
        return Objects.equals(lease.cloneVmid(), vmid);
    }

    /** {@code VM 100 (web-1)}, {@code guest 100} while it was not found, or the clone of a template. */
    @NonNull
    public String guest() {
        ObservedGuest guest = lease.guest();
        if (guest != null) {
            return guest.toString();
        }
        return lease.cloneVmid() == null
                ? terms.guest().toString()
                : Messages.LeaseEntry_clone(String.valueOf(lease.cloneVmid()), terms.guest());
    }

    /** The name of its server. */
    @NonNull
    public String server() {
        return String.valueOf(terms.server());
    }
}
