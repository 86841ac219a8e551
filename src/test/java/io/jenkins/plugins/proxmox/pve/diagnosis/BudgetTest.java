package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.client.Authentication;
import io.jenkins.plugins.proxmox.pve.client.ClientSettings;
import io.jenkins.plugins.proxmox.pve.client.ErrorAnswer;
import io.jenkins.plugins.proxmox.pve.client.Failures;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.TicketLogin;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** An explanation costs little, ends soon, and never fails. */
@ParameterizedClass
@EnumSource(Generation.class)
class BudgetTest {

    private static final GuestLocation VM_101 = new GuestLocation("pve1", GuestType.QEMU, 101);

    @AutoClose
    private final SimulatedProxmox proxmox;

    private final ExampleCluster cluster;
    private final Authentication operator;
    private final Authentication login = new TicketLogin("jenkins@pve", ExampleCluster.JENKINS_PASSWORD);

    BudgetTest(Generation generation) {
        proxmox = SimulatedProxmox.start(generation);
        cluster = ExampleCluster.in(proxmox);
        operator = ExampleCluster.token("jenkins@pve!operator", cluster.operatorSecret());
    }

    /** Lets the status of VM 101 fail, does something to the server, and explains. */
    private Diagnosis explain(Authentication identity, Duration longest, Consumer<SimulatedProxmox> meanwhile)
            throws Exception {
        return explain(cluster.settings(identity), longest, meanwhile);
    }

    private Diagnosis explain(ClientSettings settings, Duration longest, Consumer<SimulatedProxmox> meanwhile)
            throws Exception {
        try (ProxmoxClient client = new ProxmoxClient(settings)) {
            ProxmoxException failure = assertThrows(ProxmoxException.class, () -> client.status(VM_101));
            proxmox.forgetRequests();
            meanwhile.accept(proxmox);
            return new FailureExplainer(client, longest).explain(failure);
        }
    }

    private Diagnosis explain(Authentication identity, Consumer<SimulatedProxmox> meanwhile) throws Exception {
        return explain(identity, FailureExplainer.LONGEST, meanwhile);
    }

    private static void every(SimulatedProxmox server, Predicate<ReceivedRequest> when, Fault fault) {
        for (int i = 0; i < 20; i++) {
            server.inject(when, fault);
        }
    }

    /** Each request breaks once; the client's second attempt is answered. */
    private static void breakEachRequestOnce(SimulatedProxmox server) {
        for (int i = 0; i < 20; i++) {
            int turn = i;
            server.inject(
                    request -> server.requests().size() == 2 * turn + 1,
                    turn % 2 == 0 ? new Fault.BreakBefore() : new Fault.BreakAfter());
        }
    }

    private int requests() {
        return proxmox.requests().size();
    }

    @Test
    void countsTheSecondAttemptsOfBreakingConnections() throws Exception {
        Diagnosis diagnosis = explain(operator, BudgetTest::breakEachRequestOnce);
        assertThat(requests(), is(FailureExplainer.MOST_REQUESTS));
        assertThat("what was learned stays", diagnosis.causes().get(0).id(), is("rights-elsewhere"));
    }

    @Test
    void asksNoMoreWhenConnectionsOnlyBreak() throws Exception {
        explain(operator, server -> every(server, request -> true, new Fault.BreakAfter()));
        assertThat(requests(), is(2));
    }

    private ClientSettings withTwoAddresses() {
        ClientSettings one = cluster.settings(operator);
        return ClientSettings.of(
                List.of(new ServerAddress("localhost", proxmox.port()), new ServerAddress("127.0.0.1", proxmox.port())),
                one.authentication(),
                one.http().trust());
    }

    @Test
    void asksNoMoreWhenConnectionsToEveryAddressBreak() throws Exception {
        explain(
                withTwoAddresses(),
                FailureExplainer.LONGEST,
                server -> every(server, request -> true, new Fault.BreakBefore()));
        assertThat("two attempts on each address", requests(), is(4));
    }

