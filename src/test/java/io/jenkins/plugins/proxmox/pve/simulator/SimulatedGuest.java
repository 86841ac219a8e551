package io.jenkins.plugins.proxmox.pve.simulator;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;

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
    final FileLock fileLock = new FileLock();
    volatile String tags;
    volatile boolean forgotten;
    volatile boolean listBehind;
    volatile String diskStorage = "local";
    volatile String stateStorage;

    SimulatedGuest(int vmid, boolean container, String node, String name) {
        this.vmid = vmid;
        this.container = container;
        this.node = node;
        this.name = name;
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
        paused = false;
        qmpStatus = on ? haltsAfterStart : null;
        if (on) {
            startedNanos = System.nanoTime();
            pid = 26_000 + (int) (startedNanos / 1000 % 70_000);
        }
    }

    /** What Proxmox VE says of a guest that is locked by what stands in its file. */
    String lockedText() {
        return (container ? "CT" : "VM") + " is locked (" + lock + ")";
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

    private long uptimeSeconds() {
        return running ? Duration.ofNanos(System.nanoTime() - startedNanos).toSeconds() : 0;
    }

    /** As {@code status/current} shows it. */
    ObjectNode current() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("vmid", vmid);
        json.put("name", name);
        json.put("status", running ? "running" : "stopped");
        json.put("cpus", 1);
        json.put("cpu", running ? 0.0125 : 0);
        json.put("mem", running ? 340_000_000 : 0);
        json.put("maxmem", 1_073_741_824);
        json.put("uptime", uptimeSeconds());
        json.put("disk", 0);
        json.put("maxdisk", 8_589_934_592L);
        if (container) {
            json.put("type", "lxc");
        } else {
            json.put("qmpstatus", !running ? "stopped" : paused ? "paused" : qmpStatus == null ? "running" : qmpStatus);
            json.put("agent", 1);
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
        json.put("name", name);
        json.put("template", template ? 1 : 0);
        json.put("maxcpu", 1);
        json.put("cpu", running ? 0.0125 : 0);
        json.put("mem", running ? 340_000_000 : 0);
        json.put("maxmem", 1_073_741_824);
        json.put("uptime", uptimeSeconds());
        json.put("disk", 0);
        json.put("maxdisk", 8_589_934_592L);
        json.put("netin", 0);
        json.put("netout", 0);
        json.put("diskread", 0);
        json.put("diskwrite", 0);
        if (generation == Generation.V9) {
            json.put("memhost", running ? 410_000_000 : 0);
        }
    }

    /** Its configuration, of which little is looked at. */
    ObjectNode config() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("digest", "30863d3d27482955f9d3a1f0c3b143235df866cb")
                .put("memory", "512")
                .put("cores", 1)
                .put(container ? "hostname" : "name", name);
        String volume = diskStorage + ":" + vmid + "/vm-" + vmid + "-disk-0." + (container ? "raw" : "qcow2");
        json.put(container ? "rootfs" : "scsi0", volume + ",size=64M");
        if (!container) {
            json.put("ide2", "local:iso/debian.iso,media=cdrom");
        }
        if (stateStorage != null) {
            json.put("vmstatestorage", stateStorage);
        }
        if (lock != null) {
            json.put("lock", lock);
        }
        if (tags != null) {
            json.put("tags", tags);
        }
        return json;
    }
}
