package io.jenkins.plugins.proxmox.pve.diagnosis;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.access.PasswordWhitespace;
import io.jenkins.plugins.proxmox.pve.client.ApiException;
import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.SecretShape;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.threads.ConcurrencyLimits;
import io.jenkins.plugins.proxmox.pve.threads.ProxmoxThreads;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Asks the questions of one diagnosis within its budget. A question without an answer is no failure: the diagnosis just
 * says less.
 */
final class QuestionBudget {

    private static final Logger LOGGER = Logger.getLogger(QuestionBudget.class.getName());

    /** For each server: a question that hangs keeps its thread until the client times out. */
    private static final ConcurrencyLimits<String> THREADS = new ConcurrencyLimits<>(ProxmoxThreads.pool(), 4);

    /** A question to the server. It changes nothing there. */
    interface Question<T> {
        T ask(ProxmoxClient client) throws ProxmoxException;
    }

    @Nullable
    private final ProxmoxClient client;

    private final long deadline;
    private boolean open;

    /** @param most the most requests that all questions may send together */
    QuestionBudget(@Nullable ProxmoxClient client, int most, Duration longest) {
        this.client = client == null ? null : client.limitedTo(most);
        this.open = client != null;
        this.deadline = System.nanoTime() + longest.toNanos();
    }

    /** The identity that failed, or an empty text if it is unknown. */
    String identity() {
        return client == null ? "" : client.identity();
    }

    /** The shape of the secret; an unknown secret counts as a good one. */
    SecretShape secretShape() {
        SecretShape shape = client == null ? null : client.secretShape();
        return shape == null ? SecretShape.UUID : shape;
    }

    /** What the password begins and ends with; an unknown password counts as a good one. */
    PasswordWhitespace passwordEnds() {
        PasswordWhitespace ends = client == null ? null : client.passwordEnds();
        return ends == null ? PasswordWhitespace.VISIBLE : ends;
    }

    /** The answer, or nothing if there is no server to ask, no time or request left, or the question failed. */
    <T> Optional<T> ask(Question<T> question) {
        long nanos = deadline - System.nanoTime();
        if (!open || nanos <= 0) {
            return Optional.empty();
        }
        FutureTask<T> answer = new FutureTask<>(() -> question.ask(client));
        THREADS.of(client.server()).execute(answer);
        try {
            return Optional.ofNullable(answer.get(nanos, TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            giveUp(answer);
        } catch (TimeoutException e) {
            giveUp(answer);
        } catch (ExecutionException e) {
            LOGGER.log(Level.FINE, "A question of a diagnosis failed", e.getCause());
            boolean answered = e.getCause() instanceof ApiException;
            if (!answered || e.getCause() instanceof AuthenticationFailedException) {
                stop();
            }
        }
        return Optional.empty();
    }

    /** Keeps a question that has not started from starting; a blocked read cannot be interrupted. */
    private void giveUp(FutureTask<?> answer) {
        answer.cancel(false);
        stop();
    }

    /** Asks nothing more: the next question would fail as well, and a 401 may count towards a lock-out. */
    private void stop() {
        open = false;
    }
}
