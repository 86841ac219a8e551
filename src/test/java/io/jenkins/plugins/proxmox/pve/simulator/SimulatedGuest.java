package io.jenkins.plugins.proxmox.pve.simulator;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A guest of the simulated cluster. Its behaviour is set by the fluent methods; its state changes by tasks. */
public final class SimulatedGuest {

    final int vmid;
    final boolean container;
    volatile String node;
    volatile String name;
    volatile boolean running;
    volatile boolean paused;
    volatile String qmpStatus;
    volatile String lock;
    volatile boolean template;
    volatile boolean highlyAvailable;
    volatile String haState = "";
    volatile String startFailure;
    volatile String startWarning;
    volatile String haltsAfterStart;
    volatile boolean ignoresShutdown;
    volatile Duration startTakes;
    volatile Duration shutdownTakes;
    volatile long startedNanos;
    volatile int pid;
    final FileLock fileLock;
    volatile String tags;
    volatile boolean forgotten;

    volatile boolean unlisted;
    volatile boolean listBehind;
    volatile String diskStorage = "local";
    volatile String stateStorage;
    volatile long received;
    volatile long sent;
    final GuestConfiguration configuration;
    final GuestSnapshots snapshots;
    private final Map<String, String> failures = new ConcurrentHashMap<>();
    private final SimulatedAgent agent;
    private final SimulatedExec exec;

    SimulatedGuest(int vmid, boolean container, String node, String name) {
        this(vmid, container, node, name, new FileLock());
    }

    SimulatedGuest(int vmid, boolean container, String node, String name, FileLock fileLock) {
        this.fileLock = fileLock;
        this.vmid = vmid;
        this.container = container;
        this.node = node;
        this.name = name;
        this.configuration = new GuestConfiguration(this);
        this.snapshots = new GuestSnapshots(this);
        this.agent = new SimulatedAgent(this);
        this.exec = new SimulatedExec(vmid);
    }

    /** The programs in it. */
    public SimulatedExec exec() {
        return exec;
    }

    /** Its network, and the QEMU guest agent in it. */
    public SimulatedAgent agent() {
        return agent;
    }

    public SimulatedGuest running() {
        setRunning(true);
        return this;
    }

    public SimulatedGuest stopped() {
        setRunning(false);
        return this;
    }

    public SimulatedGuest paused() {
        setRunning(true);
        paused = true;
        return this;
    }

    /** Its process runs, and QEMU reports that about it, such as {@code io-error}. */
    public SimulatedGuest halted(String status) {
        setRunning(true);
        qmpStatus = status;
        return this;
    }

    /** It is off, but its backup runs a QEMU that has not begun, as PVE::VZDump::QemuServer does. */
    public SimulatedGuest heldByBackup() {
        lock = "backup";
        return halted("prelaunch");
    }

    public SimulatedGuest locked(String reason) {
        lock = reason;
        return this;
    }

    public SimulatedGuest template() {
        template = true;
        return this;
    }

    public SimulatedGuest highlyAvailable() {
        highlyAvailable = true;
        haState = "stopped";
        return this;
    }

    /** What high availability says about it (PVE::HA::Manager), such as {@code error}. */
    public SimulatedGuest inHaState(String state) {
        highlyAvailable = true;
        haState = state;
        return this;
    }

    public SimulatedGuest failsToStart(String error) {
        startFailure = error;
        return this;
    }

    /** Lets the next task of that type, such as {@code qmsnapshot}, fail with that before it changes anything. */
    public SimulatedGuest failsAt(String taskType, String exitStatus) {
        failures.put(taskType, exitStatus);
        return this;
    }

    /** What the next task of that type is to fail with, once, or null. */
    String takeFailure(String taskType) {
        return failures.remove(taskType);
    }

    /** What it receives and sends on its network in a second while it runs, in bytes. */
    public SimulatedGuest transfers(long bytesIn, long bytesOut) {
        received = bytesIn;
        sent = bytesOut;
        return this;
    }

    /** It cannot be deleted before its protection is taken off. */
    public SimulatedGuest protectedFromDeletion() {
        configuration.set("protection", "1");
        return this;
    }

