package io.jenkins.plugins.proxmox.pve.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A ticket that is asked for once more after an hour, when the server has trouble of its own. */
@ParameterizedClass
@EnumSource(Generation.class)
class TicketRenewalTest {

    @AutoClose
    private final SimulatedProxmox proxmox;

    private final SettableClock clock = new SettableClock();

    @AutoClose
    private final ProxmoxClient client;

    TicketRenewalTest(Generation generation) {
        proxmox = SimulatedProxmox.start(generation);
        client = clock.client(
                ExampleCluster.in(proxmox).settings(new TicketLogin("jenkins@pve", ExampleCluster.JENKINS_PASSWORD)));
    }

    private static Stream<Fault> troubles() {
        return Stream.of(
                new Fault.Refuse(500, "ipcc_send_rec[1] failed: Connection refused"),
                new Fault.Refuse(595, "Connection refused"),
                new Fault.Refuse(596, "Connection timed out"),
                new Fault.Answer(502, "Bad Gateway", "text/html", "<html>nginx</html>"),
                new Fault.Answer(200, "OK", "text/html", "<html>Log in</html>"));
    }

    private List<String> tickets() {
        return proxmox.requests().stream()
                .filter(request -> !request.isLogin())
                .map(request -> request.headers().get("cookie"))
                .distinct()
                .toList();
    }

    @ParameterizedTest
    @MethodSource("troubles")
    void keepsATicketThatIsStillValid(Fault trouble) throws Exception {
        client.version();
        clock.pass(Duration.ofMinutes(61));
        proxmox.inject(ReceivedRequest::isLogin, trouble);
        client.version();
        assertThat("the old one serves", tickets(), hasSize(1));
        client.version();
        assertThat("the next request asks once more", tickets(), hasSize(2));
    }

    @ParameterizedTest
    @MethodSource("troubles")
    void tellsTheTroubleWhenTheTicketHasEnded(Fault trouble) throws Exception {
        client.version();
        clock.pass(Duration.ofMinutes(121));
        proxmox.inject(ReceivedRequest::isLogin, trouble);
        assertThrows(ProxmoxException.class, client::version);
        client.version();
    }

    @Test
    void keepsNoTicketOfAUserWhoIsRefused() throws Exception {
        client.version();
        clock.pass(Duration.ofMinutes(61));
        proxmox.access().disable("jenkins@pve");
        assertThrows(AuthenticationFailedException.class, client::version);
        assertThat("it was not used again", tickets(), hasSize(1));
        assertThat(proxmox.requests().get(proxmox.requests().size() - 1).isLogin(), is(true));
    }
}
