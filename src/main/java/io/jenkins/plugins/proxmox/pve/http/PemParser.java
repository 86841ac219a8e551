package io.jenkins.plugins.proxmox.pve.http;

import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Certificates in PEM form (RFC 7468). Environment variables, YAML and secret stores turn line breaks into {@code \n},
 * blanks or nothing, indent lines and add quotation marks. The parser accepts all of these.
 */
final class PemParser {

    // without the condition in front, a long row of backslashes would be tried from each of them
    private static final Pattern ESCAPED_BLANK = Pattern.compile("(?<!\\\\)\\\\++[nrt]");
    private static final Pattern BEGIN = Pattern.compile("-----BEGIN([A-Z0-9\\s]*+)-----");
    private static final Pattern END = Pattern.compile("-----END[A-Z0-9\\s]*+-----");
    private static final Pattern CERTIFICATE = Pattern.compile("(X509|TRUSTED)?CERTIFICATE");
    private static final Pattern PRIVATE_KEY = Pattern.compile("PRIVATE\\s*KEY");
    private static final Pattern NO_BASE64 = Pattern.compile("[^A-Za-z0-9+/=]");

    /** With its line breaks restored. */
    private final String text;

    PemParser(String text) {
        this.text = ESCAPED_BLANK.matcher(text).replaceAll("\n");
    }

    /** The certificates in the text, without anything before, between and after them. */
    List<X509Certificate> certificates() {
        if (PRIVATE_KEY.matcher(text).find()) {
            throw new IllegalArgumentException(Texts.of("authority.private-key"));
        }
        List<X509Certificate> found = new ArrayList<>();
        List<String> others = new ArrayList<>();
        Matcher begin = BEGIN.matcher(text);
        while (begin.find()) {
            String label = SafeText.singleLine(begin.group(1));
            if (CERTIFICATE.matcher(label.replace(" ", "")).matches()) {
                found.add(certificate(begin.end(), found.size() + 1));
            } else {
                others.add(label);
            }
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException(
                    others.isEmpty()
                            ? Texts.of("authority.no-pem")
                            : Texts.of("authority.other", others.get(0).toLowerCase(Locale.ROOT)));
        }
        return found;
    }

    /**
     * @param start index after its first line
     * @param number for messages, starting at 1
     */
    private X509Certificate certificate(int start, int number) {
        Matcher end = END.matcher(text);
        if (!end.find(start) || BEGIN.matcher(text).region(start, end.start()).find()) {
            throw new IllegalArgumentException(Texts.of("authority.cut", number));
        }
        String base64 = withoutBlanksAndQuotes(text.substring(start, end.start()));
        if (base64.isEmpty()) {
            throw new IllegalArgumentException(Texts.of("authority.empty", number));
        }
        Matcher strange = NO_BASE64.matcher(base64);
        if (strange.find()) {
            throw new IllegalArgumentException(Texts.of("authority.characters", number, name(strange.group())));
        }
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(
                            new ByteArrayInputStream(Base64.getDecoder().decode(base64)));
        } catch (CertificateException | IllegalArgumentException e) {
            throw new IllegalArgumentException(Texts.of("authority.unreadable", number), e);
        }
    }

    /** The character itself, or its number when a message cannot show it. */
    private static String name(String character) {
        String visible = SafeText.line(character);
        return visible.isEmpty() ? String.format("U+%04X", character.codePointAt(0)) : visible;
    }

    private static String withoutBlanksAndQuotes(String body) {
        return body.codePoints()
                .filter(c -> !SafeText.isBlank(c) && "\"'`,\\".indexOf(c) < 0)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
