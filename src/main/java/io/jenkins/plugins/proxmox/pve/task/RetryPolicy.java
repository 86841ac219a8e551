package io.jenkins.plugins.proxmox.pve.task;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Decides which errors to tolerate. An error that may pass is logged once, so that a node that is down is one line in
 * the log and not one per query. While a task continues on the server, errors are tolerated for any time; before the
 * request, only for some seconds.
 */
public final class RetryPolicy {

    /** As long as the services of a node take to restart. */
    private static final Duration BRIEF = Duration.ofSeconds(15);

    private static final Duration HALF_OF_FIRST_PAUSE = Duration.ofMillis(250);

    private final Consumer<String> log;
    private final boolean brief;

    /** The error that is currently tolerated. */
    @CheckForNull
    private ProxmoxException trouble;

    private int errors;
    private long since;

    private RetryPolicy(Consumer<String> log, boolean brief) {
        this.log = log;
        this.brief = brief;
    }

    /**
     * For waiting on something that continues on the server.
     *
     * @param log receives one readable line when an error occurs, and one when it is over
     */
    public RetryPolicy(Consumer<String> log) {
        this(log, false);
    }

    /**
     * For something that has not begun: a few more attempts within 15 seconds, and only where they may help. A wrong
     * address or an untrusted certificate is reported immediately.
     */
    public static RetryPolicy brief(Consumer<String> log) {
        return new RetryPolicy(log, true);
    }

    /** Whether no later query will give another answer: access has been withdrawn, or there is no such thing. */
    public static boolean isFinal(ProxmoxException trouble) {
        boolean answered = trouble instanceof AuthenticationFailedException
                || trouble instanceof PermissionDeniedException
                || trouble instanceof PermissionDeniedException.Foreseen
                || trouble instanceof RequestRejectedException;
        return answered && !trouble.mayPass();
    }

    /**
     * Tolerates an error that may pass.
     *
     * @param waitingFor what continues despite it, such as {@code waiting for task UPID:…}; called only if it is logged
     * @throws ProxmoxException the error, when it is final, or was tolerated long enough
     */
    public synchronized void bear(ProxmoxException met, Supplier<String> waitingFor) throws ProxmoxException {
        if (isFinal(met) || brief && !isWorthAnotherAttempt(met)) {
            throw met;
        }
        errors++;
        if (trouble == null) {
            log.accept(Texts.of("patience.still", waitingFor.get(), met.getMessage()));
        }
        trouble = met;
    }

    private boolean isWorthAnotherAttempt(ProxmoxException met) {
        long now = System.nanoTime();
        if (trouble == null || hasItsOwnEnd(met)) {
            since = now;
        }
        Duration borne = Duration.ofNanos(now - since);
        return met.mayPass() && borne.plus(growingPause(errors + 1)).compareTo(BRIEF) <= 0;
    }

    /** A refused identity has its own minute; a lost quorum may last as long as the caller's own timeout. */
    private static boolean hasItsOwnEnd(ProxmoxException met) {
        return met instanceof AuthenticationFailedException
                || met instanceof RequestRejectedException rejected && rejected.isWithoutQuorum();
    }

    /**
     * How long to wait before the next query: doubled after each error, up to 5 seconds, but as long as the server asks
     * for; zero without an error.
     */
    public synchronized Duration pause() {
        if (trouble == null) {
            return Duration.ZERO;
        }
        Duration growing = growingPause(errors);
        Duration asked = trouble.retryAfter();
        return asked.compareTo(growing) > 0 ? asked : growing;
    }

    private static Duration growingPause(int errors) {
        return PollInterval.afterErrors(HALF_OF_FIRST_PAUSE, errors);
    }

    /** The error that is currently tolerated, or null. */
    @CheckForNull
    public synchronized ProxmoxException trouble() {
        return trouble;
    }

    /** Reports success: any error is over. */
    public synchronized void relieve() {
        if (trouble != null) {
            trouble = null;
            errors = 0;
            log.accept(Texts.of("patience.over"));
        }
    }
}
