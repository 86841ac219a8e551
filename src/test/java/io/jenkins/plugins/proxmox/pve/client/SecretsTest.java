package io.jenkins.plugins.proxmox.pve.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.http.CertificateFingerprint;
import io.jenkins.plugins.proxmox.pve.http.ConnectProxy;
import io.jenkins.plugins.proxmox.pve.http.HttpTimeouts;
import io.jenkins.plugins.proxmox.pve.http.ProxySettings;
import io.jenkins.plugins.proxmox.pve.http.ServerAddress;
import io.jenkins.plugins.proxmox.pve.http.TlsTrust;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.WholeOperation;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Fault;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.ReceivedRequest;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Whatever fails and however much is logged: no secret, password, ticket or CSRF token is in what a person may see. */
class SecretsTest {

    private static final GuestLocation VM_100 = new GuestLocation("pve1", GuestType.QEMU, 100);
    private static final String PROXY_PASSWORD = "proxy-password-4711";

    private final Logger root = Logger.getLogger("");
    private final Level levelBefore = root.getLevel();

    /** Of these the levels are set explicitly, as an administrator does who looks for a fault. */
    private final List<Logger> http = List.of(
            Logger.getLogger("org.apache.hc.client5"),
            Logger.getLogger("org.apache.hc.client5.http.headers"),
            Logger.getLogger("org.apache.hc.client5.http.wire"),
            Logger.getLogger("io.jenkins.plugins.proxmox"));

    /** All that was shown: log lines, messages, texts and stack traces. */
    private final Queue<String> shown = new ConcurrentLinkedQueue<>();

