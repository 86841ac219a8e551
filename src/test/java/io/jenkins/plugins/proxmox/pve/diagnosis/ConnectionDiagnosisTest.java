package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.client.ApiToken;
import io.jenkins.plugins.proxmox.pve.client.CertificateFingerprint;
import io.jenkins.plugins.proxmox.pve.client.ClientSettings;
import io.jenkins.plugins.proxmox.pve.client.ConnectionFailedException;
import io.jenkins.plugins.proxmox.pve.client.ConnectionFailedException.Kind;
import io.jenkins.plugins.proxmox.pve.client.Failures;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.ServerAddress;
import io.jenkins.plugins.proxmox.pve.client.TlsTrust;
import io.jenkins.plugins.proxmox.pve.diagnosis.Finding.Result;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCertificate;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every cause of no answer at all. */
@ParameterizedClass
@EnumSource(Generation.class)
class ConnectionDiagnosisTest {

    private static final String UUID = "00000000-0000-0000-0000-000000000000";
    private static final ApiToken TOKEN = ExampleCluster.token("jenkins@pve!ci", UUID);

    private final Generation generation;
    private final SimulatedCertificate authority = SimulatedCertificate.authority("Proxmox Virtual Environment");

    ConnectionDiagnosisTest(Generation generation) {
        this.generation = generation;
    }

    private static Diagnosis explain(String address, TlsTrust trust) throws IOException {
        ClientSettings settings = ClientSettings.of(ServerAddress.parseAll(address), TOKEN, trust);
        try (ProxmoxClient client = new ProxmoxClient(settings)) {
            var failure = assertThrows(ConnectionFailedException.class, client::version);
            return new Diagnostician(Probe.of(client)).explain(failure);
        }
    }

    private Diagnosis explain(SimulatedCertificate certificate, TlsTrust trust) throws IOException {
        try (SimulatedProxmox proxmox = SimulatedProxmox.start(generation, authority, certificate)) {
            Diagnosis diagnosis = explain(proxmox.address(), trust);
            assertThat("nothing may be sent to it", proxmox.requests(), is(List.of()));
            assertThat(diagnosis.serverSaid(), is(nullValue()));
            return diagnosis;
        }
    }

    private TlsTrust pastedAuthority() {
        return TlsTrust.CertificateAuthority.fromPem(authority.pem());
    }

    private static void assertCause(Diagnosis diagnosis, String id, String... commands) {
        assertThat(diagnosis.causes().stream().map(Cause::id).toList(), is(List.of(id)));
        assertThat(diagnosis.causes().get(0).commands(), is(List.of(commands)));
    }

    private static boolean found(Diagnosis diagnosis, Result result, String beginning) {
        return diagnosis.findings().stream()
                .anyMatch(f -> f.result() == result && f.sentence().startsWith(beginning));
    }

    @Test
    void showsACertificateThatIsNotTrustedAndTheTwoWaysToTrustIt() throws Exception {
        SimulatedCertificate certificate = authority.sign("pve1.example.org", "pve1.example.org", "localhost");
        Diagnosis diagnosis = explain(certificate, new TlsTrust.JvmTrustStore());
        assertCause(diagnosis, "certificate-untrusted", "cat /etc/pve/pve-root-ca.pem", "pvenode cert info");
        String fingerprint =
                CertificateFingerprint.of(certificate.certificate()).hex();
        assertThat(
                diagnosis.findings().stream().map(Finding::sentence).toList(),
                is(List.of(
                        "The certificate is for CN=pve1.example.org and was issued by"
                                + " CN=Proxmox Virtual Environment.",
                        "It is valid for these names: pve1.example.org and localhost.",
                        "It is valid from "
                                + certificate.certificate().getNotBefore().toInstant() + " to "
                                + certificate.certificate().getNotAfter().toInstant() + ".",
                        "Its SHA-256 fingerprint is " + fingerprint)));
    }

    @Test
    void tellsThatTheCertificateIsNotThePinnedOne() throws Exception {
        var pin = new TlsTrust.PinnedFingerprint(CertificateFingerprint.of(authority.certificate()));
        Diagnosis diagnosis = explain(authority.sign("pve1", "localhost"), pin);
        assertCause(diagnosis, "certificate-changed", "pvenode cert info", "cat /etc/pve/pve-root-ca.pem");
    }

    @Test
    void tellsThatTheCertificateIsForAnotherName() throws Exception {
        Diagnosis diagnosis = explain(authority.sign("pve7", "pve7.example.org", "192.0.2.7"), pastedAuthority());
        assertCause(diagnosis, "certificate-other-name", "pvenode cert info");
        assertThat(
                diagnosis
                        .causes()
                        .get(0)
                        .sentence()
                        .endsWith(" is for other names than localhost: pve7.example.org and 192.0.2.7."),
                is(true));
        assertThat(found(diagnosis, Result.NOT_OK, "It is valid for these names: pve7.example.org"), is(true));
    }