    @Test
    void countsTheAttemptsOnAnotherAddress() throws Exception {
        explain(withTwoAddresses(), FailureExplainer.LONGEST, server -> {
            for (int turn = 0; turn < 4; turn++) {
                int first = turn * 3;
                server.inject(request -> server.requests().size() == first + 1, new Fault.BreakBefore());
                server.inject(request -> server.requests().size() == first + 2, new Fault.BreakAfter());
            }
        });
        assertThat(requests(), is(FailureExplainer.MOST_REQUESTS));
    }

    @Test
    void countsTheLoginsOfARefusedTicket() throws Exception {
        proxmox.access().revoke("/vms", "jenkins@pve");
        explain(login, server -> server.access().endAllTickets());
        assertThat(requests(), is(greaterThan(3)));
        assertThat(requests(), is(lessThanOrEqualTo(FailureExplainer.MOST_REQUESTS)));
    }

    @Test
    void countsLoginsAndSecondAttemptsTogether() throws Exception {
        proxmox.access().revoke("/vms", "jenkins@pve");
        explain(login, server -> {
            server.access().endAllTickets();
            breakEachRequestOnce(server);
        });
        assertThat(requests(), is(FailureExplainer.MOST_REQUESTS));
    }

    @Test
    void asksNoMoreWhenEveryTicketIsRefused() throws Exception {
        proxmox.access().revoke("/vms", "jenkins@pve");
        explain(
                login,
                server -> every(
                        server, request -> !request.isLogin(), new Fault.Answer(401, "No ticket", "text/plain", "")));
        assertThat("refused, new login, refused", requests(), is(3));
    }

    @Test
    void leavesTheTicketOfOthersAlone() throws Exception {
        proxmox.access().revoke("/vms", "jenkins@pve");
        try (ProxmoxClient client = new ProxmoxClient(cluster.settings(login))) {
            client.version();
            proxmox.access().endAllTickets();
            ProxmoxClient limited = client.limitedTo(1);
            assertThrows(ProxmoxException.class, limited::version);
            proxmox.forgetRequests();
            client.version();
            assertThat("a login and the request", proxmox.requests(), hasSize(2));
            limited.close();
            client.version();
        }
    }

    @Test
    void hasAsManyRequestsForTheNextExplanation() throws Exception {
        try (ProxmoxClient client = new ProxmoxClient(cluster.settings(operator))) {
            ProxmoxException failure = assertThrows(ProxmoxException.class, () -> client.status(VM_101));
            FailureExplainer diagnostician = new FailureExplainer(client);
            Diagnosis first = diagnostician.explain(failure);
            assertThat(diagnostician.explain(failure), is(first));
        }
    }

    @Test
    void endsInTimeThoughTheServerIsSlow() throws Exception {
        long start = System.nanoTime();
        Diagnosis diagnosis = explain(
                operator,
                Duration.ofMillis(300),
                server -> every(server, request -> true, new Fault.Delay(Duration.ofSeconds(5))));
        assertThat(Duration.ofNanos(System.nanoTime() - start), is(lessThan(Duration.ofSeconds(4))));
        assertThat(diagnosis.causes().get(0).id(), is("privilege-missing"));
        assertThat(requests(), is(lessThanOrEqualTo(1)));
    }

    @Test
    void takesWhatItHasLearnedUntilTheTimeIsUp() throws Exception {
        Diagnosis diagnosis = explain(
                operator,
                Duration.ofSeconds(2),
                server -> server.inject(
                        request -> request.path().equals("/access/roles"), new Fault.Delay(Duration.ofSeconds(10))));
        assertThat(diagnosis.causes().get(0).id(), is("rights-elsewhere"));
        assertThat(
                diagnosis.findings(),
                hasItem(new Evidence(
                        Evidence.Result.UNKNOWN,
                        "The server did not say which roles it has. If JenkinsAudit exists already, the command that"
                                + " creates it says so.")));
    }

