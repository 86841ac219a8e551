package io.jenkins.plugins.proxmox.pve.exec;

import static io.jenkins.plugins.proxmox.pve.exec.ExecTrial.request;
import static io.jenkins.plugins.proxmox.pve.exec.ExecTrial.sh;
import static io.jenkins.plugins.proxmox.pve.exec.ExecTrial.startRequest;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Commands that cannot run, or do not run to their end, and what people are told about it. */
@ParameterizedClass
@EnumSource(Generation.class)
class ExecFailureTest {

    @AutoClose
    private final ExecTrial trial;

    /** Something that the command leaves outside of its own files. */
    @TempDir
    private Path outside;

    ExecFailureTest(Generation generation) {
        trial = new ExecTrial(generation);
    }

    private static ExecRequest within(Duration timeout, GuestCommand command) {
        return new ExecRequest(new GuestSelector(ExecTrial.GUEST, null, null), command, timeout, false);
    }

    /** Says when it began, and would say when it goes on after a long time; its child waits with it. */
    private GuestCommand endless() {
        return sh("echo $$ >" + outside.resolve("pid") + "; echo one; sleep 600 & wait; echo two");
    }

    private boolean isAlive() throws Exception {
        long pid = Long.parseLong(Files.readString(outside.resolve("pid")).strip());
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    private static String failure(CompletableFuture<ExecResult> end) {
        return assertThrows(ExecutionException.class, () -> end.get(60, TimeUnit.SECONDS))
                .getCause()
                .getMessage();
    }

    @Test
    void saysWhatToUseInAContainer() {
        assertThat(
                trial.failure(request(201, sh("true"))),
                is(
                        "CT 201 (cache) is a container, and Proxmox VE runs commands only in virtual machines. Use ssh to reach"
                                + " the container, make it a Jenkins agent, or run as root on node pve1: pct exec 201 -- COMMAND"));
        assertThat(trial.proxmox.writes(), is(empty()));
    }

    @Test
    void refusesATemplate() {
        assertThat(trial.failure(request(900, sh("true"))), startsWith("VM 900 (debian-template) is a template"));
    }

    @Test
    void saysThatTheGuestIsNotRunning() {
        assertThat(
                trial.failure(request(100, sh("true"))),
                is("Cannot run a command in VM 100 (build-agent): VM 100 is not running. Start it first."));
    }

    @Test
    void saysHowToConfigureTheAgent() {
        trial.guest().agent().notConfigured();
        assertThat(
                trial.failure(request(sh("true"))),
                allOf(
                        startsWith("Cannot run a command in VM 101 (web-1): No QEMU guest agent configured. "),
                        containsString("qm set 101 --agent 1")));
    }

    @Test
    void saysThatTheAgentDoesNotAnswer() {
        trial.guest().agent().notInstalled();
        assertThat(
                trial.failure(request(sh("true"))),
                startsWith("Cannot run a command in VM 101 (web-1): QEMU guest agent is not running. "
                        + "The guest may still be booting"));
        assertThat(trial.log, hasItem(startsWith("Still looking for the guest")));
    }

    @Test
    void waitsForAnAgentThatIsJustStarting() throws Exception {
        trial.guest().agent().notInstalled();
        CompletableFuture<ExecResult> end = trial.run(request(sh("true"))).begin();
        trial.untilLogged("QEMU guest agent is not running");
        trial.guest().agent().installed();
        assertThat(end.get(60, TimeUnit.SECONDS).exitCode(), is(0));
    }

    @Test
    void saysHowToAllowCommands() {
        trial.exec().blocked();
        assertThat(
                trial.failure(request(sh("true"))),
                allOf(
                        startsWith(
                                "Cannot run a command in VM 101 (web-1): Agent error: Command guest-exec has been disabled. "),
                        containsString("block-rpcs")));
    }

    @Test
    void namesAGuestThatDoesNotExist() {
        assertThat(trial.failure(request(999, sh("true"))), is("There is no guest 999 in the cluster."));
    }

    @Test
    void endsWithTheRefusalWhenTheRightIsMissing() throws Exception {
        trial.proxmox.access().role("Look", "VM.Audit,VM.GuestAgent.Audit");
        trial.proxmox.access().user("weak@pve");
        trial.proxmox.access().grant("/vms", "weak@pve", "Look");
        String secret = trial.proxmox.access().token("weak@pve!ci", false);
        try (ProxmoxClient weak =
                new ProxmoxClient(trial.example.settings(ExampleCluster.token("weak@pve!ci", secret)))) {
            trial.connection = trial.connected(weak);
            ExecRun run = trial.run(request(sh("true")));
            assertThat(ExecTrial.failure(run), is(instanceOf(PermissionDeniedException.class)));
            assertThat(run.needs(), is(ExecRequest.needs(ExecTrial.GUEST)));
            assertThat(trial.proxmox.writes().size(), is(lessThan(2)));
        }
    }

    @Test
    void endsTheCommandWithAllItsProcessesAfterTheTimeout() throws Exception {
        assertThat(
                trial.failure(within(Duration.ofSeconds(2), endless())),
                is("Timeout of 2 s: the command in VM 101 (web-1) did not end in that time."));
        assertThat(
                trial.log.subList(1, 3),
                contains(
                        "Timeout of 2 s: ending the command in VM 101 (web-1)",
                        "The command in VM 101 (web-1) was ended"));
        assertThat(trial.output, hasItem("one"));
        assertThat(isAlive(), is(false));
        assertThat(trial.exec().files(), is(empty()));
    }

    @Test
    void endsACommandThatIgnoresToBeTerminated() throws Exception {
        GuestCommand command = sh("trap '' TERM; echo $$ >" + outside.resolve("pid") + "; while :; do sleep 1; done");
        trial.failure(within(Duration.ofSeconds(1), command));
        Eventually.holds("it is over", () -> !isAlive());
    }

    @Test
    void endsTheCommandWhenItIsAborted() throws Exception {
        ExecRun run = trial.run(request(endless()));
        CompletableFuture<ExecResult> end = run.begin();
        trial.untilWritten("one");
        assertThat(run.abort(), is(true));
        assertThrows(CancellationException.class, () -> end.get(60, TimeUnit.SECONDS));
        assertThat(isAlive(), is(false));
        assertThat(
                trial.log.subList(1, trial.log.size()),
                contains("Ending the command in VM 101 (web-1)", "The command in VM 101 (web-1) was ended"));
        assertThat(trial.exec().files(), is(empty()));
        assertThat(run.abort(), is(false));
    }

    @Test
    void doesNotBeginWhatIsAbortedBefore() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        trial.proxmox.inject(r -> r.path().endsWith("/get-osinfo"), new Fault.Hold(answer));
        ExecRun run = trial.run(request(sh("true")));
        CompletableFuture<ExecResult> end = run.begin();
        Eventually.holds("it looks", () -> trial.proxmox.requests().size() > 1);
        run.abort();
        answer.countDown();
        assertThrows(CancellationException.class, () -> end.get(60, TimeUnit.SECONDS));
        assertThat(trial.starts(), is(0L));
    }

