package io.jenkins.plugins.proxmox.pve.lookup;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.task.PollInterval;
import io.jenkins.plugins.proxmox.pve.task.RetryPolicy;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Decides when to query guests that others are about to change: the HA manager, or the holder of a lock. A single guest
 * is queried at the pause that its wait asks for. For several, the cluster's list is queried once a second, one request
 * for all. Then only a guest that the list shows in another state than last seen is queried, plus, one at a time, those
 * that have waited longest. Thread-safe. Sends nothing when there are no waits.
 */
public final class GuestWatch {

    private static final Logger LOGGER = Logger.getLogger(GuestWatch.class.getName());

    private static final Duration BETWEEN_LISTS = Duration.ofSeconds(1);

    /** The list lags up to ten seconds behind. A list this much newer than the last query of a guest is more recent. */
    private static final Duration LIST_IS_BEHIND = Duration.ofSeconds(12);

    private static final class Wait {

        private final ObservedGuest seen;
        private final CompletableFuture<Void> look = new CompletableFuture<>();
        private final long begun = System.nanoTime();
        private Future<?> planned;
        private boolean due;

        Wait(ObservedGuest seen) {
            this.seen = seen;
        }
    }

    /** The values that the list shows with a delay, or that a query may show differently at the same time. */
    private record Figure(String status, @Nullable String haState) {

        /** The list shows the QEMU state in place of running (PVE::Service::pvestatd). */
        private Figure {
            status = status.equals("stopped") || status.equals("unknown") ? status : "running";
        }

        private static Figure of(ListedGuest listed) {
            return new Figure(listed.status(), listed.haState());
        }

        private static Figure of(ObservedGuest seen) {
            return new Figure(seen.status(), seen.haState());
        }
    }

    private final ProxmoxClient client;
    private final WorkerThreads workers;
    private final Set<Wait> waits = new LinkedHashSet<>();

    /** By VMID, as in the last list; empty when there was none recently. */
    private Map<Integer, ListedGuest> lastListed = Map.of();

    /** Whether a query of the list is planned or running. */
    private boolean listing;

    private long listAt = System.nanoTime();
    private int errors;

    /** How long the server asked to be left alone with its last error. */
    private Duration retryAfter = Duration.ZERO;

    /** Starts no thread and sends nothing yet. */
    public GuestWatch(ProxmoxClient client, WorkerThreads workers) {
        this.client = client;
        this.workers = workers;
    }

    /**
     * Completes when a guest should be queried, in the thread that detected this. Cancel it to stop waiting. That
     * removes the wait.
     *
     * @param seen the guest as last seen
     * @param pause the time until then for a single wait; with others, it only completes sooner when the guest changes
     */
    public CompletableFuture<Void> worthALook(ObservedGuest seen, Duration pause) {
        Wait wait = new Wait(seen);
        wait.look.whenComplete((done, cancelled) -> remove(wait));
        synchronized (this) {
            wait.planned = workers.punctually(pause, () -> isDue(wait));
            waits.add(wait);
        }
        return wait.look;
    }

    /** The current number of waits. */
    public synchronized int waits() {
        return waits.size();
    }

    private synchronized void remove(Wait wait) {
        waits.remove(wait);
        wait.planned.cancel(false);
    }

    private void isDue(Wait wait) {
        synchronized (this) {
            wait.due = true;
            if (isWorthTheList()) {
                planList();
                return;
            }
        }
        wait.look.complete(null);
    }

    private synchronized void planList() {
        if (listing) {
            return;
        }
        long pause = Math.max(0, listAt - System.nanoTime());
        try {
            workers.after(Duration.ofNanos(pause), this::list);
            listing = true;
        } catch (RejectedExecutionException e) {
            LOGGER.log(Level.FINE, "The process is going down, and nobody looks any more", e);
        }
    }

    private void list() {
        List<Wait> awake = List.of();
        try {
            if (isWorthTheList()) {
                awake = changed(client.guests());
            }
        } catch (ProxmoxException e) {
            awake = concerned(e);
        } catch (RuntimeException e) {
            LOGGER.log(Level.WARNING, "A look at the list of guests went wrong", e);
            awake = concerned(null);
        } finally {
            synchronized (this) {
                listing = false;
                long pause = PollInterval.afterErrors(BETWEEN_LISTS, errors).toNanos();
                listAt = System.nanoTime() + Math.max(pause, retryAfter.toNanos());
            }
            awake.forEach(wait -> wait.look.complete(null));
            goOn();
        }
    }

    private synchronized boolean isWorthTheList() {
        return waits.size() > 1;
    }

    /** Queries the list next or, when only one wait is left, its guest if it is due. */
    private void goOn() {
        List<Wait> due;
        synchronized (this) {
            if (isWorthTheList()) {
                planList();
                return;
            }
            lastListed = Map.of();
            due = waits.stream().filter(wait -> wait.due).toList();
        }
        due.forEach(wait -> wait.look.complete(null));
    }

    private synchronized List<Wait> changed(List<ListedGuest> guests) {
        errors = 0;
        retryAfter = Duration.ZERO;
        Map<Integer, ListedGuest> listed = new HashMap<>();
        guests.forEach(guest -> listed.put(guest.location().vmid(), guest));
        List<Wait> awake = new ArrayList<>();
        for (Wait wait : waits) {
            if (isWorthALook(wait, listed.get(wait.seen.location().vmid()))) {
                awake.add(wait);
            }
        }
        addLongest(awake);
        lastListed = listed;
        return awake;
    }

    private boolean isWorthALook(Wait wait, @Nullable ListedGuest listed) {
        ObservedGuest seen = wait.seen;
        if (listed == null
                || !listed.location().equals(seen.location())
                || !Objects.equals(listed.lock(), seen.lock())) {
            return true;
        }
        Figure now = Figure.of(listed);
        ListedGuest last = lastListed.get(seen.location().vmid());
        boolean isNew = last == null
                || !Figure.of(last).equals(now)
                || System.nanoTime() - wait.begun > LIST_IS_BEHIND.toNanos();
        return isNew && !now.equals(Figure.of(seen));
    }

    /** A wait with an error, or one that the list cannot answer, needs its own query to find out. */
    private void addLongest(List<Wait> awake) {
        waits.stream()
                .filter(wait -> wait.due && !awake.contains(wait))
                .findFirst()
                .ifPresent(awake::add);
    }

    private synchronized List<Wait> concerned(@Nullable ProxmoxException trouble) {
        if (trouble != null && RetryPolicy.isFinal(trouble)) {
            return List.copyOf(waits);
        }
        errors++;
        retryAfter = trouble == null ? Duration.ZERO : trouble.retryAfter();
        List<Wait> awake = new ArrayList<>();
        addLongest(awake);
        return awake;
    }
}
