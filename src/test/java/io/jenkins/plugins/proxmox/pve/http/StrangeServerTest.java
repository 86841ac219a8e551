package io.jenkins.plugins.proxmox.pve.http;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.both;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.jenkins.plugins.proxmox.pve.client.ClientSettings;
import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.http.ConnectionFailedException.Kind;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedCertificate;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that speak TLS but hardly HTTP. An answer that does not end must not hold a thread of a build. */
class StrangeServerTest {

    private static final int LIMIT = 100_000;
    private static final String SECRET = "b3c1f2aa-0d4e-4c5f-9a6b-7c8d9e0f1a2b";

    private final AtomicLong written = new AtomicLong();

    private static PlainServer tls(PlainServer.Handler handler) throws IOException {
        ServerSocket listener = SimulatedCertificate.authority("strange")
                .serverContext()
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        return PlainServer.handling(listener, handler);
    }

    private static ProxmoxClient client(PlainServer server) {
        return client(server, HttpTimeouts.DEFAULT);
    }

    private static ProxmoxClient client(PlainServer server, HttpTimeouts timeouts) {
        return new ProxmoxClient(new ClientSettings(
                new HttpSettings(
                        ServerAddress.parseAll(server.address()), new TlsTrust.Unverified(), timeouts, null, LIMIT),
                ExampleCluster.token("jenkins@pve!ci", SECRET)));
    }

    private PlainServer endless(String framing) throws IOException {
        return tls(socket -> {
            socket.getInputStream().read(new byte[8192]);
            OutputStream out = socket.getOutputStream();
            out.write(("HTTP/1.1 200 OK\r\n" + framing + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            String chunk = framing.startsWith("Transfer") ? "2000\r\n" + "x".repeat(8192) + "\r\n" : "x".repeat(8192);
            byte[] bytes = chunk.getBytes(StandardCharsets.US_ASCII);
            while (true) {
                out.write(bytes);
                written.addAndGet(bytes.length);
            }
        });
    }

    private void assertGivenUp(String framing) throws Exception {
        try (PlainServer server = endless(framing);
                ProxmoxClient client = client(server)) {
            var failure = assertTimeoutPreemptively(
                    Duration.ofSeconds(10), () -> assertThrows(ConnectionFailedException.class, client::version));
            assertThat(failure.kind(), is(Kind.TOO_LONG));
            assertThat("not read to its end", written.get(), is(lessThan(100_000_000L)));
        }
    }

    @Test
    void givesUpAnAnswerOfEndlessChunks() throws Exception {
        assertGivenUp("Transfer-Encoding: chunked");
    }

    @Test
    void givesUpAnAnswerThatAnnouncesMoreThanAnybodyWants() throws Exception {
        assertGivenUp("Content-Length: 9000000000000");
    }

    @Test
    void givesUpAnAnswerWithoutLength() throws Exception {
        assertGivenUp("Connection: close");
    }

    /** Each byte begins the timeout of the socket anew. */
    private static void trickle(OutputStream out, String text) throws IOException {
        for (byte letter : text.getBytes(StandardCharsets.US_ASCII)) {
            out.write(letter);
            out.flush();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Filling: ", "Content-Length: 9000\r\n\r\n"})
    void givesUpAnAnswerThatTrickles(String beginning) throws Exception {
        HttpTimeouts timeouts = new HttpTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(5));
        try (PlainServer server = tls(socket -> {
                    socket.getInputStream().read(new byte[8192]);
                    OutputStream out = socket.getOutputStream();
                    out.write(("HTTP/1.1 200 OK\r\n" + beginning).getBytes(StandardCharsets.US_ASCII));
                    trickle(out, "x".repeat(9000));
                });
                ProxmoxClient client = client(server, timeouts)) {
            long start = System.nanoTime();
            var failure = assertTimeoutPreemptively(
                    Duration.ofSeconds(30), () -> assertThrows(ConnectionFailedException.class, client::version));
            assertThat(failure.kind(), is(Kind.NO_ANSWER));
            assertThat(
                    "twice the timeout of a response",
                    Duration.ofNanos(System.nanoTime() - start).toSeconds(),
                    is(both(greaterThanOrEqualTo(9L)).and(lessThan(14L))));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\r\n",
                "SSH-2.0-OpenSSH_9.2\r\n",
                "220 mail.example.org ESMTP\r\n",
                "HTTP/1.1\r\n\r\n",
                "HTTP/1.1 2OO OK\r\n\r\n",
                "HTTP/9.9 200 OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}"
            })
    void tellsThatTheConnectionBroke(String answer) throws Exception {
        try (PlainServer server = tls(socket -> {
                    socket.getInputStream().read(new byte[8192]);
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                });
                ProxmoxClient client = client(server)) {
            var failure = assertThrows(ConnectionFailedException.class, client::version);
            assertThat(failure.kind(), is(Kind.BROKEN));
        }
    }

    @Test
    void doesNotShowTheSecretThatAnEchoSendsBack() throws Exception {
        try (PlainServer server = tls(socket -> socket.getInputStream().transferTo(socket.getOutputStream()));
                ProxmoxClient client = client(server)) {
            var failure = assertThrows(ProxmoxException.class, client::version);
            for (Throwable e = failure; e != null; e = e.getCause()) {
                assertThat(e.toString(), not(containsString(SECRET)));
            }
        }
    }
}
