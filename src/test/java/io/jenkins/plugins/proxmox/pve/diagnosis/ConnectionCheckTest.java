package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import io.jenkins.plugins.proxmox.pve.client.ApiToken;
import io.jenkins.plugins.proxmox.pve.client.ClientSettings;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.ServerAddress;
import io.jenkins.plugins.proxmox.pve.client.TlsTrust;
import io.jenkins.plugins.proxmox.pve.client.TokenId;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConnectionCheckTest {

    private SimulatedProxmox proxmox;
    private ExampleCluster example;

    @BeforeEach
    void startServer() {
        proxmox = SimulatedProxmox.start(Generation.V9);
        example = ExampleCluster.in(proxmox);
    }

    @AfterEach
    void stopServer() {
        proxmox.close();
    }

    private ConnectionReport check(String tokenId, String secret, Duration longest) throws IOException {
        ClientSettings settings = ClientSettings.of(
                ServerAddress.parseAll(proxmox.address()),
                new ApiToken(TokenId.parse(tokenId), secret),
                TlsTrust.CertificateAuthority.fromPem(proxmox.caPem()));
        try (ProxmoxClient client = new ProxmoxClient(settings)) {
            return ConnectionCheck.of(client, true, longest);
        }
    }

    private ConnectionReport check(String tokenId, String secret) throws IOException {
        return check(tokenId, secret, ConnectionCheck.LONGEST);
    }

    private static List<String> sentences(ConnectionReport report) {
        return report.lines().stream().map(Finding::sentence).toList();
    }

    @Test
    void tellsStepByStepWhatIsFine() throws IOException {
        ConnectionReport report = check("jenkins@pve!operator", example.operatorSecret());
        assertThat(
                sentences(report),
                contains(
                        "The server answers, and its certificate is trusted.",
                        "It is Proxmox VE 9.2.11.",
                        "It accepts jenkins@pve!operator.",
                        "jenkins@pve!operator sees 1 guests and may start and stop 1 of them."));
        assertThat(report.isFine(), is(true));
        assertThat(report.rights(), hasSize(1));
        assertThat(report.rights().get(0).path(), is("/vms/100"));
        assertThat(report.rights().get(0).role(), is("PVEVMUser"));
    }

    @Test
    void countsTheGuestsThatMayOnlyBeLookedAt() throws IOException {
        ConnectionReport report = check("auditor@pve!ci", example.auditorSecret());
        assertThat(sentences(report), hasItem("auditor@pve!ci sees 14 guests and may start and stop 0 of them."));
        assertThat(report.isFine(), is(false));
    }

    @Test
    void warnsOfRoot() throws IOException {
        String secret = proxmox.access().token("root@pam!ci", false);
        ConnectionReport report = check("root@pam!ci", secret);
        assertThat(sentences(report), hasItem(containsString("This is root@pam, who may do everything.")));
    }

    @Test
    void explainsARefusal() throws IOException {
        ConnectionReport report = check("jenkins@pve!gone", "00000000-0000-0000-0000-000000000000");
        assertThat(report.trouble(), notNullValue());
        assertThat(report.trouble().headline(), containsString("does not accept jenkins@pve!gone"));
        assertThat(report.lines(), is(List.of()));
    }

    @Test
    void endsInTimeAlthoughTheServerIsSlow() throws IOException {
        proxmox.inject(request -> request.path().equals("/access/permissions"), new Fault.Delay(Duration.ofSeconds(5)));
        long start = System.nanoTime();
        ConnectionReport report = check("jenkins@pve!ci", example.ciSecret(), Duration.ofSeconds(1));
        assertThat(Duration.ofNanos(System.nanoTime() - start).toMillis(), lessThan(4000L));
        assertThat(sentences(report), hasItem("It accepts jenkins@pve!ci."));
        assertThat(sentences(report), hasItem(containsString("The server took too long")));
        assertThat(report.trouble(), nullValue());
    }

    @Test
    void asksOnlyWhatChangesNothing() throws IOException {
        check("jenkins@pve!ci", example.ciSecret());
        assertThat(proxmox.writes(), is(List.of()));
        assertThat(proxmox.requests(), hasSize(4));
    }
}
