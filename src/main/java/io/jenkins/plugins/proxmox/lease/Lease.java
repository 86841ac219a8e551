package io.jenkins.plugins.proxmox.lease;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.build.GuestEnvironment;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The state of borrowing a guest: everything that is needed to continue, in this process or in another one.
 *
 * @param request the current operation; null until a first check of the guest has shown which one is needed
 * @param operation the state of that operation; before a request is chosen for the return, the state of the start
 * @param done the final states of the operations before it, of the start or of the return
 * @param guest the guest once it is known; null before
 * @param found the state in which it was found: {@code running}, {@code stopped} or {@code paused}; null before
 * @param cloneVmid the VMID of the clone that was made, or may have been; null when there is none
 * @param addresses of the server on which the guest is searched for, or made; empty before
 * @param since when the start, or the return, began
 */
record Lease(
        @NonNull Phase phase,
        @CheckForNull OperationRequest request,
        @NonNull OperationState operation,
        @NonNull List<OperationState> done,
        @CheckForNull ObservedGuest guest,
        @CheckForNull String found,
        @CheckForNull Integer cloneVmid,
        @NonNull List<ServerAddress> addresses,
        @NonNull Instant since) {

    private static final Duration LONGEST_FOLLOWED = Duration.ofDays(1);

    private static final Duration LEAST_TIME = Duration.ofSeconds(1);

    enum Phase {
        /** Others use the guest, or nobody has looked for it yet. Nothing was done with it. */
        WAITING,
        STARTING,
        /** The guest is running for the build that borrowed it. */
        IN_USE,
        /** The clone is left for inspection after the work in it failed. */
        KEPT,
        /** The guest is being put back. */
        RETURNING,
        RETURNED
    }

    Lease {
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(operation, "operation");
        Objects.requireNonNull(since, "since");
        done = List.copyOf(done);
        addresses = List.copyOf(addresses);
    }

    /** The lease of a guest that has not been checked yet. */
    @NonNull
    static Lease begin() {
        OperationState operation = OperationState.begin();
        return new Lease(Phase.WAITING, null, operation, List.of(), null, null, null, List.of(), operation.begun());
    }

    /** This lease, for another process than the one that saved it. */
    @NonNull
    Lease resumed() {
        return with(operation.resumed());
    }

    /** Whether there may be something to put back: the guest is leased, or a request was sent. */
    boolean isToBePutBack() {
        return switch (phase) {
            case WAITING, RETURNED -> false;
            case STARTING -> cloneVmid != null || !done.isEmpty() || operation.before() != null && isRequested();
            case IN_USE, KEPT, RETURNING -> true;
        };
    }

    /** Whether a request to start the guest is on its way, or its outcome is not known yet. */
    boolean mayBeStarting() {
        return phase == Phase.STARTING
                && operation.phase() != OperationState.Phase.FIND
                && operation.phase() != OperationState.Phase.AVAILABLE
                && operation.phase() != OperationState.Phase.DONE;
    }

    /** Whether it is not known yet if a request to start the guest arrived, so that nobody can say what to put back. */
    boolean isStartUncertain() {
        return phase == Phase.STARTING
                && (operation.phase() == OperationState.Phase.REQUEST
                        || operation.phase() == OperationState.Phase.LOOK);
    }

    /** Whether the request of the current operation was sent, or may have been. */
    boolean isRequested() {
        return operation.upid() != null || operation.phase() == OperationState.Phase.LOOK;
    }

    @NonNull
    Map<String, String> environment() {
        return guest == null
                ? Map.of()
                : GuestEnvironment.of(guest, operation.availability().network().ip());
    }

    /** What the lease is waiting for, in words. */
    @NonNull
    String waitsFor() {
        return switch (phase) {
            case WAITING, STARTING -> operation.waitsFor();
            case IN_USE -> Messages.Lease_inUse(guest);
            case KEPT -> Messages.Lease_kept(guest);
            case RETURNING -> Messages.Lease_returning(operation.waitsFor());
            case RETURNED -> Messages.Lease_returned(guest);
        };
    }

    /** Of that guest. */
    Lease of(ObservedGuest seen) {
        return new Lease(phase, request, operation, done, seen, found, cloneVmid, addresses, since);
    }

    /** Of a guest that was found in that state. */
    Lease foundAs(@CheckForNull String state) {
        return new Lease(phase, request, operation, done, guest, state, cloneVmid, addresses, since);
    }

    /** Whose turn has come. */
    Lease starting() {
        return new Lease(Phase.STARTING, request, operation, done, guest, found, cloneVmid, addresses, since);
    }

    /** With the next operation. The time of the operation that starts the guest began with the lease. */
    Lease with(OperationRequest chosen) {
        boolean first = phase == Phase.STARTING && done.isEmpty();
        return new Lease(
                phase,
                chosen,
                first ? operation : OperationState.begin(),
                done,
                guest,
                found,
                cloneVmid,
                addresses,
                since);
    }

    Lease with(OperationState reached) {
        // a clone that was refused is none
        Integer drawn = phase == Phase.STARTING && done.isEmpty() ? reached.target() : cloneVmid;
        return new Lease(phase, request, reached, done, guest, found, drawn, addresses, since);
    }

    /** After the current operation, before the next one is chosen. */
    Lease next() {
        List<OperationState> longer = new ArrayList<>(done);
        longer.add(operation);
        return new Lease(phase, null, operation, longer, guest, found, cloneVmid, addresses, since);
    }

    /** With the addresses of the server on which the guest is searched for. */
    Lease on(List<ServerAddress> present) {
        return new Lease(phase, request, operation, done, guest, found, cloneVmid, present, since);
    }

    /** Whether both are of one guest. */
    boolean isOfSameGuest(Lease other) {
        return guest != null
                && other.guest != null
                && guest.location().vmid() == other.guest.location().vmid()
                && !Collections.disjoint(addresses, other.addresses);
    }

    /**
     * With that much more time for the current operation. One that began long ago is not followed any more, nor one that
     * seems to begin later, because the clock was set back.
     */
    Lease withMoreTime(Duration more) {
        if (request == null) {
            return this;
        }
        Duration soFar = Duration.between(operation.begun(), Instant.now());
        Duration most = LONGEST_FOLLOWED.plus(LONGEST_FOLLOWED);
        Duration limit = Collections.min(List.of(soFar.plus(more), most));
        if (isOld() || limit.compareTo(LEAST_TIME) < 0) {
            return lookingAgain();
        }
        return new Lease(phase, request.within(limit), operation, done, guest, found, cloneVmid, addresses, since);
    }

    /**
     * Whether following the current operation leads nowhere: it began so long ago that its task has certainly ended, or its
     * request is lost.
     */
    boolean isOld() {
        return operation.isLost()
                || Duration.between(operation.begun(), Instant.now()).compareTo(LONGEST_FOLLOWED) > 0;
    }

    @NonNull
    OperationRequest underWay() {
        return Objects.requireNonNull(request, "nothing is under way");
    }

    /**
     * After the operations that started the guest. Unless it is known already how the guest was found, their last one
     * shows it: if nothing had to be done, the guest was running.
     */
    Lease leased() {
        OperationState last = done.get(done.size() - 1);
        boolean resumed = last.before() != null && last.before().status().equals("paused");
        String before = !last.changed() ? "running" : resumed ? "paused" : "stopped";
        return new Lease(
                Phase.IN_USE,
                null,
                last,
                List.of(),
                last.guest(),
                found == null ? before : found,
                cloneVmid,
                addresses,
                since);
    }

    /** The state in which the guest was found, as far as that is known: also before its start has ended. */
    @CheckForNull
    String foundBefore() {
        return found == null && operation.before() != null ? operation.before().status() : found;
    }

    /** Left for inspection. */
    Lease kept() {
        return new Lease(Phase.KEPT, null, operation, List.of(), guest, found, cloneVmid, addresses, since);
    }

    /** The clone, if it is certain that it was made and set up; null otherwise. */
    @CheckForNull
    private ObservedGuest cloneOnceSetUp() {
        // what follows the clone of the template, and has ended, was done with the clone
        return guest == null && done.size() > 1 ? done.get(done.size() - 1).guest() : guest;
    }

    /** Begins the return, even if the start has not ended yet. */
    @NonNull
    Lease returning() {
        if (phase == Phase.STARTING && cloneVmid == null) {
            ObservedGuest seen = operation.guest() == null ? guest : operation.guest();
            return new Lease(
                    Phase.RETURNING, null, operation, List.of(), seen, foundBefore(), null, addresses, Instant.now());
        }
        return new Lease(
                Phase.RETURNING,
                null,
                OperationState.begin(),
                List.of(),
                cloneVmid == null ? guest : cloneOnceSetUp(),
                found,
                cloneVmid,
                addresses,
                Instant.now());
    }

    /** Tries once more to put the guest back, and still follows a request whose task may run. */
    Lease returningAgain() {
        Lease again = new Lease(
                Phase.RETURNING, request, operation.resumed(), done, guest, found, cloneVmid, addresses, Instant.now());
        // others may have changed the guest since then
        boolean isOver = cloneVmid == null
                ? request != null && operation.phase() == OperationState.Phase.CONFIRM
                : !again.isRequested();
        return isOver ? again.lookingAgain() : again;
    }

    /**
     * Looks at the guest again before it requests anything else, because the last request has failed. A clone may have
     * been started since it was stopped, so its removal begins anew.
     */
    Lease lookingAgain() {
        boolean removes = phase == Phase.RETURNING && cloneVmid != null;
        return new Lease(
                phase,
                null,
                OperationState.begin(),
                removes ? List.of() : done,
                guest,
                found,
                cloneVmid,
                addresses,
                since);
    }

    Lease returned() {
        return new Lease(Phase.RETURNED, request, operation, done, guest, found, cloneVmid, addresses, since);
    }

    /** The task of a start whose end has not been seen; null when there is none. */
    @CheckForNull
    Upid startUnderWay() {
        return request == null && done.isEmpty() && !operation.isDone() ? operation.upid() : null;
    }

    /** Selects the guest by its number, which stays the same when its name changes. */
    @NonNull
    GuestSelector selector() {
        ObservedGuest leased = Objects.requireNonNull(guest, "not leased");
        return new GuestSelector(leased.location().vmid(), null, null);
    }
}
