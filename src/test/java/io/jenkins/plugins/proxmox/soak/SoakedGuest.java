package io.jenkins.plugins.proxmox.soak;

import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCluster;
import io.jenkins.plugins.proxmox.soak.Operation.Kind;
import io.jenkins.plugins.proxmox.soak.Operation.Target;
import io.jenkins.plugins.proxmox.soak.SoakedController.Begun;
import io.jenkins.plugins.proxmox.soak.SoakedController.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;

/** A guest, the builds that use it one after the other, and what it must be like if they say the truth. */
final class SoakedGuest {

    private final Target target;
    private final SimulatedCluster cluster;

    /** What builds may do with it. */
    private final List<Kind> kinds;

    /** How many builds may use it at once; more than one only if all of them put it back. */
    private final int lanes;

    private final boolean isClone;
    private final String marks;
    private final Map<Begun, Order> running = new LinkedHashMap<>();
    private final Set<Integer> busyLanes = new HashSet<>();

    /** One of these it must be; more than one after an operation has failed, until it is looked at. */
    private Set<GuestState> possible;

    /** By operation, how often its command must have run. */
    private final Map<Operation, Set<Integer>> commands = new HashMap<>();

    private long notBefore = System.nanoTime();

    SoakedGuest(Target target, SimulatedCluster cluster, int lanes, String marks, Kind... kinds) {
        this.target = target;
        this.cluster = cluster;
        this.lanes = lanes;
        this.marks = marks;
        this.kinds = List.of(kinds);
        this.isClone = this.kinds.contains(Kind.CLONE);
        this.possible = Set.of(state());
    }

    private GuestState state() {
        return GuestState.of(cluster, target.vmid(), isClone);
    }

    Target target() {
        return target;
    }

    boolean isIdle() {
        return running.isEmpty();
    }

    Set<Begun> running() {
        return running.keySet();
    }

    /** What commands had to leave in the file of the guest. */
    Map<Operation, Set<Integer>> commands() {
        return commands;
    }

    /**
     * Compares the guest with what builds have said of it, if nobody uses it now and nothing can still change it.
     *
     * @param leases what is borrowed at this moment
     * @return what is wrong, or null
     */
    String check(List<String> leases) {
        if (!isSettled(leases)) {
            return null;
        }
        GuestState now = state();
        if (possible.contains(now)) {
            possible = Set.of(now);
            return null;
        }
        String wrong = target + " is " + now + ", but its builds say " + possible;
        possible = Set.of(now);
        return wrong;
    }

    /** Whether nobody uses it, or will still put it back. */
    boolean isSettled(List<String> leases) {
        Pattern name = Pattern.compile("\\b" + target.vmid() + "\\b");
        return running.isEmpty()
                && System.nanoTime() - notBefore > 0
                && leases.stream().noneMatch(lease -> name.matcher(lease).find());
    }

    /** The next build for it, or null while it is not its turn. */
    Order next(Random random, List<String> leases, int number) {
        if (lanes == 1 && !isSettled(leases) || running.size() >= lanes) {
            return null;
        }
        boolean freestyle = random.nextInt(4) == 0;
        List<Operation> operations = new ArrayList<>();
        int length = lanes > 1 ? 1 : 1 + random.nextInt(4);
        while (operations.size() < length) {
            Kind kind = kinds.get(random.nextInt(kinds.size()));
            if (freestyle && (!FreestyleSteps.exist(kind) || kind.isLease() && !operations.isEmpty())) {
                continue;
            }
            operations.add(operation(kind, number + operations.size(), random));
            if (kind.isLease()) {
                // it may put the guest back later than the build is over
                break;
            }
        }
        int lane = 0;
        while (busyLanes.contains(lane)) {
            lane++;
        }
        String job = (freestyle ? "freestyle-" : "pipeline-") + target.vmid() + (lanes > 1 ? "-" + lane : "");
        return Order.of(job, freestyle, operations);
    }

    private Operation operation(Kind kind, int number, Random random) {
        String detail =
                switch (kind) {
                    case SNAPSHOT, DELETE_SNAPSHOT, ROLLBACK, ROLLBACK_AND_START -> "s" + (1 + random.nextInt(2)) + "x";
                    case EXEC -> marks;
                    default -> "";
                };
        return new Operation(kind, number, target, detail);
    }

    /** One that must succeed when all is well. */
    Order last(int number) {
        Kind kind = isClone ? Kind.DELETE : lanes > 1 ? Kind.WITH : Kind.START_AND_WAIT;
        return Order.of("last-" + target.vmid(), false, List.of(operation(kind, number, new Random(number))));
    }

    void begun(Begun build, Order order) {
        running.put(build, order);
        busyLanes.add(lane(build));
    }

    private int lane(Begun build) {
        return lanes > 1 ? Integer.parseInt(build.job().replaceFirst(".*-", "")) : 0;
    }

    /** A build is over. What it says of its operations is what the guest must be like. */
    Order over(Outcome outcome) {
        Order order = running.remove(outcome.build());
        busyLanes.remove(lane(outcome.build()));
        if (!outcome.known()) {
            // its record is on the disk before its first request; but a guest that ran already was borrowed without one
            order.operations().stream().filter(each -> each.kind().isLease()).forEach(this::failed);
            return order;
        }
        boolean good = outcome.isSuccess();
        List<Operation> operations = order.operations();
        for (int i = 0; i < operations.size(); i++) {
            Boolean succeeded = succeeded(order, outcome, i);
            if (succeeded == null) {
                // given up: it, or what comes after it in a freestyle build, may have been done or not
                good = false;
                failed(operations.get(i));
                if (!order.freestyle()) {
                    break;
                }
            } else if (succeeded) {
                succeeded(operations.get(i));
            } else {
                good = false;
                failed(operations.get(i));
            }
        }
        if (!good) {
            notBefore = System.nanoTime()
                    + Duration.ofSeconds(Order.SECONDS_AFTER_FAILURE).toNanos();
        }
        return order;
    }

    /** Whether an operation succeeded; null if nobody says. */
    private static Boolean succeeded(Order order, Outcome outcome, int operation) {
        if (order.freestyle()) {
            return outcome.isSuccess() ? Boolean.TRUE : null;
        }
        String said = " " + outcome.description() + " ";
        return said.contains(" " + operation + ":ok ")
                ? Boolean.TRUE
                : said.contains(" " + operation + ":failed ") ? Boolean.FALSE : null;
    }

    private void succeeded(Operation operation) {
        Set<GuestState> next = new HashSet<>();
        possible.forEach(state -> next.add(operation.after(state)));
        possible = next;
        if (operation.kind() == Kind.EXEC) {
            commands.put(operation, Set.of(1));
        }
    }

    private void failed(Operation operation) {
        Set<GuestState> next = new HashSet<>();
        possible.forEach(state -> next.addAll(operation.afterFailure(state)));
        possible = next;
        if (operation.kind() == Kind.EXEC) {
            commands.put(operation, Set.of(0, 1));
        }
    }

    @Override
    public String toString() {
        return target.server() + " " + target.vmid();
    }
}
