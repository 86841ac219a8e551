package io.jenkins.plugins.proxmox.pve.http;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.hasToString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.client.ClientSettings;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.RequestRejectedException;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException.Kind;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class ProxyTest {

    private static final GuestLocation VM_100 = new GuestLocation("pve1", GuestType.QEMU, 100);

    @AutoClose
    private final SimulatedProxmox proxmox = SimulatedProxmox.start(Generation.V9);

    private final ExampleCluster cluster = ExampleCluster.in(proxmox);

    private ProxmoxClient client(ProxySettings proxy) {
        return new ProxmoxClient(cluster.settings().with(proxy));
    }

    private static ProxySettings through(ConnectProxy proxy) {
        return through(proxy, null, null);
    }

    private static ProxySettings through(ConnectProxy proxy, String user, String password) {
        return new ProxySettings("localhost", proxy.port(), user, password, List.of());
    }

    private static String basic(String credentials) {
        return "Proxy-Authorization: Basic "
                + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void reachesTheServerThroughOneTunnel() throws Exception {
        try (ConnectProxy proxy = ConnectProxy.open();
                ProxmoxClient client = client(through(proxy))) {
            client.version();
            client.power(VM_100, PowerAction.START, Map.of());
            assertThat(proxmox.writes(), hasSize(1));
            assertThat(proxy.requests(), hasSize(1));
            assertThat(proxy.requests().get(0), startsWith("CONNECT " + proxmox.address() + " HTTP/1.1\r\n"));
        }
    }

    @Test
    void sendsNothingOfItsSecretsInClear() throws Exception {
        try (ConnectProxy proxy = ConnectProxy.open();
                ProxmoxClient client = client(through(proxy))) {
            client.version();
            assertThat(
                    proxy.requests().get(0),
                    allOf(not(containsString(cluster.ciSecret())), not(containsString("PVEAPIToken"))));
        }
    }

    @Test
    void leavesTheNameOfTheServerToTheProxy() throws Exception {
        ClientSettings here = cluster.settings();
        ClientSettings elsewhere = ClientSettings.of(
                List.of(new ServerAddress("pve1.example.org", proxmox.port())),
                here.authentication(),
                here.http().trust());
        try (ConnectProxy proxy = ConnectProxy.open();
                ProxmoxClient client = new ProxmoxClient(elsewhere.with(through(proxy)))) {
            assertThat(
                    assertThrows(ConnectionFailedException.class, client::version)
                            .kind(),
                    is(Kind.CERTIFICATE_FOR_OTHER_NAME));
            assertThat(proxy.requests().get(0), startsWith("CONNECT pve1.example.org:"));
        }
    }

    @Test
    void authenticatesToTheProxyUnasked() throws Exception {
        try (ConnectProxy proxy = ConnectProxy.open();
                ProxmoxClient client = client(through(proxy, "builder", "pässword"))) {
            client.version();
            assertThat(proxy.requests(), hasSize(1));
            assertThat(proxy.requests().get(0), containsString(basic("builder:pässword")));
            assertThat(
                    "that is between Jenkins and the proxy",
                    proxmox.requests().get(0).headers(),
                    not(hasKey("proxy-authorization")));
        }
    }

    @Test
    void authenticatesForEachTunnel() throws Exception {
        try (ConnectProxy proxy = ConnectProxy.open();
                ProxmoxClient client = client(through(proxy, "builder", "password"))) {
            for (int i = 0; i < 3; i++) {
                // an error closes the connection
                assertThrows(
                        RequestRejectedException.class,
                        () -> client.status(new GuestLocation("pve1", GuestType.QEMU, 999)));
            }
            assertThat(proxy.requests(), hasSize(3));
            proxy.requests().forEach(head -> assertThat(head, containsString(basic("builder:password"))));
        }
    }

    @Test
    void reachesTheHostsThatNeedNoProxyDirectly() throws Exception {
        try (ConnectProxy proxy = ConnectProxy.open();
                ProxmoxClient client = client(new ProxySettings(
                        "localhost", proxy.port(), null, null, List.of(".*\\.example\\.org", "localhost")))) {
            client.version();
            assertThat(proxy.requests(), is(empty()));
        }
    }

    @Test
    void tellsThatTheProxyRefuses() throws Exception {
        String page = "<html>" + "x".repeat(20_000) + "</html>";
        try (ConnectProxy proxy = ConnectProxy.refusing(
                        "HTTP/1.1 403 Not on my watch\r\nContent-Length: " + page.length() + "\r\n\r\n" + page);
                ProxmoxClient client = client(through(proxy))) {
            var refusal = assertThrows(
                    ConnectionFailedException.class, () -> client.power(VM_100, PowerAction.START, Map.of()));
            assertThat(refusal.kind(), is(Kind.PROXY_REFUSED));
            assertThat(refusal.mayHaveBeenExecuted(), is(false));
            assertThat(
                    refusal.getMessage(),
                    allOf(
                            containsString("proxy localhost:" + proxy.port() + " refused the connection"),
                            containsString("403 Not on my watch"),
                            containsString("No Proxy Host")));
        }
        assertThat(proxmox.requests(), is(empty()));
    }

    @Test
    void tellsThatTheProxyWantsOtherCredentials() throws Exception {
        String answer = "HTTP/1.1 407 Proxy Authentication Required\r\n"
                + "Proxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 0\r\n\r\n";
        try (ConnectProxy proxy = ConnectProxy.refusing(answer);
                ProxmoxClient client = client(through(proxy, "builder", "wrong"))) {
            var refusal = assertThrows(ConnectionFailedException.class, client::version);
            assertThat(refusal.kind(), is(Kind.PROXY_REFUSED));
            assertThat(refusal.getMessage(), containsString("407 Proxy Authentication Required"));
        }
    }

    private static int portWithoutListener() throws IOException {
        try (ServerSocket brief = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return brief.getLocalPort();
        }
    }

    @Test
    void tellsThatTheProxyIsNotThere() throws Exception {
        int port = portWithoutListener();
        try (ProxmoxClient client = client(new ProxySettings("localhost", port, null, null, List.of()))) {
            var failure = assertThrows(ConnectionFailedException.class, client::version);
            assertThat(failure.kind(), is(Kind.PROXY_NOT_REACHED));
            assertThat(
                    failure.getMessage(),
                    allOf(
                            containsString("(through proxy localhost:" + port + ")"),
                            containsString("the proxy does not accept connections")));
        }
    }

    @Test
    void tellsThatTheNameOfTheProxyIsWrong() throws Exception {
        try (ProxmoxClient client = client(new ProxySettings("does-not-exist.invalid", 3128, null, null, List.of()))) {
            var failure = assertThrows(ConnectionFailedException.class, client::version);
            assertThat(failure.kind(), is(Kind.PROXY_NOT_REACHED));
            assertThat(failure.getMessage(), containsString("the name of the proxy cannot be resolved"));
        }
    }

    @Test
    void hidesThePasswordOfTheProxy() throws Exception {
        try (ConnectProxy proxy = ConnectProxy.open()) {
            assertThat(through(proxy, "builder", "password"), hasToString("proxy localhost:" + proxy.port()));
        }
    }
}
