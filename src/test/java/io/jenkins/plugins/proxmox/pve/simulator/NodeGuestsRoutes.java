package io.jenkins.plugins.proxmox.pve.simulator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.proxmox.pve.simulator.AccessControl.Identity;
import io.jenkins.plugins.proxmox.pve.simulator.ApiRoutes.Answer;
import java.util.List;

/** The lists of a node's own guests, with live figures (PVE::QemuServer and PVE::LXC, vmstatus). */
final class NodeGuestsRoutes {

    private final AccessControl access;
    private final SimulatedCluster cluster;

    NodeGuestsRoutes(AccessControl access, SimulatedCluster cluster) {
        this.access = access;
        this.cluster = cluster;
    }

    /** The answer to a request below {@code /nodes/{node}}, or null when it is none of these calls. */
    Answer answer(ReceivedRequest request, Identity identity, List<String> path) {
        String type = path.get(2);
        boolean isList = path.size() == 3 && (type.equals("qemu") || type.equals("lxc"));
        if (!isList || !request.method().equals("GET")) {
            return null;
        }
        String node = path.get(1);
        cluster.requireReachable(node);
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        cluster.guests().stream()
                .filter(guest -> guest.node.equals(node) && guest.type().equals(type))
                .filter(guest -> access.privileges(identity, guest.aclPath()).contains("VM.Audit"))
                .forEach(guest -> list.add(entry(guest)));
        return new Answer(list, false);
    }

    private static ObjectNode entry(SimulatedGuest guest) {
        ObjectNode json = guest.listed();
        long sent = guest.agent().sentBytes();
        return json.put("netin", json.path("netin").asLong() + sent * 3)
                .put("netout", json.path("netout").asLong() + sent);
    }
}
