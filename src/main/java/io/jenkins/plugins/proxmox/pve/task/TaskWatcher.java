package io.jenkins.plugins.proxmox.pve.task;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Waits for tasks of one server as one identity, for all who wait there: however many they are, no thread is held
 * between two looks, and a node is asked at the {@link NodeRateLimit} that this watcher shares with those of the other
 * identities. Thread-safe; asks nothing when nobody waits.
 */
public final class TaskWatcher {

    private final ProxmoxClient client;
    private final Workers workers;
    private final NodeRateLimit pace;
    private final Map<String, NodeTaskPoller> nodes = new ConcurrentHashMap<>();

    /** The only one who waits on its server. Starts no thread and asks nothing yet. */
    public TaskWatcher(ProxmoxClient client, Workers workers) {
        this(client, workers, new NodeRateLimit());
    }

    /**
     * Starts no thread and asks nothing yet.
     *
     * @param pace shared by all who wait on the same server
     */
    public TaskWatcher(ProxmoxClient client, Workers workers, NodeRateLimit pace) {
        this.client = client;
        this.workers = workers;
        this.pace = pace;
    }

    /**
     * The outcome of a task, once it has ended. Trouble that may pass, such as a node that is down or a server that is
     * being restarted, does not end the wait. What is final does, with a
     * {@link io.jenkins.plugins.proxmox.pve.http.ProxmoxException}: there is no such task, or access was withdrawn.
     * Whoever no longer wants to wait cancels the stage's future; nothing of the wait is left then, and the task
     * itself goes on.
     *
     * @param log takes one readable line when trouble comes, and one when it is over
     */
    public CompletionStage<TaskOutcome> watch(Upid task, Consumer<String> log) {
        TaskWait wait = new TaskWait(task, log);
        NodeTaskPoller node =
                nodes.computeIfAbsent(task.node(), name -> new NodeTaskPoller(name, client, workers, pace.of(name)));
        wait.end().whenComplete((outcome, failure) -> node.remove(wait));
        node.add(wait);
        return wait.end();
    }

    /** The same without telling anybody of trouble on the way. */
    public CompletionStage<TaskOutcome> watch(Upid task) {
        return watch(task, line -> {});
    }

    /** How many waits there are at this moment. */
    public int waits() {
        return nodes.values().stream().mapToInt(NodeTaskPoller::waits).sum();
    }
}
