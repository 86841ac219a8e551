package io.jenkins.plugins.proxmox.pve.diagnosis;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.client.ApiException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the server said, in its own words.
 *
 * @param status the HTTP status
 * @param reason the reason phrase, where Proxmox VE writes why it refused
 * @param message the text of the body, null where there is none
 */
public record ServerQuote(
        int status, String reason, @Nullable String message) {

    /** What stands in the failure, or null when nobody answered or something else than Proxmox VE. */
    @Nullable
    static ServerQuote of(ProxmoxException failure) {
        return failure instanceof ApiException answer
                ? new ServerQuote(
                        answer.failure().status(),
                        answer.failure().reason(),
                        answer.failure().message())
                : null;
    }

    /** As lines: the refusal, and the message only where it says more than the reason phrase. */
    List<String> lines() {
        MessageArguments facts = MessageArguments.of("", "");
        List<String> lines = new ArrayList<>();
        lines.add(Texts.sentence("render.said", facts.detail(status, reason)));
        if (message != null && !message.strip().equals(reason.strip())) {
            lines.add(Texts.sentence("render.message", facts.detail(message)));
        }
        return lines;
    }
}
