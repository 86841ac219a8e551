package io.jenkins.plugins.proxmox.pve.operation;

/** Whether an operation makes sense for a guest as it is. */
public sealed interface Readiness {

    /** The request can be sent. */
    Readiness READY = new Ready();

    /** The guest already is what the operation would make of it, so nothing needs to be sent. */
    Readiness DONE = new Done();

    /** The guest is just being changed by others, and what follows decides. Nothing is sent until then. */
    Readiness CHANGING = new Changing();

    /** {@link #READY}. */
    record Ready() implements Readiness {}

    /** {@link #DONE}. */
    record Done() implements Readiness {}

    /** {@link #CHANGING}. */
    record Changing() implements Readiness {}

    /**
     * The operation makes no sense for the guest.
     *
     * @param why the end of a sentence for people
     */
    record Impossible(String why) implements Readiness {}

    /**
     * The HA manager must finish something else first: it would forget the request, or Proxmox VE would refuse it.
     *
     * @param haState what the HA manager is doing, such as {@code migrate}
     */
    record HeldByHighAvailability(String haState) implements Readiness {}

    /**
     * A lock of the guest makes Proxmox VE refuse the request, or the HA manager fail at it.
     *
     * @param lock such as {@code backup}
     * @param failsLater whether the request would be accepted all the same and fail later, in the HA manager
     */
    record Locked(String lock, boolean failsLater) implements Readiness {}
}
