package io.jenkins.plugins.proxmox.pve.http;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.io.CloseMode;

/**
 * The maximum duration of an exchange, from its first byte to its last. A socket timeout restarts with every byte that
 * arrives, so a server that sends one now and then would never exceed it. This limit closes the connection. It costs no
 * thread: all limits share the JDK's thread for timeouts of futures.
 */
final class ExchangeDeadline implements AutoCloseable {

    private final Duration longest;
    private CompletableFuture<Void> running = CompletableFuture.completedFuture(null);
    private volatile boolean over;

    ExchangeDeadline(Duration longest) {
        this.longest = longest;
    }

    /** Starts the time. Starts it again if it is already running, as after the handshake with a proxy. */
    void begin(HttpClientConnection connection) {
        close();
        running = new CompletableFuture<Void>().orTimeout(longest.toNanos(), TimeUnit.NANOSECONDS);
        running.exceptionally(timeout -> {
            over = true;
            // wakes the reading thread; immediate, because it does not negotiate with the peer
            connection.close(CloseMode.IMMEDIATE);
            return null;
        });
    }

    /** Whether the deadline has closed the connection. */
    boolean isOver() {
        return over;
    }

    /** Ends the time: the exchange is over, successful or not. */
    @Override
    public void close() {
        running.complete(null);
    }
}