    /** The request is on its way when the build is aborted: it must find that nobody wants it any more. */
    @Test
    void preventsABeginningThatIsStillOnItsWay() throws Exception {
        CompletableFuture<Void> written = new CompletableFuture<>();
        trial.saving = written;
        ExecRun run = trial.run(request(endless()));
        CompletableFuture<ExecResult> end = run.begin();
        Eventually.holds("it is being saved", () -> !trial.saved.isEmpty());
        run.abort();
        written.complete(null);
        assertThrows(CancellationException.class, () -> end.get(60, TimeUnit.SECONDS));
        assertThat(trial.log, hasItem("The command in VM 101 (web-1) had not begun, and will not begin any more"));
        assertThat(trial.exec().files(), hasItem(endsWith("/run")));
    }

    @Test
    void saysWhatMayBeLeftWhenTheGuestCannotBeReachedAnyMore() throws Exception {
        ExecRun run = trial.run(request(endless()));
        CompletableFuture<ExecResult> end = run.begin();
        trial.untilWritten("one");
        trial.guest().stopped();
        run.abort();
        trial.untilLogged("Ending the command");
        run.giveUp();
        assertThrows(CancellationException.class, () -> end.get(60, TimeUnit.SECONDS));
        assertThat(trial.log, hasItem(startsWith("The command may still be running in VM 101 (web-1)")));
    }

    @Test
    void bearsAGuestThatIsOffUntilItIsBack() throws Exception {
        CompletableFuture<ExecResult> end = trial.run(request(endless())).begin();
        trial.untilWritten("one");
        trial.guest().stopped();
        trial.untilLogged("VM 101 is not running");
        trial.exec().reboot();
        trial.guest().running();
        assertThat(failure(end), is("VM 101 (web-1) was restarted while the command ran in it."));
        assertThat(trial.output, contains("one"));
        assertThat(trial.exec().files(), is(empty()));
    }

    @Test
    void saysThatTheCommandWasKilled() throws Exception {
        CompletableFuture<ExecResult> end = trial.run(request(endless())).begin();
        trial.untilWritten("one");
        trial.exec().killAll();
        assertThat(failure(end), startsWith("The command in VM 101 (web-1) ended without an exit code"));
    }

    @Test
    void saysThatItsFilesAreGone() throws Exception {
        CompletableFuture<ExecResult> end = trial.run(request(endless())).begin();
        trial.untilWritten("one");
        trial.exec().rollBack();
        assertThat(failure(end), startsWith("The files of the command in VM 101 (web-1) are gone"));
        assertThat(trial.starts(), is(1L));
    }

    @Test
    void endsWithTheErrorOfTheServerWhenTheBeginningIsRefused() throws Exception {
        trial.proxmox.inject(startRequest(), new Fault.Refuse(400, "Parameter verification failed."));
        assertThat(trial.failure(request(sh("true"))), containsString("Parameter verification failed"));
        assertThat(trial.starts(), is(0L));
    }

    @Test
    void refusesWhatNoProgramCanGet() {
        assertThat(refusal(() -> GuestCommand.of(List.of("a\0b"))), startsWith("command contains a NUL"));
        assertThat(refusal(() -> sh("true").with(Map.of("A", "\0"))), startsWith("env contains a NUL"));
        assertThat(refusal(() -> sh("true").with(Map.of("A-B", ""))), startsWith("env: \"A-B\" is not the name"));
        assertThat(refusal(() -> sh(" ")), startsWith("command is empty"));
        assertThat(refusal(() -> GuestCommand.of(List.of())), startsWith("command is empty"));
        assertThat(
                refusal(() -> sh("true").reading("x".repeat(GuestCommand.LARGEST_INPUT + 1))),
                startsWith("input has 4194305 bytes; the limit is 4194304"));
        assertThat(
                refusal(() -> sh("#" + "x".repeat(262_144))), startsWith("command, shell and env have 262145 bytes"));
    }

    private static String refusal(org.junit.jupiter.api.function.Executable making) {
        return assertThrows(IllegalArgumentException.class, making).getMessage();
    }
}
