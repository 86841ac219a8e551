package io.jenkins.plugins.proxmox.pve.diagnosis;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.client.ErrorAnswer;
import java.util.regex.Pattern;

/**
 * Recognizes other Proxmox products at the address: Backup Server or Datacenter Manager. Their APIs look alike, but
 * their ports differ, and so do their refusals: they send the standard reason phrase and a bare text as body
 * (proxmox-rest-server, rest.rs), where Proxmox VE puts the reason into the reason phrase.
 */
final class OtherProxmoxProduct {

    private static final String BACKUP_SERVER = "Proxmox Backup Server";
    private static final String PORT_OF_BACKUP_SERVER = "8007";

    private static final String DATACENTER_MANAGER = "Proxmox Datacenter Manager";
    private static final String PORT_OF_DATACENTER_MANAGER = "8443";

    private static final Pattern REASON = Pattern.compile("Unauthorized|Forbidden|Not Found");

    // answers to a token (up to January 2026 with the reason), to a login, to an unknown path
    private static final Pattern BODY =
            Pattern.compile("authentication failed(?: - .*)?|permission check failed\\.?|Path '.*' not found\\.");

    private OtherProxmoxProduct() {}

    /**
     * The name of the product, or null if nothing points to one.
     *
     * @param answer an answer that does not come from Proxmox VE
     */
    @Nullable
    static String of(MessageArguments facts, ErrorAnswer answer) {
        String message = answer.message();
        boolean speaksSo = REASON.matcher(answer.reason()).matches()
                && message != null
                && BODY.matcher(message).matches();
        if (speaksSo && facts.port().equals(PORT_OF_DATACENTER_MANAGER)) {
            return DATACENTER_MANAGER;
        }
        return speaksSo || facts.port().equals(PORT_OF_BACKUP_SERVER) ? BACKUP_SERVER : null;
    }
}
