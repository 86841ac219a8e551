package io.jenkins.plugins.proxmox.overview;

import edu.umd.cs.findbugs.annotations.CheckForNull;
import io.jenkins.plugins.proxmox.pve.client.ConcurrencyLimits;
import io.jenkins.plugins.proxmox.server.ControllerThreads;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import io.jenkins.plugins.proxmox.server.ServerSettings;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * The last view of each server, taken in the background: one inquiry at a time for each server, all servers at once.
 * However many people look and reload, a server is asked once in {@link #FRESH}.
 */
final class ServerViewCache {

    /** How long a view is shown again to the next one who looks. */
    static final Duration FRESH = Duration.ofSeconds(10);

    /** How long it is shown even to one who asked for a new one. */
    static final Duration FRESH_ENOUGH_FOR_REFRESH = Duration.ofSeconds(2);

    /** After so long the overview says that the server takes too long; the inquiry itself may go on. */
    static final Duration PATIENCE = Duration.ofSeconds(20);

    /** One for each server, by its name; a second while a server whose configuration was changed still hangs. */
    private static final ConcurrencyLimits<String> THREADS = new ConcurrencyLimits<>(ControllerThreads.pool(), 2);

    private record Inquiry(Future<Viewed> answer, long begunNanos) {}

    private record Viewed(ServerView view, long atNanos) {}

    private final Function<ProxmoxServer, ServerView> query;
    private final LongSupplier nanoClock;

    /** A server whose configuration was changed is another one, even under the same name. */
    private final Map<ServerSettings, Inquiry> inquiries = new HashMap<>();

    ServerViewCache(Function<ProxmoxServer, ServerView> query) {
        this(query, System::nanoTime);
    }

    ServerViewCache(Function<ProxmoxServer, ServerView> query, LongSupplier nanoClock) {
        this.query = query;
        this.nanoClock = nanoClock;
    }

    /**
     * The view of the server, or null when it is not there yet: ask again.
     *
     * @param wait the longest to wait for it
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

    /** Begins to take a new view, unless one is being taken or is only a moment old. */
    void renew(ProxmoxServer server) {
        inquiry(server, FRESH_ENOUGH_FOR_REFRESH);
    }

    /** Forgets all servers but these. */
    synchronized void keepOnly(Collection<ProxmoxServer> servers) {
        inquiries.keySet().retainAll(servers.stream().map(ServerSettings::of).toList());
    }

    private synchronized Inquiry inquiry(ProxmoxServer server, Duration fresh) {
        ServerSettings asked = ServerSettings.of(server);
        Inquiry last = inquiries.get(asked);
        if (last != null && !isOutdated(last, fresh)) {
            return last;
        }
        Future<Viewed> answer = CompletableFuture.supplyAsync(() -> view(server), THREADS.of(server.getName()));
        Inquiry next = new Inquiry(answer, nanoClock.getAsLong());
        inquiries.put(asked, next);
        return next;
    }

    private Viewed view(ProxmoxServer server) {
        return new Viewed(query.apply(server), nanoClock.getAsLong());
    }

    private boolean isOutdated(Inquiry inquiry, Duration fresh) {
        if (!inquiry.answer.isDone()) {
            return false;
        }
        try {
            return isOlder(inquiry.answer.get().atNanos, fresh);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        } catch (ExecutionException e) {
            return true;
        }
    }

    private boolean isOlder(long nanos, Duration age) {
        return nanoClock.getAsLong() - nanos > age.toNanos();
    }
}
