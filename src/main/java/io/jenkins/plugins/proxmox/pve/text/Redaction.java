package io.jenkins.plugins.proxmox.pve.text;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * Removes the secrets of a request from its answer. A wrong address may lead to a service that echoes the request's
 * headers, and answers are quoted in messages.
 */
public final class Redaction {

    private static final String INSTEAD = "********";

    private final List<String> secrets;

    public Redaction(String... secrets) {
        this.secrets = List.of(secrets);
    }

    /** Each secret in every form in which it may come back. Computed on demand, because it is seldom needed. */
    private Stream<String> forms() {
        return secrets.stream()
                .flatMap(secret -> Stream.of(secret, encoded(secret), asBytes(secret)))
                .filter(secret -> !secret.isEmpty())
                .distinct();
    }

    private static String encoded(String secret) {
        return URLEncoder.encode(secret, StandardCharsets.UTF_8);
    }

    private static String asBytes(String secret) {
        return new String(secret.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    public String of(String text) {
        String clean = text;
        for (String secret : forms().toList()) {
            clean = clean.replace(secret, INSTEAD);
        }
        return clean;
    }
}
