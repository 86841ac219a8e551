package io.jenkins.plugins.proxmox.lease;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import edu.umd.cs.findbugs.annotations.NonNull;
import hudson.AbortException;
import hudson.Extension;
import hudson.ExtensionList;
import io.jenkins.plugins.proxmox.pve.threads.ConcurrencyLimit;
import io.jenkins.plugins.proxmox.server.ControllerThreads;
import io.jenkins.plugins.proxmox.server.SharedExecution;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;
import jenkins.model.Jenkins;

/**
 * What builds have borrowed and not put back yet: one list for the controller, in a file of its own, so that nothing is
 * lost with a build. It also decides who may start or put back a guest that several builds use.
 */
@Extension
public final class Leases {

    private static final Logger LOGGER = Logger.getLogger(Leases.class.getName());

    private static final Executor DISK = new ConcurrencyLimit(ControllerThreads.pool(), 1);

    /** A lease whose turn has not come, who is told which lease it waits for, and what was told last. */
    private record Waiting(CompletableFuture<Turn> turn, Consumer<LeaseEntry> told, String[] last) {}

    /**
     * The permission to start a guest.
     *
     * @param lease as it is now that its turn has come
     * @param hadToWait whether others may have started or stopped the guest since the lease asked
     */
    record Turn(@NonNull LeaseEntry lease, boolean hadToWait) {}

    /**
     * What becomes of a lease that ends.
     *
     * @param returning the lease, whose guest is to be put back now; null if there is nothing to put back
     * @param heir the lease that now stands for it, because it uses the same guest; null if there is none
     */
    record Departure(
            @CheckForNull LeaseEntry returning,
            @CheckForNull LeaseEntry heir) {}

    private final LeaseFile file;

    /** In the order in which they began. */
    private final Map<String, LeaseEntry> entries = new LinkedHashMap<>();

    private final Map<String, Waiting> waiting = new LinkedHashMap<>();

    private final SharedExecution<Void> writes = new SharedExecution<>(this::write);

    public Leases() {
        this(Jenkins.get().getRootDir().toPath().resolve("proxmox-ve-leases.json"));
    }

    Leases(Path file) {
        this.file = new LeaseFile(file);
        this.file
                .read()
                .forEach(entry ->
                        entries.put(entry.id(), entry.with(entry.lease().resumed())));
    }

    @NonNull
    public static Leases get() {
        return ExtensionList.lookupSingleton(Leases.class);
    }

    /** All leases, in the order in which they began. */
    @NonNull
    public synchronized List<LeaseEntry> all() {
        return List.copyOf(entries.values());
    }

    /** Copies of the list that could not be read as a whole, until somebody deletes them. */
    @NonNull
    public List<Path> unreadable() {
        return file.unreadable();
    }

    /** Deletes the copies of the list that could not be read. */
    public void forgetUnreadable() throws IOException {
        file.deleteUnreadable();
    }

    @CheckForNull
    public synchronized LeaseEntry find(String id) {
        return entries.get(id);
    }

    /** What a lease waits for, in words; empty when it is not in the list any more. */
    @NonNull
    public String waitsFor(String id) {
        LeaseEntry entry = find(id);
        return entry == null ? "" : entry.lease().waitsFor();
    }

    /**
     * Keeps the state of a lease. A lease goes only forward: once it was struck out, or its guest is being put back,
     * whoever started it changes nothing, and sends nothing.
     *
     * @return completes when it is on the disk, or with the reason why it is not
     */
    @NonNull
    CompletableFuture<Void> put(String id, Lease reached) {
        synchronized (this) {
            if (isPast(id, reached)) {
                return CompletableFuture.failedFuture(struckOut());
            }
            return change(id, entry -> entry.with(reached));
        }
    }

    /** Whether a lease is not in the list any more, or further than that. */
    synchronized boolean isPast(String id, Lease reached) {
        LeaseEntry entry = entries.get(id);
        return entry == null || entry.lease().phase().compareTo(reached.phase()) > 0;
    }

    @NonNull
    static AbortException struckOut() {
        return new AbortException(Messages.LeaseRun_struckOut());
    }

    /** Adds a lease, or changes one that is in the list. */
    @NonNull
    CompletableFuture<Void> put(LeaseEntry entry) {
        synchronized (this) {
            entries.put(entry.id(), entry);
            grantTurns();
        }
        return writes.ask();
    }

    /** Adds a lease, unless it is in the list. */
    @NonNull
    CompletableFuture<Void> add(LeaseEntry entry) {
        synchronized (this) {
            entries.putIfAbsent(entry.id(), entry);
        }
        return writes.ask();
    }

    /** Changes a lease, unless it is not in the list any more. */
    @NonNull
    CompletableFuture<Void> change(String id, UnaryOperator<LeaseEntry> change) {
        synchronized (this) {
            LeaseEntry entry = entries.get(id);
            if (entry == null) {
                return CompletableFuture.completedFuture(null);
            }
            entries.put(id, change.apply(entry));
            grantTurns();
        }
        return writes.ask();
    }

    /** Strikes a lease out: its guest is back, or nobody will put it back. */
    @NonNull
    CompletableFuture<Void> remove(String id) {
        synchronized (this) {
            if (entries.remove(id) == null) {
                return CompletableFuture.completedFuture(null);
            }
            grantTurns();
        }
        return writes.ask();
    }

