package io.jenkins.plugins.proxmox.server;

/**
 * The settings that matter for asking a server, as a value. Each time the configuration is saved or loaded, it has new
 * server objects with the same content. Folders are left out: they control who may use a server, not how it is asked.
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

    /**
     * Whether any certificate is trusted. If a certificate or fingerprint is given too, that is a contradiction, and
     * nothing is sent.
     */
    public boolean isUnverified() {
        return verificationOff && caCertificates.isEmpty() && fingerprint.isEmpty();
    }
}