    @Test
    void asksNoMoreOnceTheIdentityIsRefused() throws Exception {
        Diagnosis diagnosis = explain(operator, server -> server.access().deleteToken("jenkins@pve!operator"));
        assertThat(requests(), is(1));
        assertThat(diagnosis.causes().get(0).id(), is("privilege-missing"));
    }

    @Test
    void knowsLessWhenTheServerIsGone() throws Exception {
        Diagnosis diagnosis = explain(operator, SimulatedProxmox::close);
        assertThat(diagnosis.causes().get(0).id(), is("privilege-missing"));
        assertThat(
                diagnosis
                        .headline()
                        .endsWith(" does not let jenkins@pve!operator do this: it requires VM.Audit on /vms/101."
                                + " jenkins@pve!operator lacks VM.Audit on /vms/101."),
                is(true));
    }

    @Test
    void knowsLessWhenAnswersAreNonsense() throws Exception {
        Diagnosis diagnosis = explain(
                operator,
                server -> every(
                        server,
                        request -> true,
                        new Fault.Answer(200, "OK", "application/json", "{\"data\":\"nonsense\"}")));
        assertThat(diagnosis.causes().get(0).id(), is("privilege-missing"));
    }

    @Test
    void knowsLessWhenItIsInterrupted() throws Exception {
        Diagnosis diagnosis = explain(operator, server -> Thread.currentThread().interrupt());
        assertThat("the interruption is kept", Thread.interrupted(), is(true));
        assertThat(diagnosis.causes().get(0).id(), is("privilege-missing"));
    }

    @Test
    void explainsEvenThatNothingWasSent() throws Exception {
        try (ProxmoxClient client = new ProxmoxClient(cluster.settings(operator))) {
            ProxmoxException unsent = assertThrows(
                    ProxmoxException.class, () -> client.limitedTo(0).version());
            assertThat(new FailureExplainer(client).explain(unsent).headline(), is(unsent.getMessage()));
        }
        assertThat(requests(), is(0));
    }

    @Test
    void neverThrowsThoughTheClientDoes() throws Exception {
        ClientSettings withoutIdentity = cluster.settings(null);
        try (ProxmoxClient broken = new ProxmoxClient(withoutIdentity);
                ProxmoxClient client = new ProxmoxClient(cluster.settings(operator))) {
            assertThrows(NullPointerException.class, broken::identity);
            assertThrows(NullPointerException.class, broken::version);
            ProxmoxException denied = assertThrows(ProxmoxException.class, () -> client.status(VM_101));
            assertThat(
                    new FailureExplainer(broken).explain(denied).causes().get(0).id(), is("privilege-missing"));
            proxmox.access().deleteToken("jenkins@pve!operator");
            ProxmoxException refused = assertThrows(ProxmoxException.class, client::version);
            Diagnosis diagnosis = new FailureExplainer(broken).explain(refused);
            assertThat(diagnosis.causes().isEmpty(), is(false));
            var relay = new ErrorAnswer("pve1:8006", "GET", "/version", 595, "", null, Map.of(), null, null, null);
            diagnosis = new FailureExplainer(broken).explain(Failures.answer("", relay));
            assertThat(diagnosis.causes().isEmpty(), is(false));
        }
    }

    @Test
    void neverThrowsThoughTheFailureIsStrange() {
        for (int status : new int[] {400, 401, 403, 418, 500, 501, 595, 596, 599}) {
            for (String reason :
                    List.of("", " ", "(", "Permission check failed (, )", "Permission check failed (/, )")) {
                var failure = new ErrorAnswer(
                        "pve1:8006", "GET", "/version", status, reason, null, Map.of(), null, null, null);
                Diagnosis diagnosis = new FailureExplainer().explain(Failures.answer("", failure));
                assertThat(diagnosis.causes().isEmpty(), is(false));
            }
        }
    }
}
