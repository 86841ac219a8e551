package io.jenkins.plugins.proxmox.pve.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Sends single requests to a simulated server as somebody, as curl does, and hands out what came back. */
final class WireClient {

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * What came back.
     *
     * @param reason the text after the status, which carries the error
     */
    record Reply(int status, String reason, JsonNode body) {

        JsonNode data() {
            return body.path("data");
        }

        /** What was wrong with a parameter. */
        String error(String parameter) {
            return body.path("errors").path(parameter).asText();
        }

        @Override
        public String toString() {
            return status + " " + reason + (body.has("errors") ? " " + body.get("errors") : "");
        }
    }

    private final SimulatedProxmox proxmox;
    private final String authorization;
    private final SSLContext tls;

    WireClient(SimulatedProxmox proxmox, String tokenId, String secret) {
        this.proxmox = proxmox;
        this.authorization = "PVEAPIToken=" + tokenId + "=" + secret;
        this.tls = trusting(proxmox.caPem());
    }

    private static SSLContext trusting(String pem) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry(
                    "ca",
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII))));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    Reply get(String path) {
        return send("GET", path, null);
    }

    Reply delete(String path) {
        return send("DELETE", path, null);
    }

    /** With a form, such as {@code snapname=one&vmstate=1}. */
    Reply post(String path, String form) {
        return send("POST", path, form);
    }

    Reply put(String path, String form) {
        return send("PUT", path, form);
    }

    private Reply send(String method, String path, String form) {
        try {
            HttpsURLConnection connection =
                    (HttpsURLConnection) URI.create("https://" + proxmox.address() + "/api2/json" + path)
                            .toURL()
                            .openConnection();
            connection.setSSLSocketFactory(tls.getSocketFactory());
            connection.setRequestMethod(method);
            connection.setRequestProperty("Authorization", authorization);
            if (form != null) {
                connection.setDoOutput(true);
                connection.getOutputStream().write(form.getBytes(StandardCharsets.UTF_8));
            }
            int status = connection.getResponseCode();
            try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                byte[] body = in == null ? new byte[0] : in.readAllBytes();
                return new Reply(
                        status,
                        connection.getResponseMessage(),
                        body.length == 0 ? MissingNode.getInstance() : JSON.readTree(body));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How the task ended that the reply names. */
    String endOf(Reply reply) {
        if (reply.status() != 200) {
            throw new AssertionError(reply.toString());
        }
        String task = "/nodes/" + reply.data().asText().split(":")[1] + "/tasks/"
                + reply.data().asText();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (System.nanoTime() < deadline) {
            JsonNode status = get(task + "/status").data();
            if (status.path("status").asText().equals("stopped")) {
                return status.path("exitstatus").asText();
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        throw new AssertionError("task runs on: " + task);
    }

    /** The lines of the log of the task that the reply names. */
    List<String> logOf(Reply reply) {
        String upid = reply.data().asText();
        List<String> lines = new ArrayList<>();
        get("/nodes/" + upid.split(":")[1] + "/tasks/" + upid + "/log?limit=0")
                .data()
                .forEach(line -> lines.add(line.path("t").asText()));
        return lines;
    }
}
