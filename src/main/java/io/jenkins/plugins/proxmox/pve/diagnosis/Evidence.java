package io.jenkins.plugins.proxmox.pve.diagnosis;

import java.util.List;

/**
 * Something that was checked to find the cause, with its result.
 *
 * @param commands for the Proxmox host that fix it; usually none, since the remedy belongs to the cause
 */
public record Evidence(Result result, String sentence, List<String> commands) {

    /** The result of a check. */
    public enum Result {
        /** As it should be. */
        OK,
        /** Not as it should be. */
        NOT_OK,
        /** Could not be found out, or needs a person to judge it. */
        UNKNOWN
    }

    public Evidence {
        commands = List.copyOf(commands);
    }

    /** Evidence without commands. */
    public Evidence(Result result, String sentence) {
        this(result, sentence, List.of());
    }
}
