package io.jenkins.plugins.proxmox.pipeline;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.is;

import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/**
 * The process of the controller is killed while commands are in every state, and started again: each command begins once,
 * and its output is complete. The simulated servers, and the commands in their guests, live on meanwhile.
 */
class ProxmoxExecKilledTest {

    /** How many lines a command writes. */
    private static final int LINES = 400;

    private static final Pattern LINE = Pattern.compile("^line (\\d+)$", Pattern.MULTILINE);

    /** Sent in two requests. */
    private static final int LONG_INPUT = 50_000;

    /** Where the command is when the controller is killed. */
    private enum State {
        /** A part of its input is in the guest, but the answer to that did not arrive. */
        STORE,
        /** The request to begin it is on its way, and arrives after the controller is gone. */
        BEFORE,
        /** The request was carried out, its answer did not arrive. */
        AFTER,
        /** Its output flows. */
        OUTPUT,
        /** Its time is over, and it is ended, but the answer to that did not arrive. */
        STOP,
        /** It has ended, and its standard output was read, but the answer to that did not arrive. */
        STDOUT,
        /** It has ended, and its files are removed, but the answer to that did not arrive. */
        END;

        int vmid() {
            return 300 + ordinal();
        }

        /** Servers with addresses of their own: what is held for one must not hold up the exchanges of another. */
        String addresses(String byName) {
            String byNumber = byName.replace("localhost", "127.0.0.1");
            return switch (ordinal() % 3) {
                case 0 -> byName;
                case 1 -> byNumber;
                default -> byName + ", " + byNumber;
            };
        }

        /** What is in the script that is called in the guest at that moment; null if it is not one certain call. */
        String script() {
            return switch (this) {
                case STORE -> "echo stored";
                case BEFORE, AFTER -> "echo failed";
                case OUTPUT -> null;
                case STOP -> "echo prevented";
                case STDOUT -> "stdout]";
                case END -> "echo removed";
            };
        }
    }

    /** What the controller has to know of a server. */
    private record Lab(String name, String addresses, String fingerprint, String secret) implements Serializable {}

    private record Job(String name, String script) implements Serializable {}

    @RegisterExtension
    private final RealJenkinsExtension controller = new RealJenkinsExtension().withTimeout(900);

    /** Where the commands leave what shows that they began. */
    @TempDir
    private Path outside;

    private final Map<Generation, ConfiguredProxmox> labs = new EnumMap<>(Generation.class);

    @Test
    void commandsInEveryStateBeginOnceAndLoseNoLine() throws Throwable {
        CountDownLatch killed = new CountDownLatch(1);
        try {
            ArrayList<Lab> known = new ArrayList<>();
            ArrayList<Job> jobs = new ArrayList<>();
            for (Generation generation : Generation.values()) {
                ConfiguredProxmox lab = ConfiguredProxmox.unconfigured(generation);
                labs.put(generation, lab);
                for (State state : State.values()) {
                    prepare(lab, state, killed);
                    known.add(new Lab(
                            name(state, generation),
                            state.addresses(lab.proxmox.address()),
                            lab.fingerprint(),
                            lab.example.ciSecret()));
                    jobs.add(new Job(name(state, generation), pipeline(state, generation)));
                }
            }
            controller.startJenkins();
            controller.runRemotely(ProxmoxExecKilledTest::startBuilds, known, jobs);
            for (Generation generation : Generation.values()) {
                for (State state : State.values()) {
                    untilReached(state, labs.get(generation));
                }
            }
            controller.stopJenkinsForcibly();
            killed.countDown();
            controller.startJenkins();
            for (Generation generation : Generation.values()) {
                for (State state : State.values()) {
                    String log = controller.runRemotely(ProxmoxExecKilledTest::logOfBuild, name(state, generation));
                    assertEnd(state, generation, log);
                }
            }
        } finally {
            killed.countDown();
            labs.values().forEach(ConfiguredProxmox::close);
        }
    }

    private static String name(State state, Generation generation) {
        return state + "-" + generation.name().toLowerCase(Locale.ROOT);
    }

    private Path began(State state, Generation generation) {
        return outside.resolve(name(state, generation));
    }

    private static void prepare(ConfiguredProxmox lab, State state, CountDownLatch killed) {
        lab.proxmox.cluster().vm(state.vmid(), "pve1", "guest-" + state.vmid()).running();
        if (state.script() != null) {
            lab.proxmox.inject(
                    call(state), state == State.BEFORE ? new Fault.Hold(killed) : new Fault.HoldAnswer(killed));
        }
    }

