package io.jenkins.plugins.proxmox.pve.model;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Errors of Proxmox VE that only their text distinguishes, in an answer or in a task. */
public final class ServerErrorPatterns {

    // PVE::AbstractConfig: the guest has no configuration on that node; it does not exist or is on another node
    private static final Pattern NO_SUCH_GUEST = Pattern.compile(
            "Configuration file '.*' does not exist|unable to find configuration file for (?:VM|CT) \\d+ on node");

    // PVE::Tools::lock_file_full: another task holds the guest's lock; Proxmox VE gives up after 10 seconds
    private static final Pattern LOCK_TIMEOUT = Pattern.compile("can't lock file '.*' - got timeout");

    // PVE::RESTEnvironment::fork_worker: gives up and kills the worker before it begins, for lack of memory, processes
    // or space
    private static final Pattern TASK_NOT_BEGUN = Pattern.compile(
            "start worker failed|starting worker failed: |unable to fork worker|unable to read process start time");

    // PVE::RESTEnvironment::active_workers: the worker has begun, but could not be added to the list of tasks
    private static final Pattern TASK_NOT_LISTED = Pattern.compile("/var/log/pve/tasks/\\.?active");

    // PVE::AbstractConfig::check_lock: the guest is locked by someone else
    private static final Pattern LOCKED = Pattern.compile("(?:VM|CT) is locked \\(([^)]+)\\)");

    // PVE::Cluster::check_cfs_quorum, before anything else is done
    private static final Pattern REFUSED_WITHOUT_QUORUM = Pattern.compile("cluster not ready - no quorum");

    // the same, PVE::Cluster::cfs_lock, and the error of a write to the file system of a cluster without quorum
    // (pmxcfs)
    private static final Pattern WITHOUT_QUORUM = Pattern.compile("no quorum[?!]|'/etc/pve/[^']*' - Permission denied");

    // PVE::Cluster and PVE::RPCEnvironment: pmxcfs, which every request needs first, does not answer
    private static final Pattern CLUSTER_SERVICE_DOWN = Pattern.compile(
            "ipcc_send_rec\\[\\d+] failed: |Unable to load access control list: |\\(pmxcfs\\) not mounted");
    // PVE::QemuServer::_do_vm_stop, PVE::LXC::vm_stop: the guest is still running after a shutdown
    private static final Pattern SHUTDOWN_IGNORED =
            Pattern.compile("VM quit/powerdown failed(?: - got timeout)?|container did not stop");

    // PVE::RESTEnvironment: the exit status of a task that wrote warnings
    private static final Pattern WARNINGS = Pattern.compile("WARNINGS: (\\d{1,9})");

    private ServerErrorPatterns() {}

    @CheckForNull
    public static String lockIn(String text) {
        Matcher matcher = LOCKED.matcher(text);
        return matcher.find() ? matcher.group(1) : null;
    }

    static int warningsIn(String text) {
        Matcher matcher = WARNINGS.matcher(text);
        return matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
    }

    public static boolean isNoSuchGuest(String text) {
        return NO_SUCH_GUEST.matcher(text).find();
    }

    static boolean isShutdownIgnored(String text) {
        return SHUTDOWN_IGNORED.matcher(text).matches();
    }

    public static boolean isTaskNotBegun(String text) {
        return TASK_NOT_BEGUN.matcher(text).find();
    }

    public static boolean isTaskNotListed(String text) {
        return TASK_NOT_LISTED.matcher(text).find();
    }

    public static boolean isLockTimeout(String text) {
        return LOCK_TIMEOUT.matcher(text).find();
    }

    public static boolean isRefusedWithoutQuorum(String text) {
        return REFUSED_WITHOUT_QUORUM.matcher(text).find();
    }

    public static boolean isWithoutQuorum(String text) {
        return WITHOUT_QUORUM.matcher(text).find();
    }

    public static boolean isClusterServiceDown(String text) {
        return CLUSTER_SERVICE_DOWN.matcher(text).find();
    }
}
