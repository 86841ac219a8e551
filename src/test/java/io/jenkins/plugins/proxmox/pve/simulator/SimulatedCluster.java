package io.jenkins.plugins.proxmox.pve.simulator;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.jenkins.plugins.proxmox.pve.simulator.FileLock.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Nodes, guests and tasks. Time is the clock's own: what is due is carried out when somebody looks, so that no thread
 * waits for it.
 */
public final class SimulatedCluster {

    /** The node that answers. */
    private static final String ANSWERING = "pve1";

    /** As whom the high availability of the cluster acts. */
    private static final AccessControl.Identity ROOT = new AccessControl.Identity("root@pam", null);

    /** PVE::HA::Manager: states in whose change a request to stop the guest is forgotten. */
    private static final Set<String> HA_FORGETS_A_STOP =
            Set.of("migrate", "relocate", "request_start_balance", "freeze", "fence", "recovery");

    /** What the cluster file system of the node that answers knows of the others. */
    public enum Knowledge {
        ALL,
        /** Its services were just restarted: whether nodes run and what guests are called comes within 10 seconds. */
        NO_STATISTICS,
        /** Its corosync has no connection, not even to itself. */
        NO_MEMBERS,
        /** It has not begun: no guest is known, and no node but the one that answers (PVE::Cluster::cfs_update). */
        NOTHING
    }

    /**
     * The parameters of a power action.
     *
     * @param timeout seconds, or null for the default
     * @param overruleShutdown whether a stop ends shutdowns that are under way
     * @param forceStop whether a shutdown that is ignored becomes a stop
     * @param mayEndAnyTask whether the one who asks may end tasks of others
     */
    record PowerOptions(
            Integer timeout, boolean overruleShutdown, boolean toDisk, boolean forceStop, boolean mayEndAnyTask) {

        long seconds() {
            return timeout == null ? 60 : timeout;
        }
    }

    private record Due(long nanos, Runnable action) {}

    private final Map<String, Boolean> nodes = new LinkedHashMap<>();
    private final Map<Integer, SimulatedGuest> guests = new TreeMap<>();
    private final Map<String, SimulatedTask> tasks = new LinkedHashMap<>();
    private final Set<SimulatedTask> running = new LinkedHashSet<>();
    private final List<Due> due = new ArrayList<>();
    private final Set<String> silentNodes = ConcurrentHashMap.newKeySet();
    private boolean quorate = true;
    private final List<Runnable> requestsWhileDisarmed = new ArrayList<>();
    private String resourceMode;
    private volatile Knowledge knowledge = Knowledge.ALL;
    private int nextPid = 0x6618;
    private Duration clockBehind = Duration.ZERO;
    private Duration taskTakes = Duration.ofMillis(150);
    private final Map<String, Duration> typeTakes = new TreeMap<>();
    private Duration haTakes = Duration.ofMillis(400);
    private Duration rebootTakes = Duration.ofMillis(300);
    private boolean knowsOverruleShutdown = true;
    private volatile Duration agentTimeout = Duration.ofSeconds(3);

    private final AccessControl access;
    private final Map<String, SimulatedStorage> storages = new TreeMap<>();

    /** The locks of files that are yet to be. */
    private final Map<Integer, FileLock> newLocks = new TreeMap<>();

    /** The zones of virtual networks. */
    private final Map<String, String> zones = new TreeMap<>();

    private Duration newGuestsAppearAfter = Duration.ZERO;
    private Duration newGuestsNamedAfter = Duration.ZERO;

    SimulatedCluster(AccessControl access) {
        this.access = access;
        storage("local");
    }

    /** The storage of that name, which is made at the first call. */
    public synchronized SimulatedStorage storage(String name) {
        return storages.computeIfAbsent(name, SimulatedStorage::new);
    }

    /** The storages, those included that are only known from the disks of guests. */
    synchronized List<SimulatedStorage> storages() {
        guests.values().forEach(guest -> storage(guest.diskStorage));
        return new ArrayList<>(storages.values());
    }

