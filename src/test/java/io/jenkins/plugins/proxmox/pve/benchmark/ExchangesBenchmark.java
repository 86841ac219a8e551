package io.jenkins.plugins.proxmox.pve.benchmark;

import io.jenkins.plugins.proxmox.pve.client.ProxmoxClient;
import io.jenkins.plugins.proxmox.pve.guest.PowerOperation;
import io.jenkins.plugins.proxmox.pve.lookup.GuestSelector;
import io.jenkins.plugins.proxmox.pve.model.GuestLocation;
import io.jenkins.plugins.proxmox.pve.model.GuestType;
import io.jenkins.plugins.proxmox.pve.model.PowerAction;
import io.jenkins.plugins.proxmox.pve.operation.OperationRequest;
import io.jenkins.plugins.proxmox.pve.operation.WholeOperation;
import io.jenkins.plugins.proxmox.pve.simulator.ExampleCluster;
import io.jenkins.plugins.proxmox.pve.simulator.Generation;
import io.jenkins.plugins.proxmox.pve.simulator.SimulatedProxmox;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.io.entity.EntityUtils;

/** What the client itself costs, beside HttpClient 5 as it comes doing the same exchanges with the same server. */
final class ExchangesBenchmark implements AutoCloseable {

    private static final GuestLocation RUNNING = new GuestLocation("pve1", GuestType.QEMU, 101);

    private final SimulatedProxmox proxmox = SimulatedProxmox.start(Generation.V9);
    private final ExampleCluster example = ExampleCluster.in(proxmox);
    private final ProxmoxClient client = new ProxmoxClient(example.settings());
    private final CloseableHttpClient bare;

    ExchangesBenchmark() throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null);
        trusted.setCertificateEntry(
                "ca",
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(proxmox.caPem().getBytes(StandardCharsets.US_ASCII))));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        bare = HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setTlsSocketStrategy(new DefaultClientTlsStrategy(tls))
                        .build())
                .build();
    }

    private interface Exchange {
        void make() throws Exception;
    }

    private void getBare(String path) throws Exception {
        HttpGet get = new HttpGet("https://" + proxmox.address() + "/api2/json" + path);
        get.setHeader(HttpHeaders.AUTHORIZATION, "PVEAPIToken=jenkins@pve!ci=" + example.ciSecret());
        bare.execute(get, answer -> {
            if (answer.getCode() != 200) {
                throw new IllegalStateException(path + ": " + answer.getCode());
            }
            return EntityUtils.toByteArray(answer.getEntity());
        });
    }

    /** Exchanges per second, ours and the other one's. */
    record Rates(double ours, double other) {
        double ratio() {
            return ours / other;
        }
    }

    /** GETs of a call that the server answers itself: both keep their connection. */
    Rates gets() throws Exception {
        // so many rounds, since each side has code of its own that is compiled only after thousands of calls
        return compare(30, 2000, client::version, () -> getBare("/version"));
    }

    /** Looks at a guest, a protected call: HttpClient 5 as it comes opens a TLS connection for each. */
    Rates looks() throws Exception {
        return compare(6, 250, () -> client.status(RUNNING), () -> getBare("/nodes/pve1/qemu/101/status/current"));
    }

    /** In turns, so that what slows the machine down slows both. The best round of each counts. */
    private Rates compare(int rounds, int count, Exchange ours, Exchange other) throws Exception {
        double best = 0;
        double bestOther = 0;
        for (int round = 0; round < rounds; round++) {
            double rate = rate(count, ours);
            double rateOther = rate(count, other);
            // the first round warms up
            if (round > 0) {
                best = Math.max(best, rate);
                bestOther = Math.max(bestOther, rateOther);
            }
        }
        return new Rates(best, bestOther);
    }

    private double rate(int count, Exchange exchange) throws Exception {
        proxmox.forgetRequests();
        long begun = System.nanoTime();
        for (int i = 0; i < count; i++) {
            exchange.make();
        }
        return count / ((System.nanoTime() - begun) / (double) TimeUnit.SECONDS.toNanos(1));
    }

    /** The requests of a whole start of a stopped guest, confirmation included. */
    int requestsOfAStart() throws Exception {
        proxmox.forgetRequests();
        WholeOperation.of(
                client,
                OperationRequest.of(new GuestSelector(100, null, null), new PowerOperation(PowerAction.START)),
                line -> {});
        return proxmox.requests().size();
    }

    @Override
    public void close() throws IOException {
        bare.close();
        client.close();
        proxmox.close();
    }
}
