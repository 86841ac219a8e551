package io.jenkins.plugins.proxmox.pve.exec;

import static io.jenkins.plugins.proxmox.pve.exec.ExecTrial.request;
import static io.jenkins.plugins.proxmox.pve.exec.ExecTrial.returningStdout;
import static io.jenkins.plugins.proxmox.pve.exec.ExecTrial.sh;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.both;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Commands that run to their end: everything arrives in the guest byte for byte, and everything comes back. */
@ParameterizedClass
@EnumSource(Generation.class)
class ExecRunTest {

    /** Everything that shells, forms and encodings trip over. */
    private static final String HARD =
            "ä €😀 'quoted' \"twice\" $HOME `id` \\ \\n %s * ? ~ # ! & | ; < > ( )\n\ttab\r\nend\n\n";

    @AutoClose
    private final ExecTrial trial;

    ExecRunTest(Generation generation) {
        trial = new ExecTrial(generation);
    }

    @Test
    void logsTheOutputAndReturnsTheExitCode() throws Exception {
        ExecResult result = trial.result(request(sh("echo out; echo err >&2; printf 'without end'; exit 3")));
        assertThat(result.exitCode(), is(3));
        assertThat(result.stdout(), is(nullValue()));
        assertThat(trial.output, contains("out", "err", "without end"));
        assertThat(
                trial.log,
                contains(
                        "Running in VM 101 (web-1) on node pve1: echo out; echo err >&2; printf 'without end'; exit 3"));
    }

    @Test
    void leavesNothingInTheGuest() throws Exception {
        trial.result(request(sh("true")));
        assertThat(trial.exec().files(), is(empty()));
    }

    @Test
    void takesFewRequests() throws Exception {
        long begun = System.nanoTime();
        trial.result(request(sh("true")));
        double seconds = (System.nanoTime() - begun) / 1e9;
        List<String> calls = trial.proxmox.requests().stream()
                .map(ReceivedRequest::path)
                .map(path -> path.substring(path.lastIndexOf('/') + 1))
                .toList();
        assertThat(calls.subList(0, 3), contains("resources", "get-osinfo", "exec"));
        assertThat(
                "more while a busy machine lets it wait",
                (double) calls.size(),
                is(lessThanOrEqualTo(12 + 4 * seconds)));
        assertThat(trial.starts(), is(1L));
    }

    @Test
    void returnsStandardOutputAndLogsTheRest() throws Exception {
        ExecResult result = trial.result(returningStdout(sh("printf 'ä\\n\\nb\\n'; echo err >&2; exit 4")));
        assertThat(result.stdout(), is("ä\n\nb\n"));
        assertThat(result.exitCode(), is(4));
        assertThat(trial.output, contains("err"));
    }

    @Test
    void passesArgumentsByteForByte() throws Exception {
        GuestCommand command = GuestCommand.of(List.of("printf", "[%s]", HARD, "", "-n", "a b"));
        assertThat(trial.stdout(command), is("[" + HARD + "][][-n][a b]"));
    }

    @Test
    void runsTheProgramAndNotACommandOfTheShell() throws Exception {
        assertThat(trial.stdout(GuestCommand.of(List.of("echo", "a\\tb"))), is("a\\tb\n"));
    }

    @Test
    void passesVariablesByteForByte() throws Exception {
        Map<String, String> variables = Map.of("HARD", HARD, "EMPTY", "", "_x1", "it's");
        GuestCommand command =
                sh("printf '%s|%s|%s' \"$HARD\" \"${EMPTY-unset}\" \"$_x1\"").with(variables);
        assertThat(trial.stdout(command), is(HARD + "||it's"));
    }

    @Test
    void passesInputByteForByte() throws Exception {
        assertThat(trial.stdout(GuestCommand.of(List.of("cat")).reading(HARD)), is(HARD));
        assertThat(trial.stdout(sh("wc -c")).strip(), is("0"));
    }

    @Test
    void passesLongInputInPieces() throws Exception {
        StringBuilder text = new StringBuilder();
        IntStream.range(0, 12_000).forEach(i -> text.append("líne ").append(i).append('\n'));
        assertThat(trial.stdout(GuestCommand.of(List.of("cat")).reading(text.toString())), is(text.toString()));
        assertThat(trial.starts(), is(1L));
        assertThat(trial.exec().files(), is(empty()));
    }

    @Test
    void passesALongScript() throws Exception {
        String script = "# " + "x".repeat(60_000) + "\necho done";
        trial.result(request(sh(script)));
        assertThat(trial.output, contains("done"));
    }

    @Test
    void runsAScriptInTheShellThatIsGiven() throws Exception {
        GuestCommand command = GuestCommand.of(
                "a=(1 2 3); echo ${#a[@]}; shopt -q nullglob && echo set",
                List.of("/bin/bash", "-O", "nullglob", "-c"));
        assertThat(trial.stdout(command), is("3\nset\n"));
    }

