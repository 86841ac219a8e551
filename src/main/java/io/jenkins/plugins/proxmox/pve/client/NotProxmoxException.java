package io.jenkins.plugins.proxmox.pve.client;

import io.jenkins.plugins.proxmox.pve.http.ApiRequest;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Duration;

/**
 * The answer does not come from Proxmox VE: a reverse proxy or a CDN had no answer to pass on, a login portal is in the
 * way, or another product is at the address. It does not show whether a write was carried out.
 */
public final class NotProxmoxException extends ProxmoxException {
    private static final long serialVersionUID = 1L;

    /** Nothing in between may make a caller wait longer than this. */
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(1);

    private final ErrorAnswer answer;
    private final boolean mayHaveBeenExecuted;
    private final Duration retryAfter;

    NotProxmoxException(ApiRequest request, ErrorAnswer answer, String what, Duration retryAfter) {
        super(
                Texts.of(
                        AnswerOrigin.isOfGateway(answer.status()) ? "not-proxmox.gateway" : "not-proxmox",
                        answer.address(),
                        what),
                null);
        this.answer = answer;
        this.mayHaveBeenExecuted = request.changesSomething();
        this.retryAfter = retryAfter.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : retryAfter;
    }

    public ErrorAnswer answer() {
        return answer;
    }

    /** True for every write: something in between may have passed it on before it answered itself. */
    @Override
    public boolean mayHaveBeenExecuted() {
        return mayHaveBeenExecuted;
    }

    /** True for the answers of gateways that do not reach the server, or have too many requests waiting. */
    @Override
    public boolean mayPass() {
        return AnswerOrigin.isOfGateway(answer.status()) || answer.status() >= 500;
    }

    /** The time that the answer asked for ({@code Retry-After}), at most a minute. */
    @Override
    public Duration retryAfter() {
        return retryAfter;
    }
}
