package io.jenkins.plugins.proxmox.pve.http;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import io.jenkins.plugins.proxmox.pve.fuzz.Fuzzed;
import io.jenkins.plugins.proxmox.pve.fuzz.HostileText;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCertificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Provide;

class CertificatePropertiesTest {

    private static final SimulatedCertificate AUTHORITY = SimulatedCertificate.authority("Company CA");
    private static final SimulatedCertificate SERVER = AUTHORITY.sign("pve1", "pve1.example.org", "192.0.2.1");

    private static final List<X509Certificate> CERTIFICATES = List.of(
            AUTHORITY.certificate(),
            SERVER.certificate(),
            SimulatedCertificate.clusterAuthority().certificate(),
            SimulatedCertificate.selfSigned("pve1", "pve1").certificate(),
            // another authority of the same name
            SimulatedCertificate.authority("Company CA").certificate(),
            AUTHORITY.signAuthority("Department CA").certificate());

    private static final String[] WORDS = {
        "-----BEGIN CERTIFICATE-----",
        "-----END CERTIFICATE-----",
        "-----BEGIN ",
        "-----END ",
        "-----",
        "CERTIFICATE",
        "X509 ",
        "PRIVATE KEY",
        "-----BEGIN RSA PRIVATE KEY-----",
        "MIIB",
        "=",
        "\\n",
        "\\r\\n",
        "\\\\",
        "\\",
        " ",
        "\n",
        "\""
    };

    @Provide
    Arbitrary<String> pems() {
        return HostileText.edited(List.of(AUTHORITY.pem(), SERVER.pem() + AUTHORITY.pem(), ""), WORDS);
    }

    @Provide
    Arbitrary<String> longPems() {
        return HostileText.repeated(WORDS);
    }

    @Provide
    Arbitrary<String> fingerprints() {
        String hex = CertificateFingerprint.of(SERVER.certificate()).hex();
        return HostileText.edited(
                List.of(
                        hex,
                        "sha256 Fingerprint=" + hex,
                        hex.toLowerCase(Locale.ROOT).replace(":", "")),
                "AA:",
                "sha256",
                "Fingerprint",
                "=",
                "\\n",
                "\\",
                "│");
    }

    @Provide
    Arbitrary<X509Certificate[]> chains() {
        return Arbitraries.of(CERTIFICATES)
                .array(X509Certificate[].class)
                .ofMinSize(1)
                .ofMaxSize(8);
    }

    @Fuzzed
    void certificatesAreReadOrRefusedWithWords(@ForAll("pems") String text) {
        try {
            assertThat(new PemParser(text).certificates().isEmpty(), is(false));
        } catch (IllegalArgumentException e) {
            HostileText.wordsOf(e);
        }
    }

    @Fuzzed(inputs = Fuzzed.LONG)
    void longTextsAreRefusedAtOnce(@ForAll("longPems") String text) {
        certificatesAreReadOrRefusedWithWords(text);
        aFingerprintIsReadOrRefusedWithWords(text);
    }

    /** As environment variables, YAML and secret stores change it. */
    @Provide
    Arbitrary<String> mangledPems() {
        return Combinators.combine(
                        Arbitraries.of("\n", "\r\n", "\\n", "\\r\\n", "\\\\n", " ", "", "\n    ", "\n\n", "\u00a0"),
                        Arbitraries.of("", "\"", "'", " ", "ssl_ca: |\n"))
                .as((line, around) -> around + AUTHORITY.pem().strip().replace("\n", line) + around);
    }

    @Fuzzed(inputs = 1000)
    void aCertificateSurvivesEnvironmentVariables(@ForAll("mangledPems") String text) {
        assertThat(new PemParser(text).certificates(), is(List.of(AUTHORITY.certificate())));
    }

    @Fuzzed
    void aFingerprintIsReadOrRefusedWithWords(@ForAll("fingerprints") String text) {
        try {
            CertificateFingerprint fingerprint = CertificateFingerprint.parse(text);
            assertThat(fingerprint.toString(), matchesPattern("(?:[0-9A-F]{2}:){31}[0-9A-F]{2}"));
            assertThat(CertificateFingerprint.parse(fingerprint.toString()), is(fingerprint));
        } catch (IllegalArgumentException e) {
            HostileText.wordsOf(e);
        }
    }

    @Fuzzed
    void aChainEndsWhateverTheServerSends(@ForAll("chains") X509Certificate[] sent) {
        CertificateChain chain = new CertificateChain(sent);
        assertThat(chain.whyRefused(AUTHORITY.certificate()), is(not(nullValue())));
        assertThat(chain.presented().fingerprint(), is(CertificateFingerprint.of(sent[0])));
        assertThat(HostileText.isPlain(chain.presented().toString()), is(true));
    }
}
