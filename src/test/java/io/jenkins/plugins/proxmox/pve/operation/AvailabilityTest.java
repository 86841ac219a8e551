package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedAgent;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The wait for a guest that runs: until its agent answers, it has an address, or a port is open. */
@ParameterizedClass
@EnumSource(Generation.class)
class AvailabilityTest {

    /** The loopback address in a form that no guest writes, so that it counts. */
    private static final String THIS_MACHINE = "::ffff:127.0.0.1";

    private final Generation generation;

    @AutoClose
    private final Trial trial;

    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(3);
    private final WorkerThreads workers = new WorkerThreads(threads, threads, threads);
    private volatile ServerConnection connection;

    AvailabilityTest(Generation generation) {
        this.generation = generation;
        trial = new Trial(generation);
        connection = ServerConnection.of(trial.client, workers, new NodeRateLimit());
    }

    @BeforeEach
    void hurry() {
        trial.cluster().agentTimeout(Duration.ofMillis(300));
        trial.cluster().timing(Duration.ofMillis(50), Duration.ZERO, Duration.ZERO);
    }

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    private OperationRequest start(int vmid, String waitFor) {
        return trial.request(PowerAction.START, vmid).until(Availability.parse(waitFor));
    }

    private OperationState run(OperationRequest request) throws Exception {
        return trial.run(request);
    }

    private OperationRun begun(OperationRequest request, OperationState from) {
        return new OperationRun(
                request, from, workers, () -> connection, trial.log::add, OperationRun.Progress.UNSAVED);
    }

    private GuestException failure(OperationRequest request) {
        return assertThrows(GuestException.class, () -> run(request));
    }

    private static Throwable failure(CompletableFuture<OperationState> end) {
        return assertThrows(ExecutionException.class, () -> end.get(30, TimeUnit.SECONDS))
                .getCause();
    }

    private SimulatedAgent agent(int vmid) {
        return trial.cluster().guest(vmid).agent();
    }

    private long requestsTo(String leaf) {
        return trial.proxmox.requests().stream()
                .filter(request -> request.path().endsWith(leaf))
                .count();
    }

    @Test
    void waitsUntilTheAgentAnswers() throws Exception {
        agent(100).answersAfter(Duration.ofMillis(1200));
        OperationState end = run(start(100, "agent"));
        assertThat(end.phase(), is(Phase.DONE));
        assertThat(end.changed(), is(true));
        assertThat(end.availability().agentAnswered(), is(true));
        assertThat(trial.log, hasItem(startsWith("The guest agent of VM 100 (build-agent) answers, after ")));
    }

    @ParameterizedTest
    @CsvSource({"100, 192.0.2.101", "200, 192.0.2.201"})
    void waitsUntilAGuestHasAnAddress(int vmid, String address) throws Exception {
        agent(vmid).answersAfter(Duration.ofMillis(400)).addressesAfter(Duration.ofMillis(800));
        OperationState end = run(start(vmid, "ip"));
        assertThat(end.availability().network().ip(), is(address));
        assertThat(end.changed(), is(true));
        assertThat(trial.log, hasItem(containsString("has the address " + address)));
    }

    @Test
    void needsNoRequestForAGuestThatRunsAlready() throws Exception {
        OperationState end = run(start(101, "ip"));
        assertThat(end.changed(), is(false));
        assertThat(end.availability().network().ip(), is("192.0.2.102"));
        assertThat(trial.proxmox.writes(), is(empty()));
        assertThat("no list for a single guest that answers", requestsTo("/qemu"), is(0L));
    }

    @ParameterizedTest
    @EnumSource(
            value = PowerAction.class,
            names = {"REBOOT", "RESET"})
    void waitsAfterItWentDown(PowerAction action) throws Exception {
        agent(101).answersAfter(Duration.ofMillis(500));
        OperationState end = run(trial.request(action, 101).until(Availability.parse("ip")));
        assertThat(end.availability().network().ip(), is("192.0.2.102"));
    }

