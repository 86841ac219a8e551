package io.jenkins.plugins.proxmox.pve.call;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.call.ApiCallState.Phase;
import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.client.TicketLogin;
import io.jenkins.plugins.proxmox.pve.http.ApiRequest.Method;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.operation.ServerConnection;
import io.jenkins.plugins.proxmox.pve.operation.Trial;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(Generation.class)
class ApiCallRunTest {

    private static final Predicate<ReceivedRequest> START =
            request -> request.isWrite() && request.path().endsWith("/status/start");

    @AutoClose
    private final Trial trial;

    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(2);
    private final WorkerThreads workers = new WorkerThreads(threads, threads, threads);
    private final List<ApiCallState> states = new CopyOnWriteArrayList<>();
    private volatile ServerConnection connection;

    ApiCallRunTest(Generation generation) {
        trial = new Trial(generation);
        connection = ServerConnection.of(trial.client, workers, new NodeRateLimit());
    }

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    private static ApiCall call(String call, Map<String, ?> parameters) {
        String[] parts = call.split(" ");
        return ApiCall.of(Method.valueOf(parts[0]), CallPath.parse(parts[1]), CallParameters.of(parameters))
                .within(Duration.ofSeconds(30));
    }

    private static ApiCall start(int vmid) {
        return call("POST /nodes/pve1/qemu/" + vmid + "/status/start", Map.of());
    }

    private ApiCallRun run(ApiCall call, ApiCallState from) {
        return new ApiCallRun(call, from, workers, () -> connection, () -> {}, trial.log::add, this::save);
    }

    private CompletableFuture<Void> save(ApiCallState state) {
        states.add(state);
        return CompletableFuture.completedFuture(null);
    }

    private ApiCallState end(ApiCall call, ApiCallState from) throws Exception {
        return end(run(call, from).begin());
    }

    private static ApiCallState end(CompletableFuture<ApiCallState> end) throws Exception {
        try {
            return end.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw (Exception) e.getCause();
        }
    }

    private Object answer(ApiCall call) throws Exception {
        return end(call, ApiCallState.begin()).answer();
    }

    private String failure(ApiCall call) {
        return assertThrows(ApiCallException.class, () -> answer(call)).getMessage();
    }

    private void answerWith(String json) {
        trial.proxmox.inject(request -> true, new Fault.Answer(200, "OK", "application/json", json));
    }

