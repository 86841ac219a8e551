package io.jenkins.plugins.proxmox.pve.security;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.proxmox.pve.call.ApiCall;
import io.jenkins.plugins.proxmox.pve.call.CallParameters;
import io.jenkins.plugins.proxmox.pve.call.CallPath;
import io.jenkins.plugins.proxmox.pve.call.CallRules;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotDeletion;
import io.jenkins.plugins.proxmox.pve.http.ApiPath;
import io.jenkins.plugins.proxmox.pve.http.ApiRequest;
import io.jenkins.plugins.proxmox.pve.http.ApiRequest.Method;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.WholeOperation;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No text of a job or of a server turns a call of the API into a call of another path. */
class ForeignPathsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final GuestLocation VM_100 = new GuestLocation("pve1", GuestType.QEMU, 100);

    @AutoClose
    private final SimulatedProxmox proxmox = SimulatedProxmox.start(Generation.V9);

    @AutoClose
    private final ProxmoxClient client =
            new ProxmoxClient(ExampleCluster.in(proxmox).settings());

    /** Each would lead from {@code /nodes/X/…} to another path, if it were pasted into it or decoded once more. */
    static List<String> detours() {
        return List.of(
                "..",
                ".",
                "../..",
                "pve1/../../access/users",
                "pve1/qemu/101/status/stop?x=",
                "pve1?x=",
                "pve1#",
                "pve1;x=1",
                "%2e%2e",
                "..%2f..",
                "%252e%252e%252f",
                "..\\..",
                "pve1%00",
                "pve1\u0000",
                "pve1\r\nDELETE /api2/json/nodes/pve1/qemu/101 HTTP/1.1",
                "\uff0e\uff0e\uff0f",
                "\u2025/access",
                " /access",
                "\u202e..",
                "");
    }

    private static void tryTo(Executable call) {
        try {
            call.execute();
        } catch (IllegalArgumentException | GuestException | IOException refused) {
            // as it should
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private List<String> paths() {
        return proxmox.requests().stream().map(ReceivedRequest::path).toList();
    }

    /** What is between {@code before} and {@code after} is one segment, as the server sees it decoded. */
    private void assertOneSegment(String before, String after) {
        assertThat(paths(), everyItem(matchesPattern(before + "[^/]*" + after)));
        assertThat(paths(), everyItem(not(containsString("/../"))));
    }

    @ParameterizedTest
    @MethodSource("detours")
    void aNodeIsNoWayOut(String text) {
        tryTo(() -> client.status(new GuestLocation(text, GuestType.QEMU, 100)));
        tryTo(() -> client.tasks(text, 100, Instant.EPOCH));
        tryTo(() -> client.agent().activity(text, GuestType.QEMU));
        tryTo(() -> new GuestSelector(100, null, text));
        assertThat("no such text is a node", paths(), is(empty()));
    }

    @ParameterizedTest
    @MethodSource("detours")
    void theNameOfASnapshotIsNoWayOut(String text) {
        tryTo(() -> client.snapshots().rollBack(VM_100, text));
        tryTo(() -> client.snapshots().delete(VM_100, text));
        assertOneSegment("/nodes/pve1/qemu/100/snapshot/", "(/rollback)?");
        assertThat(paths(), everyItem(not(matchesPattern(".*/snapshot(/rollback)?"))));
    }

    @ParameterizedTest
    @MethodSource("detours")
    void aTaskIsNoWayOut(String text) {
        for (String upid : List.of(
                text,
                "UPID:" + text + ":00006618:00051E3F:6B049232:qmstart:100:jenkins@pve:",
                "UPID:pve1:00006618:00051E3F:6B049232:" + text + ":100:jenkins@pve:",
                "UPID:pve1:00006618:00051E3F:6B049232:qmstart:" + text + ":jenkins@pve:",
                "UPID:pve1:00006618:00051E3F:6B049232:qmstart:100:" + text + ":")) {
            tryTo(() -> client.taskStatus(Upid.parse(upid)));
            tryTo(() -> client.taskLog(Upid.parse(upid), 0, 10));
            tryTo(() -> client.cancelTask(Upid.parse(upid)));
        }
        assertOneSegment("/nodes/pve1/tasks/UPID:pve1:", "(/status|/log)?");
    }

    @ParameterizedTest
    @MethodSource("detours")
    void aUserIsNoWayOut(String text) {
        tryTo(() -> client.account(text));
        tryTo(() -> client.account(text + "@pve"));
        assertOneSegment("/access/users/", "");
    }

    /** Even where a rule allows everything below a path, and for methods that would do harm. */
    @ParameterizedTest
    @MethodSource("detours")
    void aCallOfAnyPathIsNoWayOut(String text) {
        CallRules rules = CallRules.parse(List.of("GET,DELETE /nodes/pve1/qemu/100/**", "GET,DELETE /nodes/*/tasks"));
        List<ApiCall> allowed = new ArrayList<>();
        for (String path : List.of(
                "/nodes/pve1/qemu/100/" + text,
                "/nodes/pve1/qemu/100/" + text + "/../../101",
                "/nodes/" + text + "/tasks",
                text,
                "/" + text)) {
            for (Method method : List.of(Method.GET, Method.DELETE)) {
                tryTo(() -> {
                    ApiCall call = ApiCall.of(method, CallPath.parse(path), Map.of());
                    if (rules.allow(call)) {
                        allowed.add(call);
                    }
                });
            }
        }
        assertThat("none of them is a path", allowed, is(empty()));
    }

    /** A parameter of a GET or DELETE is in the query, where it must not end and become part of the path. */
    @ParameterizedTest
    @MethodSource("detours")
    void aParameterIsNoWayOut(String text) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("type", text);
        tryTo(() -> client.raw()
                .answer(new ApiRequest(
                        Method.POST,
                        ApiPath.of("nodes", "pve1", "qemu", 100, "config"),
                        CallParameters.of(parameters))));
        tryTo(() -> client.raw()
                .answer(ApiRequest.get(
                        ApiPath.of("cluster", "resources").with("type", text).with("x" + text, "1"))));
        assertThat(paths(), everyItem(matchesPattern("/nodes/pve1/qemu/100/config|/cluster/resources")));
        for (ReceivedRequest request : proxmox.requests()) {
            assertThat(request.parameters().getOrDefault("type", text), is(text));
        }
        assertThat(proxmox.writes().size(), is(1));
    }

    private void answerTo(String path, Object data) throws Exception {
        String body = JSON.writeValueAsString(Map.of("data", data));
        proxmox.inject(request -> request.path().equals(path), new Fault.Answer(200, "OK", "application/json", body));
    }

    /** What the server says of nodes, types, VMIDs, snapshots and tasks becomes part of later paths. */
    @ParameterizedTest
    @MethodSource("detours")
    void noAnswerIsAWayOut(String text) throws Exception {
        for (GuestOperation operation :
                List.of(new PowerOperation(PowerAction.START), new SnapshotDeletion("clean", false))) {
            for (String field : List.of("node", "type", "vmid", "name", "tags", "lock", "hastate")) {
                Map<String, Object> guest = new LinkedHashMap<>(
                        Map.of("type", "qemu", "vmid", 100, "node", "pve1", "name", "x", "status", "stopped"));
                guest.put(field, text);
                answerTo("/cluster/resources", List.of(guest));
                tryTo(() -> run(operation));
            }
            answerTo("/nodes/pve1/qemu/100/snapshot", List.of(Map.of("name", text), Map.of("name", "clean")));
            proxmox.inject(
                    ReceivedRequest::isWrite,
                    new Fault.Answer(
                            200,
                            "OK",
                            "application/json",
                            JSON.writeValueAsString(Map.of(
                                    "data", "UPID:" + text + ":00006618:00051E3F:6B049232:qmstart:100:jenkins@pve:"))));
            tryTo(() -> run(operation));
        }
        String own = "/version|/nodes|/cluster/(resources|ha/status/current)|/access/(permissions|roles|users.*)"
                + "|/nodes/pve[12]/(tasks.*|qemu|qemu/100/(config|status/(current|start)|snapshot(/clean)?))";
        assertThat(paths(), everyItem(matchesPattern(own)));
        assertThat(paths(), everyItem(not(containsString(".."))));
        assertThat(paths().size(), is(greaterThan(5)));
    }

    private void run(GuestOperation operation) throws Exception {
        WholeOperation.of(
                client,
                OperationRequest.of(new GuestSelector(100, null, null), operation)
                        .within(Duration.ofSeconds(2)),
                line -> {});
    }

    @Test
    void theDetoursAreRealOnes() {
        assertThat(
                detours().stream().filter(text -> text.matches("[A-Za-z0-9-]+")).toList(), is(empty()));
    }
}
