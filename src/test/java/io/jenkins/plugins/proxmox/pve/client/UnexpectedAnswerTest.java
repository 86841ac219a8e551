package io.jenkins.plugins.proxmox.pve.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.model.ServerVersion;
import io.jenkins.plugins.proxmox.pve.model.TaskStatus;
import io.jenkins.plugins.proxmox.pve.model.TaskSummary;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the client makes of answers that a Proxmox VE server does not give, or not in that form. */
class UnexpectedAnswerTest {

    private static final GuestLocation VM_100 = new GuestLocation("pve1", GuestType.QEMU, 100);
    private static final Upid TASK = Upid.parse("UPID:pve1:00006618:00051E3F:6B049232:qmstart:100:jenkins@pve!ci:");

    @AutoClose
    private final SimulatedProxmox proxmox = SimulatedProxmox.start(Generation.V9);

    private final ExampleCluster cluster = ExampleCluster.in(proxmox);

    @AutoClose
    private final ProxmoxClient client = new ProxmoxClient(cluster.settings());

    private void nextAnswer(int status, String reason, String type, String body) {
        proxmox.inject(request -> true, new Fault.Answer(status, reason, type, body));
    }

    private void nextAnswer(String json) {
        nextAnswer(200, "OK", "application/json;charset=UTF-8", json);
    }

