package io.jenkins.plugins.proxmox.pve.client;

import io.jenkins.plugins.proxmox.pve.http.ApiRequest;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import java.time.Duration;

/**
 * The answer is none of Proxmox VE: a reverse proxy or a CDN had no answer to pass on, a login portal is in the way, or
 * another product is at the address. It says nothing about what became of a write.
 */
public final class NotProxmoxException extends ProxmoxException {
    private static final long serialVersionUID = 1L;

    /** Nobody is to wait longer because something in between asks for it. */
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(1);

    private final ApiFailure answer;
    private final boolean mayHaveBeenExecuted;
    private final Duration retryAfter;

    NotProxmoxException(ApiRequest request, ApiFailure answer, String what, Duration retryAfter) {
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

    /** What was answered. */
    public ApiFailure answer() {
        return answer;
    }

    /** {@code host:port} that answered. */
    public String address() {
        return answer.address();
    }

    /** The HTTP status of the answer. */
    public int status() {
        return answer.status();
    }

    /** True for every write: what is in between may have passed it on before it answered itself. */
    @Override
    public boolean mayHaveBeenExecuted() {
        return mayHaveBeenExecuted;
    }

    /** True for what gateways answer while they do not reach the server, or let too many requests wait. */
    @Override
    public boolean mayPass() {
        return AnswerOrigin.isOfGateway(status()) || status() >= 500;
    }

    /** As the answer asked ({@code Retry-After}), at most a minute. */
    @Override
    public Duration retryAfter() {
        return retryAfter;
    }
}
