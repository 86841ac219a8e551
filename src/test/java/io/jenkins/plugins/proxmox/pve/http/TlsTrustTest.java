package io.jenkins.plugins.proxmox.pve.http;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.http.TlsTrust.CertificateAuthority;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCertificate;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TlsTrustTest {

    private final SimulatedCertificate one = SimulatedCertificate.authority("one");
    private final SimulatedCertificate two = SimulatedCertificate.authority("two");

    @Test
    void readsAPastedCertificate() {
        assertThat(CertificateAuthority.fromPem("\n " + one.pem()).authorities(), contains(one.certificate()));
    }

    @Test
    void readsSeveralCertificates() {
        assertThat(
                CertificateAuthority.fromPem(one.pem() + "\n" + two.pem()).authorities(),
                contains(one.certificate(), two.certificate()));
    }

    @Test
    void namesTheAuthoritiesByTheirFingerprints() {
        assertThat(
                CertificateAuthority.fromPem(one.pem()).toString(),
                containsString(CertificateFingerprint.of(one.certificate()).hex()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "pve-root-ca.pem", "96:C1:81:09"})
    void asksForPem(String text) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> CertificateAuthority.fromPem(text));
        assertThat(refusal.getMessage(), containsString("Paste a certificate in PEM form"));
    }

    @Test
    void warnsOfAPrivateKey() {
        String pem = one.pem() + "-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n";
        var refusal = assertThrows(IllegalArgumentException.class, () -> CertificateAuthority.fromPem(pem));
        assertThat(refusal.getMessage(), containsString("must never leave the Proxmox host"));
    }

    /** What environment variables, YAML, JSON and secret stores make of a file. */
    static List<UnaryOperator<String>> journeys() {
        return List.of(
                pem -> pem.replace("\n", "\r\n"),
                pem -> pem.replace("\n", "\\n"),
                pem -> pem.replace("\n", "\\r\\n"),
                pem -> pem.replace("\n", "\\\\n"),
                pem -> pem.replace("\n", " "),
                pem -> pem.replace("\n", ""),
                pem -> pem.replaceAll("\\s", ""),
                pem -> pem.replace("\n", "\t"),
                pem -> pem.replace("\n", "\u00a0"),
                pem -> '"' + pem + '"',
                pem -> '"' + pem.replace("\n", "\\n") + '"',
                pem -> "'" + pem.replace("\n", " ") + "'",
                pem -> "\"" + pem.replace("\n", "\",\n\"") + "\"",
                pem -> pem.replace("\n", "\\\n"),
                pem -> pem.replace("\n", "\\n").replace("/", "\\/"),
                pem -> pem.replaceAll("(?m)^", "          "),
                pem -> "\ufeff" + pem,
                pem -> pem.replace("CERTIFICATE-----\n", "CERTIFICATE-----\u200b\n"),
                pem -> pem.replace("BEGIN CERT", "BEGIN X509 CERT").replace("END CERT", "END X509 CERT"),
                pem -> pem.replace("BEGIN CERT", "BEGIN TRUSTED CERT").replace("END CERT", "END TRUSTED CERT"));
    }

    @ParameterizedTest
    @MethodSource("journeys")
    void readsCertificatesWhateverBecameOfTheirLines(UnaryOperator<String> journey) {
        assertThat(CertificateAuthority.fromPem(journey.apply(one.pem())).authorities(), contains(one.certificate()));
        assertThat(
                CertificateAuthority.fromPem(journey.apply(one.pem() + two.pem()))
                        .authorities(),
                contains(one.certificate(), two.certificate()));
    }

    @Test
    void leavesOutWhatStandsAround() {
        String crl = "-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n";
        assertThat(
                CertificateAuthority.fromPem("Certificate:\n    Data:\n" + one.pem() + "subject=CN = two\n" + crl
                                + two.pem() + "\nand more")
                        .authorities(),
                contains(one.certificate(), two.certificate()));
    }

    @ParameterizedTest
    @CsvSource({
        "CERTIFICATE REQUEST, something else in PEM form: certificate request.",
        "NEW CERTIFICATE REQUEST, something else in PEM form: new certificate request.",
        "PUBLIC KEY, something else in PEM form: public key.",
        "PRIVATE KEY, must never leave the Proxmox host",
        "RSA PRIVATE KEY, must never leave the Proxmox host",
        "ENCRYPTED PRIVATE KEY, must never leave the Proxmox host",
        "OPENSSH PRIVATE KEY, must never leave the Proxmox host"
    })
    void namesWhatItIsInsteadAndDoesNotRepeatIt(String label, String complaint) {
        String pem = "-----BEGIN " + label + "-----\nMIGHsecret\n-----END " + label + "-----\n";
        for (String text : new String[] {pem, pem.replace("\n", "\\n"), pem.replaceAll("\\s", "")}) {
            assertThat(
                    complaint(text),
                    allOf(
                            containsString(label.contains("PRIVATE") || text.contains(" ") ? complaint : "in PEM form"),
                            not(containsString("MIGH"))));
        }
    }

    @Test
    void noticesThatAPartIsLost() {
        String pem = one.pem();
        String cut = pem.substring(0, 200) + "\n-----END CERTIFICATE-----\n";
        assertThat(complaint(cut), is("Certificate 1 in the text cannot be read. Was part of it lost?"));
        assertThat(complaint(two.pem() + cut), is("Certificate 2 in the text cannot be read. Was part of it lost?"));
        String withoutEnd =
                "Certificate 1 in the text has no last line -----END CERTIFICATE-----. Was part of it lost?";
        assertThat(complaint(pem.substring(0, pem.length() / 2)), is(withoutEnd));
        assertThat(complaint(pem.substring(0, pem.length() / 2) + two.pem()), is(withoutEnd));
        assertThat(
                complaint("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"),
                is("Certificate 1 in the text has nothing between its first and its last line."));
        assertThat(
                complaint(pem.replaceFirst("(?m)^MII.*$", "\u2026")),
                is("Certificate 1 in the text contains a character that no certificate in PEM form contains: \u2026"));
    }

    private static String complaint(String pem) {
        return assertThrows(IllegalArgumentException.class, () -> CertificateAuthority.fromPem(pem))
                .getMessage();
    }

    /** A regular expression must not try each part of a long row again and again. */
    @ParameterizedTest
    @ValueSource(strings = {"-----BEGIN ", "-----END ", " ", "\\", "-----BEGIN CERTIFICATE-----\n", "PRIVATE "})
    @Timeout(60)
    void refusesLongRowsAtOnce(String piece) {
        String row = piece.repeat(64 * 1024 / piece.length());
        for (String text : new String[] {row, "-----BEGIN" + row + "x", "-----BEGIN X-----" + row + "-----"}) {
            assertThrows(IllegalArgumentException.class, () -> CertificateAuthority.fromPem(text));
        }
    }

    @Test
    void namesACharacterThatCannotBeShownByItsNumber() {
        String pem = one.pem().replace("MII", "M\u001bII");
        var refusal = assertThrows(IllegalArgumentException.class, () -> CertificateAuthority.fromPem(pem));
        assertThat(refusal.getMessage(), containsString("U+001B"));
    }
}
