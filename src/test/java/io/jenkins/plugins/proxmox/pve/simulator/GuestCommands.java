package io.jenkins.plugins.proxmox.pve.simulator;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The shell of a node of the simulated cluster, as root: runs commands about guests, tasks and the cluster as they are
 * printed, so that advice can be followed to the letter. {@code qm} and {@code pct} only know the guests of the node.
 */
public final class GuestCommands {

    private final SimulatedCluster cluster;
    private final String node;

    public GuestCommands(SimulatedCluster cluster, String node) {
        this.cluster = cluster;
        this.node = node;
    }

    /**
     * Runs one command.
     *
     * @return what it prints
     * @throws RuntimeException in the words of Proxmox VE when it fails
     */
    public String run(String commandLine) {
        List<String> words = HostShell.words(commandLine.trim());
        String known = String.join(" ", words).replaceAll("\\d+", "N");
        if (known.matches("pvesh get /nodes/[a-zN]+/tasks --source active")) {
            return runningTasks(words.get(2).split("/")[2]);
        }
        if (known.matches("(qm|pct) (unlock|destroy|listsnapshot) N|pct unmount N")) {
            return ofGuest(words.get(0), words.get(1), Integer.parseInt(words.get(2)));
        }
        if (known.equals("ha-manager status")) {
            String mode = cluster.resourceMode();
            return "quorum OK\n" + (mode == null ? "fencing armed" : "fencing disarmed, resource mode: " + mode);
        }
        if (known.equals("ha-manager crm-command arm-ha")) {
            cluster.armHighAvailability();
            return "";
        }
        throw new IllegalArgumentException("unknown command: " + commandLine);
    }

    private String runningTasks(String of) {
        return cluster.tasksOf(of).stream()
                .filter(task -> !task.hasEnded())
                .map(task -> task.listEntry().toString())
                .collect(Collectors.joining("\n"));
    }

    private String ofGuest(String tool, String command, int vmid) {
        SimulatedGuest guest = cluster.configured(node, tool.equals("pct") ? "lxc" : "qemu", vmid);
        switch (command) {
            case "unlock" -> {
                if (guest.container && guest.lock == null) {
                    throw Refusal.of(500, "no lock found trying to remove any lock");
                }
                guest.lock = null;
            }
            case "unmount" -> {
                if (!"mounted".equals(guest.lock)) {
                    throw Refusal.of(500, "found lock '" + guest.lock + "' trying to remove 'mounted' lock");
                }
                guest.lock = null;
            }
            case "destroy" -> {
                if (guest.lock != null) {
                    throw Refusal.of(500, (guest.container ? "CT" : "VM") + " is locked (" + guest.lock + ")");
                }
                cluster.remove(vmid);
            }
            default -> {
                // shows snapshots, of which the simulated cluster has none
            }
        }
        return "";
    }
}
