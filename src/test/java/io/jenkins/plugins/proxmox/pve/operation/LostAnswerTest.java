package io.jenkins.plugins.proxmox.pve.operation;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.client.TicketLogin;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.OperationState.Phase;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A request whose answer is lost, a server that goes away, a Jenkins that is restarted. */
class LostAnswerTest {

    @AutoClose
    private final Trial trial = new Trial(Generation.V9);

    @ParameterizedTest
    @CsvSource({
        "START,    100, qmstart",
        "STOP,     101, qmstop",
        "REBOOT,   101, qmreboot",
        "SHUTDOWN, 201, vzshutdown",
        "START,    104, hastart"
    })
    void findsTheTaskOfARequestWhoseAnswerWasLost(PowerAction action, int vmid, String task) throws Exception {
        trial.proxmox.inject(ReceivedRequest::isWrite, new Fault.BreakAfter());
        OperationState end = trial.run(action, vmid);
        assertThat(end.upid().type(), is(task));
        assertThat(end.changed(), is(true));
        assertThat("asked once", trial.proxmox.writes(), hasSize(1));
        assertThat(trial.log, hasItem(startsWith("The answer to the request was lost")));
    }

    @Test
    void findsTheTaskOfANodeWhoseClockIsALittleBehind() throws Exception {
        trial.cluster().clockBehind(Duration.ofMillis(1500));
        trial.proxmox.inject(ReceivedRequest::isWrite, new Fault.BreakAfter());
        assertThat(trial.run(PowerAction.REBOOT, 101).status(), is("running"));
        assertThat("asked once", trial.proxmox.writes(), hasSize(1));
    }

    @Test
    void findsTheTaskThatRunsOnANodeWhoseClockIsFarBehind() throws Exception {
        trial.cluster().timing(Duration.ofSeconds(1), Duration.ZERO, Duration.ZERO);
        trial.cluster().clockBehind(Duration.ofSeconds(30));
        trial.proxmox.inject(ReceivedRequest::isWrite, new Fault.BreakAfter());
        assertThat(trial.run(PowerAction.REBOOT, 101).status(), is("running"));
        assertThat("asked once", trial.proxmox.writes(), hasSize(1));
    }

    @Test
    void doesNotTakeAnEarlierTaskThatHasEndedForTheLostOne() throws Exception {
        trial.cluster().clockBehind(Duration.ofSeconds(30));
        trial.run(PowerAction.RESET, 101);
        trial.cluster().clockBehind(Duration.ZERO);
        OperationStateMachine operation = trial.operation(PowerAction.RESET, 101);
        OperationState request = Trial.until(Phase.REQUEST, operation, OperationState.begin());
        assertThat(operation.advance(request.resumed()).phase(), is(Phase.LOOK));
    }

    @Test
    void asksAgainWhenTheRequestDidNotArrive() throws Exception {
        trial.proxmox.inject(ReceivedRequest::isWrite, new Fault.BreakBefore());
        OperationState end = trial.run(PowerAction.REBOOT, 101);
        assertThat(end.status(), is("running"));
        assertThat("carried out once", trial.cluster().taskTypes(101), contains("qmreboot"));
        assertThat(
                trial.log, hasItems("No task for the request has appeared on node pve1", "Sending the request again"));
    }

    @Test
    void asksNoMoreThanOnceAgain() {
        for (int i = 0; i < 3; i++) {
            trial.proxmox.inject(ReceivedRequest::isWrite, new Fault.BreakBefore());
        }
        var failure = assertThrows(GuestException.class, () -> trial.run(PowerAction.RESET, 101));
        assertThat(failure.getMessage(), containsString("the answer to the request was lost twice"));
        assertThat(trial.proxmox.writes(), hasSize(2));
    }

    @Test
    void seesThatTheGuestWasRebootedThoughTheTimeOfItsTaskMisleads() throws Exception {
        trial.cluster().timing(Duration.ofMillis(50), Duration.ZERO, Duration.ZERO);
        trial.cluster().clockBehind(Duration.ofSeconds(30));
        trial.proxmox.inject(ReceivedRequest::isWrite, new Fault.BreakAfter());
        assertThat(trial.run(PowerAction.REBOOT, 101).status(), is("running"));
        assertThat("asked once", trial.proxmox.writes(), hasSize(1));
    }

