package io.jenkins.plugins.proxmox.pve.exec;

import static io.jenkins.plugins.proxmox.pve.exec.ExecTrial.request;
import static io.jenkins.plugins.proxmox.pve.exec.ExecTrial.returningStdout;
import static io.jenkins.plugins.proxmox.pve.exec.ExecTrial.sh;
import static io.jenkins.plugins.proxmox.pve.exec.ExecTrial.startRequest;
import static io.jenkins.plugins.proxmox.pve.exec.ExecTrial.to;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.exec.ExecState.Phase;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever gets lost, and whoever goes on: the command begins once, and its output is complete. */
@ParameterizedClass
@EnumSource(Generation.class)
class ExecOnceTest {

    private static final Fault PROXY_GAVE_UP =
            new Fault.AnswerInstead(new Fault.Answer(504, "Gateway Time-out", "text/html", "<html>"));

    @AutoClose
    private final ExecTrial trial;

    /** Something that the command leaves outside of its own files. */
    @TempDir
    private Path outside;

    ExecOnceTest(Generation generation) {
        trial = new ExecTrial(generation);
    }

    private GuestCommand counting() {
        return sh("echo began >>" + began() + "; echo one; sleep 0.4; echo two");
    }

    private GuestCommand waiting() {
        return sh("echo began >>" + began() + "; echo one; until [ -e " + outside.resolve("go")
                + " ]; do sleep 0.05; done; echo two");
    }

    private Path began() {
        return outside.resolve("began");
    }

    private void letGo() throws IOException {
        Files.createFile(outside.resolve("go"));
    }

    private void assertBeganOnce() throws IOException {
        assertThat(Files.readAllLines(began()), contains("began"));
        assertThat(trial.output, contains("one", "two"));
    }