    /** Behaves as the one of which it is a clone. */
    SimulatedGuest behavesLike(SimulatedGuest source) {
        startFailure = source.startFailure;
        startWarning = source.startWarning;
        haltsAfterStart = source.haltsAfterStart;
        ignoresShutdown = source.ignoresShutdown;
        startTakes = source.startTakes;
        shutdownTakes = source.shutdownTakes;
        received = source.received;
        sent = source.sent;
        agent.behavesLike(source.agent);
        if (!source.snapshots.arePossible()) {
            snapshots.impossible();
        }
        return this;
    }

    /** Gives it a snapshot, child of the one it had last. */
    public SimulatedGuest snapshot(String snapshot) {
        snapshots.add(snapshot, "", false);
        return this;
    }

    /** The same with the state of its memory. */
    public SimulatedGuest snapshotWithMemory(String snapshot) {
        snapshots.add(snapshot, "", true);
        return this;
    }

    /** Its disk lies where no snapshots can be taken, as a raw one in a directory. */
    public SimulatedGuest withoutSnapshots() {
        snapshots.impossible();
        return this;
    }

    /** The names of its snapshots, oldest first. */
    public List<String> snapshots() {
        return snapshots.names();
    }

    /** What its configuration has under that name, such as {@code cores}, as text, or null. */
    public String configured(String key) {
        return configuration.get(key);
    }

    /** Gives its configuration that value. */
    public SimulatedGuest configured(String key, String value) {
        configuration.set(key, value);
        return this;
    }

    /** The lock that its configuration has, or null. */
    public String lock() {
        return lock;
    }

    public SimulatedGuest startsWithWarning(String warning) {
        startWarning = warning;
        return this;
    }

    /** Whenever it has begun to run, it halts at once, as when its storage is full. */
    public SimulatedGuest haltsAfterStart(String status) {
        haltsAfterStart = status;
        return this;
    }

    public SimulatedGuest ignoresShutdown() {
        ignoresShutdown = true;
        return this;
    }

    /** Obeys, but needs that long. */
    public SimulatedGuest shutdownTakes(Duration duration) {
        shutdownTakes = duration;
        return this;
    }

    public SimulatedGuest startTakes(Duration duration) {
        startTakes = duration;
        return this;
    }

    /** The storage of its disk. */
    public SimulatedGuest onStorage(String storage) {
        diskStorage = storage;
        return this;
    }

    /** The storage that its {@code vmstatestorage} names. */
    public SimulatedGuest savesStateOn(String storage) {
        stateStorage = storage;
        return this;
    }

    /** Gives it tags, separated by semicolons. */
    public SimulatedGuest tagged(String separatedBySemicolons) {
        tags = separatedBySemicolons;
        return this;
    }

    /** The cluster has no statistics of it, as after its node was off for some minutes: not even its name. */
    public SimulatedGuest withoutStatistics() {
        forgotten = true;
        return this;
    }

    /** The cluster's list does not have it, although its VMID is taken. */
    public SimulatedGuest unlisted(boolean isUnlisted) {
        unlisted = isUnlisted;
        return this;
    }

    /** Something that is in no list of tasks, such as a command on the host, holds the lock of its file. */
    public SimulatedGuest busy(boolean held) {
        fileLock.heldFromOutside(held);
        return this;
    }

    /** The cluster's list has not noticed that it runs. */
    public SimulatedGuest listedAsStopped(boolean behind) {
        listBehind = behind;
        return this;
    }

    /** Moves it to another node, as a migration does. */
    public void migrateTo(String otherNode) {
        node = otherNode;
    }

    public boolean isRunning() {
        return running;
    }

    public boolean isPaused() {
        return paused;
    }

    /** Whether it takes no request to shut down (PVE::QemuServer::vm_is_paused). */
    boolean hearsNothing() {
        return paused || running && ("prelaunch".equals(qmpStatus) || "suspended".equals(qmpStatus));
    }

    /** Whether its processors do not run although its process does. */
    boolean standsStill() {
        return running && (paused || qmpStatus != null);
    }

    /** As the process begins to run, or goes on. */
    void run() {
        paused = false;
        qmpStatus = haltsAfterStart;
    }

    void setRunning(boolean on) {
        running = on;
        configuration.takeEffect();
        paused = false;
        qmpStatus = on ? haltsAfterStart : null;
        if (on) {
            startedNanos = System.nanoTime();
            agent.boot();
            pid = 26_000 + (int) (startedNanos / 1000 % 70_000);
        }
    }

    /** What Proxmox VE says of a guest that is locked by what stands in its file. */
    String lockedText() {
        return (container ? "CT" : "VM") + " is locked (" + lock + ")";
    }

