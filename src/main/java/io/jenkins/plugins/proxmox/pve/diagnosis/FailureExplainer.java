package io.jenkins.plugins.proxmox.pve.diagnosis;

import edu.umd.cs.findbugs.annotations.NonNull;
import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.access.RequiredPrivilege;
import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.NodeUnreachableException;
import io.jenkins.plugins.proxmox.pve.client.NotProxmoxException;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Explains failures of the Proxmox VE API, from the failure itself and, given the client that failed, from a few
 * questions to the server, none of which changes anything. Thread-safe.
 */
public final class FailureExplainer {

    /** The most requests that an explanation sends to the server. */
    public static final int MOST_REQUESTS = 6;

    /** The longest that an explanation takes. */
    public static final Duration LONGEST = Duration.ofSeconds(10);

    private static final Logger LOGGER = Logger.getLogger(FailureExplainer.class.getName());

    @Nullable
    private final ProxmoxClient client;

    private final Duration longest;

    /** An explainer that uses only the failure itself. */
    public FailureExplainer() {
        this(null, LONGEST);
    }

    /** An explainer that can also ask the server, as the identity that failed. */
    public FailureExplainer(ProxmoxClient client) {
        this(client, LONGEST);
    }

    FailureExplainer(@Nullable ProxmoxClient client, Duration longest) {
        this.client = client;
        this.longest = longest;
    }

    /**
     * Explains {@code failure}. Takes at most {@link #LONGEST} and {@link #MOST_REQUESTS}, and never throws: what
     * cannot be found out is left out.
     */
    @NonNull
    public Diagnosis explain(ProxmoxException failure) {
        return explain(failure, List.of());
    }

    /**
     * Explains the failure of a call that was part of an operation.
     *
     * @param needs the rights that the whole operation needs, so that the explanation of a refusal names everything
     *     that is missing, not only what was refused first
     */
    @NonNull
    public Diagnosis explain(ProxmoxException failure, List<RequiredPrivilege> needs) {
        try {
            return diagnose(failure, needs, new QuestionBudget(client, MOST_REQUESTS, longest));
        } catch (RuntimeException e) {
            LOGGER.log(Level.WARNING, "A failure could not be explained", e);
            return client == null ? unexplained(failure) : new FailureExplainer().explain(failure, needs);
        }
    }

    private static Diagnosis diagnose(
            ProxmoxException failure, List<RequiredPrivilege> needs, QuestionBudget questions) {
        if (failure instanceof AuthenticationFailedException refused) {
            return new AuthenticationDiagnosis(refused, questions).write();
        }
        if (failure instanceof PermissionDeniedException denied) {
            return PermissionDiagnosis.of(denied, needs, questions);
        }
        if (failure instanceof PermissionDeniedException.Foreseen missing) {
            return PermissionDiagnosis.of(missing, needs, questions);
        }
        if (failure instanceof ConnectionFailedException unanswered) {
            return ConnectionDiagnosis.of(unanswered);
        }
        if (failure instanceof NodeUnreachableException relay) {
            return NodeUnreachableDiagnosis.of(relay, questions);
        }
        if (failure instanceof NotProxmoxException stranger) {
            return ForeignAnswerDiagnosis.of(stranger);
        }
        if (failure instanceof RequestRejectedException rejected) {
            return RejectionDiagnosis.of(rejected, questions);
        }
        return unexplained(failure);
    }

    private static Diagnosis unexplained(ProxmoxException failure) {
        return new Diagnosis(
                SafeText.line(String.valueOf(failure.getMessage())), ServerQuote.of(failure), List.of(), List.of());
    }
}
