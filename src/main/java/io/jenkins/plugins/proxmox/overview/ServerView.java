package io.jenkins.plugins.proxmox.overview;

import io.jenkins.plugins.proxmox.lease.MarkedClones;
import io.jenkins.plugins.proxmox.pve.access.Permissions;
import io.jenkins.plugins.proxmox.pve.diagnosis.Diagnosis;
import io.jenkins.plugins.proxmox.pve.model.ClusterResources;
import io.jenkins.plugins.proxmox.pve.model.ServerVersion;
import java.time.Instant;

/** What the overview shows of one server at one moment. */
sealed interface ServerView {

    /** When it was taken, by the clock of the controller. */
    Instant takenAt();

    /**
     * The server answered.
     *
     * @param clones the clones of this controller that no lease stood for
     * @param identity the identity that Jenkins used: {@code user@realm} or {@code user@realm!name}
     */
    record Seen(
            Instant takenAt,
            String identity,
            ServerVersion version,
            Permissions permissions,
            ClusterResources resources,
            MarkedClones clones)
            implements ServerView {}

    /** The server could not be asked, or refused. */
    record Unseen(Instant takenAt, Diagnosis why) implements ServerView {}

    /**
     * The server has no credentials of its own, because every job uses its own. So there is no identity to ask with.
     */
    record Unasked(Instant takenAt) implements ServerView {}
}
