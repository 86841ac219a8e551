package io.jenkins.plugins.proxmox.pve.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.jenkins.plugins.proxmox.pve.simulator.AccessControl.Identity;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster.PowerOptions;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The paths of the API that the simulated server knows: who may call them and what they answer. */
final class ApiRoutes {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final Set<String> POWER_ACTIONS =
            Set.of("start", "stop", "shutdown", "reboot", "reset", "suspend", "resume");

    /**
     * An answer.
     *
     * @param total how long the whole list is of which {@code data} is a part, or null
     * @param isProtected whether the real server relays the call to its other daemon, which shows in the headers
     */
    record Answer(JsonNode data, boolean isProtected, Integer total) {

        Answer(JsonNode data, boolean isProtected) {
            this(data, isProtected, null);
        }
    }

    private final Generation generation;
    private final AccessControl access;
    private final SimulatedCluster cluster;
    private final SnapshotRoutes snapshots;
    private final ProvisioningRoutes provisioning;
    private final AgentRoutes agents;
    private final ExecRoutes execs;
    private final NodeGuestsRoutes nodeGuests;

    ApiRoutes(Generation generation, AccessControl access, SimulatedCluster cluster) {
        this.generation = generation;
        this.access = access;
        this.cluster = cluster;
        this.snapshots = new SnapshotRoutes(generation, access, cluster);
        this.provisioning = new ProvisioningRoutes(generation, access, cluster);
        this.agents = new AgentRoutes(generation, access, cluster);
        this.execs = new ExecRoutes(generation, agents, cluster);
        this.nodeGuests = new NodeGuestsRoutes(access, cluster);
    }

    Answer answer(ReceivedRequest request) {
        if (request.path().equals("/access/domains") && request.method().equals("GET")) {
            return new Answer(realms(), false);
        }
        if (request.isLogin() && request.method().equals("POST")) {
            return new Answer(logIn(request), true);
        }
        Identity identity = access.authenticate(
                request.headers().get("authorization"),
                ticketCookie(request.headers().get("cookie")),
                request.headers().get("csrfpreventiontoken"),
                request.isWrite());
        List<String> path = Arrays.asList(request.path().substring(1).split("/"));
        Answer provided = provisioning.answer(request, identity, path);
        if (provided != null) {
            return provided;
        }
        if (path.get(0).equals("nodes") && path.size() > 2) {
            return node(request, identity, path);
        }
        if (request.method().equals("GET")) {
            switch (request.path()) {
                case "/version":
                    return new Answer(version(), false);
                case "/nodes":
                    return new Answer(nodes(identity), false);
                case "/cluster/resources":
                    return new Answer(resources(identity, request.parameters().get("type")), false);
                case "/cluster/ha/status/current":
                    access.require(identity, "/", "Sys.Audit");
                    return new Answer(highAvailability(), false);
                case "/access/permissions":
                    return new Answer(permissions(identity, request.parameters()), false);
                case "/access/roles":
                    return new Answer(roles(), false);
                case "/access/users":
                    return new Answer(users(identity, request.parameters().containsKey("full")), true);
                default:
                    break;
            }
            if (request.path().startsWith("/access/users/")) {
                return new Answer(user(identity, path), false);
            }
        }
        throw notImplemented(request);
    }

    static Refusal notImplemented(ReceivedRequest request) {
        return Refusal.of(501, "Method '" + request + "' not implemented");
    }

    private static String ticketCookie(String cookies) {
        if (cookies == null || !cookies.startsWith("PVEAuthCookie=")) {
            return null;
        }
        String value = cookies.substring("PVEAuthCookie=".length());
        return value.contains("%") ? URLDecoder.decode(value, StandardCharsets.UTF_8) : value;
    }

    private JsonNode realms() {
        ArrayNode realms = NODES.arrayNode();
        access.realms()
                .forEach((realm, type) -> realms.addObject().put("realm", realm).put("type", type));
        return realms;
    }

