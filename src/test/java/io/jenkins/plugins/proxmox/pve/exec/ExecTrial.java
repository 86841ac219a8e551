package io.jenkins.plugins.proxmox.pve.exec;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.operation.ServerConnection;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedExec;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A simulated server with a running guest, and commands in it whose log, output and saved states are kept. */
final class ExecTrial implements AutoCloseable {

    static final int GUEST = 101;

    final SimulatedProxmox proxmox;
    final ExampleCluster example;
    final ProxmoxClient client;
    final List<String> log = new CopyOnWriteArrayList<>();
    final List<String> output = new CopyOnWriteArrayList<>();
    final List<ExecState> saved = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(3);
    final WorkerThreads workers = new WorkerThreads(threads, threads, threads);

    /** What the next saves return. */
    volatile CompletionStage<?> saving = CompletableFuture.completedFuture(null);

    volatile ServerConnection connection;
    CommandOutput.Limits limits = CommandOutput.Limits.USUAL;

    ExecTrial(Generation generation) {
        proxmox = SimulatedProxmox.start(generation);
        example = ExampleCluster.in(proxmox);
        proxmox.cluster().agentTimeout(Duration.ZERO);
        client = new ProxmoxClient(example.settings());
        connection = connected(client);
    }

    ServerConnection connected(ProxmoxClient with) {
        return ServerConnection.of(with, workers, new NodeRateLimit());
    }

    SimulatedGuest guest() {
        return proxmox.cluster().guest(GUEST);
    }

    SimulatedExec exec() {
        return guest().exec();
    }

    static ExecRequest request(GuestCommand command) {
        return request(GUEST, command);
    }

    static ExecRequest request(int vmid, GuestCommand command) {
        return new ExecRequest(new GuestSelector(vmid, null, null), command, Duration.ofSeconds(60), false);
    }

    static ExecRequest returningStdout(GuestCommand command) {
        return new ExecRequest(new GuestSelector(GUEST, null, null), command, Duration.ofSeconds(60), true);
    }

    static GuestCommand sh(String script) {
        return GuestCommand.of(script, List.of());
    }

    ExecRun run(ExecRequest request) {
        return run(request, ExecState.begin());
    }

    ExecRun run(ExecRequest request, ExecState from) {
        return new ExecRun(
                request,
                from,
                workers,
                () -> connection,
                log::add,
                output::addAll,
                new ExecRun.Progress() {
                    @Override
                    public void reached(ExecState state) {
                        // the saved ones are looked at
                    }

                    @Override
                    public CompletionStage<?> save(ExecState state) {
                        saved.add(state);
                        return saving;
                    }
                },
                limits);
    }

    ExecResult result(ExecRequest request) throws Exception {
        return result(run(request));
    }

    static ExecResult result(ExecRun run) throws Exception {
        return run.begin().get(60, TimeUnit.SECONDS);
    }

    /** The output that a command returns. */
    String stdout(GuestCommand command) throws Exception {
        return result(returningStdout(command)).stdout();
    }

    String failure(ExecRequest request) {
        return failure(run(request)).getMessage();
    }

    static Throwable failure(ExecRun run) {
        return assertThrows(ExecutionException.class, () -> result(run)).getCause();
    }

    void untilLogged(String text) throws Exception {
        Eventually.holds(text, () -> log.stream().anyMatch(line -> line.contains(text)));
    }

    void untilWritten(String line) throws Exception {
        Eventually.holds(line, () -> output.contains(line));
    }

    /** The starts that reached the guest. */
    long starts() {
        return exec().begun().stream().filter(ExecTrial::isStart).count();
    }

    static boolean isStart(List<String> command) {
        return command.contains(Wrapper.script("run.sh"));
    }

    static Predicate<ReceivedRequest> startRequest() {
        return request -> request.path().endsWith("/agent/exec")
                && isStart(request.fields().getOrDefault("command", List.of()));
    }

    static Predicate<ReceivedRequest> to(String leaf) {
        return request -> request.path().endsWith("/agent/" + leaf);
    }

    @Override
    public void close() throws IOException {
        threads.shutdownNow();
        client.close();
        proxmox.close();
    }
}
