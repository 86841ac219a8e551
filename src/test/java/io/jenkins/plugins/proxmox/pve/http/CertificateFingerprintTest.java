package io.jenkins.plugins.proxmox.pve.http;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasToString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCertificate;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CertificateFingerprintTest {

    private static final String SHOWN =
            "96:C1:81:09:AB:47:3A:A5:EB:14:6F:7F:7B:B6:4C:EE:" + "D5:96:33:F9:90:13:96:49:63:84:5D:7D:6D:74:7D:42";
    private static final String DIGITS = "96c18109ab473aa5eb146f7f7bb64ceed59633f990139649" + "63845d7d6d747d42";

    @ParameterizedTest
    @ValueSource(
            strings = {
                SHOWN,
                "  " + SHOWN + "\n",
                DIGITS,
                "96 c1 81 09 ab 47 3a a5 eb 14 6f 7f 7b b6 4c ee d5 96 33 f9 90 13 96 49 63 84 5d 7d 6d 74 7d 42",
                "sha256 Fingerprint=" + SHOWN,
                "SHA256:" + DIGITS,
                "SHA-256 Fingerprint: " + SHOWN,
                "Fingerprint (SHA-256): " + SHOWN,
                "\"" + SHOWN + "\"\n",
                "'" + DIGITS + "'",
                "\ufeff" + SHOWN + "\u200b",
                "96-C1-81-09-AB-47-3A-A5-EB-14-6F-7F-7B-B6-4C-EE-D5-96-33-F9-90-13-96-49-63-84-5D-7D-6D-74-7D-42",
                "96:C1:81:09:AB:47:3A:A5:EB:14:6F:7F:7B:B6:4C:EE:\r\n  D5:96:33:F9:90:13:96:49:63:84:5D:7D:6D:74:7D:42",
                "96:C1:81:09:AB:47:3A:A5:EB:14:6F:7F:7B:B6:4C:EE:\\nD5:96:33:F9:90:13:96:49:63:84:5D:7D:6D:74:7D:42\\n",
                "96\u00a0c18109ab473aa5eb146f7f7bb64ceed59633f99013964963845d7d6d747d42",
                "\u2502 fingerprint \u2502 " + SHOWN + " \u2502"
            })
    void readsTheFormsInWhichToolsShowIt(String text) {
        assertThat(CertificateFingerprint.parse(text), hasToString(SHOWN));
    }

    @Test
    void recognisesSha1() {
        var refusal = assertThrows(
                IllegalArgumentException.class, () -> CertificateFingerprint.parse(DIGITS.substring(0, 40)));
        assertThat(refusal.getMessage(), containsString("SHA-1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", SHOWN + ":00", "zz" + SHOWN})
    void refusesOtherTexts(String text) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> CertificateFingerprint.parse(text));
        assertThat(refusal.getMessage(), containsString("32 bytes"));
    }

    @Test
    void isTheSha256OfTheEncodedCertificate() throws Exception {
        var certificate = SimulatedCertificate.authority("test").certificate();
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
        assertThat(
                CertificateFingerprint.of(certificate),
                is(CertificateFingerprint.parse(HexFormat.of().formatHex(digest))));
    }

    @Test
    @Timeout(60)
    void refusesALongRowOfBackslashesAtOnce() {
        String row = "\\".repeat(64 * 1024) + "x";
        assertThrows(IllegalArgumentException.class, () -> CertificateFingerprint.parse(row));
    }
}
