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
 * @param sentence for administrators; contains no secret
 * @param mayPass whether the next attempt may succeed, for example because a host is restarting
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
     * Whether the next attempt may succeed. A refused token, a changed certificate or a wrong host name stays until
     * someone fixes it. A host that is restarting, a busy proxy or a congested network passes.
     */
    static boolean mayPass(ProxmoxException failure) {
        if (failure instanceof ConnectionFailedException connection) {
            return !LASTING.contains(connection.kind());
        }
        return !(failure instanceof AuthenticationFailedException) && failure.mayPass();
    }
}