    private static ExecState copied(ExecState state) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(state);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return ((ExecState) in.readObject()).resumed();
        }
    }

    private ExecState saved(Phase phase) {
        return trial.saved.stream()
                .filter(state -> state.phase() == phase)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void findsTheCommandWhenTheAnswerToItsBeginningIsLost() throws Exception {
        for (Fault fault : List.of(new Fault.BreakAfter(), new Fault.AnswerAfter(596, "Broken pipe"), PROXY_GAVE_UP)) {
            trial.output.clear();
            Files.deleteIfExists(began());
            trial.proxmox.inject(startRequest(), fault);
            assertThat(fault.toString(), trial.result(request(counting())).exitCode(), is(0));
            assertBeganOnce();
        }
        assertThat(trial.starts(), is(3L));
        assertThat(trial.log, hasItem(startsWith("The answer to the request was lost")));
    }

    @Test
    void beginsTheCommandWhenTheRequestIsLost() throws Exception {
        trial.proxmox.inject(startRequest(), new Fault.Answer(504, "Gateway Time-out", "text/html", "<html>"));
        assertThat(trial.result(request(counting())).exitCode(), is(0));
        assertBeganOnce();
        assertThat(trial.log, hasItem(endsWith("did not arrive; sending it again")));
    }

    /** The first request arrives when the second has long been carried out. */
    @Test
    void leavesSomethingForARequestThatArrivesLate() throws Exception {
        trial.proxmox.inject(startRequest(), new Fault.Answer(504, "Gateway Time-out", "text/html", "<html>"));
        trial.result(request(counting()));
        List<String> start = trial.exec().begun().stream()
                .filter(ExecTrial::isStart)
                .findFirst()
                .orElseThrow();
        trial.client.exec().begin(saved(Phase.START).guest().location(), start, "\n\n");
        Eventually.holds(
                "nothing but the marker is left", () -> trial.exec().files().size() == 2);
        assertThat(trial.exec().files(), hasItem(endsWith("/run")));
        assertBeganOnce();
    }

    @Test
    void doesNotBeginWhenItsStateCannotBeSaved() throws Exception {
        trial.saving = CompletableFuture.failedFuture(new IOException("disk full"));
        assertThat(
                trial.failure(request(counting())),
                containsString(
                        "Jenkins could not save the build's state, so nothing was begun. java.io.IOException: disk full"));
        assertThat(trial.starts(), is(0L));
    }

    @Test
    void beginsAfterItsStateIsSaved() throws Exception {
        CompletableFuture<Void> written = new CompletableFuture<>();
        trial.saving = written;
        CompletableFuture<ExecResult> end = trial.run(request(counting())).begin();
        Eventually.holds("it is being saved", () -> !trial.saved.isEmpty());
        assertThat(trial.starts(), is(0L));
        written.complete(null);
        end.get(60, TimeUnit.SECONDS);
        assertBeganOnce();
    }

    @Test
    void goesOnWhenItsFilesWereJustRemoved() throws Exception {
        trial.result(returningStdout(sh("cat >>" + began() + "; echo out; echo one >&2; echo two >&2")
                .reading("began\n")));
        List<ExecState> saved = List.copyOf(trial.saved);
        assertThat(saved.get(0).phase(), is(Phase.START));
        ExecState last = saved.get(saved.size() - 1);
        assertThat(last.phase(), is(Phase.REMOVE));
        trial.output.clear();
        assertThat(
                ExecTrial.result(trial.run(returningStdout(counting()), copied(last)))
                        .stdout(),
                is("out\n"));
        assertThat(trial.output, is(empty()));
        assertThat(trial.starts(), is(1L));
    }

    @Test
    void goesOnWithACommandWhoseRequestWasJustBeingSent() throws Exception {
        ExecRequest request = request(waiting());
        trial.proxmox.inject(to("exec-status"), new Fault.BreakBefore());
        ExecRun first = trial.run(request);
        first.begin();
        trial.untilWritten("one");
        ExecState atStart = copied(saved(Phase.START));
        first.giveUp();
        trial.output.clear();
        CompletableFuture<ExecResult> end = trial.run(request, atStart).begin();
        trial.untilWritten("one");
        letGo();
        assertThat(end.get(60, TimeUnit.SECONDS).exitCode(), is(0));
        assertBeganOnce();
        assertThat(trial.starts(), is(1L));
    }

    @Test
    void beginsACommandWhoseRequestWasNotSentYet() throws Exception {
        CompletableFuture<Void> never = new CompletableFuture<>();
        trial.saving = never;
        ExecRequest request = request(counting());
        ExecRun first = trial.run(request);
        first.begin();
        Eventually.holds("it is being saved", () -> !trial.saved.isEmpty());
        first.giveUp();
        trial.saving = CompletableFuture.completedFuture(null);
        ExecTrial.result(trial.run(request, copied(saved(Phase.START))));
        assertBeganOnce();
    }

    @Test
    void logsNoLineTwiceWhenItGoesOn() throws Exception {
        ExecRequest request = request(waiting());
        ExecRun first = trial.run(request);
        first.begin();
        trial.untilWritten("one");
        Eventually.holds("the offset is saved", () -> trial.saved.stream().anyMatch(state -> state.offset() == 4));
        ExecState last = copied(trial.saved.get(trial.saved.size() - 1));
        first.giveUp();
        CompletableFuture<ExecResult> end = trial.run(request, last).begin();
        letGo();
        end.get(60, TimeUnit.SECONDS);
        assertBeganOnce();
    }

    @Test
    void savesTheProgressOfMuchOutputSeldom() throws Exception {
        trial.result(request(sh("for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo $i; sleep 0.3; done")));
        long offsets =
                trial.saved.stream().filter(state -> state.phase() == Phase.RUN).count();
        assertThat(offsets, is(greaterThan(1L)));
        assertThat(offsets <= 4, is(true));
    }

    @Test
    void survivesARestartOfTheServer() throws Exception {
        CompletableFuture<ExecResult> end = trial.run(request(waiting())).begin();
        trial.untilWritten("one");
        trial.proxmox.stopListening();
        trial.untilLogged("Still running the command in VM 101 (web-1)");
        trial.proxmox.listenAgain();
        letGo();
        assertThat(end.get(60, TimeUnit.SECONDS).exitCode(), is(0));
        assertBeganOnce();
        assertThat(trial.log, hasItem("Proxmox VE answers again"));
    }

    @Test
    void survivesTheRotationOfItsCredentials() throws Exception {
        CompletableFuture<ExecResult> end = trial.run(request(waiting())).begin();
        trial.untilWritten("one");
        String secret = trial.proxmox.access().token("jenkins@pve!ci", false);
        try (ProxmoxClient renewed =
                new ProxmoxClient(trial.example.settings(ExampleCluster.token("jenkins@pve!ci", secret)))) {
            trial.connection = trial.connected(renewed);
            letGo();
            assertThat(end.get(60, TimeUnit.SECONDS).exitCode(), is(0));
        }
        assertBeganOnce();
    }

    @Test
    void followsAGuestThatMigrates() throws Exception {
        trial.proxmox.cluster().node("pve3", true);
        CompletableFuture<ExecResult> end = trial.run(request(waiting())).begin();
        trial.untilWritten("one");
        trial.guest().migrateTo("pve3");
        letGo();
        ExecResult result = end.get(60, TimeUnit.SECONDS);
        assertThat(result.guest().location().node(), is("pve3"));
        assertBeganOnce();
        assertThat(trial.log, hasItem("VM 101 (web-1) has moved to node pve3"));
    }

    /** The request names the node that the guest has left, or a name that another guest on that node has as well. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void followsAGuestThatMigratesAwayFromTheNodeOfTheRequest(boolean byName) throws Exception {
        trial.proxmox.cluster().node("pve3", true);
        GuestSelector there =
                new GuestSelector(byName ? null : (Integer) ExecTrial.GUEST, byName ? "web-1" : null, "pve1");
        CompletableFuture<ExecResult> end = trial.run(new ExecRequest(there, waiting(), Duration.ofSeconds(60), false))
                .begin();
        trial.untilWritten("one");
        trial.guest().migrateTo("pve3");
        letGo();
        ExecResult result = end.get(60, TimeUnit.SECONDS);
        assertThat(result.guest().location().node(), is("pve3"));
        assertBeganOnce();
    }

    @Test
    void survivesARestartOfTheAgent() throws Exception {
        CompletableFuture<ExecResult> end = trial.run(request(waiting())).begin();
        trial.untilWritten("one");
        trial.exec().restartAgent();
        letGo();
        assertThat(end.get(60, TimeUnit.SECONDS).exitCode(), is(0));
        assertBeganOnce();
    }

    @Test
    void keepsTheSecretsOfACommandOutOfTheLog() throws Exception {
        trial.result(
                request(sh("true").with(java.util.Map.of("TOKEN", "s3cret")).reading("s3cret")));
        assertThat(trial.log, everyItem(not(containsString("s3cret"))));
    }
}
