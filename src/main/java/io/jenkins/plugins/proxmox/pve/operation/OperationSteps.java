package io.jenkins.plugins.proxmox.pve.operation;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.NodeUnreachableException;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.task.PollInterval;
import io.jenkins.plugins.proxmox.pve.task.RetryPolicy;
import io.jenkins.plugins.proxmox.pve.task.TaskOutcome;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * An operation on a guest from request to proven end state, one step at a time.
 *
 * <p>{@link #advance} makes at most a few exchanges and returns; {@link OperationRun} decides when the next step comes.
 * All that must survive is in the {@link OperationState}. A write is sent once: when its answer is lost, the operation
 * looks for its task before anything else.
 */
public final class OperationSteps {

    private final OperationRequest request;
    private final BeforeRequest before;
    private final AfterRequest after;
    private final Conflicts conflicts;
    private final RetryPolicy retryPolicy;

    /** With looks before the request. */
    private final RetryPolicy looks;

    /** With requests that were certainly not carried out. */
    private final RetryPolicy requests;

    /** At least as long to wait before the next step, since the last one met trouble. */
    private Duration afterTrouble = Duration.ZERO;

    /**
     * @param log takes one readable line for each thing that happened
     */
    OperationSteps(ProxmoxClient client, OperationRequest request, Consumer<String> log) {
        this.request = request;
        this.conflicts = new Conflicts(client, request, log);
        this.before = new BeforeRequest(client, request, log, conflicts);
        this.after = new AfterRequest(client, request, log, conflicts);
        this.retryPolicy = new RetryPolicy(log);
        this.looks = RetryPolicy.brief(log);
        this.requests = RetryPolicy.brief(log);
    }

    /** How long to wait before the next {@link #advance} of that state, to which the last one led. */
    Duration pause(OperationState state) {
        Duration usual = usualPause(state);
        return afterTrouble.compareTo(usual) > 0 ? afterTrouble : usual;
    }

    private static Duration usualPause(OperationState state) {
        return switch (state.phase()) {
            case REQUEST, DONE -> Duration.ZERO;
            // looked for before: the guest was locked, for example, and is looked at again
            case FIND -> isFirstLook(state) ? Duration.ZERO : PollInterval.afterOthers(state.ageOfPhase());
            case LOOK, AWAIT_TASK -> PollInterval.after(state.ageOfPhase());
            case CONFIRM -> pauseBeforeConfirming(state);
        };
    }

    /**
     * Whether that state waits for what others do with the guest: high availability, or who locked it. A look at the
     * cluster's list tells then whether a look at the guest is worth while.
     */
    public static boolean waitsForOthers(OperationState state) {
        return switch (state.phase()) {
            case FIND -> state.guest() != null && isHeldAsListed(state.history().waitsFor());
            case CONFIRM -> state.upid() != null && state.upid().isHaRequest();
            default -> false;
        };
    }

    private static boolean isFirstLook(OperationState state) {
        return state.guest() == null && state.history().waitsFor() == null;
    }

    private static boolean isHeldAsListed(@CheckForNull WaitReason reason) {
        return reason != null && reason.isListed();
    }

    private static Duration pauseBeforeConfirming(OperationState state) {
        if (waitsForOthers(state)) {
            return PollInterval.afterOthers(state.ageOfPhase());
        }
        // a look at once: without high availability the guest is as wanted when its task has ended
        return state.ageOfPhase().toMillis() < 50 ? Duration.ZERO : PollInterval.after(state.ageOfPhase());
    }

    /** How long it may still take. */
    Duration left(OperationState state) {
        return request.timeout().minus(state.age());
    }

    /**
     * Goes on from {@code state} and returns where that led. The same phase again means: not yet, call later.
     *
     * @throws ProxmoxException when the server refuses, or was not reached for some seconds before the request was sent
     * @throws GuestException when the operation cannot succeed
     */
    OperationState advance(OperationState state) throws ProxmoxException, GuestException {
        afterTrouble = Duration.ZERO;
        boolean late = left(state).isNegative();
        if (late && (state.phase() == Phase.FIND || state.phase() == Phase.REQUEST)) {
            throw overdue(state);
        }
        OperationState next = step(state);
        // late, but looked at all the same: all may have ended well while nobody was there to look
        if (late && !next.isDone() && next.phase() == state.phase()) {
            throw overdue(next);
        }
        return next;
    }

    /** That the time is over, unless trouble that is still there explains it: nothing could be sent, or looked at. */
    private GuestException overdue(OperationState state) throws ProxmoxException {
        for (RetryPolicy each : List.of(looks, requests, retryPolicy)) {
            ProxmoxException trouble = each.trouble();
            if (trouble != null && (each != retryPolicy || trouble instanceof AuthenticationFailedException)) {
                throw trouble;
            }
        }
        return after.timeout(state);
    }

    /**
     * Goes on from a state that awaits a task, whose outcome is known by now. The same state again means that what has
     * to be known besides could not be learned now: await the task once more.
     */
    OperationState advance(OperationState state, TaskOutcome outcome) throws ProxmoxException, GuestException {
        afterTrouble = Duration.ZERO;
        return patiently(state, waiting -> after.taskEnded(waiting, outcome));
    }

    /** That the time is over in that state. */
    GuestException timeout(OperationState state) {
        return conflicts.timeout(state);
    }

    /** Goes on from a state that awaits a task, which the present identity may not look at. */
    OperationState unseen(OperationState state, PermissionDeniedException refusal) throws PermissionDeniedException {
        return after.unseen(state, refusal);
    }

    private OperationState step(OperationState state) throws ProxmoxException, GuestException {
        return switch (state.phase()) {
            case FIND -> patiently(state, before::find, state.history().isInTheWay() ? retryPolicy : looks);
            case REQUEST -> request(state);
            case LOOK -> patiently(state, after::look);
            case AWAIT_TASK -> patiently(state, after::awaitTask);
            case CONFIRM -> patiently(state, after::confirm);
            case DONE -> state;
        };
    }

    /** What is certainly not carried out is asked for again, after another look at the guest. */
    private OperationState request(OperationState state) throws ProxmoxException, GuestException {
        try {
            OperationState next = before.send(state);
            if (next.phase() != Phase.LOOK) {
                requests.relieve();
            }
            return next;
        } catch (ProxmoxException e) {
            if (!isRefusedBeforehand(e)) {
                throw e;
            }
            bear(e, state, requests);
            return state.notSent();
        }
    }

    /** Whether the same request may be sent again: it did not arrive, or was refused before anything was done. */
    private static boolean isRefusedBeforehand(ProxmoxException e) {
        return !(e instanceof RequestRejectedException rejected) || rejected.isRefusedBeforehand();
    }

    /** One step that only looks. */
    private interface Look {
        OperationState at(OperationState state) throws ProxmoxException, GuestException;
    }

    /**
     * Once the request is sent, trouble in looking after it is no reason to give up: the task goes on without us. Only
     * what will not pass ends the wait.
     */
    private OperationState patiently(OperationState state, Look look) throws ProxmoxException, GuestException {
        return patiently(state, look, retryPolicy);
    }

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
            // high availability brings the guests of a node that died to other nodes
            OperationState next = isLookingAtGuest(state) ? conflicts.movedAway(state) : state;
            if (next.equals(state)) {
                throw e;
            }
            return next;
        }
    }

    private static boolean isLookingAtGuest(OperationState state) {
        return state.phase() == Phase.LOOK || state.phase() == Phase.CONFIRM;
    }
}
