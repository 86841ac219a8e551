package io.jenkins.plugins.proxmox.pve.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.proxmox.pve.http.HttpAnswer;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Tells the answers of Proxmox VE from those of what stands in between: a reverse proxy, a CDN, a login portal. */
final class AnswerOrigin {

    // PVE::APIServer::AnyEvent writes it into every answer; nginx replaces it by its own name
    private static final String PVE_SERVER = "pve-api-daemon/";

    /**
     * What Proxmox VE answers without JSON: requests that it does not take, identities that it does not believe, and
     * nodes that it did not reach.
     */
    private static final Set<Integer> WITHOUT_JSON = Set.of(400, 401, 500, 501, 506, 595, 596, 597, 598, 599);

    private AnswerOrigin() {}

    /**
     * Whether Proxmox VE itself gave the answer. It bears the name of its web server, or, where a reverse proxy put its
     * own name there, the form of its JSON or a reason phrase that no standard knows.
     *
     * @param body of the answer, as far as it is JSON
     */
    static boolean isProxmox(HttpAnswer answer, JsonNode body) {
        // Proxmox VE never asks for a login by a header, and never answers what gateways do
        if (answer.challenge() != null || isOfGateway(answer.status())) {
            return false;
        }
        return answer.serverHeader() != null && answer.serverHeader().startsWith(PVE_SERVER)
                || body.isObject() && body.has("data")
                || WITHOUT_JSON.contains(answer.status()) && hasReasonOfItsOwn(answer);
    }

    /**
     * Whether the status says that what stands in between had no answer to pass on, or lets nobody through for now:
     * those of HTTP, and those that CDNs added from 520 on.
     */
    static boolean isOfGateway(int status) {
        return status == 408 || status == 429 || status >= 502 && status <= 504 || status >= 520 && status <= 530;
    }

    /** Whether the reason is more than the name of the status, and the body empty or the same text. */
    private static boolean hasReasonOfItsOwn(HttpAnswer answer) {
        String reason = answer.reason().strip();
        String body = new String(answer.body(), StandardCharsets.ISO_8859_1).strip();
        return !reason.isEmpty()
                && !answer.hasStandardReason()
                && (body.isEmpty() || body.lines().findFirst().orElse("").equals(reason));
    }
}
