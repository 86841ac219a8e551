package io.jenkins.plugins.proxmox.pve.simulator;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Nodes, guests and tasks. Time is the clock's own: what is due is carried out when somebody looks, so that no thread
 * waits for it.
 */
public final class SimulatedCluster {

    /** As whom the high availability of the cluster acts. */
    private static final AccessControl.Identity ROOT = new AccessControl.Identity("root@pam", null);

    /** PVE::HA::Manager: states in whose change a request to stop the guest is forgotten. */
    private static final Set<String> HA_FORGETS_A_STOP =
            Set.of("migrate", "relocate", "request_start_balance", "freeze", "fence", "recovery");

    private record Due(long nanos, Runnable action) {}

    private final Map<String, Boolean> nodes = new LinkedHashMap<>();
    private final Map<Integer, SimulatedGuest> guests = new TreeMap<>();
    private final Map<String, SimulatedTask> tasks = new LinkedHashMap<>();
    private final List<Due> due = new ArrayList<>();
    private final Set<String> silentNodes = ConcurrentHashMap.newKeySet();
    private boolean quorate = true;
    private int nextPid = 0x6618;
    private Duration clockBehind = Duration.ZERO;
    private Duration taskTakes = Duration.ofMillis(150);
    private Duration haTakes = Duration.ofMillis(400);
    private Duration rebootTakes = Duration.ofMillis(300);

    SimulatedCluster() {}

    public synchronized void node(String name, boolean online) {
        nodes.put(name, online);
    }

    public synchronized SimulatedGuest vm(int vmid, String node, String name) {
        SimulatedGuest guest = new SimulatedGuest(vmid, false, node, name);
        guests.put(vmid, guest);
        return guest;
    }

    public synchronized SimulatedGuest container(int vmid, String node, String name) {
        SimulatedGuest guest = new SimulatedGuest(vmid, true, node, name);
        guests.put(vmid, guest);
        return guest;
    }

    public synchronized void remove(int vmid) {
        guests.remove(vmid);
    }

    /** The guest as it is now. */
    public synchronized SimulatedGuest guest(int vmid) {
        settle();
        return guests.get(vmid);
    }

    /** How long a task takes; how long high availability takes to act after its task; how long a reboot is down. */
    public synchronized void timing(Duration task, Duration highAvailability, Duration reboot) {
        taskTakes = task;
        haTakes = highAvailability;
        rebootTakes = reboot;
    }

    /** From now on tasks bear a time that much before the one that answers bear, as on a node whose clock is behind. */
    public synchronized void clockBehind(Duration difference) {
        clockBehind = difference;
    }

    /** The types of all tasks for a guest, oldest first. */
    public synchronized List<String> taskTypes(int vmid) {
        return tasks.values().stream()
                .filter(t -> t.id.equals(String.valueOf(vmid)))
                .map(t -> t.type)
                .toList();
    }

    /** Begins a task that changes nothing, as {@code user@realm} or {@code user@realm!token}, and returns its UPID. */
    public synchronized String task(String node, String userOrToken, Duration takes, String exitStatus) {
        int token = userOrToken.indexOf('!');
        AccessControl.Identity identity = token < 0
                ? new AccessControl.Identity(userOrToken, null)
                : new AccessControl.Identity(userOrToken.substring(0, token), userOrToken.substring(token + 1));
        return fork(node, "qmsnapshot", 100, identity, takes, exitStatus, null).upid;
    }

    /** Forgets a task that has ended in the lists only, as when the index of tasks was rotated away. */
    public synchronized void unlist(String upid) {
        tasks.get(upid).listed = false;
    }

    /** Lets the running tasks of a guest end now, as they were to end. */
    public synchronized void endTasks(int vmid) {
        settle();
        tasks.values().stream()
                .filter(task -> task.id.equals(String.valueOf(vmid)))
                .forEach(task -> task.endNanos = System.nanoTime());
        settle();
    }

    /** When a task ended, or null while it runs. */
    public synchronized Instant endOf(String upid) {
        settle();
        return tasks.get(upid).end;
    }

    synchronized void cancel(SimulatedTask task) {
        settle();
        if (task.hasEnded()) {
            return;
        }
        task.exitStatus = "interrupted by signal";
        task.onEnd = task.onCancel;
        task.finish();
    }

    synchronized Map<String, Boolean> nodes() {
        return new LinkedHashMap<>(nodes);
    }

    synchronized List<SimulatedGuest> guests() {
        settle();
        return new ArrayList<>(guests.values());
    }