    private static Object copy(Object value) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ObjectOutputStream(bytes).writeObject(value);
        return new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
    }

    @Test
    void returnsPlainValues() throws Exception {
        answerWith("{\"data\":{\"text\":\"a\",\"number\":1,\"long\":12345678901,\"share\":0.5,\"yes\":true,"
                + "\"nothing\":null,\"list\":[1,\"b\",{\"c\":[]}]}}");
        ApiCallState done = end(call("GET /anything", Map.of()), ApiCallState.begin());
        assertThat(
                done.answer().toString(),
                is("{text=a, number=1, long=12345678901, share=0.5, yes=true, nothing=null, list=[1, b, {c=[]}]}"));
        assertThat(copy(done), is(done));
        assertThat(trial.log, contains("GET /anything: answered"));
        assertThat("a read saves nothing", states, is(empty()));
    }

    @Test
    void readsWithParametersInTheQuery() throws Exception {
        List<?> guests = (List<?>) answer(call("GET /cluster/resources", Map.of("type", "vm")));
        assertThat(guests, hasSize(14));
        assertThat(trial.proxmox.requests().get(0).parameters(), is(Map.of("type", "vm")));
    }

    @Test
    void awaitsTheTaskOfAWrite() throws Exception {
        ApiCallState done = end(start(100), ApiCallState.begin());
        assertThat(done.answer().toString(), startsWith("UPID:pve1:"));
        assertThat(done.isRequested(), is(false));
        assertThat(
                trial.client
                        .status(new GuestLocation("pve1", GuestType.QEMU, 100))
                        .running(),
                is(true));
        assertThat(states.stream().map(ApiCallState::phase).toList(), contains(Phase.SENT, Phase.AWAIT_TASK));
        assertThat(trial.log, hasItem("Task qmstart ended: OK"));
        assertThat(copy(states.get(1)), is(states.get(1)));
        assertThat(copy(start(100)), is(start(100)));
    }

    @Test
    void returnsAtOnceIfTheTaskIsNotAwaited() throws Exception {
        trial.cluster().timing(Duration.ofHours(1), Duration.ZERO, Duration.ZERO);
        ApiCallState done = end(start(100).awaited(false), ApiCallState.begin());
        assertThat(done.answer().toString(), startsWith("UPID:pve1:"));
        assertThat(done.isRequested(), is(true));
        assertThat(states.stream().map(ApiCallState::phase).toList(), contains(Phase.SENT, Phase.DONE));
    }

    @Test
    void failsWithTheTask() {
        assertThat(
                failure(start(102)),
                allOf(
                        startsWith("POST /nodes/pve1/qemu/102/status/start failed: task UPID:pve1:"),
                        containsString("ended with: start failed: QEMU exited with code 1.")));
    }

    @Test
    void tellsTheWarningsOfATask() throws Exception {
        answer(start(106));
        assertThat(trial.log, hasItem("Task qmstart ended: WARNINGS: 1"));
        assertThat(trial.log, hasItem("  WARN: could not set polling interval for ballooning"));
    }

    @Test
    void leavesTheRefusalToItsExplanation() {
        var refusal =
                assertThrows(RequestRejectedException.class, () -> answer(call("POST /nodes/pve1/vzdump", Map.of())));
        assertThat(refusal.isNotImplemented(), is(true));
        assertThrows(RequestRejectedException.class, () -> answer(call("GET /nodes/pve1/qemu/999/config", Map.of())));
        assertThat(trial.proxmox.writes(), hasSize(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /nodes/pve1/qemu/100/config", "POST /nodes/pve1/qemu/100/status/start"})
    void namesAMissingRight(String request) throws Exception {
        try (ProxmoxClient limited = new ProxmoxClient(
                trial.example.settings(ExampleCluster.token("jenkins@pve!limited", trial.example.limitedSecret())))) {
            connection = ServerConnection.of(limited, workers, new NodeRateLimit());
            var refusal = assertThrows(PermissionDeniedException.class, () -> answer(call(request, Map.of())));
            assertThat(refusal.aclPath(), is("/vms/100"));
        }
    }

    @Test
    void readsAgainWhileTheServerIsInTrouble() throws Exception {
        trial.proxmox.inject(request -> true, new Fault.Refuse(596, "Connection reset by peer"));
        trial.proxmox.inject(request -> true, new Fault.BreakAfter());
        assertThat(answer(call("GET /version", Map.of())), is(instanceOf(Map.class)));
        assertThat(trial.proxmox.requests(), hasSize(3));
        assertThat(
                trial.log.stream()
                        .filter(line -> line.startsWith("Still waiting for an answer to GET /version."))
                        .toList(),
                hasSize(1));
    }

    @Test
    void sendsAWriteAgainThatCertainlyDidNotBegin() throws Exception {
        trial.proxmox.inject(START, new Fault.Refuse(595, "Connection refused"));
        trial.proxmox.inject(START, new Fault.Refuse(500, "cluster not ready - no quorum?"));
        answer(start(100));
        assertThat(trial.cluster().taskTypes(100), contains("qmstart"));
        assertThat(
                states.stream().map(ApiCallState::phase).toList(),
                contains(Phase.SENT, Phase.SENT, Phase.SENT, Phase.AWAIT_TASK));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void neverSendsAWriteAgainWhoseAnswerWasLost(boolean carriedOut) {
        trial.proxmox.inject(START, carriedOut ? new Fault.BreakAfter() : new Fault.BreakBefore());
        String failure = failure(start(100));
        assertThat(
                failure,
                allOf(
                        startsWith("POST /nodes/pve1/qemu/100/status/start may have been carried out, but its answer "
                                + "was lost: Cannot talk to Proxmox VE"),
                        containsString("Jenkins does not send it again. Before you do, check what became of "
                                + "/nodes/pve1/qemu/100/status/start, and the tasks of node pve1."),
                        containsString(
                                carriedOut
                                        ? "Tasks of jenkins@pve!ci that began there since then: UPID:pve1:"
                                        : "No task of jenkins@pve!ci is listed there since then")));
        assertThat(trial.proxmox.writes(), hasSize(1));
    }

    @Test
    void neverSendsAWriteAgainThatSomethingInBetweenAnswered() {
        trial.proxmox.inject(START, new Fault.Answer(502, "Bad Gateway", "text/plain", "Bad Gateway"));
        assertThat(failure(start(100)), containsString("may have been carried out"));
        assertThat(trial.proxmox.writes(), hasSize(1));
    }

    @Test
    void failsAfterAKillWhileAWriteWasOnItsWay() throws Exception {
        trial.cluster().timing(Duration.ofHours(1), Duration.ZERO, Duration.ZERO);
        ApiCallState begun = ApiCallState.begin();
        end(start(100).awaited(false), begun);
        ApiCallState sent = states.get(0);
        String failure = assertThrows(ApiCallException.class, () -> end(start(100), sent))
                .getMessage();
        assertThat(
                failure,
                allOf(
                        containsString("its answer was lost: Jenkins went down while the request was on its way."),
                        containsString("Tasks of jenkins@pve!ci that began there since then: UPID:pve1:")));
        assertThat(trial.proxmox.writes(), hasSize(1));
    }

    @Test
    void goesOnAfterAKillWhileTheTaskRuns() throws Exception {
        trial.cluster().timing(Duration.ofHours(1), Duration.ZERO, Duration.ZERO);
        ApiCallRun before = run(start(100), ApiCallState.begin());
        before.begin();
        Eventually.holds("the task is known", () -> states.size() == 2);
        trial.cluster().endTasks(100);
        ApiCallState done = end(start(100), (ApiCallState) copy(states.get(1)));
        assertThat(done.answer(), is(done.task().text()));
        assertThat(trial.proxmox.writes(), hasSize(1));
    }

    @Test
    void returnsTheAnswerAgainThatWasSaved() throws Exception {
        answerWith("{\"data\":null}");
        ApiCall write = call("PUT /nodes/pve1/qemu/100/config", Map.of("memory", 2048));
        answer(write);
        assertThat(states.get(1).phase(), is(Phase.DONE));
        trial.proxmox.forgetRequests();
        assertThat(end(write, states.get(1)).answer() == null, is(true));
        assertThat(trial.proxmox.requests(), is(empty()));
    }

    @Test
    void sendsNoWriteThatCouldNotBeSaved() {
        ApiCallRun run = new ApiCallRun(
                start(100),
                ApiCallState.begin(),
                workers,
                () -> connection,
                () -> {},
                trial.log::add,
                state -> CompletableFuture.failedFuture(new IOException("disk full")));
        String failure =
                assertThrows(ApiCallException.class, () -> end(run.begin())).getMessage();
        assertThat(failure, allOf(containsString("was not sent"), containsString("disk full")));
        assertThat(trial.proxmox.requests(), is(empty()));
    }

    @Test
    void asksBeforeEachAttemptWhetherTheCallIsStillAllowed() {
        trial.proxmox.inject(request -> true, new Fault.Refuse(596, "Connection reset by peer"));
        ApiCallRun run = new ApiCallRun(
                call("GET /version", Map.of()),
                ApiCallState.begin(),
                workers,
                () -> connection,
                () -> {
                    if (!trial.proxmox.requests().isEmpty()) {
                        throw new IOException("not allowed any more");
                    }
                },
                trial.log::add,
                this::save);
        var refusal = assertThrows(IOException.class, () -> end(run.begin()));
        assertThat(refusal.getMessage(), is("not allowed any more"));
        assertThat(trial.proxmox.requests(), hasSize(1));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void leavesOrCancelsTheTaskWhenItIsAborted(boolean cancels) throws Exception {
        trial.cluster().timing(Duration.ofHours(1), Duration.ZERO, Duration.ZERO);
        ApiCallRun run = run(start(100).cancelsTask(cancels), ApiCallState.begin());
        run.begin();
        Eventually.holds("the task is known", () -> run.state().phase() == Phase.AWAIT_TASK);
        assertThat(run.abort(), is(true));
        String upid = run.state().task().text();
        String told = cancels ? "Task " + upid + " was cancelled" : "Task " + upid + " continues in Proxmox VE";
        Eventually.holds("it is told", () -> trial.log.contains(told));
        assertThat(trial.cluster().endOf(upid) != null, is(cancels));
        Eventually.holds("nobody waits", () -> connection.tasks().waits() == 0);
    }

    @Test
    void cancelsTheTaskOfARequestThatWasOnItsWayWhenItWasAborted() throws Exception {
        trial.cluster().timing(Duration.ofHours(1), Duration.ZERO, Duration.ZERO);
        CountDownLatch answered = new CountDownLatch(1);
        trial.proxmox.inject(START, new Fault.HoldAnswer(answered));
        ApiCallRun run = run(start(100).cancelsTask(true), ApiCallState.begin());
        run.begin();
        Eventually.holds(
                "it was carried out", () -> !trial.cluster().taskTypes(100).isEmpty());
        run.abort();
        answered.countDown();
        Eventually.holds("it is told", () -> trial.log.stream().anyMatch(line -> line.endsWith("was cancelled")));
    }

    @Test
    void endsAtItsTimeout() {
        trial.cluster().timing(Duration.ofHours(1), Duration.ZERO, Duration.ZERO);
        String task = failure(start(100).within(Duration.ofSeconds(1)));
        assertThat(
                task, startsWith("Timeout of 1 s: the task of POST /nodes/pve1/qemu/100/status/start has not ended"));
        assertThat(task, containsString("It continues in Proxmox VE: UPID:pve1:"));
        CountDownLatch never = new CountDownLatch(1);
        try {
            trial.proxmox.inject(request -> true, new Fault.Hold(never));
            assertThat(
                    failure(start(101).within(Duration.ofSeconds(1))),
                    allOf(
                            containsString("was not answered in that time. It may have been carried out"),
                            containsString("the tasks of node pve1")));
        } finally {
            never.countDown();
        }
    }

    @Test
    void continuesWithAReplacedTokenAfterARefusal() throws Exception {
        try (ProxmoxClient wrong = new ProxmoxClient(trial.example.settings(
                ExampleCluster.token("jenkins@pve!ci", "00000000-0000-0000-0000-000000000000")))) {
            ServerConnection right = connection;
            connection = ServerConnection.of(wrong, workers, new NodeRateLimit());
            ServerConnection.Source replacing = () -> {
                ServerConnection present = connection;
                connection = right;
                return present;
            };
            ApiCallRun run = new ApiCallRun(
                    start(100), ApiCallState.begin(), workers, replacing, () -> {}, trial.log::add, this::save);
            end(run.begin());
            assertThat(trial.cluster().taskTypes(100), contains("qmstart"));
        }
    }

    @Test
    void failsWithARefusedToken() throws Exception {
        try (ProxmoxClient wrong = new ProxmoxClient(trial.example.settings(
                ExampleCluster.token("jenkins@pve!ci", "00000000-0000-0000-0000-000000000000")))) {
            connection = ServerConnection.of(wrong, workers, new NodeRateLimit());
            assertThrows(AuthenticationFailedException.class, () -> answer(start(100)));
            assertThat(trial.cluster().taskTypes(100), is(empty()));
        }
    }

    @Test
    void saysWhenTheTaskBelongsToAnIdentityThatWasReplaced() throws Exception {
        trial.cluster().timing(Duration.ofHours(1), Duration.ZERO, Duration.ZERO);
        end(start(100).awaited(false), ApiCallState.begin());
        ApiCallState running = ApiCallState.begin().awaiting(states.get(1).task());
        try (ProxmoxClient other = new ProxmoxClient(
                trial.example.settings(ExampleCluster.token("jenkins@pve!operator", trial.example.operatorSecret())))) {
            connection = ServerConnection.of(other, workers, new NodeRateLimit());
            String failure = assertThrows(ApiCallException.class, () -> end(start(100), running))
                    .getMessage();
            assertThat(
                    failure,
                    containsString("was started by jenkins@pve!ci, and Proxmox VE does not show it to "
                            + "jenkins@pve!operator. Check the tasks of node pve1"));
        }
    }

    @Test
    void hidesTheSecretOfATokenInWhatItReturns() throws Exception {
        String secret = trial.example.ciSecret();
        answerWith("{\"data\":{\"" + secret + "\":[\"x" + secret + "y\"],\"fine\":\"fine\"}}");
        assertThat(answer(call("GET /anything", Map.of())).toString(), is("{********=[x********y], fine=fine}"));
    }

    @Test
    void hidesThePasswordAndTheTicketOfALogin() throws Exception {
        try (ProxmoxClient login = new ProxmoxClient(
                trial.example.settings(new TicketLogin("jenkins@pve", ExampleCluster.JENKINS_PASSWORD)))) {
            connection = ServerConnection.of(login, workers, new NodeRateLimit());
            answer(call("GET /version", Map.of()));
            String ticket = ticketOf(trial.proxmox.requests());
            String escaped = ExampleCluster.JENKINS_PASSWORD.replace("c", "\\u0063");
            trial.proxmox.inject(
                    request -> true,
                    new Fault.Answer(
                            200,
                            "OK",
                            "application/json",
                            "{\"data\":[\"" + escaped + "\",\"" + ticket + "\",\"PVEAuthCookie=" + ticket + "\"]}"));
            assertThat(
                    answer(call("GET /anything", Map.of())).toString(),
                    is("[********, ********, PVEAuthCookie=********]"));
        }
    }

    private static String ticketOf(List<ReceivedRequest> requests) {
        String cookie = requests.get(requests.size() - 1).headers().get("cookie");
        return cookie.substring("PVEAuthCookie=".length());
    }

    @Test
    void failsClearlyWithAnAnswerThatIsTooLarge() throws Exception {
        String large = "{\"data\":[\"" + "x".repeat(2_000_000) + "\"]}";
        answerWith(large);
        var read = assertThrows(ProxmoxException.class, () -> answer(call("GET /anything", Map.of())));
        assertThat(
                read.getMessage(),
                allOf(
                        startsWith("Proxmox VE answered GET /anything with more than 2000000 characters"),
                        not(containsString("carried out"))));
        answerWith(large);
        var write = assertThrows(ProxmoxException.class, () -> answer(call("PUT /anything", Map.of())));
        assertThat(write.getMessage(), containsString("The request was carried out."));
    }
}
