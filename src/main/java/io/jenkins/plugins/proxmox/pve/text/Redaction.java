package io.jenkins.plugins.proxmox.pve.text;

import edu.umd.cs.findbugs.annotations.Nullable;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Removes the secrets of a request from its answer. A wrong address may lead to a service that echoes the request's
 * headers, and answers are quoted in messages.
 */
public final class Redaction {

    private static final String INSTEAD = "********";

    private static final Pattern ESCAPE = Pattern.compile("%[0-9A-F]{2}");

    private final List<String> secrets;

    @Nullable
    private List<String> forms;

    public Redaction(String... secrets) {
        this.secrets = List.of(secrets);
    }

    /** Each secret in every form in which it may come back. Computed on demand, because it is seldom needed. */
    private List<String> forms() {
        if (forms == null) {
            forms = formsOf(secrets);
        }
        return forms;
    }

    private static List<String> formsOf(List<String> secrets) {
        return secrets.stream()
                .flatMap(secret -> Stream.of(
                        secret,
                        encoded(secret),
                        encoded(secret).replace("+", "%20"),
                        inLowerCase(encoded(secret)),
                        inLowerCase(encoded(secret)).replace("+", "%20"),
                        asJson(secret),
                        asJson(secret).replace("/", "\\/"),
                        asHtml(secret)))
                .flatMap(form -> Stream.of(form, asBytes(form)))
                .filter(form -> !form.isEmpty())
                .distinct()
                // a form that contains another one goes first, or a part of it would stay
                .sorted(Comparator.comparing(String::length).reversed())
                .toList();
    }

    private static String encoded(String secret) {
        return URLEncoder.encode(secret, StandardCharsets.UTF_8);
    }

    private static String inLowerCase(String encoded) {
        return ESCAPE.matcher(encoded).replaceAll(escape -> escape.group().toLowerCase(Locale.ROOT));
    }

    private static String asJson(String secret) {
        return secret.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    private static String asHtml(String secret) {
        return secret.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    private static String asBytes(String secret) {
        return new String(secret.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    public String of(String text) {
        String clean = text;
        for (String secret : forms()) {
            clean = clean.replace(secret, INSTEAD);
        }
        return clean;
    }
}
