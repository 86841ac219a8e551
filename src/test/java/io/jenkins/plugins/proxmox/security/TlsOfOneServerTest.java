package io.jenkins.plugins.proxmox.security;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import hudson.model.Result;
import io.jenkins.plugins.proxmox.ConfiguredProxmox;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCertificate;
import io.jenkins.plugins.proxmox.server.ProxmoxConfiguration;
import io.jenkins.plugins.proxmox.server.ProxmoxServer;
import java.io.IOException;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/** What one server accepts as a certificate changes nothing for another server, nor for the rest of the controller. */
@WithJenkins
class TlsOfOneServerTest {

    private static SecuredJenkins jenkins;
    private static ConfiguredProxmox lab;
    private static SSLContext context;
    private static Object factory;
    private static Object verifier;

    @BeforeAll
    static void start(JenkinsRule rule) throws Exception {
        context = SSLContext.getDefault();
        factory = HttpsURLConnection.getDefaultSSLSocketFactory();
        verifier = HttpsURLConnection.getDefaultHostnameVerifier();
        jenkins = new SecuredJenkins(rule);
        lab = ConfiguredProxmox.start();
        add("lenient", server -> server.setVerificationOff(true));
        add("strict", server -> {});
        add(
                "other-authority",
                server -> server.setCaCertificates(
                        SimulatedCertificate.authority("Another cluster").pem()));
        add("other-pin", server -> server.setFingerprint("00".repeat(32)));
    }

    /** The same host with the same credentials, and another trust. */
    private static void add(String name, Consumer<ProxmoxServer> trust) {
        ProxmoxServer server = new ProxmoxServer(name, lab.proxmox.address());
        server.setCredentialsId("ci");
        trust.accept(server);
        List<ProxmoxServer> servers = new ArrayList<>(ProxmoxConfiguration.get().getServers());
        servers.add(server);
        ProxmoxConfiguration.get().setServers(servers);
    }

    @AfterAll
    static void stop() throws Exception {
        lab.close();
        jenkins.rule.after();
    }

    private static WorkflowRun run(Result result, String script) throws Exception {
        return jenkins.rule.buildAndAssertStatus(result, jenkins.pipeline(jenkins.team, "tls", script));
    }

    @Test
    void noServerIsTrustedBecauseAnotherIs() throws Exception {
        run(Result.SUCCESS, "proxmoxStatus vmid: 100, server: 'lenient'");
        run(Result.SUCCESS, "proxmoxStatus vmid: 100, server: 'lab'");
        lab.proxmox.forgetRequests();
        for (String server : List.of("strict", "other-authority", "other-pin")) {
            WorkflowRun run = run(Result.FAILURE, "proxmoxStatus vmid: 100, server: '" + server + "'");
            assertThat(server, JenkinsRule.getLog(run), containsString("certificate"));
        }
        assertThat("no secret was sent", lab.proxmox.requests(), is(empty()));
        run(Result.SUCCESS, "proxmoxStatus vmid: 100, server: 'lenient'");
    }

    /** At the same time, over connections that are kept open. */
    @Test
    void norWhileItIsUsed() throws Exception {
        WorkflowRun run = run(Result.SUCCESS, """
                parallel lenient: { 10.times { proxmoxStatus vmid: 100, server: 'lenient' } },
                         strict: { 5.times {
                             def trusted = true
                             try { proxmoxStatus vmid: 100, server: 'strict' } catch (ignored) { trusted = false }
                             if (trusted) { error 'trusted' }
                         } }
                """);
        assertThat(JenkinsRule.getLog(run), not(containsString("ERROR: trusted")));
    }

    /** Changing the trust ends that of before, also for connections that are open. */
    @Test
    void theTrustOfBeforeEndsWhenItIsChanged() throws Exception {
        add("changing", server -> server.setVerificationOff(true));
        run(Result.SUCCESS, "proxmoxStatus vmid: 100, server: 'changing'");
        List<ProxmoxServer> servers = new ArrayList<>(ProxmoxConfiguration.get().getServers());
        servers.removeIf(server -> server.getName().equals("changing"));
        ProxmoxConfiguration.get().setServers(servers);
        add("changing", server -> {});
        lab.proxmox.forgetRequests();
        run(Result.FAILURE, "proxmoxStatus vmid: 100, server: 'changing'");
        assertThat(lab.proxmox.requests(), is(empty()));
    }

    @Test
    void theRestOfTheControllerTrustsWhatItTrusted() throws Exception {
        run(Result.SUCCESS, "proxmoxStatus vmid: 100, server: 'lenient'");
        assertThat(SSLContext.getDefault(), is(context));
        assertThat(HttpsURLConnection.getDefaultSSLSocketFactory(), is(factory));
        assertThat(HttpsURLConnection.getDefaultHostnameVerifier(), is(verifier));
        URL url = new URL("https://" + lab.proxmox.address() + "/api2/json/version");
        assertThrows(SSLHandshakeException.class, () -> url.openConnection().getInputStream());
        IOException refusal = assertThrows(
                IOException.class,
                () -> HttpClient.newHttpClient()
                        .send(HttpRequest.newBuilder(url.toURI()).build(), HttpResponse.BodyHandlers.discarding()));
        assertThat(refusal, is(instanceOf(SSLException.class)));
    }
}