    synchronized SimulatedTask task(String upid) {
        settle();
        return tasks.get(upid);
    }

    synchronized List<SimulatedTask> tasksOf(String node) {
        settle();
        List<SimulatedTask> found = new ArrayList<>(tasks.values().stream()
                .filter(t -> t.node.equals(node) && t.listed)
                .toList());
        // PVE::API2::Tasks: first those that run, then the archive read backwards
        found.sort(Comparator.comparing(SimulatedTask::hasEnded)
                .thenComparing(t -> t.hasEnded() ? t.end : t.start, Comparator.reverseOrder()));
        return found;
    }

    /** The guest of that type on that node, or the error of a missing configuration file. */
    synchronized SimulatedGuest configured(String node, String type, int vmid) {
        settle();
        SimulatedGuest guest = guests.get(vmid);
        if (guest == null || !guest.node.equals(node) || !guest.type().equals(type)) {
            throw Refusal.of(500, noConfiguration(node, type, vmid));
        }
        return guest;
    }

    private static String noConfiguration(String node, String type, int vmid) {
        return "Configuration file 'nodes/" + node + "/" + (type.equals("lxc") ? "lxc" : "qemu-server") + "/" + vmid
                + ".conf' does not exist";
    }

    private void settle() {
        long now = System.nanoTime();
        for (boolean changed = true; changed; ) {
            changed = false;
            for (SimulatedTask task : new ArrayList<>(tasks.values())) {
                if (!task.hasEnded() && task.endNanos - now <= 0) {
                    task.finish();
                    changed = true;
                }
            }
            for (Due action : new ArrayList<>(due)) {
                if (action.nanos - now <= 0) {
                    due.remove(action);
                    action.action.run();
                    changed = true;
                }
            }
        }
    }

    private void later(Duration delay, Runnable action) {
        due.add(new Due(System.nanoTime() + delay.toNanos(), action));
    }

    private SimulatedTask fork(
            String node,
            String type,
            int vmid,
            AccessControl.Identity identity,
            Duration takes,
            String exit,
            Runnable onEnd) {
        int pid = nextPid++;
        SimulatedTask task = new SimulatedTask(
                node,
                type,
                String.valueOf(vmid),
                identity,
                pid,
                pid * 13,
                Instant.now().minus(clockBehind),
                System.nanoTime() + takes.toNanos());
        task.exitStatus = exit;
        task.onEnd = onEnd;
        tasks.put(task.upid, task);
        return task;
    }

    /** Carries out a power action as the API of the type does and returns the UPID. */
    synchronized String power(
            AccessControl.Identity identity, String node, String type, int vmid, String action, Integer timeout) {
        settle();
        SimulatedGuest guest = guests.get(vmid);
        boolean here = guest != null && guest.node.equals(node) && guest.type().equals(type);
        String prefix = type.equals("lxc") ? "vz" : "qm";
        if (!here) {
            return withoutGuest(identity, node, type, vmid, action, prefix);
        }
        return switch (action) {
            case "start" -> start(identity, guest, prefix);
            case "stop", "shutdown" -> stop(identity, guest, prefix, action, timeout);
            case "reboot" -> reboot(identity, guest, prefix);
            case "reset" -> reset(identity, guest);
            case "suspend" -> suspend(identity, guest, prefix);
            case "resume" -> resume(identity, guest, prefix);
            default -> throw new IllegalArgumentException(action);
        };
    }

    /** What becomes of an action on a guest that does not live there: recorded of servers of both generations. */
    private String withoutGuest(
            AccessControl.Identity identity, String node, String type, int vmid, String action, String prefix) {
        boolean container = type.equals("lxc");
        if (action.equals("start") || container && action.equals("resume")) {
            return fork(node, prefix + action, vmid, identity, short_(), noConfiguration(node, type, vmid), null).upid;
        }
        if (container) {
            throw Refusal.of(500, (action.equals("reboot") ? "VM " : "CT ") + vmid + " not running");
        }
        String missing = "unable to find configuration file for VM " + vmid + " on node '" + node + "'";
        if (action.equals("stop") || action.equals("shutdown")) {
            return fork(node, prefix + action, vmid, identity, short_(), missing, null).upid;
        }
        throw Refusal.of(500, missing);
    }

    private Duration short_() {
        return taskTakes.dividedBy(4);
    }

    private static void requireRunning(SimulatedGuest guest) {
        if (!guest.running) {
            throw Refusal.of(500, guest.label() + " not running");
        }
    }