    private String pipeline(State state, Generation generation) {
        String began = "echo began >>" + began(state, generation) + "; ";
        String step = "proxmoxExec(server: '" + name(state, generation) + "', vmid: " + state.vmid() + ", command: '";
        String lines = "i=0; while [ $i -lt " + LINES + " ]; do echo line $i; i=$((i+1)); ";
        return switch (state) {
            case STORE ->
                step + began + "wc -c; " + lines + "done', input: 'x' * " + LONG_INPUT + ")\necho 'ended well'";
            case OUTPUT -> step + began + lines + "sleep 0.05; done')\necho 'ended well'";
            // long enough that its beginning was saved before, or it may leave a marker
            case STOP ->
                "try {\n" + step + began + lines + "done; sleep 1000', timeout: 15)\n} catch (e) {\n"
                        + "echo \"failed: ${e.message}\"\necho 'ended well'\n}";
            case STDOUT -> "echo " + step + began + lines + "done', returnStdout: true)\necho 'ended well'";
            default -> step + began + lines + "done')\necho 'ended well'";
        };
    }

    /** The request that the state is about. */
    private static Predicate<ReceivedRequest> call(State state) {
        return request -> request.path().endsWith("/" + state.vmid() + "/agent/exec")
                && request.fields()
                        .getOrDefault("command", List.of())
                        .toString()
                        .contains(state.script());
    }

    private static void untilReached(State state, ConfiguredProxmox lab) throws Exception {
        Predicate<ReceivedRequest> reached = state == State.OUTPUT
                ? request -> request.path().endsWith("/" + state.vmid() + "/agent/exec")
                        && request.fields().toString().contains("tail -c")
                : call(state);
        int times = state == State.OUTPUT ? 3 : 1;
        Eventually.holds(
                state + " is reached",
                () -> lab.proxmox.requests().stream().filter(reached).count() >= times);
        if (state == State.END) {
            Eventually.holds(
                    "its files are removed",
                    () -> lab.proxmox
                            .cluster()
                            .guest(state.vmid())
                            .exec()
                            .files()
                            .isEmpty());
        }
    }

    private void assertEnd(State state, Generation generation, String log) throws Exception {
        assertThat(name(state, generation), Files.readAllLines(began(state, generation)), is(List.of("began")));
        assertIsComplete(state, log);
        assertLeavesNoFiles(state, generation);
        if (state == State.STORE) {
            assertThat(log, containsString("\n" + LONG_INPUT + "\n"));
        } else if (state == State.STOP) {
            assertThat(log, containsString("failed: Timeout of 15 s"));
        }
    }

    /** Every line is there, in order. Only where output flowed may some of the last seconds be there twice. */
    private static void assertIsComplete(State state, String log) {
        Map<Integer, Integer> lines = new TreeMap<>();
        Matcher line = LINE.matcher(log);
        int next = 0;
        while (line.find()) {
            int number = Integer.parseInt(line.group(1));
            lines.merge(number, 1, Integer::sum);
            assertThat(state + ": line " + number + " before " + next, number <= next, is(true));
            next = number + 1;
        }
        assertThat(state.toString(), lines.size(), is(LINES));
        if (state != State.OUTPUT) {
            assertThat(state.toString(), lines.values(), everyItem(is(1)));
        }
    }

    /** Where an answer was lost, a marker stays for a request that may still arrive. */
    private void assertLeavesNoFiles(State state, Generation generation) throws Exception {
        List<String> left = labs.get(generation).proxmox.cluster().guest(state.vmid()).exec().files().stream()
                .filter(file -> file.contains("/"))
                .toList();
        if (state == State.BEFORE || state == State.AFTER) {
            assertThat(state.toString(), left, everyItem(endsWith("/run")));
        } else {
            assertThat(state.toString(), left, is(empty()));
        }
    }

    private static void startBuilds(JenkinsRule jenkins, ArrayList<Lab> labs, ArrayList<Job> jobs) throws Throwable {
        List<ProxmoxServer> servers = new ArrayList<>();
        for (Lab lab : labs) {
            ConfiguredProxmox.add(ConfiguredProxmox.token(lab.name, "jenkins@pve!ci", lab.secret));
            ProxmoxServer server = new ProxmoxServer(lab.name, lab.addresses);
            server.setCredentialsId(lab.name);
            server.setFingerprint(lab.fingerprint);
            servers.add(server);
        }
        ProxmoxConfiguration.get().setServers(servers);
        for (Job each : jobs) {
            WorkflowJob job = jenkins.createProject(WorkflowJob.class, each.name);
            job.setDefinition(new CpsFlowDefinition(each.script, true));
            job.scheduleBuild2(0).waitForStart();
        }
    }

    private static String logOfBuild(JenkinsRule jenkins, String name) throws Throwable {
        var build = jenkins.jenkins.getItemByFullName(name, WorkflowJob.class).getBuildByNumber(1);
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(build));
        jenkins.assertLogContains("ended well", build);
        return JenkinsRule.getLog(build);
    }
}
