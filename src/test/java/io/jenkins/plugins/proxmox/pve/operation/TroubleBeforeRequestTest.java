package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.ClientSettings;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.http.TlsTrust;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCertificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Before anything was sent a few more looks cost nothing; what cannot pass is told at once. */
@ParameterizedClass
@EnumSource(Generation.class)
class TroubleBeforeRequestTest {

    @AutoClose
    private final Trial trial;

    TroubleBeforeRequestTest(Generation generation) {
        trial = new Trial(generation);
    }

    private static Fault between(int status, String reason) {
        return new Fault.Answer(status, reason, "text/plain", reason);
    }

    private static Stream<Fault> troublesThatMayPass() {
        return Stream.of(
                new Fault.Refuse(500, "ipcc_send_rec[1] failed: Connection refused"),
                new Fault.Refuse(595, "Connection refused"),
                new Fault.Refuse(596, "Connection reset by peer"),
                new Fault.Refuse(599, "Too many redirections"),
                between(408, "Request Time-out"),
                between(429, "Too Many Requests"),
                between(502, "Bad Gateway"),
                between(503, "Service Unavailable"),
                between(524, "A Timeout Occurred"));
    }

    @ParameterizedTest
    @MethodSource("troublesThatMayPass")
    void looksOnceMore(Fault trouble) throws Exception {
        trial.proxmox.inject(request -> request.path().equals("/cluster/resources"), trouble);
        assertThat(trial.run(PowerAction.START, 100).status(), is("running"));
        assertThat(trial.log.get(0), startsWith("Still looking for the guest. "));
        assertThat(trial.log, hasItem("Proxmox VE answers again"));
        assertThat(trial.proxmox.writes(), hasSize(1));
    }

    @Test
    void tellsItOnceHoweverOftenItLooks() throws Exception {
        troublesThatMayPass()
                .limit(4)
                .forEach(trouble ->
                        trial.proxmox.inject(request -> request.path().endsWith("/status/current"), trouble));
        trial.run(PowerAction.SHUTDOWN, 101);
        assertThat(
                trial.log.stream().filter(line -> line.startsWith("Still")).toList(),
                contains(containsString("ipcc_send_rec[1] failed: Connection refused")));
    }