    private JsonNode logIn(ReceivedRequest request) {
        if (request.headers().containsKey("authorization")) {
            throw Refusal.of(
                    403,
                    "Permission check failed (URI '/access/ticket' not available with API token, "
                            + "need proper ticket.");
        }
        ObjectNode errors = NODES.objectNode();
        for (String field : List.of("username", "password")) {
            if (!request.parameters().containsKey(field)) {
                errors.put(field, "property is missing and it is not optional");
            }
        }
        if (!errors.isEmpty()) {
            throw Refusal.parameters(errors);
        }
        String userId = request.parameters().get("username");
        ObjectNode data = NODES.objectNode();
        access.logIn(userId, request.parameters().get("password")).forEach(data::put);
        if (access.userOf(data.get("username").asText()).secondFactor) {
            data.put("NeedTFA", 1);
        } else {
            data.putObject("cap");
        }
        return data;
    }

    private JsonNode version() {
        return NODES.objectNode()
                .put("version", generation.version())
                .put("release", generation.release())
                .put("repoid", "7f8c3d2a");
    }

    private JsonNode nodes(Identity identity) {
        ArrayNode list = NODES.arrayNode();
        cluster.nodes().forEach((name, status) -> {
            boolean online = status.equals("online");
            ObjectNode node = list.addObject();
            node.put("node", name);
            node.put("id", "node/" + name);
            node.put("type", "node");
            node.put("status", status);
            if (online && access.privileges(identity, "/nodes/" + name).contains("Sys.Audit")) {
                node.put("cpu", 0.05)
                        .put("maxcpu", 8)
                        .put("mem", 4_000_000_000L)
                        .put("maxmem", 16_000_000_000L);
                node.put("uptime", 86_400);
            }
        });
        return list;
    }

    private JsonNode resources(Identity identity, String type) {
        ArrayNode list = NODES.arrayNode();
        if (type == null || type.equals("vm")) {
            cluster.listedGuests().stream()
                    .filter(guest ->
                            access.privileges(identity, guest.aclPath()).contains("VM.Audit"))
                    .forEach(guest -> {
                        ObjectNode json = guest.resource(generation, cluster.hasStatistics());
                        String pool = access.poolOf(guest.vmid);
                        if (pool != null && maySeePool(identity, pool)) {
                            json.put("pool", pool);
                        }
                        list.add(json);
                    });
        }
        if (type == null) {
            access.pools().stream()
                    .filter(pool -> maySeePool(identity, pool))
                    .forEach(pool -> list.addObject()
                            .put("id", "/pool/" + pool)
                            .put("type", "pool")
                            .put("pool", pool));
        }
        if (type == null || type.equals("node")) {
            cluster.nodes().forEach((name, status) -> putNode(list.addObject(), identity, name, status));
        }
        if (type == null || type.equals("storage")) {
            for (SimulatedStorage storage : cluster.storages()) {
                cluster.nodes().keySet().stream()
                        .filter(node -> storage.isOn(node)
                                && access.privileges(identity, "/storage/" + storage.name())
                                        .contains("Datastore.Audit"))
                        .forEach(node -> putStorage(list.addObject(), node, storage));
            }
        }
        return list;
    }

    private boolean maySeePool(Identity identity, String pool) {
        return access.privileges(identity, "/pool/" + pool).contains("Pool.Audit");
    }

    /** PVE::API2::HA::Status; what can be disarmed shows whether it is. */
    private JsonNode highAvailability() {
        ArrayNode list = NODES.arrayNode();
        list.addObject()
                .put("id", "quorum")
                .put("type", "quorum")
                .put("node", "pve1")
                .put("status", "OK");
        if (generation == Generation.V9) {
            String mode = cluster.resourceMode();
            ObjectNode fencing =
                    list.addObject().put("id", "fencing").put("type", "fencing").put("node", "pve1");
            fencing.put("armed-state", mode == null ? "armed" : "disarmed");
            if (mode != null) {
                fencing.put("resource_mode", mode);
            }
        }
        return list;
    }

