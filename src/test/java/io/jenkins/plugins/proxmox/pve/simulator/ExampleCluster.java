package io.jenkins.plugins.proxmox.pve.simulator;

import io.jenkins.plugins.proxmox.pve.access.TokenId;
import io.jenkins.plugins.proxmox.pve.client.ApiToken;
import io.jenkins.plugins.proxmox.pve.client.Authentication;
import io.jenkins.plugins.proxmox.pve.client.ClientSettings;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.http.TlsTrust;
import java.time.Duration;
import java.time.Instant;

/**
 * The cluster that tests and demo talk about: two nodes of which one is off, a handful of guests with a character, and
 * identities with different rights.
 *
 * @param ciSecret of {@code jenkins@pve!ci}, which may do all that its user may (PVEVMAdmin on {@code /vms})
 * @param limitedSecret of {@code jenkins@pve!limited}, privilege-separated and without any ACL
 * @param operatorSecret of {@code jenkins@pve!operator}, privilege-separated, PVEVMUser on {@code /vms/100} only
 * @param expiredSecret of {@code jenkins@pve!expired}
 * @param offSecret of {@code off@pve!ci}, whose user is disabled
 * @param auditorSecret of {@code auditor@pve!ci}, who may look at everything (PVEAuditor on {@code /})
 */
public record ExampleCluster(
        SimulatedProxmox proxmox,
        String ciSecret,
        String limitedSecret,
        String operatorSecret,
        String expiredSecret,
        String offSecret,
        String auditorSecret) {

    /** The password of {@code jenkins@pve}. */
    public static final String JENKINS_PASSWORD = "correct horse battery staple";

    /** Fills an empty simulated server. */
    public static ExampleCluster in(SimulatedProxmox proxmox) {
        AccessControl access = proxmox.access();
        access.user("jenkins@pve");
        access.password("jenkins@pve", JENKINS_PASSWORD);
        access.grant("/vms", "jenkins@pve", "PVEVMAdmin");
        String ci = access.token("jenkins@pve!ci", false);
        String limited = access.token("jenkins@pve!limited", true);
        String operator = access.token("jenkins@pve!operator", true);
        access.grant("/vms/100", "jenkins@pve!operator", "PVEVMUser");
        String expired = access.token(
                "jenkins@pve!expired", false, Instant.now().minusSeconds(3600).getEpochSecond());
        access.user("off@pve");
        String off = access.token("off@pve!ci", false);
        access.disable("off@pve");
        access.user("auditor@pve");
        access.grant("/", "auditor@pve", "PVEAuditor");
        String auditor = access.token("auditor@pve!ci", false);
        access.user("tfa@pve");
        access.password("tfa@pve", JENKINS_PASSWORD);
        access.requireSecondFactor("tfa@pve");

        SimulatedCluster cluster = proxmox.cluster();
        cluster.node("pve2", false);
        cluster.vm(100, "pve1", "build-agent");
        cluster.vm(101, "pve1", "web-1").running();
        cluster.vm(102, "pve1", "broken").failsToStart("start failed: QEMU exited with code 1");
        cluster.vm(103, "pve1", "in-backup").locked("backup");
        cluster.vm(104, "pve1", "database").highlyAvailable();
        cluster.vm(105, "pve1", "slow").startTakes(Duration.ofSeconds(20));
        cluster.vm(106, "pve1", "with-warning").startsWithWarning("could not set polling interval for ballooning");
        cluster.vm(108, "pve1", "stubborn").running().ignoresShutdown();
        cluster.vm(110, "pve2", "far-away");
        cluster.vm(900, "pve1", "debian-template").template();
        cluster.container(200, "pve1", "proxy");
        cluster.container(201, "pve1", "cache").running();
        cluster.container(202, "pve1", "broken-ct")
                .failsToStart("command 'systemctl start pve-container@202' failed: exit code 1");
        cluster.container(203, "pve1", "ct-in-backup").locked("backup");
        return new ExampleCluster(proxmox, ci, limited, operator, expired, off, auditor);
    }

    /** What a client needs to talk to it as {@code jenkins@pve!ci}. */
    public ClientSettings settings() {
        return settings(token("jenkins@pve!ci", ciSecret));
    }

    /** What a client needs to talk to it as somebody. */
    public ClientSettings settings(Authentication authentication) {
        return settings(proxmox, authentication);
    }

    /** What a client needs to talk to any simulated server as somebody. */
    public static ClientSettings settings(SimulatedProxmox proxmox, Authentication authentication) {
        return ClientSettings.of(
                ServerAddress.parseAll(proxmox.address()),
                authentication,
                TlsTrust.CertificateAuthority.fromPem(proxmox.caPem()));
    }

    /** A token of this cluster or of nobody. */
    public static ApiToken token(String tokenId, String secret) {
        return new ApiToken(TokenId.parse(tokenId), secret);
    }
}
