package io.jenkins.plugins.proxmox.overview;

import io.jenkins.plugins.proxmox.pve.diagnosis.Diagnosis;
import io.jenkins.plugins.proxmox.pve.model.ClusterResources;
import io.jenkins.plugins.proxmox.pve.model.Permissions;
import io.jenkins.plugins.proxmox.pve.model.ServerVersion;
import java.time.Instant;

/** What the overview knows of one server at a moment. */
sealed interface ServerView {

    /** When it was taken, by our own clock. */
    Instant takenAt();

    /**
     * The server answered.
     *
     * @param identity as whom Jenkins asked: {@code user@realm} or {@code user@realm!name}
     */
    record Seen(
            Instant takenAt,
            String identity,
            ServerVersion version,
            Permissions permissions,
            ClusterResources resources)
            implements ServerView {}

    /** The server could not be asked, or refused. */
    record Unseen(Instant takenAt, Diagnosis why) implements ServerView {}

    /** The server has no credentials of its own, because every job brings its own: there is nobody to ask as. */
    record Unasked(Instant takenAt) implements ServerView {}
}
