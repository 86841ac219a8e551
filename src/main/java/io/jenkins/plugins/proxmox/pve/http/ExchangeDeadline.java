package io.jenkins.plugins.proxmox.pve.http;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.io.CloseMode;

/**
 * The longest that an exchange takes, from its first byte to its last. The timeout of a socket begins anew with every
 * byte that comes, so that a server which sends one now and then would never meet it; this limit closes the connection.
 * Costs no thread: all limits share the one that the JDK has for the timeouts of futures.
 */
final class ExchangeDeadline implements AutoCloseable {

    private final Duration longest;
    private CompletableFuture<Void> running = CompletableFuture.completedFuture(null);
    private volatile boolean over;

    ExchangeDeadline(Duration longest) {
        this.longest = longest;
    }

    /** Counts from now on, once more if it has begun before, as after the handshake with a proxy. */
    void begin(HttpClientConnection connection) {
        close();
        running = new CompletableFuture<Void>().orTimeout(longest.toNanos(), TimeUnit.NANOSECONDS);
        running.exceptionally(timeout -> {
            over = true;
            // wakes the thread that reads; asks nobody, so that it is at once
            connection.close(CloseMode.IMMEDIATE);
            return null;
        });
    }

    /** Whether it has closed the connection. */
    boolean isOver() {
        return over;
    }

    /** The exchange is over, well or not. */
    @Override
    public void close() {
        running.complete(null);
    }
}
