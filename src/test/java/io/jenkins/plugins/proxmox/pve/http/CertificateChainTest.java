package io.jenkins.plugins.proxmox.pve.http;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.client.ClientSettings;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException.Kind;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCertificate;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Certificates that do not come from the cluster's own authority, and those whose time is not now. */
@ParameterizedClass
@EnumSource(Generation.class)
class CertificateChainTest {

    private static final TlsTrust JAVA = new TlsTrust.JvmTrustStore();

    private final Generation generation;
    private final SimulatedCertificate root = SimulatedCertificate.authority("Example Corp Root");
    private final SimulatedCertificate intermediate = root.signAuthority("Example Corp Issuing CA");
    private final SimulatedCertificate server = intermediate.sign("pve1.example.org", "localhost");

    CertificateChainTest(Generation generation) {
        this.generation = generation;
    }

    private static TlsTrust pasted(SimulatedCertificate... authorities) {
        StringBuilder pem = new StringBuilder();
        for (SimulatedCertificate authority : authorities) {
            pem.append(authority.pem());
        }
        return TlsTrust.CertificateAuthority.fromPem(pem.toString());
    }

    private ConnectionFailedException refusalOf(SimulatedCertificate shown, TlsTrust trust) throws Exception {
        try (SimulatedProxmox proxmox = SimulatedProxmox.start(generation, root, shown);
                ProxmoxClient client = client(proxmox, trust)) {
            var refusal = assertThrows(ConnectionFailedException.class, client::version);
            assertThat("nothing was sent", proxmox.requests(), is(empty()));
            assertThat(refusal.mayHaveBeenExecuted(), is(false));
            assertThat(
                    "the server's own is shown",
                    refusal.certificate().fingerprint(),
                    is(CertificateFingerprint.of(shown.certificate())));
            return refusal;
        }
    }

    private void assertAccepted(SimulatedCertificate shown, TlsTrust trust) throws Exception {
        try (SimulatedProxmox proxmox = SimulatedProxmox.start(generation, root, shown);
                ProxmoxClient client = client(proxmox, trust)) {
            client.version();
        }
    }

    private static ProxmoxClient client(SimulatedProxmox proxmox, TlsTrust trust) {
        ClientSettings known = ExampleCluster.in(proxmox).settings();
        return new ProxmoxClient(ClientSettings.of(known.addresses(), known.authentication(), trust));
    }

    @Test
    void namesTheAuthorityWhoseCertificateIsNotSent() throws Exception {
        var refusal = refusalOf(server, pasted(root));
        assertThat(refusal.kind(), is(Kind.CERTIFICATE_CHAIN_INCOMPLETE));
        assertThat(refusal.certificate().lastIssuer(), is("CN=Example Corp Issuing CA"));
        assertThat(
                refusal.getMessage(),
                allOf(
                        containsString(
                                "leads to CN=Example Corp Issuing CA, which is not trusted, and the server does not"
                                        + " send the certificate of CN=Example Corp Issuing CA."),
                        not(containsString("pve-root-ca.pem"))));
    }

    @Test
    void acceptsTheWholeChainAndThePastedIntermediate() throws Exception {
        assertAccepted(server.sending(intermediate), pasted(root));
        assertAccepted(server, pasted(intermediate));
        assertAccepted(server, pasted(intermediate, root));
    }

    @Test
    void acceptsAnAuthorityThatCameThroughAnEnvironmentVariable() throws Exception {
        String inOneLine = '"' + root.pem().replace("\n", "\\n") + '"';
        assertAccepted(server.sending(intermediate), TlsTrust.CertificateAuthority.fromPem(inOneLine));
    }

    @Test
    void namesTheFirstMissingLinkOfALongerChain() throws Exception {
        SimulatedCertificate second = intermediate.signAuthority("Example Corp Machines CA");
        SimulatedCertificate machine = second.sign("pve1.example.org", "localhost");
        var refusal = refusalOf(machine.sending(second), pasted(root));
        assertThat(refusal.kind(), is(Kind.CERTIFICATE_CHAIN_INCOMPLETE));
        assertThat(refusal.certificate().lastIssuer(), is("CN=Example Corp Issuing CA"));
        assertThat(
                refusal.certificate().authorities().stream()
                        .map(PresentedCertificate::subject)
                        .toList(),
                contains("CN=Example Corp Machines CA"));
        assertAccepted(machine.sending(second, intermediate), pasted(root));
    }

    @Test
    void namesARootThatSignsServersDirectly() throws Exception {
        SimulatedCertificate direct = root.sign("pve1.example.org", "localhost");
        var refusal = refusalOf(direct, JAVA);
        assertThat(refusal.kind(), is(Kind.CERTIFICATE_CHAIN_INCOMPLETE));
        assertThat(refusal.certificate().lastIssuer(), is("CN=Example Corp Root"));
        assertAccepted(direct, pasted(root));
    }

