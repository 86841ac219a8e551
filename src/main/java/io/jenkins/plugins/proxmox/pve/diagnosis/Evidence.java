package io.jenkins.plugins.proxmox.pve.diagnosis;

import java.util.List;

/**
 * Something that was looked at to find the cause, and how it is.
 *
 * @param commands for the Proxmox host, which change it; mostly none, since it is a cause that has a remedy
 */
public record Evidence(Result result, String sentence, List<String> commands) {

    /** How it is. */
    public enum Result {
        /** As it should be. */
        OK,
        /** Not as it should be. */
        NOT_OK,
        /** It could not be found out, or only a person can judge. */
        UNKNOWN
    }

    public Evidence {
        commands = List.copyOf(commands);
    }

    /** Without commands. */
    public Evidence(Result result, String sentence) {
        this(result, sentence, List.of());
    }
}