    private static void requireHearing(SimulatedGuest guest) {
        if (!guest.container && guest.hearsNothing()) {
            throw Refusal.of(500, "VM is paused - cannot shutdown");
        }
    }

    private String start(AccessControl.Identity identity, SimulatedGuest guest, String prefix) {
        if (guest.container && guest.running) {
            throw Refusal.of(500, guest.label() + " already running");
        }
        if (!quorate) {
            throw Refusal.of(500, "cluster not ready - no quorum?");
        }
        if (guest.highlyAvailable) {
            return highlyAvailable(identity, guest, "hastart", () -> {
                guest.haState = "started";
                later(haTakes, () -> startForHighAvailability(guest, prefix));
            });
        }
        if (!guest.container && guest.running && "backup".equals(guest.lock)) {
            return fork(guest.node, "qmstart", guest.vmid, identity, taskTakes, "OK", () -> guest.qmpStatus = null)
                    .upid;
        }
        // a start brings the memory of a hibernated guest back
        boolean hibernated = "suspended".equals(guest.lock);
        String failure = guest.template
                ? "you can't start a " + (guest.container ? "container" : "vm") + " if it's a template"
                : guest.lock != null && !hibernated
                        ? (guest.container ? "CT" : "VM") + " is locked (" + guest.lock + ")"
                        : guest.running ? guest.label() + " already running" : guest.startFailure;
        if (failure != null) {
            return fork(guest.node, prefix + "start", guest.vmid, identity, short_(), failure, null).upid;
        }
        if (guest.busy) {
            return lockTimeout(identity, guest, prefix + "start");
        }
        guest.busy = true;
        Duration takes = guest.startTakes == null ? taskTakes : guest.startTakes;
        String exit = guest.startWarning == null ? "OK" : "WARNINGS: 1";
        SimulatedTask task = fork(guest.node, prefix + "start", guest.vmid, identity, takes, exit, () -> {
            guest.busy = false;
            guest.lock = null;
            guest.setRunning(true);
        });
        task.onCancel = () -> guest.busy = false;
        if (guest.startWarning != null) {
            task.log.add("WARN: " + guest.startWarning);
        }
        return task.upid;
    }

    /** The task of an action on a guest whose file lock another task holds, which Proxmox VE waits 10 seconds for. */
    private String lockTimeout(AccessControl.Identity identity, SimulatedGuest guest, String type) {
        String failure = "can't lock file '/var/lock/qemu-server/lock-" + guest.vmid + ".conf' - got timeout";
        return fork(guest.node, type, guest.vmid, identity, taskTakes.multipliedBy(3), failure, null).upid;
    }

    /** The task that files a request with high availability, unless a person has to clear an error there first. */
    private String highlyAvailable(
            AccessControl.Identity identity, SimulatedGuest guest, String type, Runnable request) {
        if (!guest.haState.equals("error")) {
            return fork(guest.node, type, guest.vmid, identity, short_(), "OK", request).upid;
        }
        String service = (guest.container ? "ct:" : "vm:") + guest.vmid;
        String command = type.equals("hastart") ? "set " + service + " --state started" : "crm-command stop " + service;
        SimulatedTask task = fork(
                guest.node,
                type,
                guest.vmid,
                identity,
                short_(),
                "command 'ha-manager " + command + "' failed: exit code 255",
                null);
        task.log.add("service '" + service + "' in error state, must be disabled and fixed first");
        return task.upid;
    }

    private void startForHighAvailability(SimulatedGuest guest, String prefix) {
        String failure = guest.lock != null && !guest.lock.equals("suspended")
                ? (guest.container ? "CT" : "VM") + " is locked (" + guest.lock + ")"
                : guest.startFailure;
        fork(guest.node, prefix + "start", guest.vmid, ROOT, taskTakes, failure == null ? "OK" : failure, () -> {
            if (failure == null) {
                guest.setRunning(true);
            } else {
                guest.haState = "error";
            }
        });
    }