    @Test
    void waitsAfterAResume() throws Exception {
        trial.cluster().guest(101).paused();
        OperationState end = run(trial.request(PowerAction.RESUME, 101).until(Availability.parse("agent")));
        assertThat(end.availability().agentAnswered(), is(true));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            paused   | VM 101 (web-1) is paused, so it cannot answer. Resume it; the step waits until its timeout
            io-error | VM 101 (web-1) cannot answer: it is halted because it could not read or write a disk (io-error), most often because the storage is full. Free space there and use resume, or use stop. The step waits until its timeout
            """)
    void saysAtOnceThatAGuestIsHalted(String qmpStatus, String line) throws Exception {
        agent(101).answersAfter(Duration.ofHours(1));
        OperationRun run = begun(start(101, "ip"), OperationState.begin());
        CompletableFuture<OperationState> end = run.begin();
        Eventually.holds("asks", () -> requestsTo("/network-get-interfaces") > 0);
        assertThat(run.waitsFor(), is("waiting until VM 101 (web-1) answers"));
        halt(qmpStatus);
        Eventually.holds("is told", () -> trial.log.contains(line));
        assertThat(
                run.waitsFor(), is("waiting until VM 101 (web-1) runs and answers; it is halted (" + qmpStatus + ")"));
        trial.cluster().guest(101).running();
        agent(101).answersAfter(Duration.ZERO);
        assertThat(end.get(30, TimeUnit.SECONDS).availability().network().ip(), is("192.0.2.102"));
        assertThat("told once", trial.log.stream().filter(line::equals).count(), is(1L));
    }

    private void halt(String qmpStatus) {
        if (qmpStatus.equals("paused")) {
            trial.cluster().guest(101).paused();
        } else {
            trial.cluster().guest(101).halted(qmpStatus);
        }
    }

    @Test
    void saysThatAHaltedGuestRunsAgain() throws Exception {
        agent(101).notInstalled();
        trial.cluster().guest(101).running();
        OperationRun run = begun(start(101, "ip"), OperationState.begin());
        run.begin();
        Eventually.holds("asks", () -> requestsTo("/network-get-interfaces") > 0);
        trial.cluster().guest(101).paused();
        Eventually.holds("is told", () -> trial.log.stream().anyMatch(line -> line.contains("is paused")));
        trial.cluster().guest(101).running();
        Eventually.holds("is told", () -> trial.log.contains("VM 101 (web-1) runs again; waiting until it answers"));
        assertThat(run.waitsFor(), is("waiting until VM 101 (web-1) answers"));
        run.abort();
    }

    @Test
    void countsNoAddressOfTheGuestAloneNorOfItsContainers() throws Exception {
        agent(100)
                .has("eth0", "169.254.7.7/16", "fe80::7/64")
                .has("docker0", "172.17.0.1/16")
                .has("br-0a1b2c3d4e5f", "172.18.0.1/16")
                .obtains("eth1", "fd00::5/64", "2001:db8::5/64", "192.0.2.5/24")
                .addressesAfter(Duration.ofMillis(700));
        OperationState end = run(start(100, "ip"));
        assertThat(end.availability().network().ip(), is("192.0.2.5"));
        assertThat(end.availability().network().interfaces().size(), is(5));
    }

    @Test
    void saysAtTheTimeoutThatTheAgentDoesNotAnswer() {
        agent(100).notInstalled();
        GuestException over = failure(start(100, "ip").within(Duration.ofSeconds(2)));
        assertThat(over, is(instanceOf(OperationTimeoutException.class)));
        assertThat(
                over.getMessage(),
                allOf(
                        startsWith("Timeout of 2 s waiting for ip of VM 100 (build-agent): it has been running for "),
                        containsString(" s, but its guest agent has not answered. The last answer of Proxmox VE:"
                                + " QEMU guest agent is not running. Usually the package qemu-guest-agent is not"
                                + " installed or not started in the guest"),
                        containsString("qm set 100 --agent enabled=1")));
    }

    @Test
    void saysAtTheTimeoutThatTheAgentIsOff() {
        agent(100).off();
        GuestException over = failure(start(100, "agent").within(Duration.ofSeconds(2)));
        assertThat(
                over.getMessage(),
                containsString("The agent is not enabled in the options of the machine. To enable the agent, run as"
                        + " root on its node, then stop and start the machine: qm set 100 --agent enabled=1"));
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 200})
    void saysAtTheTimeoutWhichAddressesDoNotCount(int vmid) {
        agent(vmid).has("eth0", "fe80::1/64").has("docker0", "172.17.0.1/16");
        GuestException over = failure(start(vmid, "ip").within(Duration.ofSeconds(2)));
        assertThat(
                over.getMessage(),
                allOf(
                        containsString(
                                "it has no address that others can reach. Addresses: 127.0.0.1/8 on lo (loopback),"
                                        + " ::1/128 on lo (loopback), fe80::1/64 on eth0 (link-local), 172.17.0.1/16 on docker0"
                                        + " (for containers or machines inside the guest). Usually no DHCP server answers"),
                        not(containsString("last answer"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"agent", "ip", "port:22"})
    void failsAtOnceWithoutAnAgent(String waitFor) {
        agent(100).notConfigured();
        GuestException failure = failure(start(100, waitFor));
        assertThat(
                failure.getMessage(),
                is("Cannot wait for " + waitFor + " of VM 100 (build-agent): Proxmox VE answered \"No QEMU guest agent"
                        + " configured\". To enable the agent, run as root on its node, then stop and start the machine:"
                        + " qm set 100 --agent enabled=1"));
    }

    @Test
    void refusesTheAgentOfAContainerBeforeAnythingIsSent() {
        GuestException failure = failure(start(200, "agent"));
        assertThat(
                failure.getMessage(),
                is("Cannot start CT 200 (proxy): containers have no QEMU guest agent. Use waitFor: 'ip'."));
        assertThat(trial.proxmox.writes(), is(empty()));
    }

    @ParameterizedTest
    @CsvSource({"100, agent", "100, ip", "200, ip"})
    void failsSoonWhenTheGuestStops(int vmid, String waitFor) throws Exception {
        agent(vmid).answersAfter(Duration.ofHours(1)).withoutAddresses();
        CompletableFuture<OperationState> end =
                begun(start(vmid, waitFor), OperationState.begin()).begin();
        Eventually.holds("asks", () -> requestsTo("/agent/ping") + requestsTo("interfaces") > 0);
        trial.cluster().guest(vmid).stopped();
        assertThat(
                failure(end).getMessage(),
                allOf(
                        startsWith("Stopped waiting for " + waitFor + " of "),
                        containsString("it is stopped now. Check the logs of its last tasks on node pve1.")));
    }

    @Test
    void bearsAGuestThatIsStoppedForAMoment() throws Exception {
        agent(200).withoutAddresses();
        CompletableFuture<OperationState> end =
                begun(start(200, "ip"), OperationState.begin()).begin();
        Eventually.holds("asks", () -> requestsTo("/interfaces") > 0);
        trial.proxmox.forgetRequests();
        trial.cluster().guest(200).stopped();
        Eventually.holds("looks", () -> requestsTo("/status/current") > 0);
        agent(200).obtains("eth0", "192.0.2.9/24");
        trial.cluster().guest(200).running();
        assertThat(end.get(30, TimeUnit.SECONDS).availability().network().ip(), is("192.0.2.9"));
    }

    @Test
    void goesOnWhereTheGuestHasMoved() throws Exception {
        agent(100).answersAfter(Duration.ofHours(1));
        trial.cluster().node("pve3", true);
        CompletableFuture<OperationState> end =
                begun(start(100, "ip"), OperationState.begin()).begin();
        Eventually.holds("asks", () -> requestsTo("/network-get-interfaces") > 0);
        trial.cluster().guest(100).migrateTo("pve3");
        agent(100).answersAfter(Duration.ZERO);
        OperationState done = end.get(30, TimeUnit.SECONDS);
        assertThat(done.guest().location().node(), is("pve3"));
        assertThat(done.availability().network().ip(), is("192.0.2.101"));
    }

    @Test
    void bearsALostConnectionAndTakesUpChangedSettings() throws Exception {
        agent(100).answersAfter(Duration.ofHours(1));
        CompletableFuture<OperationState> end =
                begun(start(100, "ip"), OperationState.begin()).begin();
        Eventually.holds("asks", () -> requestsTo("/network-get-interfaces") > 0);
        trial.proxmox.stopListening();
        Eventually.holds("tells", () -> trial.log.stream().anyMatch(line -> line.startsWith("Still waiting until")));
        agent(100).answersAfter(Duration.ZERO);
        trial.proxmox.listenAgain();
        assertThat(end.get(30, TimeUnit.SECONDS).availability().network().ip(), is("192.0.2.101"));
        assertThat(trial.log, hasItem("Proxmox VE answers again"));
    }

    /** As after a restart of the controller: nothing is sent again. */
    @Test
    void goesOnInAnotherProcess() throws Exception {
        agent(100).answersAfter(Duration.ofHours(1));
        OperationRun first = begun(start(100, "ip"), OperationState.begin());
        CompletableFuture<OperationState> ended = first.begin();
        Eventually.holds("waits", () -> first.state().phase() == Phase.AVAILABLE);
        assertThat(first.abort(), is(true));
        assertThat(ended.isCancelled(), is(true));
        Eventually.holds("left", () -> connection.availability().waits() == 0);
        assertThat(first.state().waitsFor(), is("waiting until VM 100 (build-agent) answers"));
        agent(100).answersAfter(Duration.ZERO);
        OperationState end =
                begun(start(100, "ip"), first.state().resumed()).begin().get(30, TimeUnit.SECONDS);
        assertThat(end.availability().network().ip(), is("192.0.2.101"));
        assertThat(end.changed(), is(true));
        assertThat(
                trial.proxmox.writes().stream()
                        .filter(write -> write.contains("/status/"))
                        .count(),
                is(1L));
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 200})
    void connectsToThePortOfTheAddress(int vmid) throws Exception {
        try (ServerSocket service = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            agent(vmid).obtains("eth0", THIS_MACHINE + "/96");
            OperationState end = run(start(vmid, "port:" + service.getLocalPort()));
            assertThat(end.availability().network().ip(), is(THIS_MACHINE));
            assertThat(trial.log, hasItem(containsString("accepts connections, after ")));
        }
    }

    @Test
    void waitsUntilThePortIsOpen() throws Exception {
        int port;
        try (ServerSocket service = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = service.getLocalPort();
        }
        agent(100).obtains("eth0", THIS_MACHINE + "/96");
        OperationRun run = begun(start(100, "port:" + port), OperationState.begin());
        CompletableFuture<OperationState> end = run.begin();
        Eventually.holds("was refused", () -> run.state().availability().portTrouble() != null);
        assertThat(run.state().availability().portTrouble(), is("the connection was refused"));
        try (ServerSocket service = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(service.isBound(), is(true));
            assertThat(end.get(30, TimeUnit.SECONDS).phase(), is(Phase.DONE));
        }
        assertThat("asked for the address once", requestsTo("/network-get-interfaces"), is(1L));
    }

    @Test
    void saysAtTheTimeoutThatThePortIsClosed() throws Exception {
        int port;
        try (ServerSocket service = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = service.getLocalPort();
        }
        agent(100).obtains("eth0", THIS_MACHINE + "/96");
        GuestException over = failure(start(100, "port:" + port).within(Duration.ofSeconds(2)));
        assertThat(
                over.getMessage(),
                allOf(
                        startsWith("Timeout of 2 s waiting for port " + port + " of VM 100 (build-agent)"),
                        containsString(THIS_MACHINE + " does not accept connections to the port: the connection was"
                                + " refused. Addresses: "),
                        containsString("Usually the service has not started in the guest, or a firewall")));
    }

    @Test
    void needsTheRightToAskTheAgent() throws Exception {
        trial.proxmox.access().role("Power", "VM.Audit,VM.PowerMgmt");
        trial.proxmox.access().user("power@pve");
        trial.proxmox.access().grant("/vms", "power@pve", "Power");
        String secret = trial.proxmox.access().token("power@pve!ci", false);
        try (ProxmoxClient client =
                new ProxmoxClient(trial.example.settings(ExampleCluster.token("power@pve!ci", secret)))) {
            connection = ServerConnection.of(client, workers, new NodeRateLimit());
            OperationRun run = begun(start(100, "ip"), OperationState.begin());
            PermissionDeniedException denied = (PermissionDeniedException) failure(run.begin());
            assertThat(denied.aclPath(), is("/vms/100"));
            assertThat(
                    run.needs().stream().map(need -> need.anyOf().get(0)).toList(),
                    is(List.of("VM.Audit", "VM.PowerMgmt", "VM.GuestAgent.Audit")));
            assertThat(run.needs().get(2).anyOf(), hasItem(denied.privileges().get(0)));
            OperationState ofContainer =
                    begun(start(200, "ip"), OperationState.begin()).begin().get(30, TimeUnit.SECONDS);
            assertThat(ofContainer.availability().network().ip(), is("192.0.2.201"));
        }
    }

    @Test
    void asksWithoutTheListWhereThereIsNone() throws Exception {
        agent(100).answersAfter(Duration.ofMillis(1500));
        agent(101).notInstalled();
        for (int i = 0; i < 10; i++) {
            trial.proxmox.inject(
                    request -> request.path().endsWith("/qemu"), new Fault.Refuse(501, "Method not implemented"));
        }
        CompletableFuture<OperationState> other =
                begun(start(101, "ip"), OperationState.begin()).begin();
        OperationState end =
                begun(start(100, "ip"), OperationState.begin()).begin().get(30, TimeUnit.SECONDS);
        assertThat(end.availability().network().ip(), is("192.0.2.101"));
        assertThat(other.isDone(), is(false));
        assertThat(generation, is(trial.proxmox.generation()));
    }

    /** Agents come up without any traffic, which the list of the node would show. */
    @Test
    void asksGuestsThatShowNoSignOfLifeInBetween() throws Exception {
        agent(101).notInstalled();
        CompletableFuture<OperationState> other =
                begun(start(101, "agent"), OperationState.begin()).begin();
        Eventually.holds("asks", () -> requestsTo("/101/agent/ping") > 0);
        agent(100).answersAfter(Duration.ofSeconds(1)).addressesAfter(Duration.ofHours(1));
        OperationState end =
                begun(start(100, "agent"), OperationState.begin()).begin().get(30, TimeUnit.SECONDS);
        assertThat(end.availability().agentAnswered(), is(true));
        assertThat(other.isDone(), is(false));
    }

    @Test
    void endsWithoutAnAddressWhenNothingIsWaitedFor() throws Exception {
        OperationState end = run(start(100, "running"));
        assertThat(end.availability().network().ip(), is(nullValue()));
        assertThat(requestsTo("/network-get-interfaces"), is(0L));
    }
}
