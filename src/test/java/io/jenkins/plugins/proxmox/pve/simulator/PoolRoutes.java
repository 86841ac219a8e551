package io.jenkins.plugins.proxmox.pve.simulator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.proxmox.pve.simulator.AccessControl.Identity;
import io.jenkins.plugins.proxmox.pve.simulator.ApiRoutes.Answer;
import java.util.List;
import java.util.Set;

/** {@code /pools} (PVE::API2::Pool): recorded of servers of both generations. */
final class PoolRoutes {

    private final Generation generation;
    private final AccessControl access;
    private final SimulatedCluster cluster;

    PoolRoutes(Generation generation, AccessControl access, SimulatedCluster cluster) {
        this.generation = generation;
        this.access = access;
        this.cluster = cluster;
    }

    Answer answer(ReceivedRequest request, Identity identity, List<String> path) {
        String what = request.method() + " " + path.size();
        return switch (what) {
            case "GET 1" -> new Answer(list(request, identity), false);
            case "GET 2" -> {
                access.require(identity, "/pool/" + path.get(1), "Pool.Audit");
                yield new Answer(pool(path.get(1), request.parameters().get("type")), false);
            }
            case "PUT 1" -> change(request, identity, request.parameters().get("poolid"));
            case "PUT 2" -> change(request, identity, path.get(1));
            default -> null;
        };
    }

    /** The pools that the identity may look at. The members of a single one are for everybody. */
    private ArrayNode list(ReceivedRequest request, Identity identity) {
        RequestParameters parameters = new RequestParameters(request.parameters()).allow(Set.of("poolid", "type"));
        parameters.check();
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        if (parameters.has("poolid")) {
            list.add(pool(parameters.get("poolid"), parameters.get("type")));
            return list;
        }
        access.pools().stream()
                .filter(pool -> access.privileges(identity, "/pool/" + pool).contains("Pool.Audit"))
                .forEach(pool -> list.addObject().put("poolid", pool));
        return list;
    }

    private ObjectNode pool(String name, String type) {
        requireExisting("", name);
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("poolid", name);
        ArrayNode members = json.putArray("members");
        cluster.guests().stream()
                .filter(guest -> name.equals(access.poolOf(guest.vmid)))
                .filter(guest -> type == null || type.equals(guest.type()))
                .forEach(guest -> {
                    ObjectNode member = guest.resource(generation, cluster.hasStatistics());
                    member.remove(List.of("lock", "tags", "hastate"));
                    members.add(member);
                });
        return json;
    }

    private void requireExisting(String prefix, String name) {
        if (!access.pools().contains(name)) {
            throw Refusal.of(500, prefix + "pool '" + name + "' does not exist");
        }
    }

    private Answer change(ReceivedRequest request, Identity identity, String pool) {
        RequestParameters parameters = new RequestParameters(request.parameters())
                .allow(Set.of("poolid", "vms", "storage", "delete", "allow-move", "comment"))
                .booleans("delete", "allow-move");
        String vms = parameters.get("vms", "");
        if (!vms.matches("([1-9]\\d{2,8}([,; ]+|$))*")) {
            parameters.wrong("vms", "invalid format - value does not look like a valid VM ID\n");
        }
        parameters.check();
        access.require(identity, "/pool/" + pool, "Pool.Allocate");
        String failed = "update pools failed: ";
        requireExisting(failed, pool);
        for (String each : vms.isEmpty() ? new String[0] : vms.split("[,; ]+")) {
            int vmid = Integer.parseInt(each);
            try {
                access.require(identity, "/vms/" + vmid, "Permissions.Modify|VM.Allocate");
            } catch (Refusal refused) {
                throw Refusal.of(500, failed + refused.status + " " + refused.getMessage());
            }
            String refusal = whyNotMoved(vmid, pool, parameters);
            if (refusal != null) {
                throw Refusal.of(500, failed + refusal);
            }
            if (parameters.isSet("delete")) {
                access.leavePool(vmid);
            } else {
                access.pool(pool, vmid);
            }
        }
        return new Answer(NullNode.getInstance(), true);
    }

    private String whyNotMoved(int vmid, String pool, RequestParameters parameters) {
        String present = access.poolOf(vmid);
        if (parameters.isSet("delete")) {
            return pool.equals(present) ? null : "VM " + vmid + " is not a pool member";
        }
        if (pool.equals(present)) {
            return "VM " + vmid + " is already a pool member";
        }
        return present == null || parameters.isSet("allow-move")
                ? null
                : "VM " + vmid + " belongs already to pool '" + present + "' and 'allow-move' is not set";
    }
}
