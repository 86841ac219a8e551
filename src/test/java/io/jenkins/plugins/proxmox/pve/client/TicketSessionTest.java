package io.jenkins.plugins.proxmox.pve.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.http.RequestLimitException;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** One login at a time, however many threads need a ticket. */
class TicketSessionTest {

    private static final int THREADS = 16;
    private static final GuestLocation VM_100 = new GuestLocation("pve1", GuestType.QEMU, 100);

    @AutoClose
    private final SimulatedProxmox proxmox = SimulatedProxmox.start(Generation.V9);

    private final ExampleCluster cluster = ExampleCluster.in(proxmox);
    private final AtomicLong clock = new AtomicLong();
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

    @AutoClose
    private final ProxmoxClient client = clientWith(ExampleCluster.JENKINS_PASSWORD);

    private ProxmoxClient clientWith(String password) {
        return new ProxmoxClient(cluster.settings(new TicketLogin("jenkins@pve", password)), clock::get);
    }

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    /** The outcomes of the same call in all threads at once: an exception, or null. */
    private List<Throwable> inAllThreads(Callable<?> call) throws Exception {
        List<Future<?>> futures = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            futures.add(threads.submit(call));
        }
        List<Throwable> outcomes = new ArrayList<>();
        for (Future<?> future : futures) {
            try {
                future.get();
                outcomes.add(null);
            } catch (ExecutionException e) {
                outcomes.add(e.getCause());
            }
        }
        return outcomes;
    }

    private long logins() {
        return proxmox.requests().stream().filter(ReceivedRequest::isLogin).count();
    }

    @Test
    void letsNobodyFailForTheLimitOfAnother() throws Exception {
        AtomicLong turn = new AtomicLong();
        List<Throwable> outcomes = inAllThreads(
                () -> turn.getAndIncrement() % 2 == 0 ? client.limitedTo(0).version() : client.version());
        assertThat(
                outcomes.stream()
                        .filter(RequestLimitException.class::isInstance)
                        .toList(),
                hasSize(THREADS / 2));
        assertThat(outcomes.stream().filter(Objects::isNull).toList(), hasSize(THREADS / 2));
    }

    @Test
    void logsInOnceForManyThreads() throws Exception {
        proxmox.inject(ReceivedRequest::isLogin, new Fault.Delay(Duration.ofMillis(200)));
        assertThat(inAllThreads(client::version), everyItem(is((Throwable) null)));
        assertThat(logins(), is(1L));
    }

    @Test
    void renewsOnceForManyThreads() throws Exception {
        client.version();
        clock.addAndGet(Duration.ofMinutes(61).toNanos());
        proxmox.inject(ReceivedRequest::isLogin, new Fault.Delay(Duration.ofMillis(200)));
        assertThat(inAllThreads(client::version), everyItem(is((Throwable) null)));
        assertThat(logins(), is(2L));
    }

    @Test
    void logsInOnceWhenManyThreadsMeetAnEndedTicket() throws Exception {
        client.version();
        proxmox.access().endAllTickets();
        proxmox.forgetRequests();
        // all threads have been refused before the first of them has a new ticket
        proxmox.delayUnauthorized(Duration.ofMillis(100));
        proxmox.inject(ReceivedRequest::isLogin, new Fault.Delay(Duration.ofMillis(500)));
        assertThat(inAllThreads(client::version), everyItem(is((Throwable) null)));
        assertThat(logins(), is(1L));
    }

    @Test
    void sharesAFailedLoginAmongTheThreadsThatWaitForIt() throws Exception {
        try (ProxmoxClient wrong = clientWith("wrong")) {
            proxmox.inject(ReceivedRequest::isLogin, new Fault.Delay(Duration.ofMillis(500)));
            List<Throwable> outcomes = inAllThreads(wrong::version);
            assertThat(outcomes, everyItem(instanceOf(AuthenticationFailedException.class)));
            assertThat(outcomes, hasSize(THREADS));
            assertThat("an account must not be locked by one mistake", logins(), is(1L));
        }
    }

    @Test
    void forgetsAFailedLogin() throws Exception {
        proxmox.inject(ReceivedRequest::isLogin, new Fault.Refuse(500, "ipcc_send_rec[1] failed: Connection refused"));
        assertThrows(ProxmoxException.class, client::version);
        client.version();
    }

    @Test
    void letsAThreadGoThatIsInterruptedWhileAnotherLogsIn() throws Exception {
        proxmox.inject(ReceivedRequest::isLogin, new Fault.Delay(Duration.ofSeconds(1)));
        Future<?> first = threads.submit(client::version);
        Eventually.holds("the login is under way", () -> logins() == 1);
        Thread.currentThread().interrupt();
        var failure =
                assertThrows(ConnectionFailedException.class, () -> client.power(VM_100, PowerAction.START, Map.of()));
        assertThat("the interruption is kept", Thread.interrupted(), is(true));
        assertThat(failure.getMessage(), containsString("interrupted"));
        assertThat(failure.mayHaveBeenExecuted(), is(false));
        first.get();
        assertThat(proxmox.writes(), hasSize(0));
    }

    @Test
    void sendsTheWritesOfManyThreadsOnceEach() throws Exception {
        client.version();
        proxmox.access().endAllTickets();
        proxmox.cluster().vm(130, "pve1", "busy").running();
        GuestLocation busy = new GuestLocation("pve1", GuestType.QEMU, 130);
        assertThat(
                inAllThreads(() -> client.power(busy, PowerAction.RESET, Map.of())), everyItem(is((Throwable) null)));
        assertThat(proxmox.cluster().taskTypes(130), hasSize(THREADS));
    }

    @Test
    void doesNotShowATicketInItsText() {
        assertThat(new TicketSession.Ticket("jenkins@pve", "PVE:secret", "csrf", 0).toString(), is("ticket"));
        assertThat(
                List.of(new TicketSession.Ticket("jenkins@pve", "PVE:secret", "csrf", 0))
                        .toString(),
                is("[ticket]"));
    }
}