    @Test
    void tellsThatTheCertificateHasExpired() throws Exception {
        Diagnosis diagnosis = explain(authority.signExpired("pve1", "localhost"), pastedAuthority());
        assertCause(diagnosis, "certificate-expired", "pvecm updatecerts --force", "systemctl restart pveproxy");
        assertThat(found(diagnosis, Result.NOT_OK, "It is valid from "), is(true));
    }

    @Test
    void tellsThatTheNameIsNotResolved() throws Exception {
        Diagnosis diagnosis = explain("does-not-exist.invalid", new TlsTrust.Unverified());
        assertCause(diagnosis, "name-not-resolved", "getent hosts does-not-exist.invalid", "hostname --ip-address");
        assertThat(
                diagnosis.headline(),
                is("Jenkins cannot talk to Proxmox VE at does-not-exist.invalid:8006."
                        + " The name does-not-exist.invalid has no address where Jenkins runs."));
    }

    @Test
    void tellsThatNothingListens() throws Exception {
        int port;
        try (ServerSocket brief = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = brief.getLocalPort();
        }
        Diagnosis diagnosis = explain("localhost:" + port, new TlsTrust.Unverified());
        assertCause(diagnosis, "refused", "systemctl status pveproxy", "systemctl restart pveproxy");
        assertThat(diagnosis.causes().get(0).sentence(), is("Nothing listens on port " + port + " of localhost."));
    }

    @Test
    void tellsThatThePortDoesNotSpeakTls() throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread server = new Thread(() -> answerInClear(plain));
            server.setDaemon(true);
            server.start();
            Diagnosis diagnosis = explain("localhost:" + plain.getLocalPort(), new TlsTrust.Unverified());
            assertCause(diagnosis, "not-tls", "ss -tlnp");
        }
    }

    private static void answerInClear(ServerSocket listener) {
        while (true) {
            try (var socket = listener.accept()) {
                socket.getInputStream().read(new byte[1024]);
                socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes());
            } catch (IOException e) {
                return;
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        NAME_NOT_RESOLVED       | no such name    | name-not-resolved
        REFUSED                 | nothing listens | refused
        NOT_REACHABLE           | no route        | not-reachable
        NO_ANSWER               | silence         | no-answer
        BROKEN                  | reset           | broken
        NOT_TLS                 | plain           | not-tls
        TLS_FAILED              | no cipher       | tls-failed
        PROXY_REFUSED           | 407             | proxy-refused
        PROXY_NOT_REACHED       | no such proxy   | proxy-refused
        CERTIFICATE_NOT_TRUSTED | stranger        | certificate-untrusted
        CERTIFICATE_CHANGED     | another         | certificate-changed
        TOO_LONG                | longer          | too-long
        """)
    void namesTheCauseOfEveryKind(Kind kind, String message, String cause) {
        Diagnosis diagnosis = new Diagnostician().explain(Failures.connection(kind, "pve1:8006", message, null));
        assertThat(diagnosis.causes().stream().map(Cause::id).toList(), is(List.of(cause)));
        assertThat(diagnosis.findings(), is(List.of(new Finding(Result.NOT_OK, message))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        NAME_NOT_RESOLVED | getent hosts pve1; hostname --ip-address
        REFUSED       | systemctl status pveproxy; systemctl restart pveproxy
        NOT_TLS       | ss -tlnp
        NOT_REACHABLE | curl -ki --connect-timeout 10 https://pve1:8006/api2/json/access/domains; pve-firewall status
        NO_ANSWER     | systemctl status pveproxy pvedaemon pvestatd; systemctl restart pveproxy pvedaemon
        BROKEN        | journalctl -u pveproxy --since -1h
        TLS_FAILED    | openssl s_client -connect pve1:8006; cat /etc/default/pveproxy
        TOO_LONG      | curl -ki https://pve1:8006/api2/json/access/domains
        """)
    void namesTheCommandsOfEveryKind(Kind kind, String commands) {
        Diagnosis diagnosis = new Diagnostician().explain(Failures.connection(kind, "pve1:8006", "no", null));
        assertThat(diagnosis.causes().get(0).commands(), is(Arrays.asList(commands.split("; "))));
        assertThat(
                diagnosis.headline(),
                is("Jenkins cannot talk to Proxmox VE at pve1:8006. "
                        + diagnosis.causes().get(0).sentence()));
    }

    @Test
    void writesAnIpv6HostWithoutBracketsWhereItIsNoAddress() {
        Diagnosis diagnosis =
                new Diagnostician().explain(Failures.connection(Kind.REFUSED, "[fd00::1]:8006", "no", null));
        assertThat(
                diagnosis.headline(),
                is("Jenkins cannot talk to Proxmox VE at [fd00::1]:8006. Nothing listens on port 8006 of fd00::1."));
    }
}
