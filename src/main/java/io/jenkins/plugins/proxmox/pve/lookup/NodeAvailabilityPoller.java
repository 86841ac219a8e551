package io.jenkins.plugins.proxmox.pve.lookup;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.client.PermissionDeniedException;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.model.GuestActivity;
import io.jenkins.plugins.proxmox.pve.model.GuestStatus;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.task.NodeRateLimit;
import io.jenkins.plugins.proxmox.pve.text.SafeText;
import io.jenkins.plugins.proxmox.pve.threads.WorkerThreads;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * All waits for guests of one type on one node as one identity. There is no list of addresses, and Proxmox VE keeps a
 * question to an agent that does not answer for 3 seconds, in one of the node's few workers
 * (PVE::QemuServer::Agent::qga_check_running). But the node's list shows what each guest has sent, read from the
 * kernel at that moment (PVE::ProcFSTools::read_proc_net_dev). A guest that has sent something new is asked next,
 * because a guest does so when it gets an address. The others are asked one after the other in between.
 */
final class NodeAvailabilityPoller {

    private static final Logger LOGGER = Logger.getLogger(NodeAvailabilityPoller.class.getName());

    private static final Duration BETWEEN_LISTS = Duration.ofMillis(400);

    private static final Duration BETWEEN_LISTS_OF_ONE = Duration.ofSeconds(1);

    private static final Duration LONGEST_BETWEEN_LISTS = Duration.ofSeconds(5);

    /** Many guests that boot at once take some minutes; who waits for longer can wait a little longer. */
    private static final int SHARE_OF_AGE = 256;

    /** How long after a refusal of the list guests are asked without it. */
    private static final Duration WITHOUT_LIST = Duration.ofSeconds(30);

    /** Questions at a time: the daemon of a node has three workers, and others need them too. */
    private static final int MOST_QUESTIONS = 2;

    /** From one question to a guest that shows no sign of life to the next, where others are waited for as well. */
    private static final Duration BETWEEN_BLIND_QUESTIONS = Duration.ofSeconds(10);

    /**
     * The same where all wait for addresses. A guest that gets one sends something, so such a question is seldom the one
     * that finds it; and a guest that gets its address during such a question is found when that is over.
     */
    private static final Duration BETWEEN_BLIND_QUESTIONS_FOR_ADDRESSES = Duration.ofSeconds(30);

    /** A free moment for a guest that is being asked; the end of that question plans the next look anyway. */
    private static final Duration UNTIL_FREE = Duration.ofMillis(500);

    private final String node;
    private final GuestType type;
    private final ProxmoxClient client;
    private final WorkerThreads workers;
    private final WorkerThreads slowWorkers;
    private final NodeRateLimit.Turns turns;
    private final Semaphore blindQuestions;
    private final Set<AvailabilityWait> waits = new LinkedHashSet<>();
    private int questions;
    private long blindAt = System.nanoTime();
    private Future<?> planned;
    private long plannedAt;

    /** Whether it is queued for a look at the node. Each look ensures by itself that the next one is planned. */
    private boolean inTurn;

    private long listAt = System.nanoTime();
    private boolean listRefused;

    /** Whether the last look was at the list. It takes turns with guests that show nothing new. */
    private boolean listedLast;

    NodeAvailabilityPoller(
            String node,
            GuestType type,
            ProxmoxClient client,
            WorkerThreads workers,
            WorkerThreads slowWorkers,
            NodeRateLimit.Turns turns,
            Semaphore blindQuestions) {
        this.node = node;
        this.type = type;
        this.client = client;
        this.workers = workers;
        this.slowWorkers = slowWorkers;
        this.turns = turns;
        this.blindQuestions = blindQuestions;
    }

    synchronized void add(AvailabilityWait wait) {
        waits.add(wait);
        if (waits.size() == 1 && !listRefused) {
            // a single guest is asked before anything else: it may have been running for long
            listAt = System.nanoTime() + BETWEEN_LISTS_OF_ONE.toNanos();
        } else if (waits.size() == 2 && !listRefused) {
            listAt = System.nanoTime();
        }
        plan();
    }

    synchronized void remove(AvailabilityWait wait) {
        waits.remove(wait);
        if (waits.isEmpty() && planned != null) {
            planned.cancel(false);
            planned = null;
        }
    }

    synchronized int waits() {
        return waits.size();
    }