    private static NotProxmoxException assertNotProxmox(Executable call) {
        return assertThrows(NotProxmoxException.class, call);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                200 | OK                | <html><body>Welcome</body></html> | it answered GET /version with "<html>
                200 | OK                | ok                                | it answered GET /version with "ok"
                200 | OK                | ~~                                | it answered GET /version with ""
                200 | OK                | []                                | it answered GET /version with "[]"
                200 | OK                | "9.2"                             | it answered GET /version with
                200 | OK                | {}                                | it answered GET /version with "{}"
                200 | OK                | {"data":{"version":"9             | it answered GET /version with
                204 | No Content        | ~~                                | it answered GET /version with ""
                301 | Moved Permanently | ~~                                | with 301 Moved Permanently
                302 | Found             | <html>login</html>                | with 302 Found
                404 | Not Found         | <html>nginx</html>                | a page that does not come from Proxmox VE
                500 | Server Error      | <html>nginx</html>                | a page that does not come from Proxmox VE
                404 | Not Found         | default backend                   | with 404 Not Found and "default backend"
                """)
    void recognisesWhatIsNotProxmox(int status, String reason, String body, String said) {
        nextAnswer(status, reason, "text/html", body);
        var failure = assertNotProxmox(client::version);
        assertThat(failure.answer().status(), is(status));
        assertThat(failure.answer().address(), is(proxmox.address()));
        assertThat(
                failure.getMessage(),
                allOf(
                        startsWith(proxmox.address() + " is not the API of a Proxmox VE server: "),
                        containsString(said)));
        assertThat("a GET changes nothing", failure.mayHaveBeenExecuted(), is(false));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                502 | Bad Gateway        | <html>nginx</html> | with 502 Bad Gateway and a page that does not come from Proxmox VE.
                502 | Bad Gateway        | Bad Gateway        | with 502 Bad Gateway and "Bad Gateway".
                503 | Unavailable        | ~~                 | with 503 Unavailable.
                524 | A Timeout Occurred | error code: 524    | with 524 A Timeout Occurred and "error code: 524".
                """)
    void tellsThatAGatewayHadNoAnswerToPassOn(int status, String reason, String body, String said) {
        nextAnswer(status, reason, "text/plain", body);
        var failure = assertNotProxmox(client::version);
        assertThat(failure.mayPass(), is(true));
        assertThat(
                failure.getMessage(),
                is("Proxmox VE did not answer at " + proxmox.address()
                        + "; something in front of it did: it answered GET /version " + said));
    }

    @Test
    void doesNotFollowARedirect() {
        nextAnswer(301, "Moved Permanently", "text/html", "");
        assertNotProxmox(client::version);
        assertThat(proxmox.requests(), hasSize(1));
    }

    @Test
    void readsNoJsonIntoBytesThatAreNoText() {
        nextAnswer("\u0000\u0000\u0000\u0001\u0000\u0000\u0000\u0002");
        assertNotProxmox(client::version);
    }

    @Test
    void readsNoStatusIntoAnAnswerWithoutOne() {
        for (String data : new String[] {"null", "{}", "[]", "\"running\"", "{\"status\":null}", "{\"status\":{}}"}) {
            nextAnswer("{\"data\":" + data + "}");
            var failure = assertNotProxmox(() -> client.status(VM_100));
            assertThat(failure.getMessage(), containsString("no status in it"));
            nextAnswer("{\"data\":" + data + "}");
            assertNotProxmox(() -> client.taskStatus(TASK));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "{}", "\"\"", "1"})
    void readsNoListIntoAnAnswerWithoutOne(String data) {
        for (Executable call : new Executable[] {
            client::nodes,
            client::guests,
            () -> client.taskLog(TASK, 0, 50),
            () -> client.tasks("pve1", 100, Instant.EPOCH)
        }) {
            nextAnswer("{\"data\":" + data + "}");
            assertNotProxmox(call);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[]", "1"})
    void readsNoPermissionsIntoAnAnswerWithoutThem(String data) {
        nextAnswer("{\"data\":" + data + "}");
        assertNotProxmox(client::permissions);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "{}", "\"\"", "\"OK\"", "\"UPID:../etc:0:0:0:qmstart:100:root@pam:\"", "100"})
    void doesNotTakeForATaskWhatIsNone(String data) {
        nextAnswer("{\"data\":" + data + "}");
        var failure = assertNotProxmox(() -> client.power(VM_100, PowerAction.START, Map.of()));
        assertThat(failure.getMessage(), containsString("is not a task identifier"));
        assertThat("it may have started the guest", failure.mayHaveBeenExecuted(), is(true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"type\":\"qemu\",\"node\":\"../x\",\"vmid\":100}", "{\"type\":\"lxc\",\"node\":\"pve1\"}"})
    void refusesAGuestThatLeadsElsewhere(String guest) {
        nextAnswer("{\"data\":[" + guest + "]}");
        assertNotProxmox(client::guests);
    }

    @Test
    void readsNumbersThatArriveAsTexts() throws Exception {
        nextAnswer("""
                {"data":{"status":"running","uptime":"42","cpu":"0.5","mem":"1024","maxmem":"2048","pid":"4711",
                 "ha":{"managed":"1","state":"started"},"vmid":"100","qmpstatus":"running","name":"build-agent"}}""");
        GuestStatus status = client.status(VM_100);
        assertThat(status.uptimeSeconds(), is(42L));
        assertThat(status.cpu(), is(0.5));
        assertThat(status.memoryBytes(), is(1024L));
        assertThat(status.pid(), is(4711L));
        assertThat(status.haManaged(), is(true));
        nextAnswer("{\"data\":[{\"type\":\"qemu\",\"node\":\"pve1\",\"vmid\":\"100\",\"template\":\"1\"}]}");
        ListedGuest guest = client.guests().get(0);
        assertThat(guest.location(), is(VM_100));
        assertThat(guest.status(), is("unknown"));
        assertThat(guest.template(), is(true));
    }

    @Test
    void readsFieldsThatAreNullAsMissing() throws Exception {
        nextAnswer("{\"data\":{\"status\":\"stopped\",\"name\":null,\"lock\":null,\"ha\":null,\"pid\":null}}");
        GuestStatus status = client.status(VM_100);
        assertThat(status.guest(), is("VM 100"));
        assertThat(status.isHibernated(), is(false));
        assertThat(status.haManaged(), is(false));
    }

    @Test
    void leavesOutWhatIsNoGuestOrNoTask() throws Exception {
        nextAnswer("{\"data\":[{\"type\":\"node\",\"node\":\"pve1\"},{\"type\":\"storage\"},{}]}");
        assertThat(client.guests(), is(empty()));
        nextAnswer("{\"data\":[{\"upid\":\"something new\"},{\"upid\":\"" + TASK + "\",\"status\":\"OK\"}]}");
        assertThat(
                client.tasks("pve1", 100, Instant.EPOCH), contains(new TaskSummary(TASK, new TaskStatus(false, "OK"))));
    }

    @Test
    void cleansWhatAServerSays() {
        proxmox.inject(
                request -> true,
                new Fault.Answer(
                        500,
                        "bad\u001b[31m thing",
                        "text/plain",
                        "first\u0000\n\u202eline",
                        Map.of("Server", "pve-api-daemon/3.0")));
        var rejected = assertThrows(RequestRejectedException.class, client::version);
        assertThat(rejected.getMessage(), containsString("500 first line."));
        assertThat(rejected.getMessage(), not(containsString("\u202e")));
    }

    @Test
    void cleansNamesThatEndUpInLogs() throws Exception {
        nextAnswer("{\"data\":{\"status\":\"stopped\",\"name\":\"a\\nb\",\"lock\":\"x\\u001b[8m\"}}");
        GuestStatus status = client.status(VM_100);
        assertThat(status.guest(), is("VM 100 (a b)"));
        assertThat(status.lock(), is("x [8m"));
        nextAnswer("{\"data\":{\"version\":\"9\\n2\"}}");
        assertThat(client.version(), is(new ServerVersion("9 2", "")));
    }

    @Test
    void takesALoginPageForWhatItIs() {
        nextAnswer(401, "Unauthorized", "text/html", "<html>log in</html>");
        assertNotProxmox(client::version);
    }
}