    /**
     * Strikes a lease out whose guest could not be put back. Nobody tries again.
     *
     * @return whether it was struck out, once that is on the disk; a lease that does not wait for another attempt is not
     */
    @NonNull
    public CompletableFuture<Boolean> giveUp(String id) {
        synchronized (this) {
            LeaseEntry entry = entries.get(id);
            if (entry != null && entry.isParked()) {
                return remove(id).thenApply(written -> true);
            }
        }
        return CompletableFuture.completedFuture(false);
    }

    /** Keeps the lease for another attempt to put the guest back. */
    void park(String id, String why) {
        change(id, entry -> entry.failed(why));
    }

    /** Changes the names of jobs after a rename or a move. */
    void moved(String from, String to) {
        synchronized (this) {
            entries.replaceAll((id, entry) -> entry.moved(from, to));
        }
        writes.ask();
    }

    /**
     * Adds a lease, unless it is in the list, and waits until its guest may be started.
     *
     * @param told which lease it waits for, each time that changes
     * @return completes when its turn has come, or with the reason why it never does
     */
    @NonNull
    CompletableFuture<Turn> turn(LeaseEntry asking, Consumer<LeaseEntry> told) {
        Waiting mine = new Waiting(new CompletableFuture<>(), told, new String[1]);
        synchronized (this) {
            LeaseEntry known = entries.putIfAbsent(asking.id(), asking);
            if (known != null && isPast(known.id(), asking.lease())) {
                return CompletableFuture.failedFuture(struckOut());
            }
            if (known != null) {
                entries.put(known.id(), known.with(asking.lease()));
            }
            waiting.put(asking.id(), mine);
            grantTurns();
        }
        writes.ask();
        return mine.turn();
    }

    private void grantTurns() {
        for (Map.Entry<String, Waiting> each : List.copyOf(waiting.entrySet())) {
            Waiting mine = each.getValue();
            LeaseEntry asking = entries.get(each.getKey());
            List<LeaseEntry> blockers = asking == null ? List.of() : GuestSharing.blockers(asking, entries.values());
            if (asking == null) {
                waiting.remove(each.getKey());
                inThread(() -> mine.turn().completeExceptionally(struckOut()));
            } else if (blockers.isEmpty()) {
                waiting.remove(each.getKey());
                Turn granted = new Turn(begin(asking), mine.last()[0] != null);
                inThread(() -> mine.turn().complete(granted));
            } else if (blockers.stream().anyMatch(other -> asking.enclosing().contains(other.id()))) {
                waiting.remove(each.getKey());
                AbortException never = new AbortException(Messages.LeaseRun_enclosed(asking.guest()));
                inThread(() -> mine.turn().completeExceptionally(never));
            } else {
                tell(mine, blockers.get(0));
            }
        }
    }

    private static void tell(Waiting waiting, LeaseEntry blocker) {
        String present = blocker.id() + blocker.isReturning();
        if (!present.equals(waiting.last()[0])) {
            waiting.last()[0] = present;
            inThread(() -> waiting.told().accept(blocker));
        }
    }

    private static void inThread(Runnable work) {
        ControllerThreads.workers().now(work);
    }

    /** Begins the use of a guest, or joins those who use it, or takes over from those who could not put it back. */
    private LeaseEntry begin(LeaseEntry asking) {
        LeaseEntry begun = asking.with(asking.lease().starting());
        for (LeaseEntry ended : GuestSharing.takenOver(asking, entries.values())) {
            begun = begun.after(ended);
            entries.remove(ended.id());
        }
        if (begun.lease().found() == null) {
            begun = begun.with(begun.lease().foundAs(GuestSharing.foundByUsers(asking, entries.values())));
        }
        entries.put(begun.id(), begun);
        return begun;
    }

    /**
     * Ends the use of a guest. If others still use it, one of them puts it back later. Otherwise the caller does so now,
     * and calls {@link #remove} or {@link #park} at the end.
     */
    @NonNull
    Departure leave(String id) {
        Departure departure;
        synchronized (this) {
            waiting.remove(id);
            LeaseEntry leaving = entries.get(id);
            if (leaving == null) {
                return new Departure(null, null);
            }
            departure = leave(leaving);
            grantTurns();
        }
        writes.ask();
        return departure;
    }

    private Departure leave(LeaseEntry leaving) {
        if (!leaving.isToBePutBack()) {
            entries.remove(leaving.id());
            return new Departure(null, null);
        }
        boolean mayHandOver = leaving.lease().phase() != Lease.Phase.RETURNING;
        LeaseEntry heir = mayHandOver ? GuestSharing.heir(leaving, entries.values()) : null;
        if (heir != null) {
            LeaseEntry both = heir.after(leaving);
            entries.put(heir.id(), both);
            entries.remove(leaving.id());
            return new Departure(null, both);
        }
        LeaseEntry returning = leaving.returning();
        entries.put(leaving.id(), returning);
        return new Departure(returning, null);
    }

    /** Keeps a clone for inspection until then. */
    void keep(String id, Instant until) {
        change(id, entry -> entry.keptUntil(until));
    }

    private CompletableFuture<Void> write() {
        CompletableFuture<Void> written = new CompletableFuture<>();
        DISK.execute(() -> {
            try {
                file.write(snapshot());
                written.complete(null);
            } catch (IOException | RuntimeException | LinkageError e) {
                LOGGER.log(Level.SEVERE, "Could not write the list of borrowed guests", e);
                written.completeExceptionally(e);
            }
        });
        return written;
    }

    private synchronized Collection<LeaseEntry> snapshot() {
        return new ArrayList<>(entries.values());
    }
}
