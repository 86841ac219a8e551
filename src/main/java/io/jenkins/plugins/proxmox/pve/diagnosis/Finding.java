package io.jenkins.plugins.proxmox.pve.diagnosis;

/** Something that was looked at to find the cause, and how it is. */
public record Finding(Result result, String sentence) {

    /** How it is. */
    public enum Result {
        /** As it should be. */
        OK,
        /** Not as it should be. */
        NOT_OK,
        /** It could not be found out, or only a person can judge. */
        UNKNOWN
    }
}