    private final Handler capture = new Handler() {
        private final SimpleFormatter formatter = new SimpleFormatter();

        @Override
        public void publish(LogRecord entry) {
            shown.add(formatter.format(entry));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @AutoClose
    private final SimulatedProxmox proxmox = SimulatedProxmox.start(Generation.V8);

    private final ExampleCluster cluster = ExampleCluster.in(proxmox);

    @BeforeEach
    void logEverything() {
        root.setLevel(Level.FINEST);
        http.forEach(logger -> logger.setLevel(Level.FINEST));
        root.addHandler(capture);
        capture.setLevel(Level.ALL);
    }

    @AfterEach
    void logAsBefore() {
        root.removeHandler(capture);
        http.forEach(logger -> logger.setLevel(null));
        root.setLevel(levelBefore);
    }

    private void fails(Executable call) {
        Exception failure = assertThrows(Exception.class, call);
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        shown.add(trace.toString());
        if (failure instanceof ApiException refused) {
            shown.add(refused.failure().toString());
            shown.add(refused.failure().serverSaid());
        }
    }

    /** What a service does that shows its caller what it was asked. */
    private Fault.Answer echo(int status, String secret) {
        return new Fault.Answer(status, "You sent " + secret, "text/html", "<html>You sent " + secret + "</html>");
    }

    @Test
    void areNowhere() throws Exception {
        Set<String> secrets = new LinkedHashSet<>();
        secrets.add(cluster.ciSecret());
        secrets.add(ExampleCluster.JENKINS_PASSWORD);
        secrets.add(ExampleCluster.JENKINS_PASSWORD.replace(" ", "+"));
        secrets.add(PROXY_PASSWORD);
        secrets.add(Base64.getEncoder().encodeToString(("builder:" + PROXY_PASSWORD).getBytes(StandardCharsets.UTF_8)));
        ApiToken token = ExampleCluster.token("jenkins@pve!ci", cluster.ciSecret());
        TicketLogin login = new TicketLogin("jenkins@pve", ExampleCluster.JENKINS_PASSWORD);

        for (Authentication authentication : List.of(token, login)) {
            ClientSettings settings = cluster.settings(authentication);
            shown.add(settings.toString());
            shown.add(authentication.toString());
            failInManyWays(settings);
        }
        fails(() -> ApiToken.parse("jenkins@pve=" + cluster.ciSecret()));
        fails(() -> new ApiToken(token.tokenId(), cluster.ciSecret() + " " + cluster.ciSecret()));
        echoTheSecrets(token, login);

        secrets.addAll(ticketsAndCsrfTokens());
        assertThat("tickets were at stake, too", secrets.size(), is(greaterThan(8)));
        assertThat("HttpClient logged", shown, hasItem(containsString("org.apache.hc.client5")));
        assertThat("much was logged", shown.size(), is(greaterThan(500)));
        for (String text : shown) {
            for (String secret : secrets) {
                assertThat(text, not(containsString(secret)));
            }
        }
    }

    private void failInManyWays(ClientSettings settings) throws Exception {
        HttpTimeouts hasty = new HttpTimeouts(Duration.ofSeconds(1), HttpTimeouts.SHORTEST_RESPONSE);
        try (ProxmoxClient client = new ProxmoxClient(settings.with(hasty))) {
            shown.add(client.toString());
            client.power(VM_100, PowerAction.START, Map.of());
            fails(() -> client.status(new GuestLocation("pve1", GuestType.QEMU, 999)));
            fails(() -> client.power(VM_100, PowerAction.SHUTDOWN, Map.of("timeout", "soon")));
            fails(() -> client.status(new GuestLocation("pve2", GuestType.QEMU, 110)));
            proxmox.access().revoke("/vms", "jenkins@pve");
            fails(() -> client.status(VM_100));
            proxmox.access().grant("/vms", "jenkins@pve", "PVEVMAdmin");
            proxmox.inject(ReceivedRequest::isWrite, new Fault.BreakAfter());
            proxmox.inject(ReceivedRequest::isWrite, new Fault.BreakAfter());
            fails(() -> client.power(VM_100, PowerAction.RESET, Map.of()));
            proxmox.access().endAllTickets();
            client.version();
            fails(() -> WholeOperation.of(
                    client,
                    OperationRequest.of(new GuestSelector(102, null, null), new PowerOperation(PowerAction.START))
                            .within(Duration.ofSeconds(30)),
                    shown::add));
        }
        for (TlsTrust trust : List.of(
                new TlsTrust.JvmTrustStore(),
                new TlsTrust.PinnedFingerprint(CertificateFingerprint.parse("00".repeat(32))))) {
            failsWith(ClientSettings.of(settings.addresses(), settings.authentication(), trust));
        }
        failsWith(ClientSettings.of(
                ServerAddress.parseAll("does-not-exist.invalid"),
                settings.authentication(),
                settings.http().trust()));
        try (ConnectProxy proxy = ConnectProxy.refusing("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")) {
            ProxySettings through = new ProxySettings("localhost", proxy.port(), "builder", PROXY_PASSWORD, List.of());
            shown.add(settings.with(through).toString());
            failsWith(settings.with(through));
        }
    }

    private void failsWith(ClientSettings settings) throws Exception {
        try (ProxmoxClient client = new ProxmoxClient(settings)) {
            fails(client::version);
        }
    }

    private void echoTheSecrets(ApiToken token, TicketLogin login) throws Exception {
        for (int status : new int[] {200, 302, 400, 401, 403, 404, 500, 596}) {
            proxmox.inject(request -> true, echo(status, token.headerValue()));
            failsWith(cluster.settings(token));
            proxmox.inject(
                    ReceivedRequest::isLogin,
                    echo(status, "password=" + login.password().replace(" ", "+")));
            failsWith(cluster.settings(login));
        }
    }

    private List<String> ticketsAndCsrfTokens() {
        List<String> found = new ArrayList<>();
        for (ReceivedRequest request : proxmox.requests()) {
            if (request.headers().containsKey("cookie")) {
                found.add(request.headers().get("cookie").replace("PVEAuthCookie=", ""));
            }
            if (request.headers().containsKey("csrfpreventiontoken")) {
                found.add(request.headers().get("csrfpreventiontoken"));
            }
        }
        return found;
    }
}
