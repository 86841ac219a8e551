package io.jenkins.plugins.proxmox.pve.model;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Errors of Proxmox VE that only their text distinguishes, in an answer or in a task. */
public enum ServerErrorPattern {
    // PVE::AbstractConfig: the guest has no configuration on that node; it does not exist or is on another node
    NO_SUCH_GUEST(Pattern.compile(
            "Configuration file '[^']*' does not exist|unable to find configuration file for (?:VM|CT) \\d+ on node")),

    // PVE::Tools::lock_file_full: another task holds the guest's lock; Proxmox VE gives up after 10 seconds
    LOCK_TIMEOUT(Pattern.compile("can't lock file '[^']*' - got timeout")),

    // PVE::RESTEnvironment::fork_worker: gives up and kills the worker before it begins, for lack of memory, processes
    // or space
    TASK_NOT_BEGUN(Pattern.compile(
            "start worker failed|starting worker failed: |unable to fork worker|unable to read process start time")),

    // PVE::RESTEnvironment::active_workers: the worker has begun, but could not be added to the list of tasks
    TASK_NOT_LISTED(Pattern.compile("/var/log/pve/tasks/\\.?active")),

    // PVE::Cluster::check_cfs_quorum, before anything else is done
    REFUSED_WITHOUT_QUORUM(Pattern.compile("cluster not ready - no quorum")),

    // the same, PVE::Cluster::cfs_lock, and the error of a write to the file system of a cluster without quorum
    // (pmxcfs)
    WITHOUT_QUORUM(Pattern.compile("no quorum[?!]|'/etc/pve/[^']*' - Permission denied")),

    // PVE::Cluster and PVE::RPCEnvironment: pmxcfs, which every request needs first, does not answer
    CLUSTER_SERVICE_DOWN(Pattern.compile(
            "ipcc_send_rec\\[\\d+] failed: |Unable to load access control list: |\\(pmxcfs\\) not mounted")),

    // PVE::QemuServer::Agent, assert_agent_available: in this order
    AGENT_NOT_CONFIGURED(Pattern.compile("^No QEMU guest agent configured\\b")),
    GUEST_NOT_RUNNING(Pattern.compile("^(?:VM|CT) \\d+ (?:is )?not running\\b")),
    AGENT_SILENT(
            Pattern.compile("^QEMU guest agent is not running\\b|(?:qga|qmp) command '[^']*' failed - got timeout")),

    // PVE::QMPClient: the agent has not answered a command within 5 seconds
    AGENT_TIMEOUT(Pattern.compile("(?:qga|qmp) command '[^']*' failed - got timeout")),

    // PVE::QemuServer::Agent, check_agent_error: the agent's own words follow
    AGENT_ERROR(Pattern.compile("^Agent error: ")),
    AGENT_BLOCKS(Pattern.compile("^Agent error: Command guest-\\S+ has been disabled")),
    AGENT_HAS_NO_PROCESS(Pattern.compile("^Agent error: Invalid parameter 'pid'")),

    // PVE::QemuServer::_do_vm_stop, PVE::LXC::vm_stop: the guest is still running after a shutdown
    SHUTDOWN_IGNORED(Pattern.compile("^(?:VM quit/powerdown failed(?: - got timeout)?|container did not stop)\\z"));

    // PVE::AbstractConfig::check_lock: the guest is locked by someone else
    private static final Pattern LOCKED = Pattern.compile("(?:VM|CT) is locked \\(([^()]+)\\)");

    // PVE::API2::Qemu, PVE::LXC::Config, PVE::Cluster::check_vmid_unused
    private static final Pattern TAKEN =
            Pattern.compile("\\b(?:VM|CT) (\\d+)(?:: config file already exists| already exists)");

    // PVE::RESTEnvironment: the exit status of a task that wrote warnings
    private static final Pattern WARNINGS = Pattern.compile("WARNINGS: (\\d{1,9})");

    private final Pattern pattern;

    ServerErrorPattern(Pattern pattern) {
        this.pattern = pattern;
    }

    public boolean isIn(String text) {
        return pattern.matcher(text).find();
    }

    /**
     * Whether a guest with that VMID exists, or somebody else is just creating it (PVE::QemuConfig and PVE::LXC::Config,
     * create_and_lock_config; PVE::Cluster, check_vmid_unused).
     */
    public static boolean isVmidTaken(int vmid, String text) {
        Matcher taken = TAKEN.matcher(text);
        boolean exists = taken.find() && taken.group(1).equals(String.valueOf(vmid));
        // lock-107.conf of a virtual machine, pve-config-107.lock of a container
        boolean isBeingCreated = LOCK_TIMEOUT.isIn(text)
                && (text.contains("lock-" + vmid + ".conf'") || text.contains("pve-config-" + vmid + ".lock'"));
        return exists || isBeingCreated;
    }

    @CheckForNull
    public static String lockIn(String text) {
        Matcher matcher = LOCKED.matcher(text);
        return matcher.find() ? matcher.group(1) : null;
    }

    static int warningsIn(String text) {
        Matcher matcher = WARNINGS.matcher(text);
        return matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
    }
}