    @Test
    void looksOnceMoreAtAServerThatIsBeingRestarted() throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.START, 100);
        trial.proxmox.stopListening();
        OperationState first = OperationState.begin();
        assertThat(operation.advance(first), is(first));
        assertThat(operation.pause(first), is(Duration.ofMillis(500)));
        trial.proxmox.listenAgain();
        assertThat(Trial.finish(operation, first).status(), is("running"));
    }

    @Test
    void keepsThePauseThatIsAskedFor() throws Exception {
        Map<String, String> header = Map.of("Retry-After", "2");
        trial.proxmox.inject(
                request -> true, new Fault.Answer(429, "Too Many Requests", "text/plain", "Slow down", header));
        trial.run(PowerAction.START, 100);
        List<ReceivedRequest> requests = trial.proxmox.requests();
        long pause = requests.get(1).nanos() - requests.get(0).nanos();
        assertThat(Duration.ofNanos(pause).toMillis(), is(greaterThanOrEqualTo(2000L)));
    }

    @Test
    void givesUpAfterSomeSecondsAndTellsTheTrouble() {
        trial.proxmox.stopListening();
        long begun = System.nanoTime();
        var failure = assertThrows(ConnectionFailedException.class, () -> trial.run(PowerAction.START, 100));
        assertThat(failure.kind(), is(ConnectionFailedException.Kind.REFUSED));
        assertThat(Duration.ofNanos(System.nanoTime() - begun).toSeconds(), is(allOf(greaterThan(9L), lessThan(18L))));
        assertThat(trial.log, hasSize(1));
    }

    @Test
    void givesUpAtItsTimeoutAndTellsTheTrouble() {
        trial.proxmox.stopListening();
        OperationRequest hasty = trial.request(PowerAction.START, 100).within(Duration.ofSeconds(1));
        assertThrows(ConnectionFailedException.class, () -> trial.run(hasty));
    }

    private static Stream<Fault> troublesThatRemain() {
        return Stream.of(
                new Fault.Refuse(401, "Authentication failed!"),
                new Fault.Refuse(403, "Permission check failed"),
                new Fault.Refuse(501, "Method 'GET /cluster/resources' not implemented"),
                new Fault.Answer(200, "OK", "text/html", "<html>Log in</html>"),
                new Fault.Answer(302, "Found", "text/html", ""),
                new Fault.Challenge("Basic realm=\"staff\""),
                between(404, "Not Found"));
    }

    private void assertToldAtOnce(Executable call) {
        assertThrows(ProxmoxException.class, call);
        assertThat(trial.log, is(empty()));
    }

    @ParameterizedTest
    @MethodSource("troublesThatRemain")
    void tellsAtOnceWhatDoesNotPass(Fault trouble) {
        trial.proxmox.inject(request -> true, trouble);
        assertToldAtOnce(() -> trial.run(PowerAction.START, 100));
        assertThat(trial.proxmox.requests(), hasSize(1));
    }

    @Test
    void tellsAtOnceThatTheNameIsWrongOrTheCertificateNotTrusted() throws Exception {
        ClientSettings right = trial.example.settings();
        String otherAuthority = SimulatedCertificate.authority("other").pem();
        for (ClientSettings wrong : List.of(
                ClientSettings.of(
                        ServerAddress.parseAll("pve.invalid"),
                        right.authentication(),
                        right.http().trust()),
                ClientSettings.of(
                        right.addresses(),
                        right.authentication(),
                        TlsTrust.CertificateAuthority.fromPem(otherAuthority)))) {
            try (ProxmoxClient client = new ProxmoxClient(wrong)) {
                assertToldAtOnce(
                        () -> WholeOperation.of(client, trial.request(PowerAction.START, 100), trial.log::add));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("requestsThatCertainlyDidNotArrive")
    void asksAgainForWhatCertainlyDidNotArrive(Fault trouble) throws Exception {
        trial.proxmox.inject(ReceivedRequest::isWrite, trouble);
        assertThat(trial.run(PowerAction.START, 100).status(), is("running"));
        assertThat(trial.log, hasItem(startsWith("Still sending the request for VM 100 (build-agent). ")));
        assertThat(trial.cluster().taskTypes(100), contains("qmstart"));
    }

    private static Stream<Fault> requestsThatCertainlyDidNotArrive() {
        return Stream.of(
                new Fault.Refuse(595, "Connection refused"),
                new Fault.Refuse(500, "ipcc_send_rec[1] failed: Connection refused"),
                new Fault.Refuse(500, "cluster not ready - no quorum?"),
                // accepted with the look, a moment ago
                new Fault.Refuse(401, "Authentication failed!"));
    }

    @Test
    void startsTheGuestWhenTheClusterHasQuorumAgain() throws Exception {
        for (int vmid : new int[] {100, 200}) {
            trial.cluster().quorum(false);
            OperationStateMachine operation = trial.operation(PowerAction.START, vmid);
            OperationState request = Trial.until(Phase.REQUEST, operation, OperationState.begin());
            OperationState refused = operation.advance(request);
            assertThat(refused.phase(), is(Phase.FIND));
            trial.cluster().quorum(true);
            assertThat(Trial.finish(operation, refused).status(), is("running"));
            assertThat(trial.cluster().taskTypes(vmid), hasSize(1));
        }
    }

    @Test
    void saysThatTheClusterHasNoQuorumWhenTheTimeIsOver() {
        trial.cluster().quorum(false);
        OperationRequest start = trial.request(PowerAction.START, 100).within(Duration.ofSeconds(3));
        var rejected = assertThrows(RequestRejectedException.class, () -> trial.run(start));
        assertThat(rejected.isWithoutQuorum(), is(true));
        assertThat("within all of its time", trial.proxmox.writes().size(), is(greaterThan(1)));
        assertThat(
                trial.log.stream().filter(line -> line.startsWith("Still")).toList(),
                contains(containsString("cluster not ready - no quorum?")));
        assertThat(trial.log, not(hasItem(containsString("answers again"))));
        assertThat(trial.cluster().taskTypes(100), is(empty()));
    }

    @Test
    void saysWhatToLookAtWhenATaskFailsForWantOfQuorum() {
        String denied = "unable to open file '/etc/pve/nodes/pve1/qemu-server/102.conf.tmp.4711' - Permission denied";
        trial.cluster().guest(102).failsToStart(denied);
        var failure = assertThrows(GuestException.class, () -> trial.run(PowerAction.START, 102));
        assertThat(
                failure.getMessage(),
                allOf(
                        containsString(denied),
                        containsString(
                                "The cluster has no quorum. Check which of its nodes are missing: pvecm status")));
    }

    @Test
    void givesUpATokenThatWasWithdrawnBetweenLookAndRequestAfterAMinute() throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.START, 100);
        OperationState request = Trial.until(Phase.REQUEST, operation, OperationState.begin());
        trial.proxmox.access().deleteToken("jenkins@pve!ci");
        OperationState again = operation.advance(request);
        assertThat(again.phase(), is(Phase.FIND));
        trial.clock.pass(Duration.ofMinutes(1));
        assertThrows(AuthenticationFailedException.class, () -> operation.advance(again));
    }

    /** A wrong token is not one that was accepted before. */
    @Test
    void tellsAtOnceThatATokenIsUnknown() throws Exception {
        try (ProxmoxClient unknown = new ProxmoxClient(trial.example.settings(
                ExampleCluster.token("jenkins@pve!nope", "00000000-0000-0000-0000-000000000000")))) {
            assertToldAtOnce(() -> WholeOperation.of(unknown, trial.request(PowerAction.START, 100), trial.log::add));
        }
        assertThat(trial.proxmox.requests(), hasSize(1));
    }
}
