package io.jenkins.plugins.proxmox.pve.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.client.ConnectionFailedException.Kind;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** One cluster with two addresses. */
class FailoverTest {

    private static final GuestLocation VM_100 = new GuestLocation("pve1", GuestType.QEMU, 100);

    @AutoClose
    private final SimulatedProxmox first = SimulatedProxmox.start(Generation.V9);

    @AutoClose
    private final SimulatedProxmox second = SimulatedProxmox.start(Generation.V9);

    @AutoClose
    private final ProxmoxClient client = client();

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
}
