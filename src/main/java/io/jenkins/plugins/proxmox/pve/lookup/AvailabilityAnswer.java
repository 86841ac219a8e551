package io.jenkins.plugins.proxmox.pve.lookup;

/**
 * What was learned about a guest that is waited for.
 *
 * @param progress how far the guest has come
 */
public record AvailabilityAnswer(Kind kind, AvailabilityProgress progress) {

    public enum Kind {
        /** The agent answers; or the guest has an address, which may be all that was waited for. */
        REACHED,
        /** A connection to the port succeeded. */
        PORT_OPEN,
        /** A connection to the port failed. */
        PORT_CLOSED,
        /** The QEMU guest agent is not enabled in the options of the virtual machine. */
        WITHOUT_AGENT,
        /** The guest is paused or halted, or no longer, as its progress shows; it is still waited for. */
        HALTED,
        /** The node shows the guest as stopped, or not at all. */
        NOT_RUNNING
    }
}
