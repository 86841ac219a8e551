package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.client.ApiToken;
import io.jenkins.plugins.proxmox.pve.client.ClientSettings;
import io.jenkins.plugins.proxmox.pve.client.Failures;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.diagnosis.Evidence.Result;
import io.jenkins.plugins.proxmox.pve.http.CertificateFingerprint;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException.Kind;
import io.jenkins.plugins.proxmox.pve.http.PlainServer;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.http.TlsTrust;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCertificate;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.HexFormat;
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
    private final SimulatedCertificate authority = SimulatedCertificate.clusterAuthority();

    ConnectionDiagnosisTest(Generation generation) {
        this.generation = generation;
    }

    private static Diagnosis explain(String address, TlsTrust trust) throws IOException {
        ClientSettings settings = ClientSettings.of(ServerAddress.parseAll(address), TOKEN, trust);
        try (ProxmoxClient client = new ProxmoxClient(settings)) {
            var failure = assertThrows(ConnectionFailedException.class, client::version);
            return new FailureExplainer(client).explain(failure);
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
                diagnosis.findings().stream().map(Evidence::sentence).toList(),
                is(List.of(
                        "The certificate is for CN=pve1.example.org and was issued by "
                                + authority
                                        .certificate()
                                        .getSubjectX500Principal()
                                        .getName() + ".",
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
                        .endsWith(" is for names other than localhost: pve7.example.org and 192.0.2.7."),
                is(true));
        assertThat(found(diagnosis, Result.NOT_OK, "It is valid for these names: pve7.example.org"), is(true));
    }

    @Test
    void tellsThatTheCertificateHasExpired() throws Exception {
        Diagnosis diagnosis = explain(authority.signExpired("pve1", "localhost"), pastedAuthority());
        assertCause(diagnosis, "certificate-expired", "pvecm updatecerts --force", "systemctl restart pveproxy");
        assertThat(found(diagnosis, Result.NOT_OK, "It is valid from "), is(true));
    }

    private final SimulatedCertificate company = SimulatedCertificate.authority("Example Corp Root");
    private final SimulatedCertificate issuing = company.signAuthority("Example Corp Issuing CA");

    @Test
    void tellsThatTheServerDoesNotSendTheWholeChain() throws Exception {
        SimulatedCertificate certificate = issuing.sign("pve1", "localhost");
        Diagnosis diagnosis = explain(certificate, pasted(company));
        String address = diagnosis.headline().replaceFirst(".* at (localhost:\\d+)\\. .*", "$1");
        assertCause(
                diagnosis,
                "certificate-chain-incomplete",
                "openssl s_client -connect " + address + " -showcerts < /dev/null",
                "pvenode cert set chain.pem --force 1 --restart 1");
        assertThat(
                diagnosis.causes().get(0).sentence(),
                is("The certificate of " + address
                        + " leads to CN=Example Corp Issuing CA, which Jenkins does not trust"
                        + " and whose certificate the server does not send. That is not the authority of a Proxmox"
                        + " VE cluster, so /etc/pve/pve-root-ca.pem does not help here."));
        assertThat(found(diagnosis, Result.NOT_OK, "The server sends no other certificate with it."), is(true));
    }

    /** What the explanation of an incomplete chain advises, done one after the other. */
    @Test
    void helpsAgainstAnIncompleteChain() throws Exception {
        SimulatedCertificate certificate = issuing.sign("pve1", "localhost");
        assertCauseId(explain(certificate, pasted(company)), "certificate-chain-incomplete");
        assertAnswers(certificate.sending(issuing), pasted(company));
        SimulatedCertificate direct = company.sign("pve1", "localhost");
        assertCauseId(explain(direct, new TlsTrust.JvmTrustStore()), "certificate-chain-incomplete");
        assertAnswers(direct, pasted(company));
    }

    /** The last certificate of the file that the first command prints, pasted; or the fingerprint, pinned. */
    @Test
    void helpsAgainstAnUnknownAuthority() throws Exception {
        SimulatedCertificate certificate = issuing.sign("pve1", "localhost").sending(issuing, company);
        Diagnosis diagnosis = explain(certificate, new TlsTrust.JvmTrustStore());
        assertCause(
                diagnosis, "certificate-authority-unknown", "cat /etc/pve/local/pveproxy-ssl.pem", "pvenode cert info");
        assertThat(
                found(
                        diagnosis,
                        Result.UNKNOWN,
                        "With it, the server sends the certificates of: CN=Example Corp Issuing CA and CN=Example Corp"
                                + " Root."),
                is(true));
        assertAnswers(certificate, pasted(company));
        assertAnswers(
                certificate, new TlsTrust.PinnedFingerprint(CertificateFingerprint.of(certificate.certificate())));
    }

    @Test
    void tellsThatTheCertificateIsNotValidYetAndThatItIsTheClocks() throws Exception {
        SimulatedCertificate certificate = authority.signForTomorrow("pve1", "localhost");
        Diagnosis diagnosis = explain(certificate, pastedAuthority());
        assertCause(diagnosis, "certificate-not-yet-valid", "timedatectl", "chronyc tracking");
        assertThat(
                diagnosis.causes().get(0).sentence(),
                is("The certificate of CN=pve1 is not valid before "
                        + certificate.certificate().getNotBefore().toInstant()
                        + ", which is still in the future by the clock of Jenkins."));
        assertThat(found(diagnosis, Result.NOT_OK, "It is valid from "), is(true));
        assertThat(found(diagnosis, Result.UNKNOWN, "The clock of Jenkins shows "), is(true));
        assertThat(diagnosis.toPlainText().contains("CA certificates"), is(false));
    }

    @Test
    void tellsThatAnAuthorityIsNotValidYet() throws Exception {
        SimulatedCertificate early = company.signAuthorityForTomorrow("Example Corp Issuing CA");
        Diagnosis diagnosis = explain(early.sign("pve1", "localhost").sending(early), pasted(company));
        assertCause(diagnosis, "certificate-not-yet-valid", "timedatectl", "chronyc tracking");
        assertThat(
                diagnosis.causes().get(0).sentence(),
                startsWith("The certificate of CN=Example Corp Issuing CA is not valid before "));
    }

    @Test
    void tellsThatAnAuthorityHasExpired() throws Exception {
        SimulatedCertificate old = company.signExpiredAuthority("Example Corp Issuing CA");
        SimulatedCertificate certificate = old.sign("pve1", "localhost");
        Diagnosis diagnosis = explain(certificate.sending(old), pasted(company));
        assertCauseId(diagnosis, "certificate-authority-expired");
        assertThat(
                diagnosis.causes().get(0).sentence(),
                endsWith(" sends with its own, expired on "
                        + old.certificate().getNotAfter().toInstant() + "."));
    }

    private static TlsTrust pasted(SimulatedCertificate certificate) {
        return TlsTrust.CertificateAuthority.fromPem(certificate.pem());
    }

    private static void assertCauseId(Diagnosis diagnosis, String id) {
        assertThat(diagnosis.causes().stream().map(Cause::id).toList(), is(List.of(id)));
    }

    private void assertAnswers(SimulatedCertificate certificate, TlsTrust trust) throws Exception {
        try (SimulatedProxmox proxmox = SimulatedProxmox.start(generation, authority, certificate)) {
            assertAnswers(proxmox, trust);
        }
    }

    private static void assertAnswers(SimulatedProxmox proxmox, TlsTrust trust) throws Exception {
        ClientSettings known = ExampleCluster.in(proxmox).settings();
        try (ProxmoxClient client =
                new ProxmoxClient(ClientSettings.of(known.addresses(), known.authentication(), trust))) {
            client.version();
        }
    }

    @Test
    void tellsThatTheServerTurnsTheControllerAway() throws Exception {
        try (SimulatedProxmox proxmox = SimulatedProxmox.start(generation)) {
            proxmox.denyClients();
            // whether the JVM meets the end of the stream or a reset is a matter of chance
            for (int i = 0; i < 20; i++) {
                Diagnosis diagnosis = explain(proxmox.address(), new TlsTrust.Unverified());
                assertCause(
                        diagnosis,
                        "closed-in-handshake",
                        "tail /var/log/pveproxy/access.log",
                        "cat /etc/default/pveproxy",
                        "systemctl restart pveproxy");
            }
            proxmox.admitClients();
            assertAnswers(proxmox, new TlsTrust.Unverified());
        }
    }

    @ParameterizedTest
    @CsvSource({
        // the beginning of a record of the handshake
        "16 03 03, closed-in-handshake",
        // alerts: no cipher in common, no version in common
        "15 03 03 00 02 02 28, tls-failed",
        "15 03 03 00 02 02 46, tls-failed"
    })
    void tellsAServerThatClosesFromOneThatSaysWhy(String bytes, String cause) throws Exception {
        byte[] reply = HexFormat.ofDelimiter(" ").parseHex(bytes);
        try (PlainServer strange = PlainServer.handling(socket -> {
            socket.getInputStream().read(new byte[4096]);
            socket.getOutputStream().write(reply);
        })) {
            assertCauseId(explain(strange.address(), new TlsTrust.Unverified()), cause);
        }
    }

    @Test
    void tellsThatTheNameIsNotResolved() throws Exception {
        Diagnosis diagnosis = explain("does-not-exist.invalid", new TlsTrust.Unverified());
        assertCause(diagnosis, "name-not-resolved", "getent hosts does-not-exist.invalid", "hostname --ip-address");
        assertThat(
                diagnosis.headline(),
                is("Jenkins cannot talk to Proxmox VE at does-not-exist.invalid:8006."
                        + " The name does-not-exist.invalid cannot be resolved where Jenkins runs."));
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
        try (PlainServer plain = PlainServer.answering("HTTP/1.1 400 Bad Request\r\n\r\n")) {
            Diagnosis diagnosis = explain(plain.address(), new TlsTrust.Unverified());
            assertCause(diagnosis, "not-tls", "ss -tlnp");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        NAME_NOT_RESOLVED       | no such name    | name-not-resolved
        REFUSED                 | nothing listens | refused
        NOT_REACHABLE           | no route        | not-reachable
        NO_ANSWER               | silence         | no-answer
        BROKEN                  | reset           | broken
        CLOSED_IN_HANDSHAKE     | reset           | closed-in-handshake
        NOT_TLS                 | plain           | not-tls
        TLS_FAILED              | no cipher       | tls-failed
        PROXY_REFUSED           | 407             | proxy-refused
        PROXY_NOT_REACHED       | no such proxy   | proxy-refused
        CERTIFICATE_NOT_TRUSTED | stranger        | certificate-untrusted
        CERTIFICATE_AUTHORITY_UNKNOWN | stranger  | certificate-authority-unknown
        CERTIFICATE_CHAIN_INCOMPLETE  | alone     | certificate-chain-incomplete
        CERTIFICATE_NOT_YET_VALID     | tomorrow  | certificate-not-yet-valid
        CERTIFICATE_CHANGED     | another         | certificate-changed
        TOO_LONG                | longer          | too-long
        """)
    void namesTheCauseOfEveryKind(Kind kind, String message, String cause) {
        Diagnosis diagnosis = new FailureExplainer().explain(Failures.connection(kind, "pve1:8006", message, null));
        assertThat(diagnosis.causes().stream().map(Cause::id).toList(), is(List.of(cause)));
        assertThat(diagnosis.findings(), is(List.of(new Evidence(Result.NOT_OK, message))));
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
        Diagnosis diagnosis = new FailureExplainer().explain(Failures.connection(kind, "pve1:8006", "no", null));
        assertThat(diagnosis.causes().get(0).commands(), is(Arrays.asList(commands.split("; "))));
        assertThat(
                diagnosis.headline(),
                is("Jenkins cannot talk to Proxmox VE at pve1:8006. "
                        + diagnosis.causes().get(0).sentence()));
    }

    @Test
    void writesAnIpv6HostWithoutBracketsWhereItIsNoAddress() {
        Diagnosis diagnosis =
                new FailureExplainer().explain(Failures.connection(Kind.REFUSED, "[fd00::1]:8006", "no", null));
        assertThat(
                diagnosis.headline(),
                is("Jenkins cannot talk to Proxmox VE at [fd00::1]:8006. Nothing listens on port 8006 of fd00::1."));
    }
}
