package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.io.Serializable;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/**
 * The process of the controller is killed while builds are in every state of an operation, and started again: they end
 * as if nothing had happened, and each guest was asked once. The simulated server lives on meanwhile.
 */
class KilledControllerTest {

    /** Where the operation is when the controller is killed; a token of its own for each tells the requests apart. */
    private enum State {
        /** The guest is being looked for. */
        FIND,
        /** The lock of the guest is awaited. */
        LOCK,
        /** The request has arrived, its answer has not. */
        REQUEST,
        /** The same with a request that does harm when it is sent twice. */
        REBOOT,
        /** The answer to the request was lost, and its task is being looked for. */
        LOOK,
        /** The task runs. */
        AWAIT,
        /** The task has ended, and the guest is not yet seen running. */
        CONFIRM,
        /** The guest runs and has no address yet. */
        AVAILABLE;

        String token() {
            return "jenkins@pve!" + credentialsId();
        }

        String credentialsId() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        String action() {
            return this == REBOOT ? "reboot" : "start";
        }

        int vmid(Kind kind) {
            return 300 + 10 * ordinal() + kind.ordinal();
        }
    }

    private enum Kind {
        VM,
        CONTAINER,
        VM_UNDER_HA,
        CONTAINER_UNDER_HA;

        void in(SimulatedCluster cluster, int vmid, State state) {
            boolean container = this == CONTAINER || this == CONTAINER_UNDER_HA;
            SimulatedGuest guest = container
                    ? cluster.container(vmid, "pve1", "guest-" + vmid)
                    : cluster.vm(vmid, "pve1", "guest-" + vmid);
            if (this == VM_UNDER_HA || this == CONTAINER_UNDER_HA) {
                guest.highlyAvailable();
            }
            if (state == State.LOCK) {
                guest.locked("backup");
            }
            if (state == State.REBOOT) {
                guest.running();
            }
            if (state == State.AVAILABLE) {
                // it sends something, as such a guest is asked again and again, and another one seldom
                guest.transfers(0, 2_000).agent().answersAfter(Duration.ofHours(1));
            }
        }
    }

    /** What the controller has to know of the server. */
    private record Lab(String address, String fingerprint, HashMap<String, String> secrets) implements Serializable {}

    @RegisterExtension
    private final RealJenkinsExtension controller = new RealJenkinsExtension().withTimeout(900);

    private final ConfiguredProxmox lab = ConfiguredProxmox.unconfigured();
    private final SimulatedProxmox proxmox = lab.proxmox;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

    @Test
    void buildsInEveryStateEndAsIfNothingHadHappened() throws Throwable {
        try {
            // nothing ends by itself
            proxmox.cluster().timing(Duration.ofHours(1), Duration.ofMillis(100), Duration.ZERO);
            Lab known = new Lab(proxmox.address(), lab.fingerprint(), tokens());
            controller.startJenkins();
            controller.runRemotely(KilledControllerTest::configure, known);
            for (State state : State.values()) {
                killIn(state);
                controller.runRemotely(KilledControllerTest::awaitBuilds, state);
            }
            assertThat(writesByGuest(), is(onceForEachGuest()));
        } finally {
            clock.shutdownNow();
            lab.close();
        }
    }

    private void killIn(State state) throws Throwable {
        for (Kind kind : Kind.values()) {
            kind.in(proxmox.cluster(), state.vmid(kind), state);
        }
        CountDownLatch killed = new CountDownLatch(1);
        hold(state, killed);
        controller.runRemotely(KilledControllerTest::startBuilds, state);
        untilReached(state);
        controller.stopJenkinsForcibly();
        killed.countDown();
        for (Kind kind : Kind.values()) {
            proxmox.cluster().guest(state.vmid(kind)).locked(null).agent().answersAfter(Duration.ZERO);
        }
        clock.scheduleAtFixedRate(() -> endTasks(state), 1, 1, TimeUnit.SECONDS);
        controller.startJenkins();
    }

    private HashMap<String, String> tokens() {
        HashMap<String, String> secrets = new HashMap<>();
        for (State state : State.values()) {
            secrets.put(state.credentialsId(), proxmox.access().token(state.token(), false));
        }
        return secrets;
    }

    private void hold(State state, CountDownLatch killed) {
        for (Kind kind : Kind.values()) {
            int vmid = state.vmid(kind);
            switch (state) {
                case FIND -> proxmox.inject(by(state).and(endingWith("/cluster/resources")), new Fault.Hold(killed));
                case REQUEST, REBOOT ->
                    proxmox.inject(endingWith("/" + vmid + "/status/" + state.action()), new Fault.HoldAnswer(killed));
                case LOOK -> {
                    proxmox.inject(endingWith("/" + vmid + "/status/start"), new Fault.BreakAfter());
                    proxmox.inject(by(state).and(endingWith("/tasks")), new Fault.Hold(killed));
                }
                case AWAIT, LOCK, AVAILABLE -> {
                    // its task takes an hour, nobody releases the lock, and its agent takes an hour
                }
                case CONFIRM -> {
                    // a guest under high availability is looked at before, too, and starts only when it is let
                    if (kind == Kind.VM || kind == Kind.CONTAINER) {
                        proxmox.inject(endingWith("/" + vmid + "/status/current"), new Fault.Hold(killed));
                    }
                }
            }
        }
    }