    @Test
    void findsTheTaskOfAUserWhoseNameTheServerWritesOtherwise() throws Exception {
        trial.proxmox.access().ignoreCase("pve");
        trial.proxmox.inject(request -> request.path().endsWith("/status/reboot"), new Fault.BreakAfter());
        try (ProxmoxClient login = new ProxmoxClient(
                trial.example.settings(new TicketLogin("Jenkins@pve", ExampleCluster.JENKINS_PASSWORD)))) {
            OperationRequest reboot = trial.request(PowerAction.REBOOT, 101);
            assertThat(WholeOperation.of(login, reboot, trial.log::add).upid().user(), is("jenkins@pve"));
        }
        assertThat(trial.cluster().taskTypes(101), contains("qmreboot"));
    }

    /** Proxmox VE takes all of these characters in the name of a user (PVE::Auth::Plugin). */
    @Test
    void findsTheTaskOfAUserWithAnOddName() throws Exception {
        trial.proxmox.access().user("ci#1%2f?@pve");
        trial.proxmox.access().grant("/vms", "ci#1%2f?@pve", "PVEVMUser");
        String secret = trial.proxmox.access().token("ci#1%2f?@pve!ci", false);
        try (ProxmoxClient odd =
                new ProxmoxClient(trial.example.settings(ExampleCluster.token("ci#1%2f?@pve!ci", secret)))) {
            OperationRequest reboot = trial.request(PowerAction.REBOOT, 101);
            assertThat(WholeOperation.of(odd, reboot, trial.log::add).upid().user(), is("ci#1%2f?@pve!ci"));
        }
        assertThat(trial.proxmox.writes(), hasSize(1));
    }

    @Test
    void looksForItsTaskWhenTheAnswerMakesNoSense() throws Exception {
        trial.proxmox.inject(
                ReceivedRequest::isWrite, new Fault.Answer(502, "Bad Gateway", "text/html", "<html>nginx</html>"));
        OperationStateMachine operation = trial.operation(PowerAction.START, 100);
        OperationState request = Trial.until(Phase.REQUEST, operation, OperationState.begin());
        OperationState looking = operation.advance(request);
        assertThat(looking.phase(), is(Phase.LOOK));
        assertThat("not at once", operation.advance(looking).phase(), is(Phase.LOOK));
        assertThat(trial.proxmox.writes(), hasSize(1));
    }

    @ParameterizedTest
    @CsvSource({"502, Bad Gateway", "504, Gateway Timeout"})
    void looksForItsTaskWhenAProxyOnTheWayGaveUp(int status, String reason) throws Exception {
        trial.proxmox.inject(ReceivedRequest::isWrite, new Fault.AnswerAfter(status, reason));
        OperationState end = trial.run(PowerAction.REBOOT, 101);
        assertThat(end.status(), is("running"));
        assertThat(end.upid().type(), is("qmreboot"));
        assertThat("asked once", trial.proxmox.writes(), hasSize(1));
    }

    @Test
    void looksForItsTaskWhenThatCouldNotBeEnteredInTheList() throws Exception {
        String text = "can't lock file '/var/log/pve/tasks/.active.lock' - got timeout";
        trial.proxmox.inject(ReceivedRequest::isWrite, new Fault.AnswerAfter(500, text));
        assertThat(trial.run(PowerAction.START, 100).status(), is("running"));
        assertThat("asked once", trial.proxmox.writes(), hasSize(1));
    }

    @Test
    void doesNotRebootTwiceWhenTheTaskCouldNotBeEnteredInTheList() {
        String text = "can't lock file '/var/log/pve/tasks/.active.lock' - got timeout";
        trial.proxmox.inject(ReceivedRequest::isWrite, new Fault.AnswerAfter(500, text));
        var rejected = assertThrows(RequestRejectedException.class, () -> trial.run(PowerAction.REBOOT, 101));
        assertThat(rejected.getMessage(), containsString(text));
        assertThat(trial.proxmox.writes(), hasSize(1));
    }

