package io.jenkins.plugins.proxmox.overview;

import io.jenkins.plugins.proxmox.server.ProxmoxServer;

/**
 * A server with all that was configured for asking it, as a value: each time the configuration is saved or loaded its
 * servers are other objects, with the same in them. The folders are left out, since they say who may use a server and not
 * how it is asked.
 */
record AskedServer(
        String name,
        String addresses,
        String credentialsId,
        String caCertificates,
        String fingerprint,
        boolean verificationOff,
        int connectTimeout,
        int responseTimeout) {

    static AskedServer of(ProxmoxServer server) {
        return new AskedServer(
                server.getName(),
                server.getAddresses(),
                server.getCredentialsId(),
                server.getCaCertificates(),
                server.getFingerprint(),
                server.isVerificationOff(),
                server.getConnectTimeout(),
                server.getResponseTimeout());
    }

    /** Whether any certificate is believed. With a certificate or fingerprint besides, which contradicts, nothing is sent. */
    boolean isUnverified() {
        return verificationOff && caCertificates.isEmpty() && fingerprint.isEmpty();
    }
}
