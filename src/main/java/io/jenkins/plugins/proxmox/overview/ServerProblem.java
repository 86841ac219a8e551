package io.jenkins.plugins.proxmox.overview;

import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException.Kind;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import java.util.EnumSet;
import java.util.Set;

/**
 * Why a server cannot be used.
 *
 * @param sentence for administrators; holds no secret
 * @param mayPass whether it may be gone at the next attempt, as when a host restarts
 */
record ServerProblem(String sentence, boolean mayPass) {

    private static final Set<Kind> LASTING = EnumSet.of(
            Kind.CERTIFICATE_AUTHORITY_UNKNOWN,
            Kind.CERTIFICATE_CHAIN_INCOMPLETE,
            Kind.CERTIFICATE_CHANGED,
            Kind.CERTIFICATE_EXPIRED,
            Kind.CERTIFICATE_FOR_OTHER_NAME,
            Kind.CERTIFICATE_NOT_TRUSTED,
            Kind.NOT_TLS,
            Kind.TOO_LONG);

    /**
     * Whether such a failure may be gone at the next attempt. A refused token, a changed certificate or a wrong host
     * name do not mend themselves; a host that is being restarted, a busy proxy and a full network do.
     */
    static boolean mayPass(ProxmoxException failure) {
        if (failure instanceof ConnectionFailedException connection) {
            return !LASTING.contains(connection.kind());
        }
        return !(failure instanceof AuthenticationFailedException) && failure.mayPass();
    }
}
