package io.jenkins.plugins.proxmox.pve.fault;

import io.jenkins.plugins.proxmox.pve.call.ApiCall;
import io.jenkins.plugins.proxmox.pve.call.ApiCallRun;
import io.jenkins.plugins.proxmox.pve.call.ApiCallState;
import io.jenkins.plugins.proxmox.pve.call.CallParameters;
import io.jenkins.plugins.proxmox.pve.call.CallPath;
import io.jenkins.plugins.proxmox.pve.exec.ExecRequest;
import io.jenkins.plugins.proxmox.pve.exec.ExecRun;
import io.jenkins.plugins.proxmox.pve.exec.ExecState;
import io.jenkins.plugins.proxmox.pve.exec.GuestCommand;
import io.jenkins.plugins.proxmox.pve.guest.CloneMark;
import io.jenkins.plugins.proxmox.pve.guest.CloneOperation;
import io.jenkins.plugins.proxmox.pve.guest.CloneSequence;
import io.jenkins.plugins.proxmox.pve.guest.CloneSettings;
import io.jenkins.plugins.proxmox.pve.guest.CloudInit;
import io.jenkins.plugins.proxmox.pve.guest.DeletionOperation;
import io.jenkins.plugins.proxmox.pve.guest.ExampleSigner;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.guest.RemovalSequence;
import io.jenkins.plugins.proxmox.pve.guest.RemovalTerms;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotCreation;
import io.jenkins.plugins.proxmox.pve.guest.SnapshotRollback;
import io.jenkins.plugins.proxmox.pve.http.ApiRequest.Method;
import io.jenkins.plugins.proxmox.pve.lookup.Availability;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.GuestOperation;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.ServerConnection;
import io.jenkins.plugins.proxmox.pve.sequence.FixedSequence;
import io.jenkins.plugins.proxmox.pve.sequence.OperationSequence;
import io.jenkins.plugins.proxmox.pve.sequence.WholeSequence;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedGuest;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** A kind of operation: how it is run, how often it took effect, and whether the cluster is as it is to be after it. */
enum FaultyOperation {
    START("start") {
        @Override
        OperationSequence sequence() {
            return one(new PowerOperation(PowerAction.START));
        }

        @Override
        boolean isReached(FaultTrial trial) {
            return isRunning(trial, VMID);
        }
    },

    STOP("stop") {
        @Override
        void prepare(FaultTrial trial, GuestType type) {
            guest(trial, type).running();
        }

        @Override
        OperationSequence sequence() {
            return one(new PowerOperation(PowerAction.STOP));
        }

        @Override
        boolean isReached(FaultTrial trial) {
            return trial.cluster().guest(VMID) != null && !isRunning(trial, VMID);
        }
    },

    SNAPSHOT("snapshot") {
        @Override
        OperationSequence sequence() {
            return one(new SnapshotCreation("clean", "", false, false));
        }

        @Override
        boolean isReached(FaultTrial trial) {
            SimulatedGuest guest = trial.cluster().guest(VMID);
            return guest != null && guest.snapshots().equals(List.of("clean"));
        }
    },

    ROLLBACK("rollback") {
        @Override
        void prepare(FaultTrial trial, GuestType type) {
            guest(trial, type).snapshot("clean").running();
        }

        @Override
        OperationSequence sequence() {
            return one(new SnapshotRollback("clean", false, false));
        }

        @Override
        boolean isReached(FaultTrial trial) {
            return trial.cluster().guest(VMID) != null && !isRunning(trial, VMID);
        }
    },

    CLONE("clone") {
        @Override
        void prepare(FaultTrial trial, GuestType type) {
            guest(trial, type).template();
        }

        @Override
        OperationSequence sequence() {
            CloneSettings settings = new CloneSettings(
                    "agent-1",
                    null,
                    null,
                    null,
                    null,
                    true,
                    null,
                    new TreeSet<>(),
                    "",
                    MARK,
                    new CloneSettings.Hardware(2, null, null, new CloudInit(null, "", null, null)));
            OperationRequest cloning = OperationRequest.of(
                            new GuestSelector(VMID, null, null),
                            new CloneOperation(settings, true, Availability.RUNNING))
                    .within(TIMEOUT)
                    .cancelsTask(true);
            return new CloneSequence(cloning, settings, true, Availability.RUNNING);
        }

        @Override
        boolean isReached(FaultTrial trial) {
            // another number than the first free one, if something came between drawing and using it
            return IntStream.range(FIRST_FREE, VMID)
                            .mapToObj(vmid -> trial.cluster().guest(vmid))
                            .filter(clone ->
                                    clone != null && clone.isRunning() && "2".equals(clone.configured("cores")))
                            .count()
                    == 1;
        }
    },

    DELETE("destroy") {
        @Override
        void prepare(FaultTrial trial, GuestType type) {
            guest(trial, type).configured("description", MARK.of(VMID).after(""));
        }

        @Override
        OperationSequence sequence() {
            DeletionOperation operation = new DeletionOperation(RemovalTerms.named(SIGNER, false, false), false);
            OperationRequest deletion = OperationRequest.of(new GuestSelector(VMID, null, null), operation)
                    .within(TIMEOUT);
            return new RemovalSequence(deletion, operation, false);
        }

        @Override
        boolean isReached(FaultTrial trial) {
            return trial.cluster().guest(VMID) == null;
        }
    },

