package io.jenkins.plugins.proxmox.pve.http;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.client.ClientSettings;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException.Kind;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.WholeOperation;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** One server: connections kept, broken, refused, and what is sent again. */
class ConnectionTest {

    private static final GuestLocation VM_100 = new GuestLocation("pve1", GuestType.QEMU, 100);

    @AutoClose
    private final SimulatedProxmox proxmox = SimulatedProxmox.start(Generation.V9);

    private final ExampleCluster cluster = ExampleCluster.in(proxmox);

    @AutoClose
    private final ProxmoxClient client = new ProxmoxClient(cluster.settings());

    private void start() throws ProxmoxException {
        client.power(VM_100, PowerAction.START, Map.of());
    }

    @Test
    void keepsOneConnectionForWholeOperations() throws Exception {
        for (PowerAction action : List.of(PowerAction.START, PowerAction.STOP)) {
            WholeOperation.of(
                    client,
                    OperationRequest.of(new GuestSelector(100, null, null), new PowerOperation(action)),
                    line -> {});
        }
        assertThat(proxmox.writes(), hasSize(2));
        assertThat(proxmox.requests().size(), is(greaterThanOrEqualTo(9)));
        assertThat(proxmox.connections(), is(1L));
    }

    @Test
    void opensAnotherConnectionAfterAnErrorSinceTheServerClosesThen() throws Exception {
        assertThrows(
                RequestRejectedException.class, () -> client.status(new GuestLocation("pve1", GuestType.QEMU, 999)));
        start();
        assertThat(proxmox.connections(), is(2L));
        assertThat(proxmox.writes(), hasSize(1));
    }

    /** A broken proxy, or one that an attacker has brought to answer twice. */
    @Test
    void takesNoSecondAnswerForThatToTheNextRequest() throws Exception {
        proxmox.inject(request -> true, new Fault.OnTheWire(true, (answer, out) -> {
            byte[] both = Arrays.copyOf(answer, 2 * answer.length);
            System.arraycopy(answer, 0, both, answer.length, answer.length);
            out.write(both);
            out.stall();
        }));
        client.version();
        assertThat(client.status(VM_100).running(), is(false));
        assertThat(proxmox.connections(), is(2L));
    }

    @Test
    void noticesAConnectionThatTheServerClosedBeforeAWriteGoesOutOnIt() throws Exception {
        proxmox.inject(request -> true, new Fault.CloseSilently());
        client.version();
        Eventually.holds("the server has closed the connection", () -> proxmox.openConnections() == 0);
        start();
        assertThat(proxmox.writes(), contains("POST /nodes/pve1/qemu/100/status/start"));
        assertThat(proxmox.connections(), is(2L));
        assertThat(proxmox.cluster().taskTypes(100), contains("qmstart"));
    }

    @Test
    void readsOnAnotherConnectionWhenTheServerClosedTheOldOne() throws Exception {
        proxmox.inject(request -> true, new Fault.CloseSilently());
        client.version();
        Eventually.holds("the server has closed the connection", () -> proxmox.openConnections() == 0);
        client.version();
        assertThat(proxmox.requests(), hasSize(2));
    }

    @Test
    void noticesThatTheServerWasRestarted() throws Exception {
        client.version();
        proxmox.stopListening();
        proxmox.listenAgain();
        start();
        assertThat(proxmox.writes(), hasSize(1));
    }

    @Test
    void readsAgainOnceWhenTheConnectionBreaks() throws Exception {
        proxmox.inject(request -> true, new Fault.BreakBefore());
        client.version();
        assertThat(proxmox.requests(), hasSize(2));
        proxmox.inject(request -> true, new Fault.BreakBefore());
        proxmox.inject(request -> true, new Fault.BreakAfter());
        var broken = assertThrows(ConnectionFailedException.class, client::version);
        assertThat(broken.kind(), is(Kind.BROKEN));
        assertThat(broken.mayHaveBeenExecuted(), is(false));
        assertThat(proxmox.requests(), hasSize(4));
    }

    @Test
    void neverRepeatsAWriteWhoseAnswerIsLost() {
        proxmox.inject(ReceivedRequest::isWrite, new Fault.BreakAfter());
        var broken = assertThrows(ConnectionFailedException.class, this::start);
        assertThat(broken.kind(), is(Kind.BROKEN));
        assertThat(broken.mayHaveBeenExecuted(), is(true));
        assertThat(proxmox.writes(), hasSize(1));
    }

