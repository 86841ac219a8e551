package io.jenkins.plugins.proxmox.pve.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpResponseInterceptor;
import org.apache.hc.core5.http.NameValuePair;
import org.apache.hc.core5.http.impl.bootstrap.HttpServer;
import org.apache.hc.core5.http.impl.bootstrap.ServerBootstrap;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.protocol.DefaultHttpProcessor;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.http.protocol.HttpProcessor;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.net.WWWFormCodec;
import org.apache.hc.core5.util.TimeValue;

/**
 * A server that behaves on the wire like Proxmox VE: status lines, bodies, delays, authentication, permissions, guests
 * and tasks, over TLS on loopback. Facts come from observation of Proxmox VE 8.3 and 9.2.
 */
public final class SimulatedProxmox implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CLOSE_SILENTLY = "simulator.close-silently";
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private record Injected(Predicate<ReceivedRequest> when, Fault fault) {}

    private final Generation generation;
    private final SimulatedCertificate authority;
    private volatile SimulatedCertificate certificate;
    private final InetAddress listensOn;
    private final AccessControl access;
    private final SimulatedCluster cluster;
    private final ApiRoutes routes;
    private final Queue<ReceivedRequest> requests = new ConcurrentLinkedQueue<>();
    private final List<Injected> faults = new CopyOnWriteArrayList<>();
    private final Set<Object> open = ConcurrentHashMap.newKeySet();
    private volatile Duration unauthorizedDelay = Duration.ZERO;
    private volatile Duration latency = Duration.ZERO;
    private volatile Duration clockAhead = Duration.ZERO;
    private volatile boolean keepsConnections = true;
    private volatile String serverHeader = "pve-api-daemon/3.0";
    private HttpServer server;
    private volatile ServerSocket turnsAway;

    private boolean isClosed;
    private int port;

    private SimulatedProxmox(
            Generation generation,
            SimulatedCertificate authority,
            SimulatedCertificate certificate,
            InetAddress listensOn) {
        this.listensOn = listensOn;
        this.generation = generation;
        this.authority = authority;
        this.certificate = certificate;
        this.access = new AccessControl(generation);
        this.cluster = new SimulatedCluster(access);
        this.routes = new ApiRoutes(generation, access, cluster);
    }

    /** An empty cluster with the online node {@code pve1}, its certificate valid for localhost and 127.0.0.1. */
    public static SimulatedProxmox start(Generation generation) {
        SimulatedCertificate authority = SimulatedCertificate.clusterAuthority();
        return start(generation, authority, authority.sign("pve1.example.org", "localhost", "127.0.0.1"));
    }

    /** The same with a certificate of the caller's choice. */
    public static SimulatedProxmox start(
            Generation generation, SimulatedCertificate authority, SimulatedCertificate certificate) {
        return start(generation, authority, certificate, InetAddress.getLoopbackAddress());
    }

    /** The same on an address of the caller's choice, such as an IPv6 one. */
    public static SimulatedProxmox start(
            Generation generation,
            SimulatedCertificate authority,
            SimulatedCertificate certificate,
            InetAddress listensOn) {
        SimulatedProxmox proxmox = new SimulatedProxmox(generation, authority, certificate, listensOn);
        proxmox.cluster.node("pve1", true);
        proxmox.listen(0);
        return proxmox;
    }

    private void listen(int wantedPort) {
        HttpProcessor headers = new DefaultHttpProcessor((HttpResponseInterceptor) (response, entity, context) -> {
            if (entity != null) {
                response.setHeader(HttpHeaders.CONTENT_LENGTH, entity.getContentLength());
            }
        });
        server = ServerBootstrap.bootstrap()
                .setLocalAddress(listensOn)
                .setListenerPort(wantedPort)
                // the port of a server that has just been stopped
                .setSocketConfig(SocketConfig.custom().setSoReuseAddress(true).build())
                .setSslContext(certificate.serverContext())
                .setConnectionFactory(CountedConnection.factory(open))
                .setHttpProcessor(headers)
                .setConnectionReuseStrategy((request, response, context) ->
                        keepsConnections && response.getCode() < 400 && context.getAttribute(CLOSE_SILENTLY) == null)
                .setRequestRouter((request, context) -> this::handle)
                .setExceptionListener(new SilentListener())
                .create();
        try {
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        port = server.getLocalPort();
    }

    /** Stops listening and breaks all connections, as a restart of {@code pveproxy} does; the state is kept. */
    public void stopListening() {
        server.close(CloseMode.IMMEDIATE);
        // a thread that is just accepting keeps the port open for a moment longer
        while (takesConnections()) {
            pause(Duration.ofMillis(1));
        }
    }

    private boolean takesConnections() {
        try (Socket probe = new Socket(listensOn, port)) {
            return probe.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }

    /** The same with another certificate. */
    public void listenAgain(SimulatedCertificate other) {
        certificate = other;
        listenAgain();
    }

    /** Listens again on the same port after {@link #stopListening()}, unless it was closed meanwhile. */
    public synchronized void listenAgain() {
        if (!isClosed) {
            listen(port);
        }
    }

    /**
     * From now on closes every connection as soon as it has taken it, as {@code pveproxy} does with addresses that
     * {@code ALLOW_FROM} and {@code DENY_FROM} keep out (PVE::APIServer::AnyEvent, accept_connections).
     */
    public void denyClients() {
        stopListening();
        try {
            turnsAway = new ServerSocket(port, 50, listensOn);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread thread = new Thread(this::turnAway);
        thread.setDaemon(true);
        thread.start();
    }

    private void turnAway() {
        while (true) {
            try {
                turnsAway.accept().close();
            } catch (IOException allowedAgain) {
                return;
            }
        }
    }

    /** Lets them in again after {@link #denyClients()}. */
    public void admitClients() {
        stopTurningAway();
        listenAgain();
    }

    private void stopTurningAway() {
        try {
            turnsAway.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        while (takesConnections()) {
            pause(Duration.ofMillis(1));
        }
    }

    /** {@code localhost:port}. */
    public String address() {
        return "localhost:" + port;
    }

    public int port() {
        return port;
    }

    public Generation generation() {
        return generation;
    }

    /** The cluster's CA certificate, as in {@code /etc/pve/pve-root-ca.pem}. */
    public String caPem() {
        return authority.pem();
    }

    /** The server's own certificate. */
    public SimulatedCertificate certificate() {
        return certificate;
    }

    public AccessControl access() {
        return access;
    }

    public SimulatedCluster cluster() {
        return cluster;
    }

    /** How much later than other answers a 401 comes; the real server takes 3 seconds. */
    public void delayUnauthorized(Duration delay) {
        unauthorizedDelay = delay;
    }

    /** From now on the server closes each connection after one answer. */
    public void closesAfterEachAnswer() {
        keepsConnections = false;
    }

    /** How long every answer takes at least, as one of a real server does that has to start reading. */
    public void latency(Duration least) {
        latency = least;
    }

    /** From now on answers bear a date that much ahead of the real one. */
    public void clockAhead(Duration difference) {
        clockAhead = difference;
    }

    /** From now on answers bear that name of a server, as behind a reverse proxy that puts its own name there. */
    public void behind(String reverseProxy) {
        serverHeader = reverseProxy;
    }

    /** Lets the next request that matches meet a fault. */
    public void inject(Predicate<ReceivedRequest> when, Fault fault) {
        faults.add(new Injected(when, fault));
    }

    /** Takes back all faults that no request has met yet. */
    public void forgetFaults() {
        faults.clear();
    }

    /** How many faults no request has met yet. */
    public int pendingFaults() {
        return faults.size();
    }

    /** All requests since the start or the last {@link #forgetRequests()}, oldest first. */
    public List<ReceivedRequest> requests() {
        return List.copyOf(requests);
    }

    /** The requests that change something, logins left out. */
    public List<String> writes() {
        return requests.stream()
                .filter(r -> r.isWrite() && !r.isLogin())
                .map(ReceivedRequest::toString)
                .toList();
    }

    /** How many TLS connections the requests came on. */
    public long connections() {
        return requests.stream().map(ReceivedRequest::connection).distinct().count();
    }

    /** How many TLS connections are open at this moment. */
    public int openConnections() {
        return open.size();
    }

    public void forgetRequests() {
        requests.clear();
    }

    private void handle(ClassicHttpRequest request, ClassicHttpResponse response, HttpContext context)
            throws IOException, HttpException {
        ReceivedRequest received = receive(request, context);
        requests.add(received);
        pause(latency);
        Fault fault = takeFault(received);
        if (fault instanceof Fault.BreakBefore) {
            throw new IOException("simulated break");
        }
        if (fault instanceof Fault.Answer answer) {
            give(response, answer);
            return;
        }
        if (fault instanceof Fault.Refuse refusal) {
            putHeaders(response);
            refuse(response, Refusal.onTheWire(refusal.status(), refusal.text()));
            return;
        }
        if (fault instanceof Fault.Challenge login) {
            response.setCode(401);
            response.setReasonPhrase("Unauthorized");
            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, login.challenge());
            return;
        }
        if (fault instanceof Fault.Delay delay) {
            pause(delay.duration());
        }
        if (fault instanceof Fault.Hold hold) {
            await(hold.release());
        }
        if (fault instanceof Fault.Meanwhile meanwhile) {
            meanwhile.event().run();
        }
        if (fault instanceof Fault.OnTheWire wire && !wire.carriedOut()) {
            give(response, new Fault.Answer(200, "OK", "application/json;charset=UTF-8", "{\"data\":null}"));
            putHeaders(response);
            playOnTheWire(wire, response);
        }
        answer(request, received, response);
        if (fault instanceof Fault.OnTheWire wire) {
            playOnTheWire(wire, response);
        }
        if (fault instanceof Fault.HoldAnswer hold) {
            await(hold.release());
        }
        if (fault instanceof Fault.AnswerAfter error) {
            refuse(response, Refusal.onTheWire(error.status(), error.text()));
        }
        if (fault instanceof Fault.AnswerInstead instead) {
            give(response, instead.answer());
        }
        if (fault instanceof Fault.BreakAfter) {
            throw new IOException("simulated break");
        }
        if (fault instanceof Fault.CloseSilently) {
            context.setAttribute(CLOSE_SILENTLY, true);
        }
    }

    private static void playOnTheWire(Fault.OnTheWire wire, ClassicHttpResponse response) throws IOException {
        wire.script().play(onTheWire(response), CountedConnection.served());
        throw new IOException("nothing more is said");
    }

    private static byte[] onTheWire(ClassicHttpResponse response) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        StringBuilder head = new StringBuilder();
        head.append("HTTP/1.1 ").append(response.getCode()).append(' ').append(response.getReasonPhrase());
        for (Header header : response.getHeaders()) {
            head.append("\r\n").append(header.getName()).append(": ").append(header.getValue());
        }
        HttpEntity entity = response.getEntity();
        if (entity != null) {
            head.append("\r\nContent-Type: ").append(entity.getContentType());
        }
        head.append("\r\nContent-Length: ").append(entity == null ? 0 : entity.getContentLength());
        bytes.write(head.append("\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        if (entity != null) {
            entity.writeTo(bytes);
        }
        return bytes.toByteArray();
    }

    private static void give(ClassicHttpResponse response, Fault.Answer answer) {
        response.setHeaders();
        answer.headers().forEach(response::setHeader);
        response.setCode(answer.status());
        response.setReasonPhrase(answer.reason());
        response.setEntity(new ByteArrayEntity(
                answer.body().getBytes(StandardCharsets.UTF_8), ContentType.parse(answer.contentType())));
    }

    private Fault takeFault(ReceivedRequest received) {
        for (Injected injected : faults) {
            if (injected.when.test(received) && faults.remove(injected)) {
                return injected.fault;
            }
        }
        return null;
    }

    private void putHeaders(ClassicHttpResponse response) {
        response.setHeader("Cache-Control", "max-age=0");
        response.setHeader("Date", HTTP_DATE.format(Instant.now().plus(clockAhead)));
        response.setHeader("Pragma", "no-cache");
        response.setHeader("Server", serverHeader);
    }

    private void answer(ClassicHttpRequest request, ReceivedRequest received, ClassicHttpResponse response) {
        putHeaders(response);
        try {
            requireWellFormed(request);
            ApiRoutes.Answer answer = routes.answer(received);
            response.setCode(200);
            response.setReasonPhrase("OK");
            if (answer.isProtected()) {
                response.addHeader(HttpHeaders.CONNECTION, "close");
            }
            response.addHeader(HttpHeaders.CONNECTION, keepsConnections ? "Keep-Alive" : "close");
            ObjectNode body = JSON.createObjectNode();
            body.set("data", answer.data());
            if (answer.total() != null) {
                body.put("total", answer.total());
            }
            json(response, body);
        } catch (Refusal refusal) {
            refuse(response, refusal);
        }
    }

    private void requireWellFormed(ClassicHttpRequest request) {
        Header length = request.getFirstHeader(HttpHeaders.CONTENT_LENGTH);
        if (length != null && Long.parseLong(length.getValue()) > generation.largestBody()) {
            throw Refusal.bare(501, "for data too large");
        }
        if (request.containsHeader(HttpHeaders.TRANSFER_ENCODING)) {
            throw Refusal.bare(501, "chunked transfer encoding not supported");
        }
        Header type = request.getFirstHeader(HttpHeaders.CONTENT_TYPE);
        if (type != null && !type.getValue().matches("application/(x-www-form-urlencoded|json)(;.*)?")) {
            throw Refusal.bare(506, "upload '" + type.getValue() + "' not allowed");
        }
    }

    private void refuse(ClassicHttpResponse response, Refusal refusal) {
        if (refusal.status == 401) {
            pause(unauthorizedDelay);
        }
        response.setCode(refusal.status);
        response.setReasonPhrase(refusal.getMessage().lines().findFirst().orElse(""));
        response.setHeader(HttpHeaders.CONNECTION, "close");
        if (refusal.withoutBody) {
            response.setEntity(null);
            return;
        }
        ObjectNode body = JSON.createObjectNode();
        body.putNull("data");
        if (refusal.errors != null) {
            body.set("errors", refusal.errors);
        }
        if (generation.repeatsMessages()) {
            body.put("message", refusal.getMessage() + "\n");
        }
        json(response, body);
    }

    private static void json(ClassicHttpResponse response, JsonNode body) {
        response.setEntity(new ByteArrayEntity(
                body.toString().getBytes(StandardCharsets.UTF_8), ContentType.parse("application/json;charset=UTF-8")));
    }

    private static ReceivedRequest receive(ClassicHttpRequest request, HttpContext context)
            throws IOException, HttpException {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Header header : request.getHeaders()) {
            headers.put(header.getName().toLowerCase(Locale.ROOT), header.getValue());
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        Map<String, List<String>> fields = new LinkedHashMap<>();
        String target = request.getPath();
        int query = target.indexOf('?');
        if (query >= 0) {
            read(target.substring(query + 1), parameters, fields);
        }
        if (request.getEntity() != null) {
            read(EntityUtils.toString(request.getEntity(), StandardCharsets.UTF_8), parameters, fields);
        }
        String path = query >= 0 ? target.substring(0, query) : target;
        return new ReceivedRequest(
                request.getMethod(),
                decode(path).replaceFirst("^/api2/json", ""),
                parameters,
                fields,
                headers,
                HttpCoreContext.cast(context)
                        .getEndpointDetails()
                        .getRemoteAddress()
                        .hashCode(),
                System.nanoTime());
    }

    private static void read(String form, Map<String, String> parameters, Map<String, List<String>> fields) {
        for (NameValuePair field : WWWFormCodec.parse(form, StandardCharsets.UTF_8)) {
            parameters.put(field.getName(), field.getValue());
            fields.computeIfAbsent(field.getName(), name -> new ArrayList<>()).add(field.getValue());
        }
    }

    private static String decode(String path) {
        return java.net.URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static void await(CountDownLatch release) {
        try {
            release.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pause(Duration duration) {
        if (duration.isZero()) {
            return;
        }
        try {
            Thread.sleep(duration.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public synchronized void close() {
        isClosed = true;
        if (turnsAway != null && !turnsAway.isClosed()) {
            stopTurningAway();
        }
        cluster.guests().forEach(guest -> guest.exec().close());
        server.initiateShutdown();
        server.close(CloseMode.IMMEDIATE);
        try {
            server.awaitTermination(TimeValue.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
