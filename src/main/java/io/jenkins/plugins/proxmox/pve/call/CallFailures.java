package io.jenkins.plugins.proxmox.pve.call;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import io.jenkins.plugins.proxmox.pve.call.ApiCallState.Phase;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.TaskSummary;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.task.TaskOutcome;
import io.jenkins.plugins.proxmox.pve.text.MessageBundle;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/** The messages with which a call fails: what happened, and what to look at before it is made again. */
final class CallFailures {

    private static final Logger LOGGER = Logger.getLogger(CallFailures.class.getName());

    /** Tasks have the time of their node, the call that of this computer. */
    private static final Duration CLOCK_DIFFERENCE = Duration.ofMinutes(1);

    private static final int MOST_TASKS = 5;

    private final ApiCall call;

    CallFailures(ApiCall call) {
        this.call = call;
    }

    /**
     * A write of which nobody knows whether it was carried out.
     *
     * @param client to look for tasks with; null when there is none
     */
    @NonNull
    ApiCallException lost(@CheckForNull String why, @CheckForNull ProxmoxClient client, ApiCallState state) {
        return new ApiCallException(MessageBundle.sentences(
                Texts.of("call.lost", call, SafeText.sentence(String.valueOf(why))),
                whereToLook(),
                client == null ? "" : tasksSince(client, state.begun())));
    }

    private String whereToLook() {
        String node = call.path().node();
        return node == null
                ? Texts.of("call.lost.look", call.path())
                : Texts.of("call.lost.look-on-node", call.path(), node);
    }

    /** Names the tasks that may be its own. A call leaves no mark in them, so that none of them certainly is. */
    private String tasksSince(ProxmoxClient client, Instant begun) {
        String node = call.path().node();
        if (node == null) {
            return "";
        }
        try {
            GuestLocation.requireNodeName(node);
            List<Upid> own = client.tasks(node, begun.minus(CLOCK_DIFFERENCE), 50, "").stream()
                    .map(TaskSummary::upid)
                    .filter(client::isOwn)
                    .limit(MOST_TASKS)
                    .toList();
            return own.isEmpty()
                    ? Texts.of("call.lost.no-task", client.identity(), node)
                    : Texts.of(
                            "call.lost.tasks",
                            client.identity(),
                            node,
                            own.stream().map(Upid::text).collect(Collectors.joining(", ")));
        } catch (ProxmoxException | IllegalArgumentException e) {
            LOGGER.log(Level.FINE, "The tasks could not be listed", e);
            return "";
        }
    }

    @NonNull
    ApiCallException notSaved(Throwable why) {
        return new ApiCallException(Texts.of("call.not-saved", call, why));
    }

    @NonNull
    ApiCallException taskFailed(TaskOutcome outcome) {
        String exitStatus = outcome.status().exitStatus();
        List<String> more = outcome.lastLogLines().stream()
                .filter(line -> !line.contains(exitStatus))
                .toList();
        return new ApiCallException(MessageBundle.sentences(
                Texts.of("call.task-failed", call, outcome.task(), SafeText.sentence(exitStatus)),
                more.isEmpty() ? "" : Texts.of("task.log", String.join(" / ", more)),
                outcome.status().isWithoutQuorum() ? Texts.of("task.no-quorum") : ""));
    }

    /** The identity was replaced, and the new one may not see the task of the old one. */
    @NonNull
    ApiCallException unseen(Upid task, String identity) {
        return new ApiCallException(Texts.of("call.task-unseen", call, task, task.user(), identity, task.node()));
    }

    /** @param trouble the error that was tolerated last, or null */
    @NonNull
    ApiCallException timeout(ApiCallState state, @CheckForNull ProxmoxException trouble) {
        long seconds = call.timeout().toSeconds();
        if (state.phase() == Phase.AWAIT_TASK) {
            return new ApiCallException(Texts.of("call.timeout.task", seconds, call, state.task()));
        }
        return new ApiCallException(MessageBundle.sentences(
                Texts.of("call.timeout", seconds, call),
                trouble == null ? "" : trouble.getMessage(),
                state.phase() == Phase.SENT ? Texts.of("call.timeout.sent") : "",
                state.phase() == Phase.SENT ? whereToLook() : ""));
    }
}
