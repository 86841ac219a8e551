package io.jenkins.plugins.proxmox.pve.diagnosis;

import java.util.List;

/**
 * A cause that explains a failure, and its remedy.
 *
 * @param id stable between releases, such as {@code token-expired}
 * @param sentence what is wrong
 * @param remedy what to do
 * @param commands for a shell on the Proxmox host unless the remedy says otherwise, values filled in and quoted
 * @param anchor the section of {@code docs/troubleshooting.md}
 */
public record Cause(String id, String sentence, String remedy, List<String> commands, String anchor) {

    public Cause {
        commands = List.copyOf(commands);
    }

    /** The URL of the section about this cause. */
    String link() {
        return Diagnosis.PAGE + "#" + anchor;
    }

    /** A sentence that says where to read more. */
    String more() {
        return DiagnosisTexts.sentence(
                "render.more", MessageArguments.of("", "").detail(link()));
    }
}