    /** What ends whoever has waited too long for the lock of its file. */
    String cannotLockFile() {
        String file = container
                ? "/run/lock/lxc/pve-config-" + vmid + ".lock"
                : "/var/lock/qemu-server/lock-" + vmid + ".conf";
        return "can't lock file '" + file + "' - got timeout";
    }

    String label() {
        return (container ? "CT " : "VM ") + vmid;
    }

    String type() {
        return container ? "lxc" : "qemu";
    }

    String aclPath() {
        return "/vms/" + vmid;
    }

    /** PVE::QemuServer::vmstatus, PVE::LXC::vmstatus: one without a name is called by its number. */
    private String shownName() {
        return name == null || name.isEmpty() ? (container ? "CT" : "VM ") + vmid : name;
    }

    private long transferred(long bytesPerSecond) {
        return running
                ? bytesPerSecond
                        * Duration.ofNanos(System.nanoTime() - startedNanos).toMillis()
                        / 1000
                : 0;
    }

    private long uptimeSeconds() {
        return running ? Duration.ofNanos(System.nanoTime() - startedNanos).toSeconds() : 0;
    }

    /** As {@code status/current} shows it. */
    ObjectNode current() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("vmid", vmid);
        json.put("name", shownName());
        json.put("status", running ? "running" : "stopped");
        json.put("cpus", configuration.cpus());
        json.put("cpu", running ? 0.0125 : 0);
        json.put("mem", running ? 340_000_000 : 0);
        json.put("maxmem", configuration.memoryBytes());
        json.put("uptime", uptimeSeconds());
        json.put("disk", 0);
        json.put("maxdisk", configuration.diskBytes());
        json.put("netin", transferred(received));
        json.put("netout", transferred(sent));
        if (template) {
            json.put("template", 1);
        }
        if (tags != null) {
            json.put("tags", tags);
        }
        if (container) {
            json.put("type", "lxc");
        } else {
            json.put("qmpstatus", !running ? "stopped" : paused ? "paused" : qmpStatus == null ? "running" : qmpStatus);
            if ("enabled=1".equals(agent.option())) {
                json.put("agent", 1);
            }
        }
        if (running) {
            json.put("pid", pid);
        }
        if (lock != null) {
            json.put("lock", lock);
        }
        ObjectNode ha = json.putObject("ha");
        ha.put("managed", highlyAvailable ? 1 : 0);
        if (highlyAvailable) {
            ha.put("state", haState);
        }
        return json;
    }

    /** As {@code /nodes/{node}/qemu} and {@code lxc} list it (PVE::QemuServer::vmstatus, PVE::LXC::vmstatus). */
    ObjectNode listed() {
        ObjectNode json = current();
        json.remove("ha");
        json.remove("agent");
        json.remove("qmpstatus");
        return json;
    }

    /** As {@code /cluster/resources} lists it (PVE::API2Tools::extract_vm_stats, PVE::API2::Cluster). */
    ObjectNode resource(Generation generation, boolean hasStatistics) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", type() + "/" + vmid);
        json.put("type", type());
        json.put("vmid", vmid);
        json.put("node", node);
        boolean unknown = forgotten || !hasStatistics;
        json.put("status", unknown ? "unknown" : running && !listBehind ? "running" : "stopped");
        if (!unknown) {
            putStatistics(json, generation);
        }
        if (lock != null) {
            json.put("lock", lock);
        }
        if (tags != null) {
            json.put("tags", tags);
        }
        if (highlyAvailable) {
            json.put("hastate", haState);
        }
        return json;
    }

    private void putStatistics(ObjectNode json, Generation generation) {
        json.put("name", shownName());
        json.put("template", template ? 1 : 0);
        json.put("maxcpu", configuration.cpus());
        json.put("cpu", running ? 0.0125 : 0);
        json.put("mem", running ? 340_000_000 : 0);
        json.put("maxmem", configuration.memoryBytes());
        json.put("uptime", uptimeSeconds());
        json.put("disk", 0);
        json.put("maxdisk", configuration.diskBytes());
        json.put("netin", 0);
        json.put("netout", 0);
        json.put("diskread", 0);
        json.put("diskwrite", 0);
        if (generation == Generation.V9) {
            json.put("memhost", running ? 410_000_000 : 0);
        }
    }
}
