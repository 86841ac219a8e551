package io.jenkins.plugins.proxmox.build;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The state of borrowing a guest: everything that is needed to continue, in this process or in another one.
 *
 * @param request the current operation; null until a first check of the guest has shown which one is needed
 * @param operation the state of that operation; before a request is chosen for the return, the state of the start
 * @param guest the guest once it is leased; null before
 * @param found the state in which it was found: {@code running}, {@code stopped} or {@code paused}; null before
 * @param addresses of the server on which the guest was found; empty before
 * @param since when the start, or the return, began
 */
public record Lease(
        @NonNull Phase phase,
        @CheckForNull OperationRequest request,
        @NonNull OperationState operation,
        @CheckForNull ObservedGuest guest,
        @CheckForNull String found,
        @NonNull List<ServerAddress> addresses,
        @NonNull Instant since)
        implements Serializable {

    public enum Phase {
        STARTING,
        /** The guest is running for the build that borrowed it. */
        IN_USE,
        /** The guest is being put back. */
        RETURNING,
        RETURNED
    }

    /** The lease of a guest that has not been checked yet. */
    @NonNull
    public static Lease begin() {
        OperationState operation = OperationState.begin();
        return new Lease(Phase.STARTING, null, operation, null, null, List.of(), operation.begun());
    }

    /** This lease, for another process than the one that saved it. */
    @NonNull
    public Lease resumed() {
        return with(operation.resumed());
    }

    /** Whether there may be something to put back: the guest is leased, or a request to start it was sent. */
    public boolean isToBePutBack() {
        return phase == Phase.IN_USE || phase == Phase.STARTING && operation.before() != null && isRequested();
    }

    /** Whether a request to start the guest is on its way, or its outcome is not known yet. */
    public boolean mayBeStarting() {
        return phase == Phase.STARTING
                && operation.phase() != OperationState.Phase.FIND
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
    public Map<String, String> environment() {
        return guest == null ? Map.of() : GuestEnvironment.of(guest);
    }

    /** What the lease is waiting for, in words. */
    @NonNull
    public String waitsFor() {
        return switch (phase) {
            case STARTING -> operation.waitsFor();
            case IN_USE -> Messages.Lease_inUse(guest);
            case RETURNING -> Messages.Lease_returning(operation.waitsFor());
            case RETURNED -> Messages.Lease_returned(guest);
        };
    }

    /** With the next operation. The time of the operation that starts the guest began with the lease. */
    Lease with(OperationRequest chosen) {
        return new Lease(
                phase,
                chosen,
                phase == Phase.STARTING ? operation : OperationState.begin(),
                guest,
                found,
                addresses,
                since);
    }

    Lease with(OperationState reached) {
        return new Lease(phase, request, reached, guest, found, addresses, since);
    }

    /** With the addresses of the server on which the guest is searched for. */
    Lease on(List<ServerAddress> present) {
        return new Lease(phase, request, operation, guest, found, present, since);
    }

    /** Whether {@code present} are the addresses of another server than the one on which the guest was found. */
    boolean isElsewhere(List<ServerAddress> present) {
        return !addresses.isEmpty() && Collections.disjoint(addresses, present);
    }

    /** With more time for the current operation. */
    Lease withTime(Duration timeout) {
        return new Lease(phase, underWay().within(timeout), operation, guest, found, addresses, since);
    }

    @NonNull
    OperationRequest underWay() {
        return Objects.requireNonNull(request, "nothing is under way");
    }

    /**
     * After the operation that started the guest. If nothing had to be done, or another build did it, the guest was
     * running.
     */
    Lease leased() {
        boolean resumed = request != null && request.operation().equals(new PowerOperation(PowerAction.RESUME));
        String before = !operation.changed() ? "running" : resumed ? "paused" : "stopped";
        return new Lease(Phase.IN_USE, request, operation, operation.guest(), before, addresses, since);
    }

    /** Begins the return, even if the start has not ended yet. */
    @NonNull
    public Lease returning() {
        if (phase != Phase.STARTING) {
            return new Lease(Phase.RETURNING, null, OperationState.begin(), guest, found, addresses, Instant.now());
        }
        String before = operation.before() == null ? null : operation.before().status();
        return new Lease(Phase.RETURNING, null, operation, operation.guest(), before, addresses, Instant.now());
    }

    Lease returned() {
        return new Lease(Phase.RETURNED, request, operation, guest, found, addresses, since);
    }

    /** The task of a start whose end has not been seen; null when there is none. */
    @CheckForNull
    Upid startUnderWay() {
        return request == null && !operation.isDone() ? operation.upid() : null;
    }

    /** Selects the guest by its number, which stays the same when its name changes. */
    @NonNull
    GuestSelector selector() {
        ObservedGuest leased = Objects.requireNonNull(guest, "not leased");
        return new GuestSelector(leased.location().vmid(), null, null);
    }
}
