package io.jenkins.plugins.proxmox.pve.task;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Waits for tasks of one server as one identity. No wait holds a thread between two queries, and nodes are queried at
 * the {@link NodeRateLimit} that this watcher shares with those of other identities. Thread-safe. Sends nothing when
 * there are no waits.
 */
public final class TaskWatcher {

    private final ProxmoxClient client;
    private final WorkerThreads workers;
    private final NodeRateLimit pace;
    private final Map<String, NodeTaskPoller> nodes = new ConcurrentHashMap<>();

    /**
     * Starts no thread and sends nothing yet.
     *
     * @param pace shared by all watchers of the same server
     */
    public TaskWatcher(ProxmoxClient client, WorkerThreads workers, NodeRateLimit pace) {
        this.client = client;
        this.workers = workers;
        this.pace = pace;
    }

    /**
     * The outcome of a task, once it has ended. An error that may pass, such as a node that is down or a server that is
     * restarting, does not end the wait. A final one does, with a {@link
     * io.jenkins.plugins.proxmox.pve.http.ProxmoxException}: there is no such task, or access has been withdrawn.
     * Cancel the stage's future to stop waiting. That removes the wait; the task itself continues.
     *
     * @param log receives one readable line when an error occurs, and one when it is over
     */
    public CompletionStage<TaskOutcome> watch(Upid task, Consumer<String> log) {
        TaskWait wait = new TaskWait(task, log);
        NodeTaskPoller node =
                nodes.computeIfAbsent(task.node(), name -> new NodeTaskPoller(name, client, workers, pace.of(name)));
        wait.end().whenComplete((outcome, failure) -> node.remove(wait));
        node.add(wait);
        return wait.end();
    }

    /** The rate at which the nodes of the server are queried. */
    public NodeRateLimit pace() {
        return pace;
    }

    /** The current number of waits. */
    public int waits() {
        return nodes.values().stream().mapToInt(NodeTaskPoller::waits).sum();
    }
}
