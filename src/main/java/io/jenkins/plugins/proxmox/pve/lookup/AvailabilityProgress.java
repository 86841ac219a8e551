package io.jenkins.plugins.proxmox.pve.lookup;

import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import java.io.Serializable;
import java.time.Instant;

/**
 * How far a guest has come since it runs.
 *
 * @param agentAnswered whether its QEMU guest agent has answered
 * @param refusal the last answer of Proxmox VE when the guest could not be asked, in its own words; null when the last
 *     question was answered, or there was none
 * @param network its network as last seen
 * @param seenAt when that was; null before
 * @param portTrouble why the last connection to its port failed; null when there was none
 * @param stoppedSince since when it does not seem to run; null while it does
 * @param halted the QEMU state in which it was last seen paused or halted, such as {@code io-error}; null when it was not
 */
public record AvailabilityProgress(
        boolean agentAnswered,
        @Nullable String refusal,
        GuestNetwork network,
        @Nullable Instant seenAt,
        @Nullable String portTrouble,
        @Nullable Instant stoppedSince,
        @Nullable String halted)
        implements Serializable {

    /** Nothing is known yet. */
    public static final AvailabilityProgress NONE =
            new AvailabilityProgress(false, null, GuestNetwork.UNKNOWN, null, null, null, null);

    @NonNull
    AvailabilityProgress refused(String inItsWords) {
        return new AvailabilityProgress(agentAnswered, inItsWords, network, seenAt, portTrouble, stoppedSince, halted);
    }

    @NonNull
    AvailabilityProgress answered(GuestNetwork seen) {
        return new AvailabilityProgress(true, null, seen, Instant.now(), portTrouble, null, null);
    }

    /** The same with the reason why the last connection to the port failed. */
    @NonNull
    public AvailabilityProgress portFailed(String why) {
        return new AvailabilityProgress(agentAnswered, refusal, network, seenAt, why, stoppedSince, halted);
    }

    /** The same with the moment since when the guest does not run; null when it runs. */
    @NonNull
    public AvailabilityProgress stopped(@Nullable Instant since) {
        return new AvailabilityProgress(agentAnswered, refusal, network, seenAt, portTrouble, since, halted);
    }

    /** The same with the QEMU state in which the guest is paused or halted; null when it is neither. */
    @NonNull
    AvailabilityProgress halted(@Nullable String qmpStatus) {
        return new AvailabilityProgress(agentAnswered, refusal, network, seenAt, portTrouble, stoppedSince, qmpStatus);
    }
}
