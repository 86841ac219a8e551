package io.jenkins.plugins.proxmox.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.sameInstance;

import io.jenkins.plugins.proxmox.pve.client.ClientSettings;
import io.jenkins.plugins.proxmox.pve.http.HttpTimeouts;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.operation.ServerConnection;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How long a connection is kept that nobody asks for any more. */
class ConnectionCacheTest {

    private final SimulatedProxmox proxmox = SimulatedProxmox.start(Generation.V9);
    private final ExampleCluster example = ExampleCluster.in(proxmox);
    private final AtomicLong nanos = new AtomicLong();
    private final ConnectionCache cache = new ConnectionCache(nanos::get);

    @AfterEach
    void close() {
        pass(Duration.ofHours(1));
        cache.closeIdle();
        proxmox.close();
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    /** Settings that differ from others in a time limit. */
    private ClientSettings settings(int number) {
        return example.settings().with(new HttpTimeouts(Duration.ofSeconds(10), Duration.ofSeconds(5 + number)));
    }

    private ServerConnection connection(int number) throws Exception {
        ServerConnection connection = cache.connection(settings(number));
        connection.client().version();
        return connection;
    }

    @Test
    void isKeptForTenMinutes() throws Exception {
        ServerConnection first = connection(0);
        pass(Duration.ofMinutes(9));
        cache.closeIdle();
        assertThat(connection(0), is(sameInstance(first)));
        pass(Duration.ofMinutes(11));
        cache.closeIdle();
        assertThat(connection(0), is(not(sameInstance(first))));
    }

    @Test
    void isClosedSoonerAfterManyChangesAtOnce() throws Exception {
        for (int i = 0; i < 2 * ConnectionCache.MANY; i++) {
            connection(i);
        }
        assertThat(cache.size(), is(2 * ConnectionCache.MANY));
        pass(Duration.ofMinutes(1));
        cache.closeIdle();
        assertThat(cache.size(), is(ConnectionCache.MANY));
    }

    @Test
    void isClosedSoonerWhenSettingsChangeAllTheTime() throws Exception {
        for (int i = 0; i < 3 * ConnectionCache.MANY; i++) {
            connection(i);
            pass(Duration.ofSeconds(1));
        }
        assertThat(cache.size(), is(ConnectionCache.MANY));
        assertThat(proxmox.openConnections(), is(ConnectionCache.MANY));
    }

    @Test
    void isKeptAmongManyThatAreNewer() throws Exception {
        for (int i = 0; i < 2 * ConnectionCache.MANY; i++) {
            connection(i);
        }
        assertThat("any of them may be about to be used", cache.size(), is(2 * ConnectionCache.MANY));
    }

    @Test
    void isKeptWhileSomebodyWaitsOnIt() throws Exception {
        ServerConnection waitedOn = connection(0);
        String task = proxmox.cluster().task("pve1", "jenkins@pve!ci", Duration.ofHours(1), "OK");
        var wait = waitedOn.tasks().watch(Upid.parse(task), line -> {});
        for (int i = 1; i < 2 * ConnectionCache.MANY; i++) {
            connection(i);
            pass(Duration.ofSeconds(1));
        }
        assertThat(connection(0), is(sameInstance(waitedOn)));
        wait.toCompletableFuture().cancel(false);
    }
}
