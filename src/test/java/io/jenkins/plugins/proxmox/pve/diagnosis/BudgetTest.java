package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.client.Authentication;
import io.jenkins.plugins.proxmox.pve.client.GuestLocation;
import io.jenkins.plugins.proxmox.pve.client.GuestType;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.client.TicketLogin;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.function.Consumer;
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

    BudgetTest(Generation generation) {
        proxmox = SimulatedProxmox.start(generation);
        cluster = ExampleCluster.in(proxmox);
        operator = ExampleCluster.token("jenkins@pve!operator", cluster.operatorSecret());
    }

    /** Lets the status of VM 101 fail, does something to the server, and explains. */
    private Diagnosis explain(Authentication identity, Duration longest, Consumer<SimulatedProxmox> meanwhile)
            throws Exception {
        try (ProxmoxClient client = new ProxmoxClient(cluster.settings(identity))) {
            ProxmoxException failure = assertThrows(ProxmoxException.class, () -> client.status(VM_101));
            proxmox.forgetRequests();
            meanwhile.accept(proxmox);
            return new Diagnostician(Probe.of(client), longest).explain(failure);
        }
    }

    private void delayAll(SimulatedProxmox server, Duration delay) {
        for (int i = 0; i < 10; i++) {
            server.inject(request -> true, new Fault.Delay(delay));
        }
    }

    @Test
    void endsInTimeThoughTheServerIsSlow() throws Exception {
        long start = System.nanoTime();
        Diagnosis diagnosis =
                explain(operator, Duration.ofMillis(300), server -> delayAll(server, Duration.ofSeconds(5)));
        assertThat(Duration.ofNanos(System.nanoTime() - start), is(lessThan(Duration.ofSeconds(4))));
        assertThat(diagnosis.causes().get(0).id(), is("privilege-missing"));
        assertThat(proxmox.requests().size(), is(lessThanOrEqualTo(1)));
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
                hasItem(new Finding(Finding.Result.UNKNOWN, "The server did not tell which roles it has.")));
    }

    @Test
    void staysWithinItsRequestsThoughTheTicketEndsOnTheWay() throws Exception {
        proxmox.access().revoke("/vms", "jenkins@pve");
        explain(
                new TicketLogin("jenkins@pve", ExampleCluster.JENKINS_PASSWORD),
                Diagnostician.LONGEST,
                server -> server.access().endAllTickets());
        assertThat(proxmox.requests().size(), is(greaterThanOrEqualTo(3)));
        assertThat(proxmox.requests().size(), is(lessThanOrEqualTo(Diagnostician.MOST_REQUESTS)));
    }

    @Test
    void asksNoMoreOnceTheIdentityIsRefused() throws Exception {
        Diagnosis diagnosis = explain(
                operator, Diagnostician.LONGEST, server -> server.access().deleteToken("jenkins@pve!operator"));
        assertThat(proxmox.requests().size(), is(1));
        assertThat(diagnosis.causes().get(0).id(), is("privilege-missing"));
    }

    @Test
    void knowsLessWhenTheServerIsGone() throws Exception {
        Diagnosis diagnosis = explain(operator, Diagnostician.LONGEST, SimulatedProxmox::close);
        assertThat(diagnosis.causes().get(0).id(), is("privilege-missing"));
        assertThat(
                diagnosis
                        .headline()
                        .endsWith(" does not let jenkins@pve!operator do this:" + " it asks for VM.Audit on /vms/101."),
                is(true));
    }

    @Test
    void knowsLessWhenAnswersAreNonsense() throws Exception {
        Diagnosis diagnosis = explain(operator, Diagnostician.LONGEST, server -> {
            for (int i = 0; i < 10; i++) {
                server.inject(
                        request -> true, new Fault.Answer(200, "OK", "application/json", "{\"data\":\"nonsense\"}"));
            }
        });
        assertThat(diagnosis.causes().get(0).id(), is("privilege-missing"));
    }

    @Test
    void knowsLessWhenItIsInterrupted() throws Exception {
        Diagnosis diagnosis = explain(
                operator,
                Diagnostician.LONGEST,
                server -> Thread.currentThread().interrupt());
        assertThat("the interruption is kept", Thread.interrupted(), is(true));
        assertThat(diagnosis.causes().get(0).id(), is("privilege-missing"));
    }

    @Test
    void neverThrowsThoughTheProbeDoes() throws Exception {
        Probe broken = (Probe) Proxy.newProxyInstance(
                Probe.class.getClassLoader(), new Class<?>[] {Probe.class}, (proxy, method, arguments) -> {
                    throw new IllegalStateException("broken probe");
                });
        try (ProxmoxClient client = new ProxmoxClient(cluster.settings(operator))) {
            ProxmoxException denied = assertThrows(ProxmoxException.class, () -> client.status(VM_101));
            assertThat(new Diagnostician(broken).explain(denied).causes().get(0).id(), is("privilege-missing"));
            proxmox.access().deleteToken("jenkins@pve!operator");
            ProxmoxException refused = assertThrows(ProxmoxException.class, client::version);
            Diagnosis diagnosis = new Diagnostician(broken).explain(refused);
            assertThat(diagnosis.causes().isEmpty(), is(false));
        }
    }
}
