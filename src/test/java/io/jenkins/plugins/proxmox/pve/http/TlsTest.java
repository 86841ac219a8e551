package io.jenkins.plugins.proxmox.pve.http;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jenkins.plugins.proxmox.pve.client.ClientSettings;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException.Kind;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCertificate;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TlsTest {

    private final SimulatedCertificate authority = SimulatedCertificate.clusterAuthority();
    private SimulatedProxmox proxmox;

    @AfterEach
    void stop() {
        proxmox.close();
    }

    /** Starts a server with that certificate and asks for its version. */
    private void ask(SimulatedCertificate certificate, TlsTrust trust) throws Exception {
        proxmox = SimulatedProxmox.start(Generation.V9, authority, certificate);
        try (ProxmoxClient client = client(trust)) {
            assertThat(client.version().release(), is("9.2"));
            client.power(new GuestLocation("pve1", GuestType.QEMU, 100), PowerAction.START, Map.of());
        }
    }

    private ProxmoxClient client(TlsTrust trust) {
        return client("localhost", trust);
    }

    private ProxmoxClient client(String host, TlsTrust trust) {
        return new ProxmoxClient(ClientSettings.of(
                List.of(new ServerAddress(host, proxmox.port())),
                ExampleCluster.in(proxmox).settings().authentication(),
                trust));
    }

    private ConnectionFailedException refusalOf(SimulatedCertificate certificate, TlsTrust trust) {
        var refusal = assertThrows(ConnectionFailedException.class, () -> ask(certificate, trust));
        assertThat("nothing was sent", proxmox.requests(), is(empty()));
        assertThat(refusal.mayHaveBeenExecuted(), is(false));
        assertThat(refusal.certificate().fingerprint(), is(fingerprint(certificate)));
        return refusal;
    }

    private SimulatedCertificate goodCertificate() {
        return authority.sign("pve1.example.org", "pve1.example.org", "localhost", "127.0.0.1");
    }

    private SimulatedCertificate otherName() {
        return authority.sign("pve7.example.org", "pve7.example.org", "192.0.2.7");
    }

    private TlsTrust pasted(SimulatedCertificate ca) {
        return TlsTrust.CertificateAuthority.fromPem(ca.pem());
    }

    private static TlsTrust pin(SimulatedCertificate certificate) {
        return new TlsTrust.PinnedFingerprint(fingerprint(certificate));
    }

    private static CertificateFingerprint fingerprint(SimulatedCertificate certificate) {
        return CertificateFingerprint.of(certificate.certificate());
    }

    @Test
    void showsTheCertificateThatTheJvmDoesNotTrust() {
        SimulatedCertificate certificate = goodCertificate();
        var refusal = refusalOf(certificate, new TlsTrust.JvmTrustStore());
        assertThat(refusal.kind(), is(Kind.CERTIFICATE_NOT_TRUSTED));
        PresentedCertificate shown = refusal.certificate();
        assertThat(shown.subject(), is("CN=pve1.example.org"));
        assertThat(
                shown.issuer(),
                matchesPattern("O=PVE Cluster Manager CA,OU=[0-9a-f-]{36},CN=Proxmox Virtual Environment"));
        assertThat(shown.names(), contains("pve1.example.org", "localhost", "127.0.0.1"));
        assertThat(shown.notAfter().isBefore(Instant.now()), is(false));
        assertThat(
                refusal.getMessage(),
                allOf(
                        containsString("Paste the cluster's CA certificate /etc/pve/pve-root-ca.pem"),
                        containsString("subject CN=pve1.example.org, issued by O=PVE Cluster Manager CA"),
                        containsString(fingerprint(certificate).hex())));
    }

    @Test
    void acceptsWhatThePastedAuthoritySigned() throws Exception {
        ask(goodCertificate(), pasted(authority));
    }

    @Test
    void acceptsOneOfSeveralPastedAuthorities() throws Exception {
        SimulatedCertificate other = SimulatedCertificate.authority("Another cluster");
        ask(goodCertificate(), TlsTrust.CertificateAuthority.fromPem(other.pem() + authority.pem()));
    }

    @Test
    void refusesWhatAnotherAuthoritySigned() {
        var refusal = refusalOf(goodCertificate(), pasted(SimulatedCertificate.authority("Another cluster")));
        assertThat(refusal.kind(), is(Kind.CERTIFICATE_NOT_TRUSTED));
    }

    @Test
    void refusesAnAuthorityOfTheSameName() {
        SimulatedCertificate company = SimulatedCertificate.authority("Example Corp Root");
        var refusal = refusalOf(
                company.sign("pve1", "localhost"), pasted(SimulatedCertificate.authority("Example Corp Root")));
        assertThat(refusal.kind(), is(Kind.CERTIFICATE_NOT_TRUSTED));
    }

    @Test
    void refusesACertificateForAnotherNameAlthoughItsAuthorityIsTrusted() {
        var refusal = refusalOf(otherName(), pasted(authority));
        assertThat(refusal.kind(), is(Kind.CERTIFICATE_FOR_OTHER_NAME));
        assertThat(refusal.certificate().names(), contains("pve7.example.org", "192.0.2.7"));
        assertThat(refusal.getMessage(), containsString("pve7.example.org"));
    }

    @Test
    void comparesAnIpAddressWithTheAddressesOfTheCertificate() throws Exception {
        proxmox = SimulatedProxmox.start(Generation.V9, authority, goodCertificate());
        try (ProxmoxClient client = client("127.0.0.1", pasted(authority))) {
            client.version();
        }
        proxmox.close();
        proxmox = SimulatedProxmox.start(Generation.V9, authority, authority.sign("127.0.0.1", "localhost"));
        try (ProxmoxClient client = client("127.0.0.1", pasted(authority))) {
            var refusal = assertThrows(ConnectionFailedException.class, client::version);
            assertThat(refusal.kind(), is(Kind.CERTIFICATE_FOR_OTHER_NAME));
        }
    }

    @Test
    void talksToAnIpv6Address() throws Exception {
        InetAddress loopback = InetAddress.getByName("::1");
        assumeTrue(isConfigured(loopback), "no IPv6 here");
        proxmox = SimulatedProxmox.start(Generation.V9, authority, authority.sign("pve1", "::1"), loopback);
        ServerAddress address = ServerAddress.parse("[::1]:" + proxmox.port());
        try (ProxmoxClient client = client(address.host(), pasted(authority))) {
            client.version();
        }
        SimulatedCertificate stranger = SimulatedCertificate.authority("Somebody else");
        try (ProxmoxClient client = client(address.host(), pasted(stranger))) {
            var refusal = assertThrows(ConnectionFailedException.class, client::version);
            assertThat(refusal.getMessage(), containsString("[::1]:" + proxmox.port()));
        }
    }

    private static boolean isConfigured(InetAddress address) throws Exception {
        return NetworkInterface.getByInetAddress(address) != null;
    }

    @Test
    void refusesAnExpiredCertificate() {
        var refusal = refusalOf(authority.signExpired("pve1", "localhost"), pasted(authority));
        assertThat(refusal.kind(), is(Kind.CERTIFICATE_EXPIRED));
        assertThat(refusal.getMessage(), containsString("the certificate has expired"));
    }

    @Test
    void acceptsThePinnedCertificateWhateverItsName() throws Exception {
        SimulatedCertificate certificate = otherName();
        ask(certificate, pin(certificate));
    }

    @Test
    void acceptsThePinnedCertificateThoughExpired() throws Exception {
        SimulatedCertificate certificate = authority.signExpired("pve1", "localhost");
        ask(certificate, pin(certificate));
    }

    @Test
    void refusesAnotherCertificateThanThePinnedOne() {
        var refusal = refusalOf(goodCertificate(), pin(goodCertificate()));
        assertThat(refusal.kind(), is(Kind.CERTIFICATE_CHANGED));
        assertThat(refusal.getMessage(), containsString("it is not the certificate with the pinned fingerprint"));
    }

    @Test
    void refusesAnExpiredCertificateForNotBeingThePinnedOne() {
        var refusal = refusalOf(authority.signExpired("pve1", "localhost"), pin(goodCertificate()));
        assertThat(refusal.kind(), is(Kind.CERTIFICATE_CHANGED));
    }

    @Test
    void takesThePinForTheServersCertificateOnlyAndNotForItsAuthority() {
        assertThat(refusalOf(goodCertificate(), pin(authority)).kind(), is(Kind.CERTIFICATE_CHANGED));
    }

    @Test
    void acceptsAnyCertificateWhenVerificationIsOff() throws Exception {
        ask(SimulatedCertificate.authority("stranger").signExpired("x", "x"), new TlsTrust.Unverified());
    }

    @Test
    void believesTheTrustOfEachClientOnly() throws Exception {
        SSLContext jvm = SSLContext.getDefault();
        var factory = HttpsURLConnection.getDefaultSSLSocketFactory();
        var verifier = HttpsURLConnection.getDefaultHostnameVerifier();
        ask(otherName(), new TlsTrust.Unverified());
        try (ProxmoxClient strict = client(new TlsTrust.JvmTrustStore())) {
            assertThrows(ConnectionFailedException.class, strict::version);
        }
        assertThat(SSLContext.getDefault(), is(jvm));
        assertThat(HttpsURLConnection.getDefaultSSLSocketFactory(), is(factory));
        assertThat(HttpsURLConnection.getDefaultHostnameVerifier(), is(verifier));
    }

    @Test
    void showsNoCertificateWhenItWasNotAboutOne() throws Exception {
        proxmox = SimulatedProxmox.start(Generation.V9);
        try (ProxmoxClient client = client(new TlsTrust.Unverified())) {
            proxmox.stopListening();
            var refusal = assertThrows(ConnectionFailedException.class, client::version);
            assertThat(refusal.kind(), is(Kind.REFUSED));
            assertThat(refusal.certificate(), is(nullValue()));
        }
    }
}
