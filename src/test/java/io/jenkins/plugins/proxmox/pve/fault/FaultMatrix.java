package io.jenkins.plugins.proxmox.pve.fault;

import io.jenkins.plugins.proxmox.pve.fault.FaultCase.Result;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Every kind of operation, on both types of guests, with every fault at every place of its course. The places are those
 * at which the operation has been seen to pass.
 */
final class FaultMatrix {

    /** Cases wait more than they compute. */
    private static final int AT_ONCE = 48;

    /** A command in a guest is looked at again and again. */
    private static final int SAME_PLACES = 3;

    private FaultMatrix() {}

    /** All faults, those of the status line left out, at all places, and each status at one place of each operation. */
    static List<FaultCase> all() throws Exception {
        List<FaultKind> everywhere = new ArrayList<>(WireFaults.all());
        everywhere.addAll(BodyFaults.all());
        everywhere.addAll(ServerFaults.all());
        List<FaultKind> once = StatusFaults.all();
        List<FaultCase> cases = new ArrayList<>();
        for (FaultyOperation operation : FaultyOperation.values()) {
            for (GuestType type : GuestType.values()) {
                if (operation.isPossible(type)) {
                    for (Generation generation : Generation.values()) {
                        List<Stage> stages = stages(operation, type, generation);
                        for (FaultKind fault : everywhere) {
                            stages.forEach(stage -> add(cases, operation, type, generation, stage, fault));
                        }
                        // another half of them on the other generation
                        for (int i = generation.ordinal(); i < once.size(); i += 2) {
                            Stage stage = stages.get(i / 2 % stages.size());
                            add(cases, operation, type, generation, stage, once.get(i));
                        }
                    }
                }
            }
        }
        return cases;
    }

    private static void add(
            List<FaultCase> cases,
            FaultyOperation operation,
            GuestType type,
            Generation generation,
            Stage stage,
            FaultKind fault) {
        cases.add(new FaultCase(operation, type, generation, stage, fault, true));
        if (stage.isWrite() && fault.alsoInstead()) {
            cases.add(new FaultCase(operation, type, generation, stage, fault, false));
        }
    }

    private static List<Stage> stages(FaultyOperation operation, GuestType type, Generation generation)
            throws Exception {
        try (FaultTrial trial = new FaultTrial(generation, false)) {
            operation.prepare(trial, type);
            operation.run(trial, type);
            if (!operation.isReached(trial)) {
                throw new AssertionError(operation + " does not work without any fault");
            }
            return Stage.in(trial.proxmox.requests()).stream()
                    .filter(stage -> stage.occurrence() < SAME_PLACES)
                    .toList();
        }
    }

    /** Every {@code n}th of them, beginning with a case that differs from operation to operation. */
    static List<FaultCase> everyNth(List<FaultCase> cases, int n) {
        List<FaultCase> some = new ArrayList<>();
        for (int i = 0; i < cases.size(); i += n) {
            some.add(cases.get(i));
        }
        return some;
    }

    /**
     * What came of them, in the same order. A case that has not passed is tried again alone, unless an operation was
     * carried out twice: so many at once may keep the machine too busy for the timeouts.
     */
    static List<Result> run(List<FaultCase> cases) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<Future<Result>> running = new ArrayList<>();
            cases.forEach(each -> running.add(threads.submit(each::run)));
            List<Result> results = new ArrayList<>();
            for (int i = 0; i < cases.size(); i++) {
                Result first = running.get(i).get();
                results.add(first);
            }
            results.replaceAll(first -> first.isWorthAnotherTry() ? first.of().run() : first);
            return results;
        } finally {
            threads.shutdownNow();
        }
    }
}
