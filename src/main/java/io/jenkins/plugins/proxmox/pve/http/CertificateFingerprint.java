package io.jenkins.plugins.proxmox.pve.http;

import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The SHA-256 fingerprint of a certificate, as the web interface of Proxmox VE shows it (node, System,
 * Certificates) and {@code pvenode cert info} prints it.
 *
 * @param hex 32 bytes as upper-case hexadecimal digits separated by colons
 */
public record CertificateFingerprint(String hex) implements Serializable {

    private static final HexFormat COLONS = HexFormat.ofDelimiter(":").withUpperCase();

    // between and around the digits: line breaks that became letters, table borders, invisible characters
    private static final Pattern SEPARATORS =
            Pattern.compile("(?<!\\\\)\\\\++[nrt]|[\\s\\p{Z}\\p{Cc}\\p{Cf}\\p{Pd}:=()\"'`|\u2502]");

    private static final Pattern LABEL = Pattern.compile("^(sha256|fingerprint){1,2}");

    /**
     * Parses {@code text}: 64 hexadecimal digits with or without colons, dashes or blanks, after an optional label such
     * as {@code sha256 Fingerprint=}, with or without quotation marks, also as a line of {@code pvenode cert info}.
     *
     * @throws IllegalArgumentException with a message for the person who typed it
     */
    public static CertificateFingerprint parse(String text) {
        String bare = SEPARATORS.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("");
        String digits = LABEL.matcher(bare).replaceFirst("");
        if (digits.matches("[0-9a-f]{40}")) {
            throw new IllegalArgumentException(Texts.of("fingerprint.sha1"));
        }
        if (!digits.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException(Texts.of("fingerprint.form"));
        }
        return new CertificateFingerprint(COLONS.formatHex(HexFormat.of().parseHex(digits)));
    }

    public static CertificateFingerprint of(X509Certificate certificate) {
        try {
            return new CertificateFingerprint(
                    COLONS.formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded())));
        } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return hex;
    }
}
