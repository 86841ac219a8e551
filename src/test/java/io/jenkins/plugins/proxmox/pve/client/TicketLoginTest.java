package io.jenkins.plugins.proxmox.pve.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.hasToString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TicketLoginTest {

    private static final GuestLocation VM_100 = new GuestLocation("pve1", GuestType.QEMU, 100);

    @AutoClose
    private final SimulatedProxmox proxmox = SimulatedProxmox.start(Generation.V9);

    private final ExampleCluster cluster = ExampleCluster.in(proxmox);
    private final AtomicLong clock = new AtomicLong();

    @AutoClose
    private final ProxmoxClient client = clientOf("jenkins@pve", ExampleCluster.JENKINS_PASSWORD);

    private ProxmoxClient clientOf(String userId, String password) {
        return new ProxmoxClient(cluster.settings(new TicketLogin(userId, password)), clock::get);
    }

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    private List<ReceivedRequest> logins() {
        return proxmox.requests().stream().filter(ReceivedRequest::isLogin).toList();
    }

    private List<String> ticketsOf(List<ReceivedRequest> requests) {
        return requests.stream()
                .filter(request -> !request.isLogin())
                .map(request -> request.headers().get("cookie"))
                .distinct()
                .toList();
    }

    @Test
    void sendsTheTicketAlwaysAndTheCsrfTokenWithWritesOnly() throws Exception {
        client.version();
        client.power(VM_100, PowerAction.START, Map.of());
        List<ReceivedRequest> requests = proxmox.requests();
        assertThat(
                requests,
                contains(
                        hasToString("POST /access/ticket"),
                        hasToString("GET /version"),
                        hasToString("POST /nodes/pve1/qemu/100/status/start")));
        assertThat(
                requests.get(0).parameters(),
                is(Map.of("username", "jenkins@pve", "password", ExampleCluster.JENKINS_PASSWORD)));
        assertThat(requests.get(0).headers(), not(hasKey("cookie")));
        assertThat(requests.get(1).headers().get("cookie"), startsWith("PVEAuthCookie=PVE:jenkins@pve:"));
        assertThat(requests.get(1).headers(), not(hasKey("csrfpreventiontoken")));
        assertThat(requests.get(2).headers(), hasKey("csrfpreventiontoken"));
        assertThat(requests.get(2).headers(), not(hasKey("authorization")));
    }

    @Test
    void logsInOnceForManyCalls() throws Exception {
        for (int i = 0; i < 5; i++) {
            client.version();
        }
        assertThat(logins(), hasSize(1));
    }

    @Test
    void renewsWithTheOldTicketAfterAnHour() throws Exception {
        client.version();
        pass(Duration.ofMinutes(59));
        client.version();
        assertThat(logins(), hasSize(1));
        pass(Duration.ofMinutes(2));
        client.version();
        assertThat(logins(), hasSize(2));
        String oldTicket = proxmox.requests().get(1).headers().get("cookie").replace("PVEAuthCookie=", "");
        assertThat(logins().get(1).parameters().get("password"), is(oldTicket));
        assertThat(ticketsOf(proxmox.requests()), hasSize(2));
    }

    @Test
    void logsInWithThePasswordWhenTheOldTicketNoLongerServes() throws Exception {
        client.version();
        proxmox.access().endAllTickets();
        pass(Duration.ofMinutes(61));
        client.version();
        assertThat(logins(), hasSize(3));
        assertThat(logins().get(2).parameters().get("password"), is(ExampleCluster.JENKINS_PASSWORD));
    }

    @Test
    void doesNotTryATicketThatHasEnded() throws Exception {
        client.version();
        pass(Duration.ofHours(2));
        client.version();
        assertThat(logins(), hasSize(2));
        assertThat(logins().get(1).parameters().get("password"), is(ExampleCluster.JENKINS_PASSWORD));
    }

    @Test
    void keepsATicketThatStillServesWhenItsRenewalBreaks() throws Exception {
        client.version();
        pass(Duration.ofMinutes(61));
        proxmox.inject(ReceivedRequest::isLogin, new Fault.BreakBefore());
        proxmox.inject(ReceivedRequest::isLogin, new Fault.BreakBefore());
        client.version();
        assertThat(ticketsOf(proxmox.requests()), hasSize(1));
    }

    @Test
    void logsInOnceMoreWhenTheTicketIsRefusedAndRepeatsAWriteOnce() throws Exception {
        client.version();
        proxmox.access().endAllTickets();
        proxmox.forgetRequests();
        client.power(VM_100, PowerAction.START, Map.of());
        String start = "POST /nodes/pve1/qemu/100/status/start";
        assertThat(
                proxmox.requests(),
                contains(hasToString(start), hasToString("POST /access/ticket"), hasToString(start)));
        assertThat("carried out once", proxmox.cluster().taskTypes(100), contains("qmstart"));
        assertThat(ticketsOf(proxmox.requests()), hasSize(2));
    }

    @Test
    void logsInOnceMoreWhenTheCsrfTokenIsRefused() throws Exception {
        proxmox.inject(
                request -> request.isWrite() && !request.isLogin(),
                new Fault.Answer(401, "Permission denied - invalid csrf token", "text/plain", ""));
        client.power(VM_100, PowerAction.START, Map.of());
        assertThat(logins(), hasSize(2));
        assertThat(proxmox.cluster().taskTypes(100), contains("qmstart"));
    }

    @Test
    void givesUpWhenTheNewTicketIsRefusedAsWell() throws Exception {
        client.version();
        for (int i = 0; i < 2; i++) {
            proxmox.inject(
                    request -> !request.isLogin(),
                    new Fault.Answer(401, "permission denied - invalid PVE ticket", "text/plain", ""));
        }
        assertThrows(AuthenticationFailedException.class, client::version);
        assertThat(logins(), hasSize(2));
        client.version();
    }

    @Test
    void triesAWrongPasswordOnce() throws Exception {
        try (ProxmoxClient wrong = clientOf("jenkins@pve", "wrong")) {
            assertThrows(AuthenticationFailedException.class, wrong::version);
            assertThat(proxmox.requests(), hasSize(1));
            assertThrows(AuthenticationFailedException.class, wrong::version);
            assertThat("the second call is told from memory", proxmox.requests(), hasSize(1));
        }
    }

    @Test
    void recommendsATokenToAnAccountWithASecondFactor() throws Exception {
        try (ProxmoxClient guarded = clientOf("tfa@pve", ExampleCluster.JENKINS_PASSWORD)) {
            var refusal = assertThrows(SecondFactorRequiredException.class, guarded::version);
            assertThat(
                    refusal.getMessage(),
                    containsString("Use an API token of this account instead, which needs none: "
                            + "pveum user token add tfa@pve jenkins --privsep 1"));
            assertThat("the half ticket is not used", proxmox.requests(), hasSize(1));
        }
    }

    @Test
    void mayLogInAgainWhenTheAnswerToALoginWasLost() throws Exception {
        proxmox.inject(ReceivedRequest::isLogin, new Fault.BreakAfter());
        client.power(VM_100, PowerAction.START, Map.of());
        assertThat(logins(), hasSize(2));
        assertThat(proxmox.writes(), hasSize(1));
    }

    @Test
    void knowsThatARequestWasNotSentWhenItsLoginFailed() throws Exception {
        for (int i = 0; i < 2; i++) {
            proxmox.inject(ReceivedRequest::isLogin, new Fault.BreakAfter());
        }
        var broken =
                assertThrows(ConnectionFailedException.class, () -> client.power(VM_100, PowerAction.START, Map.of()));
        assertThat(broken.mayHaveBeenExecuted(), is(false));
        proxmox.inject(ReceivedRequest::isLogin, new Fault.Answer(200, "OK", "text/html", "<html></html>"));
        var foreign = assertThrows(NotProxmoxException.class, () -> client.power(VM_100, PowerAction.START, Map.of()));
        assertThat(foreign.mayHaveBeenExecuted(), is(false));
    }

    @Test
    void neverMixesTheTicketsOfTwoUsers() throws Exception {
        proxmox.access().user("other@pve");
        proxmox.access().password("other@pve", "other password");
        try (ProxmoxClient other = clientOf("other@pve", "other password")) {
            for (int i = 0; i < 3; i++) {
                client.version();
                other.version();
            }
        }
        assertThat(
                ticketsOf(proxmox.requests()),
                contains(startsWith("PVEAuthCookie=PVE:jenkins@pve:"), startsWith("PVEAuthCookie=PVE:other@pve:")));
        proxmox.requests()
                .forEach(request -> assertThat(
                        "one cookie a request",
                        request.headers().getOrDefault("cookie", ""),
                        not(containsString(";"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "jenkins", "@pve", "jenkins@", "jen kins@pve", "jenkins\n@pve", "a:b@pve", "a/b@pve"})
    void refusesAUserWithoutRealm(String userId) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> new TicketLogin(userId, "password"));
        assertThat(refusal.getMessage(), containsString("is not a user of the form user@realm"));
    }

    @Test
    void leavesOutWhatAFileLeavesAtTheEndOfAUserButNotOfAPassword() {
        TicketLogin login = new TicketLogin("\ufeffjenkins@pve\r\n", "password\n");
        assertThat(login.userId(), is("jenkins@pve"));
        assertThat(login.password(), is("password\n"));
    }

    @Test
    void hidesThePassword() {
        assertThat(new TicketLogin("jenkins@pve", "password"), hasToString("ticket login of jenkins@pve"));
        var refusal = assertThrows(IllegalArgumentException.class, () -> new TicketLogin("jenkins@pve", ""));
        assertThat(refusal.getMessage(), is("The password of jenkins@pve is empty."));
    }
}
