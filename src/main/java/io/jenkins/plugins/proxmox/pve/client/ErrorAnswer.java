package io.jenkins.plugins.proxmox.pve.client;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.Serializable;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The error of a server, in its own words.
 *
 * @param address {@code host:port} that answered
 * @param method HTTP method of the request
 * @param path path of the API, without prefix and query
 * @param status HTTP status code
 * @param reason the reason phrase; the only place of the error's text on versions before January 2025
 * @param message the {@code message} of the body, or the bare text of the body, or null
 * @param errors the problem of each rejected parameter
 * @param challenge a {@code WWW-Authenticate} header, which only a proxy in between sends, or null
 * @param clockAhead how far the server's clock was ahead of ours when it answered (negative: behind), to a few seconds;
 *     null when the answer does not contain the time
 * @param took from the request to the end of the answer; null when not measured
 */
public record ErrorAnswer(
        String address,
        String method,
        String path,
        int status,
        String reason,
        @Nullable String message,
        Map<String, String> errors,
        @Nullable String challenge,
        @Nullable Duration clockAhead,
        @Nullable Duration took)
        implements Serializable {

    public ErrorAnswer {
        reason = SafeText.singleLine(SafeText.utf8OfLatin1(reason));
        message = message == null || message.isBlank() ? null : SafeText.lines(message);
        Map<String, String> clean = new TreeMap<>();
        errors.forEach((parameter, problem) -> clean.put(SafeText.singleLine(parameter), SafeText.singleLine(problem)));
        errors = clean;
    }

    /** The server's own words: the message if there is one, else the reason phrase, with the {@code errors}. */
    public String serverSaid() {
        String words = message != null ? message : reason.isEmpty() ? Texts.of("failure.nothing-said") : reason;
        return errors.isEmpty()
                ? words
                : words + " "
                        + errors.entrySet().stream()
                                .map(e -> e.getKey() + ": " + e.getValue())
                                .collect(Collectors.joining("; ", "(", ")"));
    }

    /** One line: request, address, status, the server's words. */
    @Override
    public String toString() {
        return Texts.of("failure", method, path, address, status, SafeText.singleLine(serverSaid()));
    }
}