    @Test
    void takesOnlyATaskOfItsOwnForTheLostOne() throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.START, 105);
        OperationState request = Trial.until(Phase.REQUEST, operation, OperationState.begin());
        trial.proxmox.access().grant("/", "jenkins@pve", "Administrator");
        String secret = trial.proxmox.access().token("jenkins@pve!other", false);
        try (ProxmoxClient other =
                new ProxmoxClient(trial.example.settings(ExampleCluster.token("jenkins@pve!other", secret)))) {
            other.power(request.guest().location(), PowerAction.START, Map.of());
        }
        OperationState looking = operation.advance(request.resumed());
        assertThat("it sees the task but it is not its own", looking.phase(), is(Phase.LOOK));
    }

    @Test
    void looksAgainAndAsksWhenTheServerWasNotReachedWithTheRequest() throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.START, 100);
        OperationState request = Trial.until(Phase.REQUEST, operation, OperationState.begin());
        trial.proxmox.stopListening();
        OperationState again = operation.advance(request);
        assertThat("nothing was sent", again.phase(), is(Phase.FIND));
        assertThat(operation.pause(again).toMillis(), is(greaterThan(0L)));
        trial.proxmox.listenAgain();
        assertThat(Trial.finish(operation, again).status(), is("running"));
        assertThat(trial.proxmox.writes(), hasSize(1));
    }

    @Test
    void waitsForAServerThatIsRestartedWhileTheTaskRuns() throws Exception {
        trial.cluster().guest(105).startTakes(Duration.ofMillis(1200));
        CompletableFuture<OperationState> end = new CompletableFuture<>();
        Thread build = new Thread(() -> {
            try {
                end.complete(trial.run(PowerAction.START, 105));
            } catch (Exception e) {
                end.completeExceptionally(e);
            }
        });
        build.start();
        Eventually.holds("it was asked", () -> trial.log.stream().anyMatch(line -> line.startsWith("Requested")));
        trial.proxmox.stopListening();
        Eventually.holds("it was noticed", () -> trial.log.stream().anyMatch(line -> line.startsWith("Still waiting")));
        trial.proxmox.listenAgain();
        assertThat(end.get().status(), is("running"));
        assertThat(trial.log, hasItem("Proxmox VE answers again"));
        assertThat(trial.proxmox.writes(), hasSize(1));
    }

    @Test
    void tellsTheSameTroubleOnce() throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.START, 105);
        OperationState waiting = Trial.until(Phase.AWAIT_TASK, operation, OperationState.begin());
        trial.proxmox.stopListening();
        for (int i = 0; i < 3; i++) {
            assertThat(operation.advance(waiting), is(waiting));
        }
        assertThat(
                trial.log.stream().filter(line -> line.startsWith("Still")).toList(),
                contains(containsString("connection refused")));
    }

    @Test
    void goesOnInAnotherProcessFromEveryPhase() throws Exception {
        OperationStateMachine operation = trial.operation(PowerAction.START, 100);
        OperationState state = OperationState.begin();
        while (!state.isDone()) {
            OperationState saved = savedAndRestored(state);
            assertThat(saved, is(state));
            state = operation.advance(saved);
        }
        assertThat(savedAndRestored(state).status(), is("running"));
    }

    @Test
    void doesNotAskTwiceWhenJenkinsStoppedWhileTheRequestWasSent() throws Exception {
        OperationStateMachine before = trial.operation(PowerAction.START, 100);
        OperationState saved = savedAndRestored(Trial.until(Phase.REQUEST, before, OperationState.begin()));
        before.advance(saved);
        OperationState end = Trial.finish(trial.operation(PowerAction.START, 100), saved.resumed());
        assertThat(end.status(), is("running"));
        assertThat(end.upid(), is(notNullValue()));
        assertThat(trial.proxmox.writes(), hasSize(1));
    }

    private static OperationState savedAndRestored(OperationState state) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(state);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return (OperationState) in.readObject();
        }
    }
}
