package io.jenkins.plugins.proxmox.pve.client;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that tests put forward, and clients that go by it. */
public final class SettableClock {

    private final AtomicLong ahead = new AtomicLong();

    /** A client that goes by this clock. */
    public ProxmoxClient client(ClientSettings settings) {
        return new ProxmoxClient(settings, () -> System.nanoTime() + ahead.get());
    }

    /** Puts the clock forward. */
    public void pass(Duration time) {
        ahead.addAndGet(time.toNanos());
    }
}
