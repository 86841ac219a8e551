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

/**
 * How far the borrowing of a guest is: all that is needed to go on with it, in this process or in another one.
 *
 * @param request the operation under way; null until one look at the guest has told which it is to be
 * @param operation how far that is; while no request is chosen for the way back, how far the start came
 * @param guest as it was leased; null before
 * @param found the state in which it was found: {@code running}, {@code stopped} or {@code paused}; null before
 * @param addresses of the server on which the guest was found; empty before
 * @param since when the way began on which it is: to the running guest, or back
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

    /** The phases in their order. */
    public enum Phase {
        /** The guest is brought to run. */
        STARTING,
        /** It runs for the one that borrowed it. */
        IN_USE,
        /** It is put back. */
        RETURNING,
        /** Nothing more to do. */
        RETURNED
    }

    /** The lease of a guest that nobody has looked at yet. */
    @NonNull
    public static Lease begin() {
        OperationState operation = OperationState.begin();
        return new Lease(Phase.STARTING, null, operation, null, null, List.of(), operation.begun());
    }

    /** This lease as it is to be taken up by another process than the one that saved it. */
    @NonNull
    public Lease resumed() {
        return with(operation.resumed());
    }

    /** Whether there may be something to put back: the guest is leased, or a request to start it has left. */
    public boolean isToBePutBack() {
        return phase == Phase.IN_USE || isStartRequested();
    }

    private boolean isStartRequested() {
        return phase == Phase.STARTING && operation.before() != null && isRequested();
    }

    /** Whether a request to start the guest is on its way, or its end is not known yet. */
    public boolean mayBeStarting() {
        return phase == Phase.STARTING
                && operation.phase() != OperationState.Phase.FIND
                && operation.phase() != OperationState.Phase.DONE;
    }

    /** Whether nobody knows yet if a request to start the guest arrives, so that none can tell what to put back. */
    boolean isStartUncertain() {
        return phase == Phase.STARTING
                && (operation.phase() == OperationState.Phase.REQUEST
                        || operation.phase() == OperationState.Phase.LOOK);
    }

    /** Whether the request of the operation under way has left, or may have. */
    boolean isRequested() {
        return operation.upid() != null || operation.phase() == OperationState.Phase.LOOK;
    }

    /** What the build is told about the guest. */
    @NonNull
    public Map<String, String> environment() {
        return guest == null ? Map.of() : GuestEnvironment.of(guest);
    }

    /** What it waits for, in words. */
    @NonNull
    public String waitsFor() {
        return switch (phase) {
            case STARTING -> operation.waitsFor();
            case IN_USE -> Messages.Lease_inUse(guest);
            case RETURNING -> Messages.Lease_returning(operation.waitsFor());
            case RETURNED -> Messages.Lease_returned(guest);
        };
    }

    /** With the operation that comes next. The time of the one that starts the guest began with the lease. */
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

    /** With the addresses of the server on which the guest is looked for. */
    Lease on(List<ServerAddress> present) {
        return new Lease(phase, request, operation, guest, found, present, since);
    }

    /** Whether a server at {@code present} is another one than that on which the guest was found. */
    boolean isElsewhere(List<ServerAddress> present) {
        return !addresses.isEmpty() && Collections.disjoint(addresses, present);
    }

    /** With the operation under way, which is given more time. */
    Lease withTime(Duration timeout) {
        return new Lease(phase, underWay().within(timeout), operation, guest, found, addresses, since);
    }

    /** What the operation under way is to do. */
    @NonNull
    OperationRequest underWay() {
        if (request == null) {
            throw new IllegalStateException("nothing is under way");
        }
        return request;
    }

    /** After the operation that made it run. Where nothing had to be done, or another build did it, it was running. */
    Lease leased() {
        boolean resumed = request != null && request.operation().equals(new PowerOperation(PowerAction.RESUME));
        String before = !operation.changed() ? "running" : resumed ? "paused" : "stopped";
        return new Lease(Phase.IN_USE, request, operation, operation.guest(), before, addresses, since);
    }

    /** Begins the way back, also from a start that has not come to its end. */
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

    /** The task of a start that nobody has seen the end of; null when there is none. */
    @CheckForNull
    Upid startUnderWay() {
        return request == null && !operation.isDone() ? operation.upid() : null;
    }

    /** The guest by its number, which it keeps whatever becomes of its name. */
    @NonNull
    GuestSelector selector() {
        if (guest == null) {
            throw new IllegalStateException("not leased");
        }
        return new GuestSelector(guest.location().vmid(), null, null);
    }
}
