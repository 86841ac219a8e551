package io.jenkins.plugins.proxmox.server;

/**
 * The settings of a server that matter for asking it, as a value: each time the configuration is saved or loaded, its servers
 * are other objects with the same in them. The folders are left out, since they say who may use a server and not how it is
 * asked.
 */
public record ServerSettings(
        String name,
        String addresses,
        String credentialsId,
        String caCertificates,
        String fingerprint,
        boolean verificationOff,
        int connectTimeout,
        int responseTimeout) {

    /** The present settings of the server. */
    public static ServerSettings of(ProxmoxServer server) {
        return new ServerSettings(
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
    public boolean isUnverified() {
        return verificationOff && caCertificates.isEmpty() && fingerprint.isEmpty();
    }
}
