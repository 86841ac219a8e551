package io.jenkins.plugins.proxmox.pve.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What did not come from Proxmox VE is not its word, and what came from it is, also through a reverse proxy. */
@ParameterizedClass
@EnumSource(Generation.class)
class AnswerOriginTest {

    private static final String NGINX = "nginx/1.26.3";

    @AutoClose
    private final SimulatedProxmox proxmox;

    private final ExampleCluster cluster;

    @AutoClose
    private final ProxmoxClient client;

    AnswerOriginTest(Generation generation) {
        proxmox = SimulatedProxmox.start(generation);
        cluster = ExampleCluster.in(proxmox);
        client = new ProxmoxClient(cluster.settings());
    }

    private static GuestStatus status(ProxmoxClient client, String node, int vmid) throws ProxmoxException {
        return client.status(new GuestLocation(node, GuestType.QEMU, vmid));
    }

    private void start() throws ProxmoxException {
        client.power(new GuestLocation("pve1", GuestType.QEMU, 100), PowerAction.START, Map.of());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        200 | OK                        | text/html        | <html>Log in</html>
        200 | OK                        | text/plain       | ok
        204 | No Content                | text/plain       | ~~
        302 | Found                     | text/html        | ~~
        307 | Temporary Redirect        | text/html        | <html>over there</html>
        400 | Bad Request               | text/html        | <html>The plain HTTP request was sent to HTTPS port</html>
        401 | Unauthorized              | text/html        | <html>Log in</html>
        401 | Unauthorized              | text/plain       | Log in
        403 | Forbidden                 | text/html        | <html>Blocked</html>
        403 | Blocked by policy         | text/plain       | ~~
        404 | Not Found                 | text/plain       | default backend - 404
        407 | Proxy Auth Required       | text/plain       | ~~
        408 | Request Time-out          | text/html        | <html>Too slow</html>
        413 | Request Entity Too Large  | text/html        | <html>nginx</html>
        421 | Misdirected Request       | text/plain       | Misdirected Request
        429 | Too Many Requests         | application/json | {"error":"slow down"}
        500 | Internal Server Error     | text/html        | <html>nginx</html>
        500 | Internal Server Error     | text/plain       | ~~
        502 | Bad Gateway               | text/plain       | Bad Gateway
        502 | Bad Gateway               | text/plain       | ~~
        503 | Service Unavailable       | text/plain       | no healthy upstream
        504 | Gateway Time-out          | text/html        | <html>nginx</html>
        520 | Web server returned error | application/json | {"type":"about:blank","status":520}
        522 | Connection timed out      | text/plain       | ~~
        524 | A Timeout Occurred        | text/plain       | error code: 524
        524 | A Timeout Occurred        | text/plain       | ~~
        """)
    void takesNoOtherAnswerForItsWord(int status, String reason, String type, String body) throws Exception {
        Fault.Answer answer = new Fault.Answer(status, reason, type, body, Map.of("Server", NGINX));
        proxmox.inject(request -> true, answer);
        var read = assertThrows(NotProxmoxException.class, client::version);
        assertThat(read.answer().status(), is(status));
        assertThat("a read changes nothing", read.mayHaveBeenExecuted(), is(false));
        proxmox.inject(request -> true, new Fault.AnswerInstead(answer));
        var write = assertThrows(NotProxmoxException.class, this::start);
        assertThat("nobody knows whether it arrived", write.mayHaveBeenExecuted(), is(true));
    }

    @Test
    void takesWhatAsksForALoginForSomethingElse() {
        proxmox.inject(request -> true, new Fault.Challenge("Basic realm=\"staff\""));
        var login = assertThrows(NotProxmoxException.class, this::start);
        assertThat(login.mayHaveBeenExecuted(), is(true));
        assertThat(login.answer().challenge(), is("Basic realm=\"staff\""));
        assertThat(login.getMessage(), containsString("asks for its own login (Basic realm=\"staff\")"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"pve-api-daemon/3.0", NGINX})
    void knowsItsWordWhateverNameTheServerBears(String server) throws Exception {
        proxmox.behind(server);
        client.version();
        start();
        assertWord(RequestRejectedException.class, 500, () -> status(client, "pve1", 999));
        assertWord(NodeUnreachableException.class, 595, () -> status(client, "pve2", 110));
        proxmox.cluster().silence("pve1");
        assertWord(NodeUnreachableException.class, 596, () -> status(client, "pve1", 100));
        try (ProxmoxClient limited =
                        new ProxmoxClient(cluster.settings(ExampleCluster.token("jenkins@pve!limited", secret())));
                ProxmoxClient unknown = new ProxmoxClient(cluster.settings(
                        ExampleCluster.token("jenkins@pve!nope", "00000000-0000-0000-0000-000000000000")));
                ProxmoxClient wrong =
                        new ProxmoxClient(cluster.settings(new TicketLogin("jenkins@pve", "wrong password")))) {
            assertWord(PermissionDeniedException.class, 403, () -> status(limited, "pve1", 100));
            assertWord(AuthenticationFailedException.class, 401, unknown::version);
            assertWord(AuthenticationFailedException.class, 401, wrong::version);
        }
    }

    private String secret() {
        return cluster.limitedSecret();
    }

    private static void assertWord(Class<? extends ApiException> type, int status, Executable call) {
        ApiException failure = assertThrows(ApiException.class, call);
        assertThat(failure, is(instanceOf(type)));
        assertThat(failure.failure().status(), is(status));
    }

    /** Errors that are raised before an API handler runs: N has the bare text as body, O none at all. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        500 | RPCEnvironment init request failed: Unable to load access control list: Connection refused
        501 | for data too large
        506 | upload 'Content-Type 'text/xml' not implemented
        """)
    void knowsItsWordWithoutJson(int status, String text) {
        for (String body : new String[] {"", text}) {
            for (String server : new String[] {"pve-api-daemon/3.0", NGINX}) {
                proxmox.inject(
                        request -> true,
                        new Fault.Answer(status, text, "application/octet-stream", body, Map.of("Server", server)));
                assertWord(RequestRejectedException.class, status, client::version);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"7, 7", "0, 0", "86400, 60", "soon, 0", "-5, 0", "'', 0"})
    void isToldHowLongToStayAway(String header, long seconds) {
        assertStaysAway(header, Duration.ofSeconds(seconds), Duration.ofSeconds(seconds));
    }

    @Test
    void isToldUntilWhenToStayAway() {
        String then = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                Instant.now().plusSeconds(30).atZone(ZoneOffset.UTC));
        assertStaysAway(then, Duration.ofSeconds(20), Duration.ofSeconds(30));
        assertStaysAway("Wed, 21 Oct 2015 07:28:00 GMT", Duration.ZERO, Duration.ZERO);
    }

    private void assertStaysAway(String header, Duration least, Duration most) {
        proxmox.inject(
                request -> true,
                new Fault.Answer(503, "Service Unavailable", "text/html", "<html>", Map.of("Retry-After", header)));
        Duration away = assertThrows(NotProxmoxException.class, client::version).retryAfter();
        assertThat(away.compareTo(least) >= 0 && away.compareTo(most) <= 0, is(true));
    }
}
