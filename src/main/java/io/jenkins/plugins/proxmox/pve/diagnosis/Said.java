package io.jenkins.plugins.proxmox.pve.diagnosis;

import java.util.ArrayList;
import java.util.List;

/** The lines that both renderings have in common. */
final class Said {

    private Said() {}

    /** What the server said, verbatim; the message only where it says more than the reason phrase. */
    static List<String> lines(Diagnosis diagnosis) {
        ServerWords words = diagnosis.serverSaid();
        Facts facts = Facts.of("", "");
        if (words == null) {
            return List.of();
        }
        List<String> lines = new ArrayList<>();
        lines.add(Texts.sentence("render.said", facts.detail(words.status(), words.reason())));
        String message = words.message();
        if (message != null && !message.strip().equals(words.reason().strip())) {
            lines.add(Texts.sentence("render.message", facts.detail(message)));
        }
        return lines;
    }

    /** Where to read on. */
    static String more(Cause cause) {
        return Texts.sentence("render.more", Facts.of("", "").detail(link(cause)));
    }

    /** The address of the cause's section. */
    static String link(Cause cause) {
        return Diagnosis.PAGE + "#" + cause.anchor();
    }
}