    /** Leaves a line in a file of the guest each time that it begins. */
    EXEC(null) {
        @Override
        void prepare(FaultTrial trial, GuestType type) {
            guest(trial, type).running();
        }

        @Override
        void run(FaultTrial trial, GuestType type) throws Exception {
            GuestCommand command = GuestCommand.of("echo began >> \"" + began(trial) + "\"; echo done", List.of());
            ExecRequest request = new ExecRequest(new GuestSelector(VMID, null, null), command, TIMEOUT, true);
            inThreads(workers -> new ExecRun(
                            request,
                            ExecState.begin(),
                            workers,
                            connectionOf(trial, workers),
                            trial.log::add,
                            trial.log::addAll,
                            ExecRun.Progress.UNSAVED)
                    .begin());
        }

        private Path began(FaultTrial trial) {
            return trial.cluster().guest(VMID).exec().temporaryFiles().resolve("began");
        }

        @Override
        long effects(FaultTrial trial, GuestType type) throws IOException {
            SimulatedGuest guest = trial.cluster().guest(VMID);
            return guest == null || !Files.exists(began(trial))
                    ? 0
                    : Files.readAllLines(began(trial)).size();
        }

        @Override
        boolean isReached(FaultTrial trial) throws IOException {
            return effects(trial, GuestType.QEMU) == 1;
        }

        @Override
        boolean isPossible(GuestType type) {
            return type == GuestType.QEMU;
        }
    },

    CALL("start") {
        @Override
        void run(FaultTrial trial, GuestType type) throws Exception {
            CallPath path = CallPath.parse("/nodes/pve1/" + type.apiName() + "/" + VMID + "/status/start");
            ApiCall call =
                    ApiCall.of(Method.POST, path, CallParameters.of(Map.of())).within(TIMEOUT);
            inThreads(workers -> new ApiCallRun(
                            call,
                            ApiCallState.begin(),
                            workers,
                            connectionOf(trial, workers),
                            () -> {},
                            trial.log::add,
                            state -> CompletableFuture.completedFuture(null))
                    .begin());
        }

        @Override
        boolean isReached(FaultTrial trial) {
            return isRunning(trial, VMID);
        }
    };

    static final int VMID = 300;

    private static final int FIRST_FREE = 100;

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private static final CloneMark.Signer SIGNER = new ExampleSigner("c0ffee");

    private static final CloneMark MARK =
            new CloneMark("c0ffee", "folder/job", 12, "", "one", false, null, null).signedBy(SIGNER);

    private final String task;

    FaultyOperation(String task) {
        this.task = task;
    }

    /** Makes the guest. */
    void prepare(FaultTrial trial, GuestType type) {
        guest(trial, type);
    }

    /** The operations that it is made of. */
    OperationSequence sequence() {
        throw new UnsupportedOperationException();
    }

    /** Runs it to its end. */
    void run(FaultTrial trial, GuestType type) throws Exception {
        WholeSequence.of(trial.client, sequence(), trial.log::add);
    }

    /** How often Proxmox VE began to carry it out. */
    long effects(FaultTrial trial, GuestType type) throws IOException {
        String prefix = type == GuestType.LXC ? "vz" : "qm";
        return trial.cluster().effectiveTaskTypes(VMID).stream()
                .filter(each -> each.equals(prefix + task))
                .count();
    }

    /** Whether the cluster is as it is to be once it has succeeded. */
    abstract boolean isReached(FaultTrial trial) throws IOException;

    /** Whether Proxmox VE has it for guests of that type. */
    boolean isPossible(GuestType type) {
        return true;
    }

    private static boolean isRunning(FaultTrial trial, int vmid) {
        SimulatedGuest guest = trial.cluster().guest(vmid);
        return guest != null && guest.isRunning();
    }

    private static SimulatedGuest guest(FaultTrial trial, GuestType type) {
        return type == GuestType.LXC
                ? trial.cluster().container(VMID, "pve1", "agent")
                : trial.cluster().vm(VMID, "pve1", "agent");
    }

    private static OperationSequence one(GuestOperation operation) {
        return FixedSequence.of(OperationRequest.of(new GuestSelector(VMID, null, null), operation)
                .within(TIMEOUT));
    }

    /** The same connection each time, as long as nobody changes the settings. */
    private static ServerConnection.Source connectionOf(FaultTrial trial, WorkerThreads workers) {
        ServerConnection connection = ServerConnection.of(trial.client, workers, new NodeRateLimit());
        return () -> connection;
    }

    private interface Run {
        CompletableFuture<?> begin(WorkerThreads workers);
    }

    private static void inThreads(Run run) throws Exception {
        ScheduledExecutorService threads = Executors.newScheduledThreadPool(3);
        try {
            run.begin(new WorkerThreads(threads, threads, threads)).get(120, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            threads.shutdownNow();
        }
    }
}