    /** The storage of that name, or null. */
    synchronized SimulatedStorage existingStorage(String name) {
        return storages().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    /** Makes a pool, if there is none of that name, and puts guests into it. */
    public synchronized void pool(String name, int... vmids) {
        access.pool(name);
        for (int vmid : vmids) {
            access.pool(name, vmid);
        }
    }

    /** The pool of a guest, or null. */
    public synchronized String poolOf(int vmid) {
        return access.poolOf(vmid);
    }

    /**
     * How long after the request the file of a VM that is cloned is there. Meanwhile its VMID counts as free, so that
     * two requests for one are both taken; the task of the later one then waits in vain.
     */
    public synchronized void newGuestsAppearAfter(Duration delay) {
        newGuestsAppearAfter = delay;
    }

    /** How long after a clone has ended the cluster's list knows more of the new guest than its VMID. */
    public synchronized void newGuestsNamedAfter(Duration delay) {
        newGuestsNamedAfter = delay;
    }

    /** Makes a virtual network of SDN. */
    public synchronized void virtualNetwork(String name, String zone) {
        zones.put(name, zone);
    }

    /** PVE::RPCEnvironment, {@code check_sdn_bridge}: a bridge counts as a network of the zone localnetwork. */
    synchronized String networkPath(String bridge) {
        return "/sdn/zones/" + zones.getOrDefault(bridge, "localnetwork") + "/" + bridge;
    }

    synchronized Duration appearAfter() {
        return newGuestsAppearAfter;
    }

    synchronized boolean isTaken(int vmid) {
        return guests.containsKey(vmid);
    }

    synchronized boolean isNode(String name) {
        return nodes.containsKey(name);
    }

    /** The lock of the file of a guest that is there or is to be. */
    synchronized FileLock fileLock(int vmid) {
        SimulatedGuest guest = guests.get(vmid);
        return guest == null ? newLocks.computeIfAbsent(vmid, each -> new FileLock()) : guest.fileLock;
    }

    synchronized void add(SimulatedGuest guest) {
        guests.put(guest.vmid, guest);
    }

    /** A new guest is complete; the cluster's list learns its name. */
    synchronized void complete(SimulatedGuest guest) {
        if (newGuestsNamedAfter.isZero()) {
            guest.forgotten = false;
        } else {
            later(newGuestsNamedAfter, () -> guest.forgotten = false);
        }
    }

    /** A guest is gone, and with it its place in a pool and its entries in ACLs. */
    synchronized void destroyed(SimulatedGuest guest) {
        guests.remove(guest.vmid, guest);
        access.forgetGuest(guest.vmid);
    }

    /** Waits for the lock of a guest's file as a call does that has no task: not longer than a task. */
    synchronized void awaitFileLock(SimulatedGuest guest) {
        long deadline = System.nanoTime() + waits().toNanos();
        settle();
        while (guest.fileLock.isHeld()) {
            if (System.nanoTime() - deadline > 0) {
                throw Refusal.of(500, guest.cannotLockFile());
            }
            try {
                wait(5);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw Refusal.bare(596, "Broken pipe");
            }
            settle();
        }
    }

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

    /** From now on tasks of that type, such as {@code qmclone}, take that long when nothing goes wrong. */
    public synchronized void taskTakes(String type, Duration duration) {
        typeTakes.put(type, duration);
    }

    synchronized Duration takes(String type) {
        return typeTakes.getOrDefault(type, taskTakes);
    }

    /** How long the server waits for a guest agent that does not answer, before it says so. */
    public void agentTimeout(Duration timeout) {
        agentTimeout = timeout;
    }

    Duration agentTimeout() {
        return agentTimeout;
    }

    /** From now on a stop takes no {@code overrule-shutdown}, as before qemu-server 8.1.2 and pve-container 5.0.10. */
    public synchronized void forgetOverruleShutdown() {
        knowsOverruleShutdown = false;
    }

    synchronized boolean knowsOverruleShutdown() {
        return knowsOverruleShutdown;
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

    /** The same without those that were refused before they did anything. */
    public synchronized List<String> effectiveTaskTypes(int vmid) {
        settle();
        return tasks.values().stream()
                .filter(t -> t.id.equals(String.valueOf(vmid)) && !t.isRefused())
                .map(t -> t.type)
                .toList();
    }

    /**
     * A task as its list shows it.
     *
     * @param id the VMID, as text
     * @param user {@code user@realm}, or {@code user@realm!token}
     * @param end null while it runs
     * @param exitStatus null while it runs
     */
    public record TaskView(
            String upid, String type, String id, String user, Instant start, Instant end, String exitStatus) {}

    /** All tasks, oldest first. */
    public synchronized List<TaskView> allTasks() {
        settle();
        return tasks.values().stream()
                .map(t -> new TaskView(
                        t.upid, t.type, t.id, t.identity.id(), t.start, t.end, t.hasEnded() ? t.exitStatus : null))
                .toList();
    }

    /** The VMIDs of all guests. */
    public synchronized Set<Integer> vmids() {
        settle();
        return Set.copyOf(guests.keySet());
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

    /** Forgets all tasks that have begun so far in the lists only. */
    public synchronized void unlistAll() {
        tasks.values().forEach(task -> task.listed = false);
    }

    /** Lets the running tasks of a guest end now, as they were to end. */
    public synchronized void endTasks(int vmid) {
        settle();
        tasks.values().stream()
                .filter(task -> task.id.equals(String.valueOf(vmid)))
                .forEach(task -> task.endNanos = System.nanoTime());
        settle();
    }

    /** Ends the running tasks of a guest as somebody does who cancels them. */
    public synchronized void cancelTasks(int vmid) {
        tasks.values().stream()
                .filter(task -> task.id.equals(String.valueOf(vmid)))
                .forEach(this::cancel);
    }

    /** When a task ended, or null while it runs. */
    public synchronized Instant endOf(String upid) {
        settle();
        return tasks.get(upid).end;
    }

    synchronized void cancel(SimulatedTask task) {
        settle();
        if (!task.hasEnded()) {
            end(task, task.whenCancelled);
        }
    }

    private static void end(SimulatedTask task, String exitStatus) {
        task.exitStatus = exitStatus;
        task.onEnd = task.onCancel;
        task.finish();
    }

    /** From now on that is all that the lists of nodes and guests are made of. */
    public void knows(Knowledge present) {
        knowledge = present;
    }

    /** The nodes with the status that the list has (PVE::API2Tools::extract_node_stats). */
    synchronized Map<String, String> nodes() {
        Map<String, String> listed = new LinkedHashMap<>();
        nodes.forEach((name, online) -> {
            switch (knowledge) {
                case ALL -> listed.put(name, online ? "online" : "offline");
                case NO_STATISTICS -> listed.put(name, online ? "unknown" : "offline");
                case NO_MEMBERS -> listed.put(name, "offline");
                case NOTHING -> {
                    if (name.equals(ANSWERING)) {
                        listed.put(name, "unknown");
                    }
                }
            }
        });
        return listed;
    }

    /** The guests that the list has. */
    synchronized List<SimulatedGuest> listedGuests() {
        return knowledge == Knowledge.NOTHING
                ? List.of()
                : guests().stream().filter(guest -> !guest.unlisted).toList();
    }

    boolean hasStatistics() {
        return knowledge != Knowledge.NO_STATISTICS;
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

    static String noConfiguration(String node, String type, int vmid) {
        return "Configuration file 'nodes/" + node + "/" + (type.equals("lxc") ? "lxc" : "qemu-server") + "/" + vmid
                + ".conf' does not exist";
    }

    /** Carries out what is due by now, in the order in which it was due. */
    synchronized void settle() {
        long now = System.nanoTime();
        for (Due next = next(now); next != null; next = next(now)) {
            due.remove(next);
            next.action.run();
        }
        running.removeIf(SimulatedTask::hasEnded);
        running.forEach(task -> task.grow(now));
    }

    private Due next(long now) {
        Stream<Due> ends = running.stream()
                .filter(task -> !task.hasEnded() && task.endNanos - now <= 0)
                .map(task -> new Due(task.endNanos, task::finish));
        return Stream.concat(ends, due.stream().filter(each -> each.nanos - now <= 0))
                .min(Comparator.comparingLong(each -> each.nanos - now))
                .orElse(null);
    }

    void later(Duration delay, Runnable action) {
        due.add(new Due(System.nanoTime() + delay.toNanos(), action));
    }

    synchronized SimulatedTask fork(
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
        running.add(task);
        return task;
    }

    /** Carries out a power action as the API of the type does and returns the UPID. */
    synchronized String power(
            AccessControl.Identity identity, String node, String type, int vmid, String action, PowerOptions options) {
        settle();
        SimulatedGuest guest = guests.get(vmid);
        boolean here = guest != null && guest.node.equals(node) && guest.type().equals(type);
        String prefix = type.equals("lxc") ? "vz" : "qm";
        if (!here) {
            return withoutGuest(identity, node, type, vmid, action, prefix);
        }
        return switch (action) {
            case "start" -> start(identity, guest, prefix);
            case "stop", "shutdown" -> stop(identity, guest, prefix, action, options);
            case "reboot" -> reboot(identity, guest, prefix, options);
            case "reset" -> reset(identity, guest);
            case "suspend" -> options.toDisk() ? hibernate(identity, guest) : suspend(identity, guest, prefix);
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

    Duration short_() {
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

    String start(AccessControl.Identity identity, SimulatedGuest guest, String prefix) {
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
        return underLock(identity, guest, prefix + "start", task -> startOf(guest, task));
    }

    private Work startOf(SimulatedGuest guest, SimulatedTask task) {
        if (!guest.container && guest.running && "backup".equals(guest.lock)) {
            return new Work(taskTakes, "OK", guest::run);
        }
        // a start brings the memory of a hibernated guest back
        boolean hibernated = "suspended".equals(guest.lock);
        String failure = guest.template
                ? "you can't start a " + (guest.container ? "container" : "vm") + " if it's a template"
                : guest.lock != null && !hibernated
                        ? guest.lockedText()
                        : guest.running ? guest.label() + " already running" : guest.startFailure;
        if (failure != null) {
            return Work.failing(short_(), failure);
        }
        if (guest.startWarning != null) {
            task.log.add("WARN: " + guest.startWarning);
        }
        return new Work(
                guest.startTakes == null ? taskTakes : guest.startTakes,
                guest.startWarning == null ? "OK" : "WARNINGS: 1",
                () -> {
                    guest.lock = null;
                    guest.setRunning(true);
                });
    }

    /**
     * The task of an action that needs the lock of the guest's file. While another task holds it, Proxmox VE waits for 10
     * seconds, here three times as long as a task takes.
     */
    String underLock(
            AccessControl.Identity identity, SimulatedGuest guest, String type, Function<SimulatedTask, Work> work) {
        SimulatedTask task = waiting(identity, guest, type);
        guest.fileLock.run(task, each -> asToldTo(guest, each, work));
        return task.upid;
    }

    /** The same for a task that needs the file's lock only as it begins. */
    String underLockBriefly(
            AccessControl.Identity identity, SimulatedGuest guest, String type, Function<SimulatedTask, Work> work) {
        SimulatedTask task = waiting(identity, guest, type);
        guest.fileLock.runBriefly(task, each -> asToldTo(guest, each, work));
        return task.upid;
    }

    /** How long a task waits for the lock of a file: in Proxmox VE 10 seconds. */
    Duration waits() {
        return taskTakes.multipliedBy(3);
    }

    private SimulatedTask waiting(AccessControl.Identity identity, SimulatedGuest guest, String type) {
        String timeout = guest.cannotLockFile();
        return fork(guest.node, type, guest.vmid, identity, waits(), timeout, null);
    }

    /** The work, unless the guest was told to let it fail, for as long as tasks of that type take. */
    private Work asToldTo(SimulatedGuest guest, SimulatedTask task, Function<SimulatedTask, Work> work) {
        if (guests.get(guest.vmid) != guest) {
            return Work.failing(short_(), noConfiguration(guest.node, guest.type(), guest.vmid));
        }
        String failure = guest.takeFailure(task.type);
        if (failure != null) {
            return Work.failing(short_(), failure);
        }
        Work todo = work.apply(task);
        boolean timed = todo.exitStatus().equals("OK") && typeTakes.containsKey(task.type);
        return timed ? new Work(typeTakes.get(task.type), todo.exitStatus(), todo.onEnd(), todo.onCancel()) : todo;
    }

    /** The task that files a request with high availability, unless a person has to clear an error there first. */
    private String highlyAvailable(
            AccessControl.Identity identity, SimulatedGuest guest, String type, Runnable request) {
        if (!guest.haState.equals("error")) {
            return fork(guest.node, type, guest.vmid, identity, short_(), "OK", () -> whenArmed(request)).upid;
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

    private void whenArmed(Runnable request) {
        if (resourceMode == null) {
            request.run();
        } else {
            requestsWhileDisarmed.add(request);
        }
    }

    /**
     * High availability takes requests from now on and carries none out (ha-manager crm-command disarm-ha freeze).
     *
     * @param shown whether its guests are in state freeze, as PVE::HA::Manager has it, or as they were
     */
    public synchronized void disarmHighAvailability(boolean shown) {
        resourceMode = "freeze";
        for (SimulatedGuest guest : guests.values()) {
            if (shown && guest.highlyAvailable) {
                String before = guest.haState;
                requestsWhileDisarmed.add(() -> guest.haState = before);
                guest.haState = "freeze";
            }
        }
    }

    /** High availability goes on with what it was asked for meanwhile. */
    public synchronized void armHighAvailability() {
        resourceMode = null;
        requestsWhileDisarmed.forEach(Runnable::run);
        requestsWhileDisarmed.clear();
    }

    /** What becomes of guests under high availability while that is disarmed; null while it is armed. */
    synchronized String resourceMode() {
        return resourceMode;
    }

    private void startForHighAvailability(SimulatedGuest guest, String prefix) {
        String failure =
                guest.lock != null && !guest.lock.equals("suspended") ? guest.lockedText() : guest.startFailure;
        fork(guest.node, prefix + "start", guest.vmid, ROOT, taskTakes, failure == null ? "OK" : failure, () -> {
            if (failure == null) {
                guest.setRunning(true);
            } else {
                guest.haState = "error";
            }
        });
    }

    private String stop(
            AccessControl.Identity identity, SimulatedGuest guest, String prefix, String action, PowerOptions options) {
        if (guest.container) {
            requireRunning(guest);
        }
        if (action.equals("shutdown") && !options.forceStop) {
            requireHearing(guest);
        }
        if (guest.highlyAvailable) {
            return stopForHighAvailability(identity, guest, prefix, action, options);
        }
        List<String> overruled =
                options.overruleShutdown ? overrule(identity, guest, prefix, options.mayEndAnyTask) : List.of();
        return underLock(identity, guest, prefix + action, task -> {
            if (!overruled.isEmpty()) {
                task.log.add(0, "overruled " + prefix + "shutdown tasks: " + String.join(", ", overruled));
            }
            return stopOf(guest, action, options, task);
        });
    }

    private String stopForHighAvailability(
            AccessControl.Identity identity, SimulatedGuest guest, String prefix, String action, PowerOptions options) {
        if (options.overruleShutdown) {
            throw Refusal.parameters(
                    JsonNodeFactory.instance.objectNode().put("overrule-shutdown", "Not applicable for HA resources."));
        }
        if (HA_FORGETS_A_STOP.contains(guest.haState)) {
            return highlyAvailable(identity, guest, "hastop", () -> {});
        }
        return highlyAvailable(identity, guest, "hastop", () -> {
            guest.haState = "request_stop";
            if (guest.container && guest.ignoresShutdown && action.equals("shutdown")) {
                // PVE::HA::Resources::PVECT asks for a shutdown that is not forced, again and again
                return;
            }
            later(
                    haTakes,
                    () -> fork(guest.node, prefix + "stop", guest.vmid, ROOT, taskTakes, "OK", () -> {
                        guest.setRunning(false);
                        guest.haState = "stopped";
                    }));
        });
    }

    /** Ends the shutdowns of the guest that the identity may end (PVE::GuestHelpers::abort_guest_tasks). */
    private List<String> overrule(
            AccessControl.Identity identity, SimulatedGuest guest, String prefix, boolean mayEndAny) {
        List<String> overruled = new ArrayList<>();
        for (SimulatedTask task : new ArrayList<>(tasks.values())) {
            boolean own = identity.equals(task.identity)
                    || !identity.isToken() && identity.userId().equals(task.identity.userId());
            if (!task.hasEnded()
                    && task.type.equals(prefix + "shutdown")
                    && task.id.equals(String.valueOf(guest.vmid))
                    && (own || mayEndAny)) {
                // as recorded: QEMU does not answer any more, lxc-stop was interrupted
                end(task, guest.container ? SimulatedTask.WITHOUT_LAST_LINE : "VM quit/powerdown failed");
                overruled.add(task.upid);
            }
        }
        return overruled;
    }

    private Work stopOf(SimulatedGuest guest, String action, PowerOptions options, SimulatedTask task) {
        if (guest.running && guest.lock != null) {
            return Work.failing(short_(), guest.lockedText());
        }
        if (action.equals("shutdown") && guest.running && (guest.ignoresShutdown || guest.standsStill())) {
            long seconds = options.seconds();
            if (options.forceStop) {
                boolean paused = !guest.container && guest.hearsNothing();
                task.log.add(
                        paused
                                ? "VM is paused - stop instead of shutdown"
                                : "VM quit/powerdown failed - terminating now with SIGTERM");
                return new Work(paused ? taskTakes : Duration.ofSeconds(seconds), "OK", () -> guest.setRunning(false));
            }
            return guest.container
                    // PVE::LXC::vm_stop waits as long once more for a container that was not killed
                    ? Work.failing(Duration.ofSeconds(2 * seconds + 5), "container did not stop")
                    : Work.failing(Duration.ofSeconds(seconds), "VM quit/powerdown failed");
        }
        boolean slow = action.equals("shutdown") && guest.shutdownTakes != null;
        return new Work(slow ? guest.shutdownTakes : taskTakes, "OK", () -> guest.setRunning(false));
    }

    private String reboot(AccessControl.Identity identity, SimulatedGuest guest, String prefix, PowerOptions options) {
        requireHearing(guest);
        requireRunning(guest);
        return underLock(identity, guest, prefix + "reboot", task -> rebootOf(guest, options));
    }

    private Work rebootOf(SimulatedGuest guest, PowerOptions options) {
        if (guest.container && guest.startFailure != null) {
            // the start is part of the task (PVE::LXC::vm_reboot)
            return new Work(taskTakes, guest.startFailure, () -> guest.setRunning(false));
        }
        if (!guest.container && guest.ignoresShutdown) {
            return Work.failing(Duration.ofSeconds(options.seconds()), "VM quit/powerdown failed - got timeout");
        }
        return new Work(taskTakes, "OK", () -> {
            guest.setRunning(false);
            later(rebootTakes, () -> guest.setRunning(true));
        });
    }

    private String reset(AccessControl.Identity identity, SimulatedGuest guest) {
        requireRunning(guest);
        return underLock(
                identity,
                guest,
                "qmreset",
                task -> whileRunning(guest, () -> {
                    guest.agent().boot();
                    if (guest.standsStill()) {
                        // QEMU, main_loop_should_exit: it does not begin to run by itself
                        guest.paused = false;
                        guest.qmpStatus = "prelaunch";
                    }
                }));
    }

    private String suspend(AccessControl.Identity identity, SimulatedGuest guest, String prefix) {
        requireRunning(guest);
        return guest.container
                ? underLock(identity, guest, "vzsuspend", task -> whileRunning(guest, () -> guest.setRunning(false)))
                : underLock(identity, guest, prefix + "pause", task -> whileRunning(guest, () -> guest.paused = true));
    }

    /** What stands against it before a right of its own is asked for: recorded of both generations. */
    synchronized void requireHibernatable(String node, int vmid) {
        settle();
        SimulatedGuest guest = configured(node, "qemu", vmid);
        requireRunning(guest);
        if (guest.highlyAvailable) {
            throw Refusal.of(500, "Cannot suspend HA managed VM to disk");
        }
    }

    /** Where the memory of a VM goes that is hibernated. */
    synchronized String stateStorage(int vmid) {
        SimulatedGuest guest = guests.get(vmid);
        return guest.stateStorage == null ? guest.diskStorage : guest.stateStorage;
    }

    private String hibernate(AccessControl.Identity identity, SimulatedGuest guest) {
        return underLock(
                identity,
                guest,
                "qmsuspend",
                task -> guest.lock == null
                        ? whileRunning(guest, () -> {
                            task.log.add("State saved, quitting");
                            guest.setRunning(false);
                            guest.lock = "suspended";
                        })
                        : Work.failing(
                                short_(),
                                guest.lock.equals("backup")
                                        ? "cannot suspend to disk during backup"
                                        : guest.lockedText()));
    }

    private Work whileRunning(SimulatedGuest guest, Runnable onEnd) {
        return guest.running
                ? new Work(taskTakes, "OK", onEnd)
                : Work.failing(short_(), guest.label() + " not running");
    }

    private String resume(AccessControl.Identity identity, SimulatedGuest guest, String prefix) {
        if (guest.container) {
            if (guest.running) {
                throw Refusal.of(500, guest.label() + " already running");
            }
            return underLock(
                    identity, guest, "vzresume", task -> new Work(taskTakes, "OK", () -> guest.setRunning(true)));
        }
        boolean hibernated = !guest.running && "suspended".equals(guest.lock);
        if (!hibernated) {
            requireRunning(guest);
        }
        return underLock(identity, guest, prefix + "resume", task -> resumeOf(guest, hibernated));
    }

    private Work resumeOf(SimulatedGuest guest, boolean hibernated) {
        if ("internal-error".equals(guest.qmpStatus)) {
            return Work.failing(
                    short_(), guest.label() + " qmp command 'cont' failed - Resetting the Virtual Machine is required");
        }
        return new Work(taskTakes, "OK", () -> {
            if (hibernated) {
                guest.lock = null;
                guest.setRunning(true);
            }
            guest.run();
        });
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

    /** Requests relayed to that node are answered again. */
    public void endSilence(String node) {
        silentNodes.remove(node);
    }
}