    private String stop(
            AccessControl.Identity identity, SimulatedGuest guest, String prefix, String action, Integer timeout) {
        if (guest.container) {
            requireRunning(guest);
        }
        if (action.equals("shutdown")) {
            requireHearing(guest);
        }
        if (guest.highlyAvailable) {
            if (HA_FORGETS_A_STOP.contains(guest.haState)) {
                return highlyAvailable(identity, guest, "hastop", () -> {});
            }
            return highlyAvailable(identity, guest, "hastop", () -> {
                guest.haState = "request_stop";
                later(
                        haTakes,
                        () -> fork(guest.node, prefix + "stop", guest.vmid, ROOT, taskTakes, "OK", () -> {
                            guest.setRunning(false);
                            guest.haState = "stopped";
                        }));
            });
        }
        if (guest.busy) {
            return lockTimeout(identity, guest, prefix + action);
        }
        if (guest.running && guest.lock != null) {
            return fork(
                            guest.node,
                            prefix + action,
                            guest.vmid,
                            identity,
                            short_(),
                            (guest.container ? "CT" : "VM") + " is locked (" + guest.lock + ")",
                            null)
                    .upid;
        }
        if (action.equals("shutdown") && guest.ignoresShutdown && guest.running) {
            long seconds = timeout == null ? 60 : timeout;
            // PVE::LXC::vm_stop waits as long once more for a container that was not killed
            Duration takes = Duration.ofSeconds(guest.container ? 2 * seconds + 5 : seconds);
            String failure = guest.container ? "container did not stop" : "VM quit/powerdown failed";
            return fork(guest.node, prefix + action, guest.vmid, identity, takes, failure, null).upid;
        }
        return fork(guest.node, prefix + action, guest.vmid, identity, taskTakes, "OK", () -> guest.setRunning(false))
                .upid;
    }

    private String reboot(AccessControl.Identity identity, SimulatedGuest guest, String prefix) {
        requireHearing(guest);
        requireRunning(guest);
        if (guest.container && guest.startFailure != null) {
            // the start is part of the task (PVE::LXC::vm_reboot)
            return fork(
                            guest.node,
                            "vzreboot",
                            guest.vmid,
                            identity,
                            taskTakes,
                            guest.startFailure,
                            () -> guest.setRunning(false))
                    .upid;
        }
        return fork(guest.node, prefix + "reboot", guest.vmid, identity, taskTakes, "OK", () -> {
                    guest.setRunning(false);
                    later(rebootTakes, () -> guest.setRunning(true));
                })
                .upid;
    }

    private String reset(AccessControl.Identity identity, SimulatedGuest guest) {
        requireRunning(guest);
        return fork(guest.node, "qmreset", guest.vmid, identity, taskTakes, "OK", null).upid;
    }

    private String suspend(AccessControl.Identity identity, SimulatedGuest guest, String prefix) {
        requireRunning(guest);
        if (guest.container) {
            return fork(guest.node, "vzsuspend", guest.vmid, identity, taskTakes, "OK", () -> guest.setRunning(false))
                    .upid;
        }
        return fork(guest.node, prefix + "pause", guest.vmid, identity, taskTakes, "OK", () -> guest.paused = true)
                .upid;
    }

    private String resume(AccessControl.Identity identity, SimulatedGuest guest, String prefix) {
        if (guest.container) {
            if (guest.running) {
                throw Refusal.of(500, guest.label() + " already running");
            }
            return fork(guest.node, "vzresume", guest.vmid, identity, taskTakes, "OK", () -> guest.setRunning(true))
                    .upid;
        }
        boolean hibernated = !guest.running && "suspended".equals(guest.lock);
        if (!hibernated) {
            requireRunning(guest);
        }
        return fork(guest.node, prefix + "resume", guest.vmid, identity, taskTakes, "OK", () -> {
                    if (hibernated) {
                        guest.lock = null;
                        guest.setRunning(true);
                    }
                    guest.paused = false;
                    guest.qmpStatus = null;
                })
                .upid;
    }

    /** What another node's request for {@code node} meets: nothing, or the error of a relay that failed. */
    synchronized void requireReachable(String node) {
        Boolean online = nodes.get(node);
        if (online == null) {
            throw Refusal.of(
                    500,
                    "hostname lookup '" + node + "' failed - failed to get address info for: " + node
                            + ": Name or service not known");
        }
        if (silentNodes.contains(node)) {
            throw Refusal.bare(596, "Connection timed out");
        }
        if (!online) {
            throw Refusal.bare(595, "Connection refused");
        }
    }

    /** Whether the node sees a majority of its cluster; without, it starts no guest (PVE::Cluster::check_cfs_quorum). */
    public synchronized void quorum(boolean present) {
        quorate = present;
    }

    /** From now on requests relayed to that node end with 596, as if it had stopped answering. */
    public void silence(String node) {
        silentNodes.add(node);
    }
}
