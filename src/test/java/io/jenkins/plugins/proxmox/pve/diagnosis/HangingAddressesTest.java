package io.jenkins.plugins.proxmox.pve.diagnosis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.notNullValue;

import io.jenkins.plugins.proxmox.pve.client.ClientSettings;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.TicketLogin;
import io.jenkins.plugins.proxmox.pve.http.HttpTimeouts;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.http.TlsTrust;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Hosts that take a connection and keep silent, such as a node whose proxy daemon hangs. */
class HangingAddressesTest {

    @AutoClose
    private final ServerSocket first = silent();

    @AutoClose
    private final ServerSocket second = silent();

    @AutoClose
    private final ServerSocket third = silent();

    HangingAddressesTest() throws Exception {}

    private static ServerSocket silent() throws Exception {
        // the system completes connections that nobody accepts
        return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    @Test
    void sayWhyAlthoughAllOfThemAreTried() throws Exception {
        List<ServerAddress> addresses = ServerAddress.parseAll("localhost:" + first.getLocalPort() + ", localhost:"
                + second.getLocalPort() + ", localhost:" + third.getLocalPort());
        HttpTimeouts timeouts = ConnectionCheck.timeouts(HttpTimeouts.DEFAULT, addresses.size());
        ClientSettings settings = ClientSettings.of(
                        addresses, new TicketLogin("jenkins@pve", "unused"), new TlsTrust.JvmTrustStore())
                .with(timeouts);
        long start = System.nanoTime();
        try (ProxmoxClient client = new ProxmoxClient(settings)) {
            ConnectionReport report = ConnectionCheck.of(client, true);
            assertThat(report.trouble(), notNullValue());
            assertThat(
                    report.trouble().headline(), containsString("accepts the connection, but does not answer in time"));
            assertThat(report.toHtml(), containsString("localhost:" + third.getLocalPort()));
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start), lessThan(ConnectionCheck.LONGEST));
    }

    @Test
    void getNoLongerThanIsConfigured() {
        HttpTimeouts patient = HttpTimeouts.DEFAULT;
        HttpTimeouts hasty = new HttpTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(6));
        assertThat(ConnectionCheck.timeouts(patient, 1), is(new HttpTimeouts(seconds(9), seconds(9))));
        assertThat(ConnectionCheck.timeouts(patient, 3), is(new HttpTimeouts(seconds(3), seconds(5))));
        assertThat(ConnectionCheck.timeouts(patient, 20), is(new HttpTimeouts(seconds(1), seconds(5))));
        assertThat(ConnectionCheck.timeouts(hasty, 1), is(hasty));
    }

    private static Duration seconds(int seconds) {
        return Duration.ofSeconds(seconds);
    }
}
