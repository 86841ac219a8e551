package io.jenkins.plugins.proxmox.pve.security;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.client.Authentication;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.client.TicketLogin;
import io.jenkins.plugins.proxmox.pve.http.ConnectProxy;
import io.jenkins.plugins.proxmox.pve.http.ProxmoxException;
import io.jenkins.plugins.proxmox.pve.http.ProxySettings;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.ListedGuest;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.model.Upid;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a server or a proxy answers, no request and no secret goes to a host that nobody has configured. */
class OtherHostsTest {

    private static final GuestLocation VM_100 = new GuestLocation("pve1", GuestType.QEMU, 100);

    @AutoClose
    private final SimulatedProxmox proxmox = SimulatedProxmox.start(Generation.V9);

    /** The host of somebody who collects secrets. Its certificate would be trusted. */
    @AutoClose
    private final SimulatedProxmox thief = SimulatedProxmox.start(Generation.V9);

    private final ExampleCluster cluster = ExampleCluster.in(proxmox);

    private final List<Authentication> identities = List.of(
            ExampleCluster.token("jenkins@pve!ci", cluster.ciSecret()),
            new TicketLogin("jenkins@pve", ExampleCluster.JENKINS_PASSWORD));

    private String elsewhere() {
        return "https://" + thief.address() + "/api2/json/access/ticket";
    }

    private static void tryTo(Executable call) throws Throwable {
        try {
            call.execute();
        } catch (ProxmoxException refused) {
            // as it should
        }
    }

    private void assertNothingWentElsewhere() {
        assertThat("what the other host got", thief.requests(), is(empty()));
        assertThat("connections to the other host", thief.openConnections(), is(0));
        for (ReceivedRequest request : proxmox.requests()) {
            assertThat(request.headers().get("host"), is(proxmox.address()));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 300, 301, 302, 303, 305, 307, 308, 401, 407, 421, 503})
    void noAnswerLeadsThere(int status) throws Throwable {
        Map<String, String> lures = Map.of(
                "Location",
                elsewhere(),
                "Content-Location",
                elsewhere(),
                "Refresh",
                "0; url=" + elsewhere(),
                "Link",
                "<" + elsewhere() + ">; rel=preconnect",
                "Alt-Svc",
                "h2=\"" + thief.address() + "\"",
                "WWW-Authenticate",
                "Basic realm=\"x\", Negotiate, PVEAPIToken realm=\"x\"",
                "Proxy-Authenticate",
                "Basic realm=\"x\"",
                "Set-Cookie",
                "PVEAuthCookie=theirs; Domain=localhost");
        for (Authentication identity : identities) {
            try (ProxmoxClient client = new ProxmoxClient(cluster.settings(identity))) {
                for (Executable call : List.<Executable>of(
                        client::version, () -> client.power(VM_100, PowerAction.START, Map.of()), client::guests)) {
                    proxmox.inject(
                            request -> true,
                            new Fault.Answer(status, "Over there", "application/json", "{\"data\":null}", lures));
                    tryTo(call);
                }
            }
        }
        assertNothingWentElsewhere();
    }

    @Test
    void aChallengeGetsNoFurtherCredentials() throws Throwable {
        try (ProxmoxClient client = new ProxmoxClient(cluster.settings())) {
            proxmox.inject(request -> true, new Fault.Challenge("Basic realm=\"give me your password\""));
            tryTo(client::version);
            assertThat(proxmox.requests(), hasSize(1));
            assertThat(proxmox.requests().get(0).headers().get("authorization"), startsWith("PVEAPIToken="));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"301 Moved Permanently", "302 Found", "307 Temporary Redirect", "407 Authenticate", "200 OK"})
    void noProxyLeadsThere(String status) throws Throwable {
        String head = "HTTP/1.1 " + status + "\r\nLocation: " + elsewhere()
                + "\r\nProxy-Authenticate: Basic realm=x\r\n" + "Content-Length: 0\r\n\r\n";
        try (ConnectProxy proxy = ConnectProxy.refusing(head)) {
            ProxySettings through = new ProxySettings("localhost", proxy.port(), null, null, List.of());
            for (Authentication identity : identities) {
                try (ProxmoxClient client =
                        new ProxmoxClient(cluster.settings(identity).with(through))) {
                    assertThrows(ProxmoxException.class, client::version);
                }
            }
        }
        assertNothingWentElsewhere();
    }

    /** A node is a part of a path, never a host. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "localhost:%d",
                "https://localhost:%d",
                "//localhost:%d/",
                "x@localhost:%d",
                "pve1\r\nHost: localhost:%d",
                "[::1]:%d"
            })
    void noNameOfANodeLeadsThere(String name) throws Throwable {
        String node = name.formatted(thief.port());
        String json = node.replace("\r", "\\r").replace("\n", "\\n");
        try (ProxmoxClient client = new ProxmoxClient(cluster.settings())) {
            proxmox.inject(
                    request -> request.path().equals("/cluster/resources"),
                    new Fault.Answer(
                            200,
                            "OK",
                            "application/json",
                            "{\"data\":[{\"type\":\"qemu\",\"vmid\":100,\"node\":\"" + json + "\",\"name\":\"x\"}]}"));
            tryTo(() -> {
                for (ListedGuest guest : client.guests()) {
                    client.status(guest.location());
                }
            });
            try {
                client.tasks(node, 100, Instant.EPOCH);
            } catch (IllegalArgumentException | ProxmoxException refused) {
                // as it should
            }
            proxmox.inject(
                    ReceivedRequest::isWrite,
                    new Fault.Answer(
                            200,
                            "OK",
                            "application/json",
                            "{\"data\":\"UPID:" + json + ":00006618:00051E3F:6B049232:qmstart:100:jenkins@pve:\"}"));
            Upid[] task = new Upid[1];
            tryTo(() -> task[0] = client.power(VM_100, PowerAction.START, Map.of()));
            if (task[0] != null) {
                tryTo(() -> client.taskStatus(task[0]));
            }
        }
        assertNothingWentElsewhere();
        assertThat(proxmox.requests().stream().map(ReceivedRequest::path).toList(), everyItem(startsWith("/")));
    }
}