    /** PVE::API2Tools::extract_node_stats: figures only of a node that is online, and only with Sys.Audit on it. */
    private void putNode(ObjectNode json, Identity identity, String name, String status) {
        boolean online = status.equals("online");
        json.put("id", "node/" + name)
                .put("type", "node")
                .put("node", name)
                .put("status", status)
                .put("hastate", online ? "online" : "unknown");
        if (!online) {
            return;
        }
        json.put("level", "").put("cgroup-mode", 2);
        if (access.privileges(identity, "/nodes/" + name).contains("Sys.Audit")) {
            json.put("uptime", 86_400)
                    .put("cpu", 0.05)
                    .put("maxcpu", 8)
                    .put("mem", 4_000_000_000L)
                    .put("maxmem", 16_000_000_000L)
                    .put("disk", 9_000_000_000L)
                    .put("maxdisk", 100_000_000_000L);
        }
    }

    private static void putStorage(ObjectNode json, String node, SimulatedStorage storage) {
        json.put("id", "storage/" + node + "/" + storage.name())
                .put("type", "storage")
                .put("storage", storage.name())
                .put("node", node)
                .put("plugintype", "dir")
                .put("status", "available")
                .put("shared", storage.isShared() ? 1 : 0)
                .put("content", storage.content())
                .put("disk", storage.isFull() ? 100_000_000_000L : 9_000_000_000L)
                .put("maxdisk", 100_000_000_000L);
    }

    private JsonNode permissions(Identity asking, Map<String, String> parameters) {
        String path = parameters.get("path");
        Identity identity = asking;
        String userId = parameters.get("userid");
        if (userId != null && !userId.equals(asking.id())) {
            access.require(asking, "/access", "Sys.Audit");
            identity = new Identity(userId, null);
        }
        ObjectNode result = NODES.objectNode();
        Set<String> paths = path == null ? access.paths() : Set.of(path);
        for (String each : paths) {
            Map<String, Boolean> rights = access.rights(identity, each);
            if (path != null || !rights.isEmpty()) {
                ObjectNode entry = result.putObject(each);
                rights.forEach((privilege, propagates) -> entry.put(privilege, propagates ? 1 : 0));
            }
        }
        return result;
    }

    private JsonNode users(Identity identity, boolean full) {
        ArrayNode list = NODES.arrayNode();
        for (AccessControl.User user : access.usersSeenBy(identity)) {
            ObjectNode json = list.addObject().put("userid", user.id);
            putUser(json, user);
            json.put("realm-type", user.id.substring(user.id.lastIndexOf('@') + 1));
            if (full) {
                ArrayNode tokens = json.put("groups", "").putArray("tokens");
                user.tokens
                        .values()
                        .forEach(token -> putToken(tokens.addObject().put("tokenid", token.name()), token));
            }
        }
        return list;
    }

    private JsonNode user(Identity identity, List<String> path) {
        ObjectNode json = NODES.objectNode();
        if (path.size() == 5 && path.get(3).equals("token")) {
            putToken(json, access.tokenSeenBy(identity, path.get(2), path.get(4)));
        } else {
            AccessControl.User user = access.userSeenBy(identity, path.get(2));
            putUser(json, user);
            json.putArray("groups");
            ObjectNode tokens = json.putObject("tokens");
            user.tokens.values().forEach(token -> putToken(tokens.putObject(token.name()), token));
        }
        return json;
    }

    private static void putUser(ObjectNode json, AccessControl.User user) {
        json.put("enable", user.enabled ? 1 : 0).put("expire", user.expire);
    }

    private static void putToken(ObjectNode json, AccessControl.Token token) {
        json.put("privsep", token.privilegeSeparation() ? 1 : 0).put("expire", token.expire());
    }