    @Test
    void cannotKnowThatALostWriteWasNotCarriedOut() {
        proxmox.inject(ReceivedRequest::isWrite, new Fault.BreakBefore());
        var broken = assertThrows(ConnectionFailedException.class, this::start);
        assertThat(broken.mayHaveBeenExecuted(), is(true));
        assertThat(proxmox.writes(), hasSize(1));
        assertThat(proxmox.cluster().taskTypes(100), hasSize(0));
    }

    @Test
    void waitsNoLongerThanTheResponseTimeout() throws Exception {
        proxmox.inject(request -> true, new Fault.Delay(Duration.ofMillis(5_500)));
        ClientSettings impatient =
                cluster.settings().with(new HttpTimeouts(Duration.ofSeconds(1), HttpTimeouts.SHORTEST_RESPONSE));
        try (ProxmoxClient hasty = new ProxmoxClient(impatient)) {
            var failure = assertThrows(
                    ConnectionFailedException.class, () -> hasty.power(VM_100, PowerAction.START, Map.of()));
            assertThat(failure.kind(), is(Kind.NO_ANSWER));
            assertThat(failure.getMessage(), containsString("connected, but no answer in time"));
            assertThat(failure.mayHaveBeenExecuted(), is(true));
            assertThat(proxmox.writes(), hasSize(1));
        }
    }

    @Test
    void readsNoMoreThanItWasTold() throws Exception {
        ClientSettings all = cluster.settings();
        ClientSettings little = new ClientSettings(
                new HttpSettings(all.addresses(), all.http().trust(), all.http().timeouts(), null, 200),
                all.authentication());
        try (ProxmoxClient modest = new ProxmoxClient(little)) {
            modest.version();
            var failure = assertThrows(ConnectionFailedException.class, modest::guests);
            assertThat(failure.kind(), is(Kind.TOO_LONG));
            assertThat(failure.getMessage(), containsString("the answer is longer than 200 bytes"));
            modest.version();
        }
    }

    private static ConnectionFailedException failureAt(String address) throws Exception {
        ClientSettings settings = ClientSettings.of(
                        ServerAddress.parseAll(address),
                        ExampleCluster.token("jenkins@pve!ci", "secret"),
                        new TlsTrust.Unverified())
                .with(new HttpTimeouts(Duration.ofSeconds(1), HttpTimeouts.SHORTEST_RESPONSE));
        try (ProxmoxClient client = new ProxmoxClient(settings)) {
            var failure = assertThrows(
                    ConnectionFailedException.class, () -> client.power(VM_100, PowerAction.START, Map.of()));
            assertThat("nothing was sent", failure.mayHaveBeenExecuted(), is(false));
            assertThat(failure.address(), is(address));
            assertThat(failure.getMessage(), containsString("Cannot talk to Proxmox VE at " + address + ": "));
            return failure;
        }
    }

    @Test
    void tellsThatANameCannotBeResolved() throws Exception {
        var failure = failureAt("does-not-exist.invalid:8006");
        assertThat(failure.kind(), is(Kind.NAME_NOT_RESOLVED));
        assertThat(failure.getMessage(), containsString("the Jenkins controller cannot resolve the host name"));
    }

    @Test
    void tellsThatNothingListens() throws Exception {
        proxmox.stopListening();
        var failure = failureAt(proxmox.address());
        assertThat(failure.kind(), is(Kind.REFUSED));
        assertThat(
                failure.getMessage(),
                allOf(containsString("nothing listens on port " + proxmox.port()), containsString("pveproxy")));
    }

    @Test
    void tellsThatThePortDoesNotSpeakTls() throws Exception {
        try (PlainServer plain = PlainServer.answering("HTTP/1.1 400 Bad Request\r\n\r\n")) {
            var failure = failureAt(plain.address());
            assertThat(failure.kind(), is(Kind.NOT_TLS));
            assertThat(failure.getMessage(), containsString("does not speak TLS"));
        }
    }

    @Test
    void tellsThatAPortThatTakesConnectionsKeepsSilent() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var failure = failureAt("localhost:" + silent.getLocalPort());
            assertThat(failure.kind(), is(Kind.NO_ANSWER));
            assertThat(failure.getMessage(), containsString("no answer to the TLS handshake in time"));
        }
    }
}
