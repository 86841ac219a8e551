package io.jenkins.plugins.proxmox.server;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.lookup.ObservedGuest;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.OperationState;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * How far the borrowing of a guest is: all that is needed to go on with it, in this process or in another one.
 *
 * @param request the operation under way; null until one look at the guest has told which it is to be
 * @param operation how far that is; while no request is chosen for the way back, how far the start came
 * @param guest as it was lent; null before
 * @param found the state in which it was found: {@code running}, {@code stopped} or {@code paused}; null before
 * @param since when the way began on which it is: to the running guest, or back
 */
public record Loan(
        @NonNull Phase phase,
        @CheckForNull OperationRequest request,
        @NonNull OperationState operation,
        @CheckForNull ObservedGuest guest,
        @CheckForNull String found,
        @NonNull Instant since)
        implements Serializable {

    /** The phases in their order. */
    public enum Phase {
        /** The guest is brought to run. */
        STARTING,
        /** It runs for the one that borrowed it. */
        LENT,
        /** It is put back. */
        RETURNING,
        /** Nothing more to do. */
        RETURNED
    }

    /** The loan of a guest that nobody has looked at yet. */
    @NonNull
    public static Loan begin() {
        OperationState operation = OperationState.begin();
        return new Loan(Phase.STARTING, null, operation, null, null, operation.begun());
    }

    /** This loan as it is to be taken up by another process than the one that saved it. */
    @NonNull
    public Loan resumed() {
        return with(operation.resumed());
    }

    /** Whether there may be something to put back: the guest is lent, or a request to start it has left. */
    public boolean isToBePutBack() {
        return phase == Phase.LENT || isStartRequested();
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
            case LENT -> Messages.Loan_lent(guest);
            case RETURNING -> Messages.Loan_returning(operation.waitsFor());
            case RETURNED -> Messages.Loan_returned(guest);
        };
    }

    /** With the operation that comes next. The time of the one that starts the guest began with the loan. */
    Loan with(OperationRequest chosen) {
        return new Loan(
                phase, chosen, phase == Phase.STARTING ? operation : OperationState.begin(), guest, found, since);
    }

    Loan with(OperationState reached) {
        return new Loan(phase, request, reached, guest, found, since);
    }

    /** With the operation under way, which is given more time. */
    Loan withTime(Duration timeout) {
        return new Loan(phase, underWay().within(timeout), operation, guest, found, since);
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
    Loan lent() {
        boolean resumed = request != null && request.operation().equals(new PowerOperation(PowerAction.RESUME));
        String before = !operation.changed() ? "running" : resumed ? "paused" : "stopped";
        return new Loan(Phase.LENT, request, operation, operation.guest(), before, since);
    }

    /** Begins the way back, also from a start that has not come to its end. */
    @NonNull
    public Loan returning() {
        if (phase != Phase.STARTING) {
            return new Loan(Phase.RETURNING, null, OperationState.begin(), guest, found, Instant.now());
        }
        String before = operation.before() == null ? null : operation.before().status();
        return new Loan(Phase.RETURNING, null, operation, operation.guest(), before, Instant.now());
    }

    Loan returned() {
        return new Loan(Phase.RETURNED, request, operation, guest, found, since);
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
            throw new IllegalStateException("not lent");
        }
        return new GuestSelector(guest.location().vmid(), null, null);
    }
}