    private JsonNode roles() {
        ArrayNode list = NODES.arrayNode();
        access.roles()
                .forEach((role, privileges) -> list.addObject()
                        .put("roleid", role)
                        .put("special", access.isBuiltIn(role) ? 1 : 0)
                        .put("privs", String.join(",", privileges)));
        return list;
    }

    private Answer node(ReceivedRequest request, Identity identity, List<String> path) {
        String node = path.get(1);
        boolean get = request.method().equals("GET");
        String what = path.get(2);
        if (what.equals("tasks")) {
            cluster.requireReachable(node);
            if (path.size() == 3 && get) {
                return new Answer(tasks(identity, node, request.parameters()), false);
            }
            if (path.size() == 4 && request.method().equals("DELETE")) {
                cluster.cancel(visibleTask(identity, node, path.get(3), "Sys.Modify"));
                return new Answer(NullNode.getInstance(), true);
            }
            if (path.size() == 5 && get) {
                return task(request, visibleTask(identity, node, path.get(3), "Sys.Audit"), path.get(4));
            }
        }
        if ((what.equals("qemu") || what.equals("lxc"))
                && path.size() > 4
                && path.get(4).equals("snapshot")) {
            return snapshots.answer(request, identity, path);
        }
        if ((what.equals("qemu") || what.equals("lxc"))
                && path.size() == 6
                && path.get(4).equals("status")) {
            int vmid = vmid(path.get(3));
            String action = path.get(5);
            if (get && action.equals("current")) {
                access.require(identity, "/vms/" + vmid, "VM.Audit");
                cluster.requireReachable(node);
                return new Answer(cluster.configured(node, what, vmid).current(), true);
            }
            boolean known = POWER_ACTIONS.contains(action) && !(what.equals("lxc") && action.equals("reset"));
            if (request.method().equals("POST") && known) {
                access.require(identity, "/vms/" + vmid, "VM.PowerMgmt");
                PowerOptions options = options(
                        request.parameters(),
                        parametersOf(action, what),
                        access.privileges(identity, "/nodes/" + node).contains("Sys.Modify"));
                cluster.requireReachable(node);
                if (options.toDisk()) {
                    cluster.requireHibernatable(node, vmid);
                    access.require(identity, "/vms/" + vmid, "VM.Config.Disk");
                    access.require(identity, "/storage/" + cluster.stateStorage(vmid), "Datastore.AllocateSpace");
                }
                return new Answer(TextNode.valueOf(cluster.power(identity, node, what, vmid, action, options)), true);
            }
        }
        Answer ofAgent = agents.answer(request, identity, path);
        if (ofAgent != null) {
            return ofAgent;
        }
        Answer ofExec = execs.answer(request, identity, path);
        if (ofExec != null) {
            return ofExec;
        }
        Answer ofNode = nodeGuests.answer(request, identity, path);
        if (ofNode != null) {
            return ofNode;
        }
        throw notImplemented(request);
    }

    /** The parameters that a power action takes and that this server follows. */
    private Set<String> parametersOf(String action, String type) {
        return switch (action) {
            case "shutdown" -> Set.of("timeout", "forceStop");
            case "reboot" -> Set.of("timeout");
            case "stop" -> {
                Set<String> known = new HashSet<>();
                if (type.equals("qemu")) {
                    known.add("timeout");
                }
                if (cluster.knowsOverruleShutdown()) {
                    known.add("overrule-shutdown");
                }
                yield known;
            }
            case "start" -> type.equals("qemu") ? Set.of("timeout") : Set.of();
            case "suspend" -> type.equals("qemu") ? Set.of("todisk") : Set.of();
            default -> Set.of();
        };
    }

