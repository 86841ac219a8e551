package io.jenkins.plugins.proxmox.pve.fault;

import io.jenkins.plugins.proxmox.pve.client.Authentication;
import io.jenkins.plugins.proxmox.pve.client.ClientSettings;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.TicketLogin;
import io.jenkins.plugins.proxmox.pve.http.HttpSettings;
import io.jenkins.plugins.proxmox.pve.http.HttpTimeouts;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.http.TlsTrust;
import io.jenkins.plugins.proxmox.pve.simulator.AccessControl;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCertificate;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server of its own for one case, a client that loses patience soon, and the log of the operation. */
final class FaultTrial implements AutoCloseable {

    static final String TOKEN = "jenkins@pve!ci";

    /** More than any ordinary answer has, and less than an oversized one. */
    private static final int LARGEST_BODY = 200_000;

    private static final SimulatedCertificate AUTHORITY = SimulatedCertificate.clusterAuthority();

    private static final SimulatedCertificate CERTIFICATE = AUTHORITY.sign("pve1.example.org", "localhost");

    /** Of an authority that no client trusts. */
    static final SimulatedCertificate FOREIGN_CERTIFICATE =
            SimulatedCertificate.authority("foreign").sign("pve1.example.org", "localhost");

    final SimulatedProxmox proxmox;
    final ProxmoxClient client;
    final String secret;
    final List<String> log = new CopyOnWriteArrayList<>();

    FaultTrial(Generation generation, boolean withTicket) {
        proxmox = SimulatedProxmox.start(generation, AUTHORITY, CERTIFICATE);
        AccessControl access = proxmox.access();
        access.user("jenkins@pve");
        access.password("jenkins@pve", ExampleCluster.JENKINS_PASSWORD);
        access.role("Builder", "VM.Allocate,VM.Clone,Datastore.AllocateSpace,SDN.Use");
        access.grant("/vms", "jenkins@pve", "PVEVMAdmin");
        access.grant("/storage", "jenkins@pve", "Builder");
        access.grant("/sdn", "jenkins@pve", "Builder");
        secret = access.token(TOKEN, false);
        cluster().node("pve2", true);
        cluster().timing(Duration.ofMillis(40), Duration.ofMillis(20), Duration.ofMillis(20));
        cluster().agentTimeout(Duration.ZERO);
        client = new ProxmoxClient(settings(
                withTicket
                        ? new TicketLogin("jenkins@pve", ExampleCluster.JENKINS_PASSWORD)
                        : ExampleCluster.token(TOKEN, secret)));
    }

    private ClientSettings settings(Authentication authentication) {
        return new ClientSettings(
                new HttpSettings(
                        ServerAddress.parseAll(proxmox.address()),
                        TlsTrust.CertificateAuthority.fromPem(proxmox.caPem()),
                        new HttpTimeouts(Duration.ofSeconds(2), HttpTimeouts.SHORTEST_RESPONSE),
                        null,
                        LARGEST_BODY),
                authentication);
    }

    SimulatedCluster cluster() {
        return proxmox.cluster();
    }

    @Override
    public void close() throws IOException {
        client.close();
        proxmox.close();
    }
}