    @Test
    void showsWhatTheShellSaysAboutAMissingProgram() throws Exception {
        ExecResult result = trial.result(request(GuestCommand.of(List.of("no-such-program", "x"))));
        assertThat(result.exitCode(), is(127));
        assertThat(trial.output, hasItem(allOf(containsString("no-such-program"), containsString("not found"))));
    }

    @Test
    void returnsTheCodeOfASignal() throws Exception {
        assertThat(trial.result(request(sh("kill -9 $$"))).exitCode(), is(137));
    }

    @Test
    void logsWhileTheCommandRuns() throws Exception {
        ExecRun run = trial.run(request(sh("echo first; sleep 600; echo second")));
        run.begin();
        trial.untilWritten("first");
        assertThat(run.state().waitsFor(), is("running the command in VM 101 (web-1)"));
        assertThat(trial.output, contains("first"));
        run.abort();
        trial.untilLogged("was ended");
    }

    @Test
    void logsEveryLineOfALongOutputOnce() throws Exception {
        trial.result(
                request(sh("i=0; while [ $i -lt 30000 ]; do echo \"líne $i of a long output\"; i=$((i+1)); done")));
        assertThat(trial.output, hasSize(30_000));
        List<String> expected = new ArrayList<>();
        IntStream.range(0, 30_000).forEach(i -> expected.add("líne " + i + " of a long output"));
        assertThat(trial.output, is(expected));
    }

    @Test
    void logsALineThatIsLongerThanAChunk() throws Exception {
        trial.result(request(sh("head -c 150001 /dev/zero | sed 's/\\x0/é/g'; echo; echo next")));
        assertThat(String.join("", trial.output), is("é".repeat(150_001) + "next"));
        assertThat(trial.output.get(trial.output.size() - 1), is("next"));
    }

    @Test
    void saysHowMuchOfAHugeOutputItLeavesOut() throws Exception {
        trial.limits = new CommandOutput.Limits(300_000, 1_000, 1);
        trial.result(request(sh("head -c 2000000 /dev/zero | tr '\\0' x | fold -w 99; echo; echo the end")));
        assertThat(trial.log, hasItem(allOf(startsWith("Left out "), containsString(" of 2020211 bytes"))));
        assertThat(trial.output.get(trial.output.size() - 1), is("the end"));
        long logged = trial.output.stream().mapToLong(line -> line.length() + 1).sum();
        assertThat(logged, is(both(greaterThan(300_000L)).and(lessThan(600_000L))));
    }

    /** As {@code ./server &} does. */
    @Test
    void doesNotWaitForTheOutputOfAProcessInTheBackground() throws Exception {
        trial.limits = new CommandOutput.Limits(1, 1_000, 100_000_000);
        String background = "(i=0; while [ $i -lt 1500 ]; do head -c 5000 /dev/zero | tr '\\0' x; sleep 0.01; "
                + "i=$((i+1)); done) & sleep 0.5; exit 3";
        assertThat(trial.result(request(sh(background))).exitCode(), is(3));
        assertThat(
                trial.log.stream().filter(line -> line.startsWith("Left out ")).toList(),
                hasSize(lessThanOrEqualTo(1)));
        ExecResult result = trial.result(returningStdout(sh(background)));
        assertThat(result.stdout().length(), is(both(greaterThan(4_999)).and(lessThan(7_500_000))));
    }

    @Test
    void saysHowMuchOfAHugeStandardOutputItReturns() throws Exception {
        trial.limits = new CommandOutput.Limits(1, 1, 300_000);
        String stdout = trial.stdout(sh("head -c 1000000 /dev/zero | tr '\\0' x"));
        assertThat(
                trial.log,
                hasItem(startsWith("The command wrote 1000000 bytes to its standard output; only the first")));
        assertThat(stdout.length(), is(both(greaterThan(300_000)).and(lessThan(600_000))));
    }

    @Test
    void cannotBeMadeToForgeAnnotationsOfTheLog() throws Exception {
        trial.result(request(sh("printf '\\033[8mha:////AAAA\\033[0m\\033[1;31mred\\033[0m\\033]0;title\\007\\n'")));
        assertThat(trial.output, contains("ha:////AAAA\u001b[0m\u001b[1;31mred\u001b[0m"));
    }

    @Test
    void runsCommandsInOneGuestAtTheSameTime() throws Exception {
        Map<String, CompletableFuture<ExecResult>> runs = new TreeMap<>();
        for (int i = 0; i < 5; i++) {
            runs.put(
                    i + "\n",
                    trial.run(returningStdout(sh("sleep 0.2; echo " + i))).begin());
        }
        for (Map.Entry<String, CompletableFuture<ExecResult>> run : runs.entrySet()) {
            assertThat(run.getValue().get(60, TimeUnit.SECONDS).stdout(), is(run.getKey()));
        }
    }

    @Test
    void sendsNothingButAscii() throws Exception {
        trial.result(request(sh("echo ä").with(Map.of("A", "€")).reading("ö")));
        for (ReceivedRequest each : trial.proxmox.requests()) {
            assertThat(each.toString(), each.fields().toString().chars().allMatch(c -> c < 128), is(true));
        }
    }
}
