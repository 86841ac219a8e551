package io.jenkins.plugins.proxmox.pve.http;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.client.AuthenticationFailedException;
import io.jenkins.plugins.proxmox.pve.client.ClientSettings;
import io.jenkins.plugins.proxmox.pve.client.NotProxmoxException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException.Kind;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** One cluster with two addresses. */
@ParameterizedClass
@EnumSource(Generation.class)
class FailoverTest {

    private static final GuestLocation VM_100 = new GuestLocation("pve1", GuestType.QEMU, 100);

    private static final String WITHOUT_QUORUM = "cluster not ready - no quorum?";

    private static final Fault BAD_GATEWAY = new Fault.Answer(502, "Bad Gateway", "text/plain", "Bad Gateway");

    @AutoClose
    private final SimulatedProxmox first;

    @AutoClose
    private final SimulatedProxmox second;

    @AutoClose
    private final ProxmoxClient client;

    FailoverTest(Generation generation) {
        first = SimulatedProxmox.start(generation);
        second = SimulatedProxmox.start(generation);
        client = client();
    }

    private ProxmoxClient client() {
        ExampleCluster.in(first);
        ExampleCluster cluster = ExampleCluster.in(second);
        return new ProxmoxClient(ClientSettings.of(
                ServerAddress.parseAll(first.address() + ", " + second.address()),
                ExampleCluster.token("jenkins@pve!ci", cluster.ciSecret()),
                new TlsTrust.Unverified()));
    }

    private void start() throws ProxmoxException {
        client.power(VM_100, PowerAction.START, Map.of());
    }

    @Test
    void asksTheNextAddressWhenTheFirstRefuses() throws Exception {
        first.stopListening();
        client.version();
        start();
        assertThat(second.requests(), hasSize(2));
    }

    @Test
    void staysWithTheAddressThatAnswered() throws Exception {
        first.stopListening();
        client.version();
        first.listenAgain();
        start();
        client.version();
        assertThat(first.requests(), is(empty()));
        assertThat(second.requests(), hasSize(3));
    }

    @Test
    void returnsToTheFirstWhenTheOtherFails() throws Exception {
        first.stopListening();
        client.version();
        first.listenAgain();
        second.stopListening();
        var refusal = assertThrows(
                AuthenticationFailedException.class, client::version, "the first does not know the second's token");
        assertThat(refusal.failure().address(), is(first.address()));
        assertThat(first.requests(), hasSize(1));
    }

    @Test
    void readsFromTheNextAddressWhenTheFirstDoesNotAnswer() throws Exception {
        first.inject(request -> true, new Fault.BreakBefore());
        first.inject(request -> true, new Fault.BreakBefore());
        client.version();
        assertThat(first.requests(), hasSize(2));
        assertThat(second.requests(), hasSize(1));
    }

    @Test
    void doesNotRepeatOnTheNextAddressAWriteThatMayHaveBeenReceived() {
        first.inject(ReceivedRequest::isWrite, new Fault.BreakBefore());
        var broken = assertThrows(ConnectionFailedException.class, this::start);
        assertThat(broken.mayHaveBeenExecuted(), is(true));
        assertThat(broken.address(), is(first.address()));
        assertThat(second.requests(), is(empty()));
    }

    @Test
    void doesNotAskTheNextAddressWhenTheFirstRefusesTheIdentity() {
        assertThrows(AuthenticationFailedException.class, client::version);
        assertThat(second.requests(), is(empty()));
    }

    @Test
    void tellsWhatHappenedAtEachAddress() {
        first.stopListening();
        second.stopListening();
        var failure = assertThrows(ConnectionFailedException.class, this::start);
        assertThat(failure.kind(), is(Kind.REFUSED));
        assertThat(failure.mayHaveBeenExecuted(), is(false));
        assertThat(
                failure.getMessage(),
                allOf(
                        startsWith("None of the 2 addresses of the cluster answered. "),
                        containsString("at " + first.address() + ": connection refused"),
                        containsString("at " + second.address() + ": connection refused")));
    }

    @Test
    void sendsAWriteToTheNextAddressWhenTheFirstHasNoQuorum() throws Exception {
        first.inject(request -> true, new Fault.Refuse(500, WITHOUT_QUORUM));
        start();
        assertThat(first.cluster().taskTypes(100), is(empty()));
        assertThat(second.cluster().taskTypes(100), hasSize(1));
        client.version();
        assertThat("and stays there", first.requests(), hasSize(1));
    }

    @Test
    void tellsThatNoAddressHasQuorum() {
        first.inject(request -> true, new Fault.Refuse(500, WITHOUT_QUORUM));
        second.inject(request -> true, new Fault.Refuse(500, WITHOUT_QUORUM));
        var rejected = assertThrows(RequestRejectedException.class, this::start);
        assertThat(rejected.isWithoutQuorum(), is(true));
        assertThat(rejected.failure().address(), is(first.address()));
        assertThat(second.requests(), hasSize(1));
    }

    @Test
    void tellsThatTheFirstHasNoQuorumWhenTheNextIsNotReached() {
        first.inject(request -> true, new Fault.Refuse(500, WITHOUT_QUORUM));
        second.stopListening();
        var rejected = assertThrows(RequestRejectedException.class, this::start);
        assertThat(rejected.isWithoutQuorum(), is(true));
    }

    @Test
    void doesNotSendAWriteOnceMoreThatWasLostAtTheNextAddress() {
        first.inject(request -> true, new Fault.Refuse(500, WITHOUT_QUORUM));
        second.inject(request -> true, new Fault.BreakAfter());
        var broken = assertThrows(ConnectionFailedException.class, this::start);
        assertThat(broken.mayHaveBeenExecuted(), is(true));
    }

    @Test
    void readsFromTheNextAddressWhenSomethingElseAnswersAtTheFirst() throws Exception {
        first.inject(request -> true, BAD_GATEWAY);
        client.version();
        assertThat(second.requests(), hasSize(1));
    }

    @Test
    void doesNotRepeatOnTheNextAddressAWriteThatSomethingElseAnswered() {
        first.inject(request -> true, BAD_GATEWAY);
        var lost = assertThrows(NotProxmoxException.class, this::start);
        assertThat(lost.mayHaveBeenExecuted(), is(true));
        assertThat(second.requests(), is(empty()));
    }
}
