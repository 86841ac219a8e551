package io.jenkins.plugins.proxmox.pve.lookup;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Waits until guests of one server answer or have an address, as one identity. No wait holds a thread between two
 * questions, and nodes are asked at the {@link NodeRateLimit} that this watch shares with others. Thread-safe. Sends
 * nothing when there are no waits.
 */
public final class AvailabilityWatch {

    private static final int MOST_BLIND_QUESTIONS = 4;

    private record Group(String node, GuestType type) {}

    private final ProxmoxClient client;
    private final WorkerThreads workers;
    private final WorkerThreads questions;
    private final NodeRateLimit pace;
    private final Map<Group, NodeAvailabilityPoller> nodes = new ConcurrentHashMap<>();

    /** Questions to guests that show no sign of life; one of them keeps a thread for 3 seconds. */
    private final Semaphore blindQuestions = new Semaphore(MOST_BLIND_QUESTIONS);

    /**
     * Starts no thread and sends nothing yet.
     *
     * @param workers run short exchanges
     * @param questions run those that may take seconds
     * @param pace shared by all watches of the same server
     */
    public AvailabilityWatch(ProxmoxClient client, WorkerThreads workers, WorkerThreads questions, NodeRateLimit pace) {
        this.client = client;
        this.workers = workers;
        this.questions = questions;
        this.pace = pace;
    }

    /**
     * Waits for the agent or an address of a running guest. The wait ends with a failure when a question fails for a
     * reason that is not the guest's; the caller decides whether to begin it again.
     *
     * @param wanted for a port, the wait ends with the address
     * @param soFar what is known already
     */
    public AvailabilityWait watch(GuestLocation guest, Availability wanted, AvailabilityProgress soFar) {
        AvailabilityWait wait = new AvailabilityWait(guest, wanted, soFar);
        NodeAvailabilityPoller node = nodes.computeIfAbsent(
                new Group(guest.node(), guest.type()),
                group -> new NodeAvailabilityPoller(
                        group.node, group.type, client, workers, questions, pace.of(group.node), blindQuestions));
        wait.end().whenComplete((answer, failure) -> node.remove(wait));
        node.add(wait);
        return wait;
    }

    /** The current number of waits. */
    public int waits() {
        return nodes.values().stream().mapToInt(NodeAvailabilityPoller::waits).sum();
    }
}
