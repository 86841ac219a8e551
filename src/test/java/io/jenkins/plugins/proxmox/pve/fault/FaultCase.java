package io.jenkins.plugins.proxmox.pve.fault;

import io.jenkins.plugins.proxmox.pve.Eventually;
import io.jenkins.plugins.proxmox.pve.call.ApiCallException;
import io.jenkins.plugins.proxmox.pve.fault.FaultKind.Ending;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.lookup.GuestException;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * One kind of operation on one type of guest, and one fault at one place in its course.
 *
 * @param carriedOut whether the request is carried out whose answer the fault happens to
 */
record FaultCase(
        FaultyOperation operation,
        GuestType type,
        Generation generation,
        Stage stage,
        FaultKind fault,
        boolean carriedOut) {

    /** An operation has half a minute, and a minute more to leave things in order. */
    private static final Duration LIMIT = Duration.ofSeconds(110);

    /** What people cannot do anything with. */
    private static final Pattern UNCLEAR =
            Pattern.compile("\\bnull\\b|Exception|java\\.|org\\.apache|com\\.fasterxml|\\[B@|[\\p{Cntrl}&&[^\n]]");

    /**
     * What came of a case.
     *
     * @param effects how often Proxmox VE began to carry the operation out
     * @param met whether the operation came to the place of the fault
     * @param succeeded whether the operation reported success
     * @param complaints what was not as it is to be; empty if the case has passed
     */
    record Result(FaultCase of, boolean met, boolean succeeded, long effects, List<String> complaints) {

        boolean isWorthAnotherTry() {
            return !passed() && effects <= 1;
        }

        boolean passed() {
            return complaints.isEmpty();
        }
    }

    Result run() {
        List<String> complaints = new ArrayList<>();
        AtomicBoolean met = new AtomicBoolean();
        Exception failure = null;
        long effects = 0;
        try (FaultTrial trial = new FaultTrial(generation, fault.withTicket())) {
            operation.prepare(trial, type);
            fault.injection().into(new FaultTarget(trial.proxmox, FaultyOperation.VMID), noting(met), carriedOut);
            long begin = System.nanoTime();
            try {
                operation.run(trial, type);
            } catch (Exception e) {
                failure = e;
            }
            Duration took = Duration.ofNanos(System.nanoTime() - begin);
            if (took.compareTo(LIMIT) > 0) {
                complaints.add("took " + took.toSeconds() + " s");
            }
            effects = operation.effects(trial, type);
            check(trial, failure, effects, complaints);
            trial.client.close();
            Eventually.holds("no connection is left", () -> trial.proxmox.openConnections() == 0);
            if (!complaints.isEmpty()) {
                complaints.add("log: " + trial.log);
                complaints.add("requests: " + trial.proxmox.requests());
            }
        } catch (Exception | AssertionError e) {
            complaints.add(e.toString());
        }
        return new Result(this, met.get(), failure == null, effects, List.copyOf(complaints));
    }

    private Predicate<ReceivedRequest> noting(AtomicBoolean met) {
        Predicate<ReceivedRequest> place = stage.meeting();
        return request -> {
            boolean now = place.test(request);
            if (now) {
                met.set(true);
            }
            return now;
        };
    }

    private void check(FaultTrial trial, Exception failure, long effects, List<String> complaints) throws Exception {
        if (effects > 1) {
            complaints.add("carried out " + effects + " times");
        }
        if (failure == null) {
            if (!changesTheEnd() && !isReached(trial)) {
                complaints.add("reported success, but the cluster is not as it is to be");
            }
            return;
        }
        if (mustSucceed()) {
            complaints.add("failed: " + failure);
        }
        String message = failure.getMessage();
        if (!(failure instanceof ProxmoxException
                || failure instanceof GuestException
                || failure instanceof ApiCallException)) {
            complaints.add("no failure of its own kind: " + failure);
        } else if (message == null
                || message.length() < 20
                || UNCLEAR.matcher(withoutQuotes(message)).find()) {
            complaints.add("unclear: " + message);
        }
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (String.valueOf(each.getMessage()).contains(trial.secret)) {
                complaints.add("tells the secret");
            }
        }
        if (trial.log.stream().anyMatch(line -> line.contains(trial.secret))) {
            complaints.add("logs the secret");
        }
    }

    private boolean isReached(FaultTrial trial) throws Exception {
        if (operation == FaultyOperation.CALL) {
            // its task is not awaited if the answer does not name it
            Eventually.holds("it is carried out", () -> operation.isReached(trial));
        }
        return operation.isReached(trial);
    }

    /** What the server answered is quoted, whatever it is. */
    private static String withoutQuotes(String message) {
        return message.replaceAll("(?s)\".*\"", "…");
    }

    /** Somebody may have undone what the operation reached, or removed the guest in which a command had ended. */
    private boolean changesTheEnd() {
        boolean asksForNoGuest = operation == FaultyOperation.EXEC || operation == FaultyOperation.CALL;
        return fault.name().startsWith("the guest ")
                && (asksForNoGuest || !fault.name().equals(ServerFaults.DELETED));
    }

    private boolean mustSucceed() {
        // nobody can tell whether an arbitrary call was carried out whose answer was lost
        boolean uncertain = operation == FaultyOperation.CALL && stage.isWrite();
        return fault.ending() == Ending.SUCCESS && !uncertain;
    }

    @Override
    public String toString() {
        return operation + " " + type + " on " + generation + ", " + fault + " at " + stage
                + (fault.alsoInstead() && stage.isWrite() ? carriedOut ? ", carried out" : ", not carried out" : "");
    }
}
