package io.jenkins.plugins.proxmox.overview;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.threads.ConcurrencyLimits;
import io.jenkins.plugins.proxmox.server.ControllerThreads;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import io.jenkins.plugins.proxmox.server.ServerSettings;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * The last view of each server, taken in the background: one query at a time per server, all servers in parallel.
 * However many people open or reload the page, a server is asked once per {@link #FRESH}.
 */
final class ServerViewCache {

    /** How long a view is shown again. */
    static final Duration FRESH = Duration.ofSeconds(10);

    /** How long it is shown again even after a refresh. */
    static final Duration FRESH_ENOUGH_FOR_REFRESH = Duration.ofSeconds(2);

    /** After this time, the overview reports that the server takes too long. The query itself may continue. */
    static final Duration PATIENCE = Duration.ofSeconds(20);

    /** One thread per server name, and a second one if a query with an earlier configuration still hangs. */
    private static final ConcurrencyLimits<String> THREADS = new ConcurrencyLimits<>(ControllerThreads.pool(), 2);

    private record Inquiry(CompletableFuture<Viewed> answer, long begunNanos) {}

    private record Viewed(ServerView view, long atNanos) {}

    private final Function<ProxmoxServer, ServerView> query;
    private final LongSupplier nanoClock;

    /** A changed configuration makes another server, even under the same name. */
    private final Map<ServerSettings, Inquiry> inquiries = new HashMap<>();

    ServerViewCache(Function<ProxmoxServer, ServerView> query) {
        this(query, System::nanoTime);
    }

    ServerViewCache(Function<ProxmoxServer, ServerView> query, LongSupplier nanoClock) {
        this.query = query;
        this.nanoClock = nanoClock;
    }

    /**
     * The view of the server, or null if it is not ready yet. In that case, ask again.
     *
     * @param wait the maximum time to wait for it
     */
    @CheckForNull
    ServerView of(ProxmoxServer server, Duration wait) throws InterruptedException {
        Inquiry inquiry = inquiry(server, FRESH);
        try {
            return inquiry.answer.get(wait.toNanos(), TimeUnit.NANOSECONDS).view;
        } catch (TimeoutException e) {
            return isOlder(inquiry.begunNanos, PATIENCE)
                    ? ServerViewQuery.unseen(Messages.ServerViewCache_slow())
                    : null;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Begins taking a new view, unless one is being taken or was taken only a moment ago. */
    void renew(ProxmoxServer server) {
        inquiry(server, FRESH_ENOUGH_FOR_REFRESH);
    }

    /** Forgets all servers except these. */
    synchronized void keepOnly(Collection<ProxmoxServer> servers) {
        inquiries.keySet().retainAll(servers.stream().map(ServerSettings::of).toList());
    }

    private synchronized Inquiry inquiry(ProxmoxServer server, Duration fresh) {
        ServerSettings asked = ServerSettings.of(server);
        Inquiry last = inquiries.get(asked);
        if (last != null && !isOutdated(last, fresh)) {
            return last;
        }
        CompletableFuture<Viewed> answer =
                CompletableFuture.supplyAsync(() -> view(server), THREADS.of(server.getName()));
        Inquiry next = new Inquiry(answer, nanoClock.getAsLong());
        inquiries.put(asked, next);
        return next;
    }

    private Viewed view(ProxmoxServer server) {
        return new Viewed(query.apply(server), nanoClock.getAsLong());
    }

    private boolean isOutdated(Inquiry inquiry, Duration fresh) {
        return inquiry.answer.isDone()
                && (inquiry.answer.isCompletedExceptionally() || isOlder(inquiry.answer.join().atNanos, fresh));
    }

    private boolean isOlder(long nanos, Duration age) {
        return nanoClock.getAsLong() - nanos > age.toNanos();
    }
}
