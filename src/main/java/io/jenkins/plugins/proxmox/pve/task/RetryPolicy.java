package io.jenkins.plugins.proxmox.pve.task;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What to make of trouble that may pass: it is told once and borne, so that a node that is down is one line in the log
 * and not one for each look. While something goes on without us, it is borne however long it takes; before anything was
 * asked for, only for some seconds.
 */
public final class RetryPolicy {

    /** As long as the services of a node take to be there again after a restart. */
    private static final Duration BRIEF = Duration.ofSeconds(15);

    private static final Duration HALF_OF_FIRST_PAUSE = Duration.ofMillis(250);

    private final Consumer<String> log;
    private final boolean brief;

    /** What is borne at present. */
    @CheckForNull
    private ProxmoxException trouble;

    private int errors;
    private long since;

    private RetryPolicy(Consumer<String> log, boolean brief) {
        this.log = log;
        this.brief = brief;
    }

    /**
     * For what goes on without us.
     *
     * @param log takes one readable line when trouble comes, and one when it is over
     */
    public RetryPolicy(Consumer<String> log) {
        this(log, false);
    }

    /**
     * For what has not begun: a few more attempts within 15 seconds, and only where they may help. A wrong address or an
     * untrusted certificate is told at once.
     *
     * @param log takes one readable line when trouble comes, and one when it is over
     */
    public static RetryPolicy brief(Consumer<String> log) {
        return new RetryPolicy(log, true);
    }

    /** Whether no later look will bring another answer: access is withdrawn, or there is no such thing. */
    public static boolean isFinal(ProxmoxException trouble) {
        boolean answered = trouble instanceof AuthenticationFailedException
                || trouble instanceof PermissionDeniedException
                || trouble instanceof RequestRejectedException;
        return answered && !trouble.mayPass();
    }

    /**
     * Bears what may pass.
     *
     * @param waitingFor what goes on all the same, such as {@code waiting for task UPID:…}; asked only if it is told
     * @throws ProxmoxException the trouble, when it is final, or was borne long enough
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

    /** A refused identity has its minute, and quorum may take as long as the one who waits gives it. */
    private static boolean hasItsOwnEnd(ProxmoxException met) {
        return met instanceof AuthenticationFailedException
                || met instanceof RequestRejectedException rejected && rejected.isWithoutQuorum();
    }

    /**
     * How long to wait before the next look: twice as long after each trouble, up to 5 seconds, but as long as the server
     * asks for; zero without trouble.
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

    /** What is borne at present, or null. */
    @CheckForNull
    public synchronized ProxmoxException trouble() {
        return trouble;
    }

    /** A look went well: the trouble, if there was one, is over. */
    public synchronized void relieve() {
        if (trouble != null) {
            trouble = null;
            errors = 0;
            log.accept(Texts.of("patience.over"));
        }
    }
}