    @Test
    void namesARootThatIsSentButNotTrusted() throws Exception {
        var refusal = refusalOf(server.sending(intermediate, root), JAVA);
        assertThat(refusal.kind(), is(Kind.CERTIFICATE_AUTHORITY_UNKNOWN));
        assertThat(refusal.certificate().lastIssuer(), is("CN=Example Corp Root"));
        assertThat(
                refusal.getMessage(),
                containsString("Paste the certificate of CN=Example Corp Root into the server's configuration"));
        assertAccepted(server.sending(intermediate, root), pasted(root));
    }

    @Test
    void namesACertificateThatVouchesForItself() throws Exception {
        SimulatedCertificate alone = SimulatedCertificate.selfSigned("pve1.example.org", "localhost");
        var refusal = refusalOf(alone, JAVA);
        assertThat(refusal.kind(), is(Kind.CERTIFICATE_AUTHORITY_UNKNOWN));
        assertThat(refusal.certificate().lastIssuer(), is("CN=pve1.example.org"));
        assertAccepted(alone, pasted(alone));
    }

    @Test
    void takesTheAuthorityOfAClusterForWhatItIs() throws Exception {
        SimulatedCertificate cluster = SimulatedCertificate.clusterAuthority();
        SimulatedCertificate node = cluster.sign("pve1.example.org", "localhost");
        for (TlsTrust other : new TlsTrust[] {JAVA, pasted(SimulatedCertificate.clusterAuthority())}) {
            var refusal = refusalOf(node, other);
            assertThat(refusal.kind(), is(Kind.CERTIFICATE_NOT_TRUSTED));
            assertThat(refusal.getMessage(), containsString("/etc/pve/pve-root-ca.pem"));
        }
        assertAccepted(node, pasted(cluster));
    }

    @Test
    void tellsThatACertificateIsNotValidYet() throws Exception {
        var refusal = refusalOf(root.signForTomorrow("pve1.example.org", "localhost"), pasted(root));
        assertThat(refusal.kind(), is(Kind.CERTIFICATE_NOT_YET_VALID));
        assertThat(refusal.certificate().notBefore().isAfter(Instant.now()), is(true));
        assertThat(
                refusal.getMessage(),
                allOf(
                        containsString("the certificate of CN=pve1.example.org is not valid before "),
                        containsString("Compare the clocks"),
                        not(containsString("Paste"))));
    }

    @Test
    void tellsThatAnAuthorityIsNotValidYet() throws Exception {
        SimulatedCertificate early = root.signAuthorityForTomorrow("Example Corp Issuing CA");
        var refusal = refusalOf(early.sign("pve1.example.org", "localhost").sending(early), pasted(root));
        assertThat(refusal.kind(), is(Kind.CERTIFICATE_NOT_YET_VALID));
        assertThat(
                refusal.getMessage(),
                containsString("the certificate of CN=Example Corp Issuing CA is not valid before "));
    }

    @Test
    void tellsThatAnAuthorityHasExpired() throws Exception {
        SimulatedCertificate old = root.signExpiredAuthority("Example Corp Issuing CA");
        var refusal = refusalOf(old.sign("pve1.example.org", "localhost").sending(old), pasted(root));
        assertThat(refusal.kind(), is(Kind.CERTIFICATE_EXPIRED));
        assertThat(
                refusal.getMessage(),
                containsString("the certificate of the authority CN=Example Corp Issuing CA, which the server sends"));
    }

    @Test
    void takesWhatIsSentInAnyOrderAndLeavesOutWhatVouchesForNothing() {
        SimulatedCertificate leftOver =
                SimulatedCertificate.authority("Stranger").signExpiredAuthority("Left over");
        CertificateChain chain = new CertificateChain(
                server.certificate(), leftOver.certificate(), root.certificate(), intermediate.certificate());
        assertThat(chain.whyRefused(), is(Kind.CERTIFICATE_AUTHORITY_UNKNOWN));
        assertThat(
                chain.presented().authorities().stream()
                        .map(PresentedCertificate::subject)
                        .toList(),
                contains("CN=Example Corp Issuing CA", "CN=Example Corp Root"));
    }

    @Test
    void looksAtNoTimesOfAPinnedCertificate() throws Exception {
        SimulatedCertificate early = root.signForTomorrow("pve1.example.org", "localhost");
        assertAccepted(early, new TlsTrust.PinnedFingerprint(CertificateFingerprint.of(early.certificate())));
    }
}
