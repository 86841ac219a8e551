package io.jenkins.plugins.proxmox.pve.operation;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.NodeUnreachableException;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.AvailabilityAnswer;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.task.PollInterval;
import io.jenkins.plugins.proxmox.pve.task.RetryPolicy;
import io.jenkins.plugins.proxmox.pve.task.TaskOutcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * An operation on a guest from the request to the confirmed end state, one step at a time.
 *
 * <p>{@link #advance} makes at most a few exchanges and returns; {@link OperationRun} decides when the next step runs.
 * Everything that must survive is in the {@link OperationState}. A write is sent once: when its answer is lost, the
 * operation looks for its task before anything else.
 */
public final class OperationStateMachine {

    private final OperationRequest request;
    private final PreparationSteps before;
    private final CompletionSteps after;
    private final AvailabilitySteps available;
    private final Conflicts conflicts;
    private final RetryPolicy retryPolicy;

    /** For queries before the request. */
    private final RetryPolicy looks;

    /** For requests that were certainly not carried out. */
    private final RetryPolicy requests;

    /** Minimum wait before the next step, because the last one met an error. */
    private Duration afterTrouble = Duration.ZERO;

    /**
     * @param log receives one readable line for each event
     */
    OperationStateMachine(ProxmoxClient client, OperationRequest request, Consumer<String> log) {
        this.request = request;
        this.conflicts = new Conflicts(client, request, log);
        this.before = new PreparationSteps(client, request, log, conflicts);
        this.after = new CompletionSteps(client, request, log, conflicts);
        this.available = new AvailabilitySteps(client, request, log);
        this.retryPolicy = new RetryPolicy(log);
        this.looks = RetryPolicy.brief(log);
        this.requests = RetryPolicy.brief(log);
    }

    /** How long to wait before the next {@link #advance} of that state, which the last one returned. */
    Duration pause(OperationState state) {
        Duration usual = usualPause(state);
        return afterTrouble.compareTo(usual) > 0 ? afterTrouble : usual;
    }

    private static Duration usualPause(OperationState state) {
        return switch (state.phase()) {
            case REQUEST, DONE -> Duration.ZERO;
            // searched before: the guest was locked, for example, and is queried again
            case FIND -> isFirstLook(state) ? Duration.ZERO : PollInterval.afterOthers(state.ageOfPhase());
            case LOOK, AWAIT_TASK -> PollInterval.after(state.ageOfPhase());
            case CONFIRM -> pauseBeforeConfirming(state);
            case AVAILABLE -> AvailabilitySteps.pause(state);
        };
    }

    /**
     * Whether that state waits for others to finish with the guest: the HA manager, or the holder of a lock. The
     * cluster's list then shows when to query the guest.
     */
    public static boolean waitsForOthers(OperationState state) {
        WaitReason reason = state.history().waitsFor();
        return switch (state.phase()) {
            case FIND -> state.guest() != null && reason != null && reason.isListed();
            case CONFIRM -> state.isHaRequest();
            default -> false;
        };
    }

    private static boolean isFirstLook(OperationState state) {
        return state.guest() == null && state.history().waitsFor() == null;
    }

    private static Duration pauseBeforeConfirming(OperationState state) {
        if (waitsForOthers(state)) {
            return PollInterval.afterOthers(state.ageOfPhase());
        }
        // immediately: unless it is managed by HA, the guest is in the wanted state when its task has ended
        return state.ageOfPhase().toMillis() < 50 ? Duration.ZERO : PollInterval.after(state.ageOfPhase());
    }

    /** How long the operation may still take. */
    Duration left(OperationState state) {
        return request.timeout().minus(state.age());
    }

    /**
     * Takes the next step from {@code state} and returns the new state. The same phase again means: not yet, call
     * later.
     *
     * @throws ProxmoxException when the server refuses, or could not be reached for some seconds before the request was
     *     sent
     * @throws GuestException when the operation cannot succeed
     */
    OperationState advance(OperationState state) throws ProxmoxException, GuestException {
        afterTrouble = Duration.ZERO;
        boolean late = left(state).isNegative();
        if (late
                && (state.phase() == Phase.FIND
                        || state.phase() == Phase.REQUEST
                        || state.phase() == Phase.AVAILABLE)) {
            throw overdue(state);
        }
        OperationState next = step(state);
        // after the timeout there is one more query: everything may have succeeded while nobody was there to see it
        if (late && !next.isDone() && next.phase() == state.phase()) {
            throw overdue(next);
        }
        return next;
    }

    /** The timeout, unless a current error explains it: nothing could be sent or queried. */
    private GuestException overdue(OperationState state) throws ProxmoxException {
        for (RetryPolicy each : List.of(looks, requests, retryPolicy)) {
            ProxmoxException trouble = each.trouble();
            if (trouble != null && (each != retryPolicy || trouble instanceof AuthenticationFailedException)) {
                throw trouble;
            }
        }
        return state.phase() == Phase.AVAILABLE ? available.timeout(state, true) : after.timeout(state);
    }

    /**
     * Continues from a state that waits for a task whose outcome is now known. If it returns the same state, a further
     * query failed: wait for the task once more.
     */
    OperationState advance(OperationState state, TaskOutcome outcome) throws ProxmoxException, GuestException {
        afterTrouble = Duration.ZERO;
        return patiently(state, waiting -> after.taskEnded(waiting, outcome), retryPolicy);
    }

    /** The timeout in that state. */
    GuestException timeout(OperationState state) {
        return state.phase() == Phase.AVAILABLE ? available.timeout(state, false) : conflicts.timeout(state);
    }

    /** The next thing to learn about a guest that is waited for. Cancel it to stop waiting. */
    CompletableFuture<AvailabilityAnswer> look(OperationState state, ServerConnection with) {
        return available.look(state, with, pause(state));
    }

    /** The state with everything that was learned about the guest since the last step. */
    OperationState seen(OperationState state) {
        return state.phase() == Phase.AVAILABLE ? available.seen(state) : state;
    }

    /**
     * Continues from a state that waits for the guest itself.
     *
     * @param failure why nothing could be learned, or null
     */
    OperationState advance(OperationState state, @Nullable AvailabilityAnswer answer, @Nullable Throwable failure)
            throws ProxmoxException, GuestException {
        afterTrouble = Duration.ZERO;
        if (failure instanceof RuntimeException defect) {
            throw defect;
        }
        return patiently(
                state,
                waiting -> {
                    if (failure instanceof ProxmoxException trouble) {
                        throw trouble;
                    }
                    return available.answered(waiting, answer);
                },
                retryPolicy);
    }

    /** Continues from a state that waits for a task which the current identity may not see. */
    OperationState unseen(OperationState state, PermissionDeniedException refusal) throws PermissionDeniedException {
        return after.unseen(state, refusal);
    }

    private OperationState step(OperationState state) throws ProxmoxException, GuestException {
        return switch (state.phase()) {
            case FIND -> patiently(state, before::find, state.history().isInTheWay() ? retryPolicy : looks);
            case REQUEST -> request(state);
            case LOOK -> patiently(state, after::look, retryPolicy);
            case AWAIT_TASK -> patiently(state, after::awaitTask, retryPolicy);
            case CONFIRM -> patiently(state, after::confirm, retryPolicy);
            case AVAILABLE, DONE -> state;
        };
    }

    /** If the request was certainly not carried out, it is sent again after another query of the guest. */
    private OperationState request(OperationState state) throws ProxmoxException, GuestException {
        try {
            OperationState next = before.send(state);
            if (next.phase() != Phase.LOOK) {
                requests.relieve();
            }
            return next;
        } catch (ProxmoxException e) {
            if (e instanceof RequestRejectedException rejected && !rejected.isRefusedBeforehand()) {
                throw e;
            }
            // it did not arrive, or was refused before anything was done
            bear(e, state, requests);
            return state.notSent();
        }
    }

    /** A step that only queries. */
    private interface Look {
        OperationState at(OperationState state) throws ProxmoxException, GuestException;
    }

    /**
     * Once the request is sent, a failed query is no reason to give up, because the task continues without us. Only a
     * final error ends the wait.
     */
    private OperationState patiently(OperationState state, Look look, RetryPolicy with)
            throws ProxmoxException, GuestException {
        try {
            OperationState next = followed(state, look);
            with.relieve();
            return next;
        } catch (ProxmoxException e) {
            bear(e, state, with);
            return state;
        }
    }

    private void bear(ProxmoxException trouble, OperationState state, RetryPolicy with) throws ProxmoxException {
        with.bear(trouble, state::waitsFor);
        afterTrouble = with.pause();
    }

    private OperationState followed(OperationState state, Look look) throws ProxmoxException, GuestException {
        try {
            return look.at(state);
        } catch (RequestRejectedException e) {
            if (e.isNoSuchGuest() && isLookingAtGuest(state)) {
                return conflicts.movedAway(state);
            }
            throw e;
        } catch (NodeUnreachableException e) {
            // the HA manager recovers the guests of a dead node on other nodes
            OperationState next = isLookingAtGuest(state) ? conflicts.movedAway(state) : state;
            if (next.equals(state)) {
                throw e;
            }
            return next;
        }
    }

    private static boolean isLookingAtGuest(OperationState state) {
        return state.phase() == Phase.LOOK || state.phase() == Phase.CONFIRM || state.phase() == Phase.AVAILABLE;
    }
}
