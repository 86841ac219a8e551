package io.jenkins.plugins.proxmox.pve.diagnosis;

import java.util.List;

/**
 * Something that explains a failure, and what to do about it.
 *
 * @param id does not change between releases, such as {@code token-expired}
 * @param sentence what is wrong
 * @param remedy what to do
 * @param commands for a shell on the Proxmox host unless the remedy says otherwise, values filled in and quoted
 * @param anchor the section of {@code docs/troubleshooting.md}
 */
public record Cause(String id, String sentence, String remedy, List<String> commands, String anchor) {

    public Cause {
        commands = List.copyOf(commands);
    }

    /** The address of its section. */
    String link() {
        return Diagnosis.PAGE + "#" + anchor;
    }

    /** Where to read on, as a sentence. */
    String more() {
        return Texts.sentence("render.more", MessageArguments.of("", "").detail(link()));
    }
}