    private static PowerOptions options(Map<String, String> parameters, Set<String> known, boolean mayEndAnyTask) {
        ObjectNode errors = NODES.objectNode();
        for (String name : parameters.keySet()) {
            if (!known.contains(name)) {
                errors.put(
                        name, "property is not defined in schema and the schema does not allow additional properties");
            }
        }
        String timeout = parameters.get("timeout");
        if (timeout != null && !timeout.matches("\\d+")) {
            errors.put("timeout", "type check ('integer') failed - got '" + timeout + "'");
        }
        for (String flag : List.of("overrule-shutdown", "todisk", "forceStop")) {
            String value = parameters.getOrDefault(flag, "0");
            if (known.contains(flag) && !value.matches("[01]")) {
                errors.put(flag, "type check ('boolean') failed - got '" + value + "'");
            }
        }
        if (!errors.isEmpty()) {
            throw Refusal.parameters(errors);
        }
        return new PowerOptions(
                timeout == null ? null : Integer.valueOf(timeout),
                "1".equals(parameters.get("overrule-shutdown")),
                "1".equals(parameters.get("todisk")),
                "1".equals(parameters.get("forceStop")),
                mayEndAnyTask);
    }

    static int vmid(String text) {
        if (!text.matches("[1-9][0-9]{2,8}")) {
            throw Refusal.parameters(
                    NODES.objectNode().put("vmid", "type check ('integer') failed - got '" + text + "'"));
        }
        return Integer.parseInt(text);
    }

    private JsonNode tasks(Identity identity, String node, Map<String, String> parameters) {
        boolean all = access.privileges(identity, "/nodes/" + node).contains("Sys.Audit");
        String source = parameters.getOrDefault("source", "archive");
        long since = Long.parseLong(parameters.getOrDefault("since", "0"));
        ArrayNode list = NODES.arrayNode();
        cluster.tasksOf(node).stream()
                .filter(t -> all || t.identity.equals(identity))
                .filter(t -> source.equals("all") || source.equals("active") == !t.hasEnded())
                .filter(t -> t.start.getEpochSecond() >= since)
                .filter(t -> t.identity.userId().contains(parameters.getOrDefault("userfilter", "")))
                .filter(t -> !parameters.containsKey("vmid") || t.id.equals(parameters.get("vmid")))
                .filter(t -> !parameters.containsKey("typefilter") || t.type.equals(parameters.get("typefilter")))
                .limit(Long.parseLong(parameters.getOrDefault("limit", "50")))
                .forEach(t -> list.add(t.listEntry()));
        return list;
    }

    private SimulatedTask visibleTask(Identity identity, String node, String upid, String privilegeOfOthers) {
        SimulatedTask task = cluster.task(upid);
        if (task == null || !task.node.equals(node)) {
            throw Refusal.parameters(NODES.objectNode()
                    .put("upid", upid.matches("UPID:.*:") ? "no such task" : "unable to parse worker upid"));
        }
        boolean own = identity.isToken()
                ? task.identity.equals(identity)
                : task.identity.userId().equals(identity.userId());
        if (!own) {
            access.require(identity, "/nodes/" + node, privilegeOfOthers);
        }
        return task;
    }

    private static Answer task(ReceivedRequest request, SimulatedTask task, String leaf) {
        if (leaf.equals("status")) {
            return new Answer(task.status(), true);
        }
        if (!leaf.equals("log")) {
            return new Answer(NullNode.getInstance(), true);
        }
        RequestParameters parameters = new RequestParameters(request.parameters()).integers("start", "limit");
        if (parameters.get("start", "0").startsWith("-")) {
            parameters.wrong("start", "value must have a minimum value of 0");
        }
        parameters.check();
        int start = Integer.parseInt(parameters.get("start", "0"));
        int limit = Integer.parseInt(parameters.get("limit", "50"));
        List<String> log = task.log.isEmpty() ? List.of("no content") : List.copyOf(task.log);
        int end = limit == 0 ? log.size() : Math.min(log.size(), start + limit);
        ArrayNode lines = NODES.arrayNode();
        for (int i = start; i < end; i++) {
            lines.addObject().put("n", i + 1).put("t", log.get(i));
        }
        return new Answer(lines, true, log.size());
    }
}
