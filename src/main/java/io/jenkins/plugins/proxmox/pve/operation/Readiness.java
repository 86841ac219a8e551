package io.jenkins.plugins.proxmox.pve.operation;

import edu.umd.cs.findbugs.annotations.Nullable;

/** Whether an operation makes sense for a guest in its current state. */
public sealed interface Readiness {

    /** The request can be sent. */
    record Ready() implements Readiness {}

    /**
     * The guest is already as the operation would make it, so nothing needs to be sent.
     *
     * @param why what it is or has, as a clause for people; null where its state says so
     */
    record Done(@Nullable String why) implements Readiness {

        public Done() {
            this(null);
        }
    }

    /** The guest is being changed by others, and its next state decides. Nothing is sent until then. */
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
     * A lock of the guest makes Proxmox VE refuse the request, or the HA manager fail.
     *
     * @param lock such as {@code backup}
     * @param failsLater whether the request would be accepted anyway and fail later, in the HA manager
     */
    record Locked(String lock, boolean failsLater) implements Readiness {}
}
