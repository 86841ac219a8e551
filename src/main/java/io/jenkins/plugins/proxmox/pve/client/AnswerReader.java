package io.jenkins.plugins.proxmox.pve.client;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.http.ApiRequest;
import io.jenkins.plugins.proxmox.pve.http.HttpAnswer;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.ServerErrorPattern;
import io.jenkins.plugins.proxmox.pve.text.Redaction;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Reads answers: returns the value of a good one, throws the exception for a bad one. */
final class AnswerReader {

    /** Proxmox VE nests a few levels. What reads or saves deeper ones by calls within calls runs out of stack. */
    private static final int DEEPEST = 100;

    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
            .build());

    private AnswerReader() {}

    /**
     * The {@code data} of a successful answer, read by {@code reader}.
     *
     * @param identity for messages
     * @param redaction removes the secrets of the request from messages
     * @param reader throws an {@link IllegalArgumentException} for data that the call never returns
     */
    @NonNull
    static <T> T read(
            ApiRequest request, HttpAnswer answer, String identity, Redaction redaction, Function<JsonNode, T> reader)
            throws ProxmoxException {
        if (answer.status() < 200 || answer.status() >= 300) {
            throw failure(request, answer, identity, redaction);
        }
        JsonNode body = parse(answer.body());
        if (!body.isObject() || !body.has("data")) {
            String quote = beginning(answer.without(redaction).body());
            throw unexpected(request, answer, redaction, Texts.of("answer.unexpected", request, quote));
        }
        try {
            return reader.apply(body.get("data"));
        } catch (IllegalArgumentException e) {
            String quote = beginning(answer.without(redaction).body());
            String why = redaction.of(String.valueOf(e.getMessage()));
            throw unexpected(request, answer, redaction, Texts.of("answer.unexpected-why", request, quote, why));
        }
    }

    /**
     * The exception for an answer that is not from Proxmox VE, or not to this request.
     *
     * @param what about it is unexpected, without secrets
     */
    @NonNull
    static NotProxmoxException unexpected(ApiRequest request, HttpAnswer answer, Redaction redaction, String what) {
        return new NotProxmoxException(request, failureOf(request, answer, redaction), what, answer.retryAfter());
    }

    /**
     * Whether the request may be sent to another address of the cluster, which may answer it better. A node without
     * quorum has done nothing (PVE::Cluster::check_cfs_quorum comes first). After an answer that is not from Proxmox
     * VE, only a request that changes nothing may be sent again.
     */
    static boolean isWorthAnotherAddress(ApiRequest request, HttpAnswer answer) {
        if (answer.status() < 300) {
            return false;
        }
        if (!isProxmox(answer)) {
            return !request.changesSomething();
        }
        return answer.status() == 500
                && ServerErrorPattern.REFUSED_WITHOUT_QUORUM.isIn(
                        failureOf(request, answer, new Redaction()).serverSaid());
    }

    private static boolean isProxmox(HttpAnswer answer) {
        return answer.status() >= 400 && AnswerOrigin.isProxmox(answer, parse(answer.body()));
    }

    private static ProxmoxException failure(
            ApiRequest request, HttpAnswer answer, String identity, Redaction redaction) {
        if (!isProxmox(answer)) {
            return unexpected(request, answer, redaction, inWords(request, answer.without(redaction)));
        }
        ErrorAnswer failure = failureOf(request, answer, redaction);
        return switch (failure.status()) {
            case 401 -> new AuthenticationFailedException(identity, failure);
            case 403 -> new PermissionDeniedException(identity, failure);
            case 595, 596, 597, 598, 599 -> new NodeUnreachableException(failure);
            default ->
                PermissionDeniedException.isIn(failure)
                        ? new PermissionDeniedException(identity, failure)
                        : new RequestRejectedException(failure);
        };
    }

    /** The error in the answer. Secrets are removed after it is parsed, because JSON has many ways to write a text. */
    @NonNull
    static ErrorAnswer failureOf(ApiRequest request, HttpAnswer answer, Redaction redaction) {
        HttpAnswer clean = answer.without(redaction);
        JsonNode body = parse(answer.body());
        Instant date = answer.date();
        Map<String, String> errors = new TreeMap<>();
        body.path("errors")
                .properties()
                .forEach(e -> errors.put(
                        redaction.of(e.getKey()),
                        redaction.of(
                                e.getValue().isTextual()
                                        ? e.getValue().asText()
                                        : e.getValue().toString())));
        return new ErrorAnswer(
                answer.address().toString(),
                request.method().name(),
                request.path().toString(),
                answer.status(),
                clean.reason(),
                body.isObject() ? message(body, redaction) : bareText(clean),
                errors,
                clean.challenge() == null ? null : SafeText.singleLine(clean.challenge()),
                date == null ? null : Duration.between(Instant.now(), date),
                answer.took());
    }

    @Nullable
    private static String message(JsonNode body, Redaction redaction) {
        JsonNode message = body.path("message");
        return message.isTextual() ? redaction.of(message.asText()) : null;
    }

    /** Errors raised before a handler runs have the bare text as body. */
    @Nullable
    private static String bareText(HttpAnswer answer) {
        return answer.body().length == 0 ? null : beginning(answer.body());
    }

    /** The description of an answer from something other than Proxmox VE. */
    private static String inWords(ApiRequest request, HttpAnswer answer) {
        String status = (answer.status() + " " + SafeText.singleLine(answer.reason())).strip();
        String body = beginning(answer.body());
        if (answer.location() != null) {
            return Texts.of("answer.redirect", request, status, SafeText.singleLine(answer.location()));
        }
        if (answer.challenge() != null) {
            return Texts.of("answer.challenge", request, status, SafeText.singleLine(answer.challenge()));
        }
        if (body.isEmpty()) {
            return Texts.of("answer.no-success", request, status);
        }
        return body.startsWith("<")
                ? Texts.of("answer.page", request, status)
                : Texts.of("answer.foreign", request, status, body);
    }

    private static String beginning(byte[] body) {
        String text = new String(body, 0, Math.min(body.length, 300), StandardCharsets.UTF_8);
        return SafeText.singleLine(text);
    }

    private static JsonNode parse(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            // not JSON, or not even text: the meaning depends on the status
            return MissingNode.getInstance();
        }
    }
}
