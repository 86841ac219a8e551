package io.jenkins.plugins.proxmox.pve.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import io.jenkins.plugins.proxmox.pve.simulator.AccessControl.Identity;
import io.jenkins.plugins.proxmox.pve.simulator.ApiRoutes.Answer;
import java.time.Duration;
import java.util.List;

/** The calls of the simulated server that ask a guest: its QEMU guest agent, or the network of a container. */
final class AgentRoutes {

    private final Generation generation;
    private final AccessControl access;
    private final SimulatedCluster cluster;

    AgentRoutes(Generation generation, AccessControl access, SimulatedCluster cluster) {
        this.generation = generation;
        this.access = access;
        this.cluster = cluster;
    }

    /** The answer to a request below {@code /nodes/{node}}, or null when it is none of these calls. */
    Answer answer(ReceivedRequest request, Identity identity, List<String> path) {
        boolean get = request.method().equals("GET");
        if (path.size() == 5 && path.get(2).equals("lxc") && path.get(4).equals("interfaces") && get) {
            return new Answer(containerInterfaces(identity, path.get(1), ApiRoutes.vmid(path.get(3))), true);
        }
        if (path.size() != 6 || !path.get(2).equals("qemu") || !path.get(4).equals("agent")) {
            return null;
        }
        String call = path.get(5);
        if (call.equals("ping") && !get
                || (call.equals("get-osinfo") || call.equals("network-get-interfaces")) && get) {
            SimulatedAgent agent = answering(identity, path.get(1), ApiRoutes.vmid(path.get(3)), "VM.GuestAgent.Audit");
            JsonNode result =
                    switch (call) {
                        case "ping" -> JsonNodeFactory.instance.objectNode();
                        case "get-osinfo" -> agent.operatingSystem();
                        default -> agent.networkInterfaces();
                    };
            return new Answer(JsonNodeFactory.instance.objectNode().set("result", result), true);
        }
        return null;
    }

    /**
     * The agent of a virtual machine, after all that is checked before it is asked (PVE::API2::Qemu::Agent), as recorded
     * of both generations.
     *
     * @param privilege that 9 asks for beside VM.GuestAgent.Unrestricted; 8 always asks for VM.Monitor
     */
    SimulatedAgent answering(Identity identity, String node, int vmid, String privilege) {
        String unrestricted = "VM.GuestAgent.Unrestricted";
        access.require(
                identity,
                "/vms/" + vmid,
                generation == Generation.V8
                        ? "VM.Monitor"
                        : privilege.equals(unrestricted) ? unrestricted : privilege + "|" + unrestricted);
        cluster.requireReachable(node);
        SimulatedGuest guest = cluster.configured(node, "qemu", vmid);
        SimulatedAgent agent = guest.agent();
        if (!agent.isConfigured()) {
            throw Refusal.of(500, "No QEMU guest agent configured");
        }
        if (!guest.running) {
            throw Refusal.of(500, "VM " + vmid + " is not running");
        }
        if (!agent.answers()) {
            pause(cluster.agentTimeout());
            throw Refusal.of(500, "QEMU guest agent is not running");
        }
        return agent;
    }

    /** PVE::API2::LXC, interfaces: nothing of a container that is stopped, missing or no container. */
    private JsonNode containerInterfaces(Identity identity, String node, int vmid) {
        access.require(identity, "/vms/" + vmid, "VM.Audit");
        cluster.requireReachable(node);
        SimulatedGuest guest = cluster.guest(vmid);
        return guest != null && guest.container && guest.node.equals(node) && guest.running
                ? guest.agent().containerInterfaces(generation)
                : NullNode.getInstance();
    }

    private static void pause(Duration duration) {
        try {
            Thread.sleep(duration.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
