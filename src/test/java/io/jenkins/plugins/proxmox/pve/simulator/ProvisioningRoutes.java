package io.jenkins.plugins.proxmox.pve.simulator;

import com.fasterxml.jackson.databind.node.TextNode;
import io.jenkins.plugins.proxmox.pve.simulator.AccessControl.Identity;
import io.jenkins.plugins.proxmox.pve.simulator.ApiRoutes.Answer;
import io.jenkins.plugins.proxmox.pve.simulator.FileLock.Work;
import java.util.List;
import java.util.Set;

/**
 * How guests come and go: free VMIDs, clones, configurations, deletion, pools, and the lists of a node. Recorded of
 * servers of both generations, what is not from PVE::API2::Qemu and PVE::API2::LXC.
 */
final class ProvisioningRoutes {

    /**
     * A request about one guest.
     *
     * @param type {@code qemu} or {@code lxc}
     */
    record Call(ReceivedRequest request, Identity identity, String node, String type, int vmid) {

        boolean container() {
            return type.equals("lxc");
        }

        String aclPath() {
            return "/vms/" + vmid;
        }

        void require(AccessControl access, SimulatedCluster cluster, String privileges) {
            access.require(identity, aclPath(), privileges);
            cluster.requireReachable(node);
        }

        SimulatedGuest guest(SimulatedCluster cluster) {
            return cluster.configured(node, type, vmid);
        }
    }

    private final AccessControl access;
    private final SimulatedCluster cluster;
    private final CloneRoutes clones;
    private final ConfigurationRoutes configurations;
    private final PoolRoutes pools;

    ProvisioningRoutes(Generation generation, AccessControl access, SimulatedCluster cluster) {
        this.access = access;
        this.cluster = cluster;
        this.clones = new CloneRoutes(generation, access, cluster);
        this.configurations = new ConfigurationRoutes(generation, access, cluster);
        this.pools = new PoolRoutes(generation, access, cluster);
    }

    /** The answer, or null to a request for something else. */
    Answer answer(ReceivedRequest request, Identity identity, List<String> path) {
        boolean ofGuests =
                path.get(0).equals("nodes") && path.size() > 2 && path.get(2).matches("qemu|lxc");
        if (!ofGuests && !path.get(0).equals("pools") && !request.path().equals("/cluster/nextid")) {
            return null;
        }
        synchronized (cluster) {
            cluster.settle();
            if (ofGuests) {
                return ofNode(request, identity, path);
            }
            if (path.get(0).equals("pools")) {
                return pools.answer(request, identity, path);
            }
            return request.method().equals("GET") ? clones.nextId(request) : null;
        }
    }

    private Answer ofNode(ReceivedRequest request, Identity identity, List<String> path) {
        String method = request.method();
        if (path.size() == 3) {
            return null;
        }
        Call call = new Call(request, identity, path.get(1), path.get(2), ApiRoutes.vmid(path.get(3)));
        String what = method + " " + String.join("/", path.subList(4, path.size()));
        return switch (what) {
            case "DELETE " -> delete(call);
            case "POST clone" -> clones.answer(call);
            case "GET config" -> configurations.read(call);
            case "PUT config" -> configurations.change(call);
            case "POST config" -> call.container() ? null : configurations.change(call);
            case "GET pending" -> configurations.pending(call);
            case "PUT resize" -> configurations.resize(call);
            case "POST template" -> configurations.template(call);
            case "GET feature" -> configurations.feature(call);
            case "GET cloudinit" -> call.container() ? null : configurations.cloudInit(call);
            case "PUT cloudinit" -> call.container() ? null : configurations.rebuildCloudInit(call);
            default -> null;
        };
    }

    private Answer delete(Call call) {
        call.require(access, cluster, "VM.Allocate");
        RequestParameters parameters = new RequestParameters(call.request().parameters())
                .allow(Set.of("purge", "destroy-unreferenced-disks", call.container() ? "force" : "skiplock"))
                .booleans("purge", "destroy-unreferenced-disks", "force", "skiplock");
        parameters.check();
        if (parameters.isSet("skiplock")) {
            parameters.wrong("skiplock", "Only root may use this option.").check();
        }
        SimulatedGuest guest = call.guest(cluster);
        String refusal = whyNotDeleted(guest, parameters);
        if (refusal != null) {
            throw Refusal.of(500, refusal);
        }
        return new Answer(
                TextNode.valueOf(cluster.underLock(
                        call.identity(),
                        guest,
                        guest.container ? "vzdestroy" : "qmdestroy",
                        task -> destroy(guest, task, parameters))),
                true);
    }

    private static String whyNotDeleted(SimulatedGuest guest, RequestParameters parameters) {
        if ("1".equals(guest.configured("protection"))) {
            return "can't remove " + guest.label() + " - protection mode enabled";
        }
        if (guest.container && guest.lock != null) {
            return guest.lockedText();
        }
        if (guest.highlyAvailable && !parameters.isSet("purge")) {
            return "unable to remove " + guest.label() + " - used in HA resources and purge parameter not set.";
        }
        if (guest.running && !parameters.isSet("force")) {
            return guest.container
                    ? "unable to destroy " + guest.label() + " - container is running"
                    : guest.label() + " is running - destroy failed";
        }
        return null;
    }

    private Work destroy(SimulatedGuest guest, SimulatedTask task, RequestParameters parameters) {
        String failure = whyItStays(guest);
        if (failure != null) {
            return Work.failing(cluster.short_(), failure);
        }
        if (guest.running) {
            task.log.add("forced to stop " + guest.label() + " before destroying!");
            guest.setRunning(false);
        }
        if (parameters.isSet("purge")) {
            task.log.add("purging " + guest.label() + " from related configurations..");
            if (guest.highlyAvailable) {
                task.log.add("NOTE: removed " + guest.label() + " from HA resource configuration.");
            }
        }
        return new Work(cluster.takes(task.type), "OK", () -> cluster.destroyed(guest));
    }

    private String whyItStays(SimulatedGuest guest) {
        if (guest.lock != null && !guest.lock.equals("suspended")) {
            return guest.lockedText();
        }
        if (guest.running && !guest.container) {
            return guest.label() + " is running - destroy failed";
        }
        for (String volume : guest.configuration.disks().values()) {
            boolean used = guest.template
                    && cluster.guests().stream()
                            .filter(other -> other != guest)
                            .flatMap(other -> other.configuration.disks().values().stream())
                            .anyMatch(other -> other.startsWith(volume + "/"));
            if (used) {
                return "base volume '" + volume + "' is still in use by linked cloned";
            }
        }
        return null;
    }
}
