package io.jenkins.plugins.proxmox.pve.diagnosis;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.client.ApiException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import java.util.ArrayList;
import java.util.List;

/**
 * The words of the server.
 *
 * @param status the HTTP status
 * @param reason the reason phrase, in which Proxmox VE says why it refused
 * @param message the text of the body, or null if there is none
 */
public record ServerQuote(
        int status, String reason, @Nullable String message) {

    /** The quote from {@code failure}, or null if nothing, or something other than Proxmox VE, answered. */
    @Nullable
    static ServerQuote of(ProxmoxException failure) {
        return failure instanceof ApiException answer
                ? new ServerQuote(
                        answer.failure().status(),
                        answer.failure().reason(),
                        answer.failure().message())
                : null;
    }

    /** The quote as lines: the refusal, and the message only if it says more than the reason phrase. */
    List<String> lines() {
        MessageArguments facts = MessageArguments.of("", "");
        List<String> lines = new ArrayList<>();
        lines.add(DiagnosisTexts.sentence("render.said", facts.detail(status, reason)));
        if (message != null && !message.strip().equals(reason.strip())) {
            lines.add(DiagnosisTexts.sentence("render.message", facts.detail(message)));
        }
        return lines;
    }
}