    private static Predicate<ReceivedRequest> by(State state) {
        return request -> String.valueOf(request.headers().get("authorization")).contains(state.token() + "=");
    }

    private static Predicate<ReceivedRequest> endingWith(String path) {
        return request -> request.path().endsWith(path);
    }

    private static void configure(JenkinsRule jenkins, Lab lab) {
        lab.secrets.forEach(
                (id, secret) -> ConfiguredProxmox.add(ConfiguredProxmox.token(id, "jenkins@pve!" + id, secret)));
        ProxmoxServer server = new ProxmoxServer("lab", lab.address);
        server.setCredentialsId(State.AWAIT.credentialsId());
        server.setFingerprint(lab.fingerprint);
        ProxmoxConfiguration.get().setServers(List.of(server));
    }

    private static void startBuilds(JenkinsRule jenkins, State state) throws Throwable {
        for (Kind kind : Kind.values()) {
            WorkflowJob job = jenkins.createProject(WorkflowJob.class, state + "-" + kind);
            job.setDefinition(new CpsFlowDefinition(
                    "def guest = proxmoxVm action: '" + state.action() + "', vmid: " + state.vmid(kind)
                            + (state == State.AVAILABLE ? ", waitFor: 'ip'" : "")
                            + ", waitForLock: true, credentialsId: '" + state.credentialsId()
                            + "'\necho \"ended ${guest.status}\"\necho \"ip ${guest.ip}\"",
                    true));
            job.scheduleBuild2(0).waitForStart();
        }
    }

    private void untilReached(State state) throws Exception {
        switch (state) {
            case FIND -> Eventually.holds("all look for their guests", () -> count(by(state)) == Kind.values().length);
            case LOCK -> {
                for (Kind kind : Kind.values()) {
                    Predicate<ReceivedRequest> looks = endingWith("/" + state.vmid(kind) + "/status/current");
                    Eventually.holds(kind + " is looked at again", () -> count(looks) > 1);
                }
            }
            case REQUEST, REBOOT -> untilAsked(state);
            case AVAILABLE -> untilAvailableIsAwaited(state);
            case LOOK -> {
                untilAsked(state);
                Eventually.holds(
                        "their tasks are looked for",
                        () -> count(by(state).and(endingWith("/tasks"))) == Kind.values().length);
            }
            case AWAIT -> {
                untilAsked(state);
                Eventually.holds(
                        "the tasks are looked at", () -> count(by(state).and(endingWith("/tasks"))) > 1);
            }
            case CONFIRM -> {
                untilAsked(state);
                for (Kind kind : Kind.values()) {
                    Predicate<ReceivedRequest> looks = endingWith("/" + state.vmid(kind) + "/status/current");
                    long before = count(looks);
                    proxmox.cluster().endTasks(state.vmid(kind));
                    Eventually.holds(kind + " is looked at after its task", () -> count(looks) > before);
                }
            }
        }
    }

    private void untilAvailableIsAwaited(State state) throws Exception {
        for (Kind kind : Kind.values()) {
            int vmid = state.vmid(kind);
            Predicate<ReceivedRequest> asks = request ->
                    request.path().contains("/" + vmid + "/") && request.path().endsWith("interfaces");
            Eventually.holds(kind + " is asked for its address", () -> {
                proxmox.cluster().endTasks(vmid);
                return count(asks) > 0;
            });
        }
    }

    private void untilAsked(State state) throws Exception {
        for (Kind kind : Kind.values()) {
            int vmid = state.vmid(kind);
            Eventually.holds(
                    kind + " was asked",
                    () -> !proxmox.cluster().taskTypes(vmid).isEmpty());
        }
    }

    private long count(Predicate<ReceivedRequest> which) {
        return proxmox.requests().stream().filter(which).count();
    }

    private void endTasks(State state) {
        for (Kind kind : Kind.values()) {
            proxmox.cluster().endTasks(state.vmid(kind));
        }
    }

    private static void awaitBuilds(JenkinsRule jenkins, State state) throws Throwable {
        for (Kind kind : Kind.values()) {
            var build = jenkins.jenkins
                    .getItemByFullName(state + "-" + kind, WorkflowJob.class)
                    .getBuildByNumber(1);
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(build));
            jenkins.assertLogContains("ended running", build);
            jenkins.assertLogContains(state == State.AVAILABLE ? "ip 192.0.2." : "ip null", build);
        }
    }

    private Map<Integer, Long> writesByGuest() {
        Map<Integer, Long> writes = new TreeMap<>();
        for (ReceivedRequest request : proxmox.requests()) {
            if (request.isWrite()) {
                writes.merge(Integer.valueOf(request.path().split("/")[4]), 1L, Long::sum);
            }
        }
        return writes;
    }

    private static Map<Integer, Long> onceForEachGuest() {
        Map<Integer, Long> once = new TreeMap<>();
        IntStream.range(0, State.values().length)
                .forEach(state -> IntStream.range(0, Kind.values().length)
                        .forEach(kind -> once.put(State.values()[state].vmid(Kind.values()[kind]), 1L)));
        return once;
    }
}
