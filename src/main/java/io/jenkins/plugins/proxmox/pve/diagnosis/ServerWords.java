package io.jenkins.plugins.proxmox.pve.diagnosis;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.client.ApiException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;

/**
 * What the server said, in its own words.
 *
 * @param status the HTTP status
 * @param reason the reason phrase, where Proxmox VE writes why it refused
 * @param message the text of the body, null where there is none
 */
public record ServerWords(
        int status, String reason, @Nullable String message) {

    /** What stands in the failure, or null when nobody answered or something else than Proxmox VE. */
    @Nullable
    static ServerWords of(ProxmoxException failure) {
        return failure instanceof ApiException answer
                ? new ServerWords(
                        answer.failure().status(),
                        answer.failure().reason(),
                        answer.failure().message())
                : null;
    }
}
