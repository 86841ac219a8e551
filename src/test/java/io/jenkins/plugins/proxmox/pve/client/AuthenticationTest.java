package io.jenkins.plugins.proxmox.pve.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.http.HttpTimeouts;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(Generation.class)
class AuthenticationTest {

    private static final String UUID = "00000000-0000-0000-0000-000000000000";

    private final Generation generation;

    @AutoClose
    private final SimulatedProxmox proxmox;

    private final ExampleCluster cluster;

    AuthenticationTest(Generation generation) {
        this.generation = generation;
        proxmox = SimulatedProxmox.start(generation);
        cluster = ExampleCluster.in(proxmox);
    }

    private AuthenticationFailedException refusalOf(String tokenId, String secret) throws Exception {
        try (ProxmoxClient client = new ProxmoxClient(cluster.settings(ExampleCluster.token(tokenId, secret)))) {
            return assertThrows(AuthenticationFailedException.class, client::version);
        }
    }

    /** Since January 2026 the text of a 401 no longer says why. */
    private void assertRefused(AuthenticationFailedException refusal, String why) {
        assertThat(refusal.failure().status(), is(401));
        assertThat(refusal.failure().reason(), is(generation == Generation.V8 ? why : "Authentication failed!"));
        assertThat("the body is empty", refusal.failure().message(), is(nullValue()));
        assertThat(refusal.failure().serverSaid(), is(refusal.failure().reason()));
        assertThat(
                refusal.getMessage(),
                allOf(
                        containsString("401 " + refusal.failure().reason()),
                        containsString(refusal.identity()),
                        containsString(proxmox.address())));
        assertThat(refusal.mayHaveBeenExecuted(), is(false));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', textBlock = """
                ghost@pve!ci,     no such user ('ghost@pve')
                jenkins@nowhere!ci, no such user ('jenkins@nowhere')
                jenkins@pve!nope, no such token 'nope' for user 'jenkins@pve'
                jenkins@pve!ci,   invalid token value!
                """)
    void namesWhatIsWrongWithAToken(String tokenId, String why) throws Exception {
        assertRefused(refusalOf(tokenId, UUID), why);
    }

    @Test
    void tellsAnExpiredToken() throws Exception {
        assertRefused(refusalOf("jenkins@pve!expired", cluster.expiredSecret()), "token 'expired' access expired");
    }

    @Test
    void tellsATokenOfADisabledUser() throws Exception {
        assertRefused(refusalOf("off@pve!ci", cluster.offSecret()), "user 'off@pve' is disabled");
    }

    @Test
    void tellsADeletedToken() throws Exception {
        try (ProxmoxClient client = new ProxmoxClient(cluster.settings())) {
            client.version();
            proxmox.access().deleteToken("jenkins@pve!ci");
            assertRefused(
                    assertThrows(AuthenticationFailedException.class, client::version),
                    "no such token 'ci' for user 'jenkins@pve'");
        }
    }

    @Test
    void asksOnceWithAToken() throws Exception {
        refusalOf("jenkins@pve!nope", UUID);
        assertThat(proxmox.requests(), hasSize(1));
    }

    /** What this client never provokes itself, but what may come all the same. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "No ticket",
                "no tokenid specified",
                "'jenkins@pve' is not a valid token ID - not able to split into user and token parts",
                "permission denied - invalid PVE ticket",
                "Permission denied - invalid csrf token"
            })
    void takesEvery401ForARefusedIdentity(String reason) throws Exception {
        proxmox.inject(request -> true, new Fault.Answer(401, reason, "text/plain", ""));
        try (ProxmoxClient client = new ProxmoxClient(cluster.settings())) {
            var refusal = assertThrows(
                    AuthenticationFailedException.class,
                    () -> client.power(new GuestLocation("pve1", GuestType.QEMU, 100), PowerAction.START, Map.of()));
            assertThat(refusal.failure().reason(), is(reason));
            assertThat(refusal.failure().serverSaid(), is(reason));
            assertThat(refusal.getMessage(), containsString("Check that the API token exists"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"jenkins@pve", "ghost@pve", "jenkins@nowhere", "off@pve", "jenkins@pve!ci@pve"})
    void namesTheUserOfAFailedLogin(String userId) throws Exception {
        proxmox.access().password("off@pve", "right password");
        String password = userId.equals("off@pve") ? "right password" : "wrong password";
        try (ProxmoxClient client = new ProxmoxClient(cluster.settings(new TicketLogin(userId, password)))) {
            var refusal = assertThrows(AuthenticationFailedException.class, client::version);
            assertThat(refusal.identity(), is(userId));
            assertThat(refusal.failure().path(), is("/access/ticket"));
            assertThat(refusal.failure().reason(), is("authentication failure"));
            assertThat(refusal.failure().message(), is(generation == Generation.V8 ? null : "authentication failure"));
            assertThat(refusal.getMessage(), containsString("that the password is right"));
        }
    }

    @Test
    void doesNotTakeTheDelayOfA401ForATimeout() throws Exception {
        proxmox.delayUnauthorized(Duration.ofSeconds(3));
        ClientSettings impatient = cluster.settings(ExampleCluster.token("jenkins@pve!nope", UUID))
                .with(new HttpTimeouts(Duration.ofSeconds(1), HttpTimeouts.SHORTEST_RESPONSE));
        try (ProxmoxClient client = new ProxmoxClient(impatient)) {
            long start = System.nanoTime();
            assertThrows(AuthenticationFailedException.class, client::version);
            assertThat(
                    System.nanoTime() - start,
                    is(greaterThan(Duration.ofSeconds(3).toNanos() - 1)));
        }
    }

    /** As a node does that has just come back, until its cluster file system is there. */
    private void refuseOnce() {
        proxmox.inject(request -> !request.isLogin(), new Fault.Refuse(401, "Authentication failed!"));
    }

    private static boolean mayPass(ProxmoxClient client) {
        return assertThrows(AuthenticationFailedException.class, client::version)
                .mayPass();
    }

    @Test
    void givesAMinuteToAnIdentityThatWasAcceptedBefore() throws Exception {
        SettableClock clock = new SettableClock();
        try (ProxmoxClient client = clock.client(cluster.settings())) {
            client.version();
            clock.pass(Duration.ofHours(3));
            proxmox.access().deleteToken("jenkins@pve!ci");
            assertThat("the node may have just come back", mayPass(client), is(true));
            clock.pass(Duration.ofSeconds(59));
            assertThat(mayPass(client), is(true));
            clock.pass(Duration.ofSeconds(2));
            assertThat("a minute was enough", mayPass(client), is(false));
        }
    }

    @Test
    void countsTheMinuteAnewWhenTheIdentityWasAcceptedInBetween() throws Exception {
        SettableClock clock = new SettableClock();
        try (ProxmoxClient client = clock.client(cluster.settings())) {
            client.version();
            refuseOnce();
            assertThat(mayPass(client), is(true));
            clock.pass(Duration.ofMinutes(2));
            client.version();
            refuseOnce();
            assertThat(mayPass(client), is(true));
        }
    }

    @Test
    void givesNoTimeToAnIdentityThatWasNeverAccepted() throws Exception {
        assertThat(refusalOf("jenkins@pve!nope", UUID).mayPass(), is(false));
        try (ProxmoxClient client = new ProxmoxClient(cluster.settings())) {
            refuseOnce();
            assertThat(mayPass(client), is(false));
        }
    }

    @Test
    void takesARefusedRightForAnAcceptedIdentity() throws Exception {
        try (ProxmoxClient client = new ProxmoxClient(
                cluster.settings(ExampleCluster.token("jenkins@pve!limited", cluster.limitedSecret())))) {
            GuestLocation guest = new GuestLocation("pve1", GuestType.QEMU, 100);
            assertThrows(PermissionDeniedException.class, () -> client.status(guest));
            refuseOnce();
            assertThat(mayPass(client), is(true));
        }
    }

    @Test
    void givesAMinuteToAPasswordWithFewerAttempts() throws Exception {
        TicketLogin login = new TicketLogin("jenkins@pve", ExampleCluster.JENKINS_PASSWORD);
        SettableClock clock = new SettableClock();
        try (ProxmoxClient client = clock.client(cluster.settings(login));
                ProxmoxClient token = new ProxmoxClient(cluster.settings())) {
            client.version();
            token.version();
            refuseOnce();
            Duration ofToken = assertThrows(AuthenticationFailedException.class, token::version)
                    .retryAfter();
            assertThat(ofToken, is(Duration.ofSeconds(5)));
            proxmox.access().endAllTickets();
            proxmox.access().disable("jenkins@pve");
            var refusal = assertThrows(AuthenticationFailedException.class, client::version);
            assertThat(refusal.mayPass(), is(true));
            assertThat("directories lock accounts", refusal.retryAfter(), is(Duration.ofSeconds(30)));
            clock.pass(Duration.ofSeconds(61));
            assertThat(mayPass(client), is(false));
        }
    }
}
