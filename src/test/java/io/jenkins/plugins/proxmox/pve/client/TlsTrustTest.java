package io.jenkins.plugins.proxmox.pve.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.client.TlsTrust.CertificateAuthority;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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

    @Test
    void noticesThatAPartIsLost() {
        String pem = one.pem();
        String cut = pem.substring(0, 200) + "\n-----END CERTIFICATE-----\n";
        assertThat(complaint(cut), containsString("was a part of it lost?"));
        assertThat(complaint(pem.substring(0, pem.length() / 2)), containsString("was a part of it lost?"));
        assertThat(complaint("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"), containsString("certificate"));
    }

    private static String complaint(String pem) {
        return assertThrows(IllegalArgumentException.class, () -> CertificateAuthority.fromPem(pem))
                .getMessage();
    }
}
