package io.jenkins.plugins.proxmox.pve.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.diagnosis.FailureExplainer;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A password that the server refused is not tried again by everybody who needs it, lest the account be locked. */
@ParameterizedClass
@EnumSource(Generation.class)
class RefusedPasswordTest {

    @AutoClose
    private final SimulatedProxmox proxmox;

    private final ExampleCluster cluster;
    private final SettableClock clock = new SettableClock();

    RefusedPasswordTest(Generation generation) {
        proxmox = SimulatedProxmox.start(generation);
        cluster = ExampleCluster.in(proxmox);
    }

    private ProxmoxClient client(String userId, String password) {
        return clock.client(cluster.settings(new TicketLogin(userId, password)));
    }

    private long logins() {
        return proxmox.requests().stream().filter(ReceivedRequest::isLogin).count();
    }

    @Test
    void isToldFromMemoryForFiveMinutes() throws Exception {
        try (ProxmoxClient client = client("jenkins@pve", "wrong")) {
            var first = assertThrows(AuthenticationFailedException.class, client::version);
            assertThat(first.remembered(), is(nullValue()));
            clock.pass(Duration.ofSeconds(299));
            var second = assertThrows(AuthenticationFailedException.class, client::guests);
            assertThat(logins(), is(1L));
            assertThat(second.getMessage(), containsString("Jenkins does not send the password again before "));
            assertThat(second.getMessage(), not(containsString("wrong")));
            clock.pass(Duration.ofSeconds(2));
            assertThrows(AuthenticationFailedException.class, client::version);
            assertThat(logins(), is(2L));
        }
    }

    @Test
    void isExplainedWithTheTimeOfTheRefusal() throws Exception {
        try (ProxmoxClient client = client("jenkins@pve", "wrong")) {
            assertThrows(AuthenticationFailedException.class, client::version);
            var second = assertThrows(AuthenticationFailedException.class, client::version);
            String explained = new FailureExplainer().explain(second).toPlainText();
            assertThat(explained, containsString("[ ?] " + second.remembered().inWords()));
            assertThat(explained, containsString("The server said: 401 authentication failure"));
        }
    }

    @Test
    void isTriedAgainByOneWhoAsksForIt() throws Exception {
        try (ProxmoxClient client = client("jenkins@pve", "wrong")) {
            assertThrows(AuthenticationFailedException.class, client::version);
            proxmox.access().password("jenkins@pve", "wrong");
            assertThrows(AuthenticationFailedException.class, client::version);
            client.forgetRefusedPassword();
            client.version();
            client.version();
            assertThat(logins(), is(2L));
        }
    }

    /** A node that has just come back refuses everybody for some seconds. */
    @Test
    void isTriedTwiceInTheFirstMinuteIfItWasAcceptedBefore() throws Exception {
        try (ProxmoxClient client = client("jenkins@pve", ExampleCluster.JENKINS_PASSWORD)) {
            client.version();
            proxmox.access().endAllTickets();
            proxmox.access().disable("jenkins@pve");
            proxmox.forgetRequests();
            for (int second = 0; second < 90; second++) {
                assertThrows(AuthenticationFailedException.class, client::version);
                clock.pass(Duration.ofSeconds(1));
            }
            assertThat("at once, after 30 and after 60 seconds", logins(), is(3L));
            clock.pass(Duration.ofSeconds(240));
            assertThrows(AuthenticationFailedException.class, client::version);
            assertThat("then after five minutes", logins(), is(3L));
        }
    }

    /** The password was right. */
    @Test
    void isNotOneWhoseAccountAsksForASecondFactor() throws Exception {
        try (ProxmoxClient client = client("tfa@pve", ExampleCluster.JENKINS_PASSWORD)) {
            assertThrows(SecondFactorRequiredException.class, client::version);
            var second = assertThrows(SecondFactorRequiredException.class, client::version);
            assertThat(second.remembered(), is(nullValue()));
            assertThat(logins(), is(2L));
        }
    }
}