    private synchronized void plan() {
        if (inTurn || waits.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        long at = nextLook(now);
        if (planned != null && plannedAt - at <= 0) {
            return;
        }
        if (planned != null) {
            planned.cancel(false);
        }
        plannedAt = at;
        try {
            planned = workers.after(Duration.ofNanos(Math.max(0, at - now)), this::takeTurn);
        } catch (RejectedExecutionException e) {
            LOGGER.log(Level.FINE, "The process is going down, and nobody looks any more", e);
        }
    }

    private long nextLook(long now) {
        if (next(now) != null) {
            return now;
        }
        long dueNext = now + UNTIL_FREE.toNanos();
        for (AvailabilityWait wait : waits) {
            if (!wait.isAsking() && wait.due() - now > 0 && wait.due() - dueNext < 0) {
                dueNext = wait.due();
            }
        }
        return listAt - dueNext < 0 ? listAt : dueNext;
    }

    private void takeTurn() {
        boolean lively;
        synchronized (this) {
            planned = null;
            if (inTurn || waits.isEmpty()) {
                return;
            }
            inTurn = true;
            long now = System.nanoTime();
            lively = questions < MOST_QUESTIONS && waits.stream().anyMatch(wait -> wait.isWorthAsking(now));
        }
        if (lively) {
            turns.takeSoon(workers, this::look);
        } else {
            turns.takeSparingly(workers, this::look);
        }
    }

    /** Completes when the node is asked something, or nothing: then with false. */
    private CompletableFuture<Boolean> look() {
        AvailabilityWait asked;
        boolean blind = false;
        boolean lifeless = false;
        boolean list;
        synchronized (this) {
            long now = System.nanoTime();
            asked = next(now);
            list = asked == null && !waits.isEmpty() && now - listAt >= 0;
            listedLast = list;
            if (asked != null) {
                lifeless = !asked.isWorthAsking(now);
                blind = lifeless && asked.mayBeSilent();
                if (blind && !blindQuestions.tryAcquire()) {
                    asked = null;
                } else {
                    questions++;
                    if (blind) {
                        blindAt = now + betweenBlindQuestions().toNanos();
                    }
                    asked.asks();
                }
            }
        }
        CompletableFuture<Boolean> sent = CompletableFuture.completedFuture(asked != null || list);
        try {
            if (asked != null) {
                AvailabilityWait wait = asked;
                boolean isBlind = blind;
                boolean isLifeless = lifeless;
                CompletableFuture<Boolean> begun = new CompletableFuture<>();
                // the answer may take seconds, and others take their turns meanwhile. But a question that waits for a
                // thread is not sent yet: counted from now, it would arrive together with later ones
                slowWorkers.now(() -> {
                    begun.complete(true);
                    ask(wait, isBlind, isLifeless);
                });
                sent = begun;
            } else if (list) {
                list();
            }
        } catch (RuntimeException e) {
            LOGGER.log(Level.WARNING, "A look at the guests of node " + node + " went wrong", e);
            copyOfWaits().forEach(wait -> wait.end().completeExceptionally(e));
        } finally {
            synchronized (this) {
                inTurn = false;
                plan();
            }
        }
        return sent;
    }

    private synchronized List<AvailabilityWait> copyOfWaits() {
        return List.copyOf(waits);
    }

    /** The wait whose guest is to be asked now; null when it is time for the list, or nothing is due. */
    @CheckForNull
    private AvailabilityWait next(long now) {
        if (questions >= MOST_QUESTIONS) {
            return null;
        }
        AvailabilityWait lively =
                longest(waits.stream().filter(wait -> wait.isWorthAsking(now)).toList());
        if (lively != null || now - listAt >= 0 && !listedLast) {
            return lively;
        }
        boolean withoutList = waits.size() == 1 || listRefused;
        List<AvailabilityWait> due = waits.stream()
                .filter(wait -> wait.isDue(now) && (withoutList || wait.wasListed()))
                .toList();
        AvailabilityWait answering =
                longest(due.stream().filter(wait -> !wait.mayBeSilent()).toList());
        boolean mayBeBlind = now - blindAt >= 0 && blindQuestions.availablePermits() > 0;
        return answering == null && mayBeBlind ? longest(due) : answering;
    }

    /** The one that has been due for the longest time. */
    @CheckForNull
    private static AvailabilityWait longest(Collection<AvailabilityWait> waits) {
        long now = System.nanoTime();
        return waits.stream()
                .min(Comparator.comparingLong(wait -> wait.due() - now))
                .orElse(null);
    }

    /** @param lifeless whether the guest has shown no sign of life since the last question */
    private void ask(AvailabilityWait wait, boolean blind, boolean lifeless) {
        boolean silent = false;
        try {
            AvailabilityProgress reached = wait.progress().answered(question(wait));
            wait.reached(reached);
            if (!wait.wanted().needsAddress() || reached.network().ip() != null) {
                wait.end(AvailabilityAnswer.Kind.REACHED);
            }
        } catch (RequestRejectedException e) {
            silent = true;
            refused(wait, e);
            if (lifeless && e.isAgentSilent()) {
                planLookAtState(wait);
            }
        } catch (ProxmoxException | RuntimeException e) {
            wait.end().completeExceptionally(e);
        } finally {
            synchronized (this) {
                questions--;
                wait.answered(silent);
                if (blind) {
                    blindQuestions.release();
                }
                if (waits.size() == 1) {
                    blindAt = System.nanoTime();
                }
                plan();
            }
        }
    }

    private GuestNetwork question(AvailabilityWait wait) throws ProxmoxException {
        if (!wait.wanted().needsAddress()) {
            client.agent().ping(wait.guest());
            return GuestNetwork.UNKNOWN;
        }
        GuestNetwork network = new GuestNetwork(client.agent().interfaces(wait.guest()));
        if (network.interfaces().isEmpty() && type == GuestType.LXC) {
            // a container that is stopped or missing
            wait.end(AvailabilityAnswer.Kind.NOT_RUNNING);
        }
        return network;
    }

    /** Looks, when the node may be asked again, why a guest shows no sign of life. */
    private void planLookAtState(AvailabilityWait wait) {
        synchronized (this) {
            long now = System.nanoTime();
            if (!wait.isTimeForState(now)) {
                return;
            }
            wait.looksAtState(now);
        }
        turns.takeSparingly(
                workers, () -> CompletableFuture.completedFuture(!wait.end().isDone() && lookAtState(wait)));
    }

    /** Ends the wait if its guest has been paused or halted, or runs again. Returns true, as the node was asked. */
    private boolean lookAtState(AvailabilityWait wait) {
        try {
            GuestStatus now = client.status(wait.guest());
            String halted =
                    switch (RunState.of(now)) {
                        case PAUSED, HALTED -> now.qmpStatus();
                        default -> null;
                    };
            if (!Objects.equals(halted, wait.progress().halted())) {
                wait.reached(wait.progress().halted(halted));
                wait.end(AvailabilityAnswer.Kind.HALTED);
            }
        } catch (ProxmoxException e) {
            LOGGER.log(Level.FINE, "The next question decides", e);
        }
        return true;
    }

    private static void refused(AvailabilityWait wait, RequestRejectedException e) {
        wait.reached(wait.progress()
                .refused(SafeText.singleLine(e.failure().serverSaid()).strip()));
        if (e.isAgentNotConfigured()) {
            wait.end(AvailabilityAnswer.Kind.WITHOUT_AGENT);
        } else if (e.isGuestNotRunning()) {
            wait.end(AvailabilityAnswer.Kind.NOT_RUNNING);
        } else if (!e.isAgentSilent() && !e.isAgentError()) {
            wait.end().completeExceptionally(e);
        }
    }

    private void list() {
        Map<Integer, GuestActivity> listed = new HashMap<>();
        try {
            client.agent().activity(node, type).forEach(guest -> listed.put(guest.vmid(), guest));
        } catch (PermissionDeniedException | RequestRejectedException e) {
            LOGGER.log(Level.FINE, "Without the list of guests, each is asked on its own", e);
            synchronized (this) {
                listRefused = true;
                listAt = System.nanoTime() + WITHOUT_LIST.toNanos();
            }
            return;
        } catch (ProxmoxException e) {
            copyOfWaits().forEach(wait -> wait.end().completeExceptionally(e));
            return;
        }
        List<AvailabilityWait> gone;
        synchronized (this) {
            listRefused = false;
            listAt = System.nanoTime() + betweenLists().toNanos();
            gone = waits.stream().filter(wait -> isGone(wait, listed)).toList();
        }
        gone.forEach(wait -> wait.end(AvailabilityAnswer.Kind.NOT_RUNNING));
    }

    private static boolean isGone(AvailabilityWait wait, Map<Integer, GuestActivity> listed) {
        GuestActivity seen = listed.get(wait.guest().vmid());
        if (seen == null || !seen.running()) {
            return true;
        }
        wait.hasSent(seen.sentBytes());
        return false;
    }

    private Duration betweenBlindQuestions() {
        boolean allForAddresses = waits.stream().allMatch(wait -> wait.wanted().needsAddress());
        return allForAddresses ? BETWEEN_BLIND_QUESTIONS_FOR_ADDRESSES : BETWEEN_BLIND_QUESTIONS;
    }

    private Duration betweenLists() {
        Duration least = waits.size() == 1 ? BETWEEN_LISTS_OF_ONE : BETWEEN_LISTS;
        Duration youngest = waits.stream()
                .map(AvailabilityWait::age)
                .min(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
        Duration share = youngest.dividedBy(SHARE_OF_AGE);
        return Collections.max(List.of(least, Collections.min(List.of(share, LONGEST_BETWEEN_LISTS))));
    }
}
