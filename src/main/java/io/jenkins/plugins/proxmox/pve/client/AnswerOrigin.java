package io.jenkins.plugins.proxmox.pve.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.proxmox.pve.http.HttpAnswer;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Distinguishes answers of Proxmox VE from those of something in between: a reverse proxy, a CDN, a login portal. */
final class AnswerOrigin {

    // PVE::APIServer::AnyEvent writes it into every answer; nginx replaces it with its own name
    private static final String PVE_SERVER = "pve-api-daemon/";

    /**
     * The statuses with which Proxmox VE answers without JSON: requests that it does not accept, identities that it
     * rejects, and nodes that it cannot reach.
     */
    private static final Set<Integer> WITHOUT_JSON = Set.of(400, 401, 500, 501, 506, 595, 596, 597, 598, 599);

    private AnswerOrigin() {}

    /**
     * Whether the answer comes from Proxmox VE itself. Such an answer carries the name of its web server. If a reverse
     * proxy has replaced that name, the answer still has the form of its JSON, or a non-standard reason phrase.
     *
     * @param body of the answer, if it is JSON
     */
    static boolean isProxmox(HttpAnswer answer, JsonNode body) {
        // Proxmox VE never requests a login with a header, and never answers with the statuses of gateways
        if (answer.challenge() != null || isOfGateway(answer.status())) {
            return false;
        }
        return answer.serverHeader() != null && answer.serverHeader().startsWith(PVE_SERVER)
                || body.isObject() && body.has("data")
                || WITHOUT_JSON.contains(answer.status()) && hasReasonOfItsOwn(answer);
    }

    /**
     * Whether the status means that something in between had no answer to pass on, or currently lets nobody through:
     * those of HTTP, and those that CDNs added from 520 on.
     */
    static boolean isOfGateway(int status) {
        return status == 408 || status == 429 || status >= 502 && status <= 504 || status >= 520 && status <= 530;
    }

    /** Whether the reason is more than the standard name of the status, and the body is empty or the same text. */
    private static boolean hasReasonOfItsOwn(HttpAnswer answer) {
        String reason = answer.reason().strip();
        String body = new String(answer.body(), StandardCharsets.ISO_8859_1).strip();
        return !reason.isEmpty()
                && !answer.hasStandardReason()
                && (body.isEmpty() || body.lines().findFirst().orElse("").equals(reason));
    }
}
