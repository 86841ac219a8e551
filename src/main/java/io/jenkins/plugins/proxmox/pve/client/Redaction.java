package io.jenkins.plugins.proxmox.pve.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * Takes what a request held in secrets out of what came back. An address that is none of Proxmox VE may lead to a
 * service that answers with the very headers that it got, and answers end up in messages.
 */
final class Redaction {

    private static final String INSTEAD = "********";

    private final List<String> secrets;

    Redaction(String... secrets) {
        this.secrets = List.of(secrets);
    }

    /** Each secret in the forms in which it may come back; seldom needed, so that it is not made in advance. */
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

    String of(String text) {
        String clean = text;
        for (String secret : forms().toList()) {
            clean = clean.replace(secret, INSTEAD);
        }
        return clean;
    }

    /** The answer as it may be quoted in messages. */
    HttpAnswer of(HttpAnswer answer) {
        // one character a byte, so that what is no UTF-8 stays as it is
        String body = new String(answer.body(), StandardCharsets.ISO_8859_1);
        return new HttpAnswer(
                answer.address(),
                answer.status(),
                of(answer.reason()),
                of(body).getBytes(StandardCharsets.ISO_8859_1),
                answer.serverHeader(),
                answer.challenge() == null ? null : of(answer.challenge()),
                answer.location() == null ? null : of(answer.location()),
                answer.dateHeader(),
                answer.retryAfterHeader(),
                answer.took());
    }
}
