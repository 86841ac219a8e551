package io.jenkins.plugins.proxmox.pve.simulator;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.proxmox.pve.simulator.AccessControl.Identity;
import io.jenkins.plugins.proxmox.pve.simulator.ApiRoutes.Answer;
import java.util.List;
import java.util.Set;

/** The calls of the simulated server that run programs in a virtual machine (PVE::API2::Qemu::Agent). */
final class ExecRoutes {

    private static final String PRIVILEGE = "VM.GuestAgent.Unrestricted";
    private static final int LONGEST_INPUT = 65_536;

    private final Generation generation;
    private final AgentRoutes agents;
    private final SimulatedCluster cluster;

    ExecRoutes(Generation generation, AgentRoutes agents, SimulatedCluster cluster) {
        this.generation = generation;
        this.agents = agents;
        this.cluster = cluster;
    }

    /** The answer to a request below {@code /nodes/{node}}, or null when it is none of these calls. */
    Answer answer(ReceivedRequest request, Identity identity, List<String> path) {
        if (path.size() != 6 || !path.get(2).equals("qemu") || !path.get(4).equals("agent")) {
            return null;
        }
        int vmid = ApiRoutes.vmid(path.get(3));
        if (path.get(5).equals("exec") && request.method().equals("POST")) {
            agents.answering(identity, path.get(1), vmid, PRIVILEGE);
            requireParameters(request, Set.of("command", "input-data"), "command");
            long pid = cluster.guest(vmid).exec().begin(generation, request.values("command"), input(request));
            return new Answer(JsonNodeFactory.instance.objectNode().put("pid", pid), true);
        }
        if (path.get(5).equals("exec-status") && request.method().equals("GET")) {
            agents.answering(identity, path.get(1), vmid, PRIVILEGE);
            requireParameters(request, Set.of("pid"), "pid");
            String pid = request.parameters().get("pid");
            if (!pid.matches("\\d{1,18}")) {
                throw refused("pid", "type check ('integer') failed - got '" + pid + "'");
            }
            return new Answer(cluster.guest(vmid).exec().status(generation, Long.parseLong(pid)), true);
        }
        return null;
    }

    private static void requireParameters(ReceivedRequest request, Set<String> known, String required) {
        for (String name : request.parameters().keySet()) {
            if (!known.contains(name)) {
                throw refused(
                        name, "property is not defined in schema and the schema does not allow additional properties");
            }
        }
        if (!request.parameters().containsKey(required)) {
            throw refused(required, "property is missing and it is not optional");
        }
    }

    private static Refusal refused(String parameter, String why) {
        ObjectNode errors = JsonNodeFactory.instance.objectNode().put(parameter, why);
        return Refusal.parameters(errors);
    }

    private static String input(ReceivedRequest request) {
        String input = request.parameters().getOrDefault("input-data", "");
        if (input.length() > LONGEST_INPUT) {
            throw refused("input-data", "value may only be " + LONGEST_INPUT + " characters long");
        }
        if (input.chars().anyMatch(c -> c > 0xff)) {
            throw Refusal.of(
                    500, "Wide character in subroutine entry at /usr/share/perl5/PVE/QemuServer/Agent.pm line 135.");
        }
        return input;
    }
}
