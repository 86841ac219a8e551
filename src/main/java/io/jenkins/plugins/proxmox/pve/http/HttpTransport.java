package io.jenkins.plugins.proxmox.pve.http;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.auth.AuthCache;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.CredentialsProvider;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.entity.UrlEncodedFormEntity;
import org.apache.hc.client5.http.impl.auth.BasicAuthCache;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.client5.http.impl.auth.BasicScheme;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.NameValuePair;
import org.apache.hc.core5.http.io.EofSensorInputStream;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.http.message.BasicNameValuePair;
import org.apache.hc.core5.pool.PoolStats;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * Sends one request to the first address of a cluster that connects, over pooled TLS connections.
 *
 * <p>A write is sent at most once. A read is sent again when its connection was already closed, and to the next address
 * when one does not answer.
 */
public final class HttpTransport implements Closeable {

    private static final Logger LOGGER = Logger.getLogger(HttpTransport.class.getName());

    /** Builds share a client. It opens at most this many connections to one address at the same time. */
    private static final int CONNECTIONS_PER_ADDRESS = 16;

    private static final int LONGEST_HEADER_LINE = 64 * 1024;

    private final HttpSettings settings;
    private final BiPredicate<ApiRequest, HttpAnswer> worthAnotherAddress;
    private final PoolingHttpClientConnectionManager connections;
    private final CloseableHttpClient client;
    private final Map<ServerAddress, HttpHost> hosts;

    /** Index of the address that answered last; a wrong value only costs an attempt. */
    private volatile int preferred;

    /**
     * @param worthAnotherAddress whether another address may answer a request better than this answer
     */
    public HttpTransport(HttpSettings settings, BiPredicate<ApiRequest, HttpAnswer> worthAnotherAddress) {
        this.settings = settings;
        this.worthAnotherAddress = worthAnotherAddress;
        this.hosts = settings.addresses().stream()
                .distinct()
                .collect(Collectors.toUnmodifiableMap(
                        address -> address, address -> new HttpHost("https", address.host(), address.port())));
        Timeout connect = Timeout.of(settings.timeouts().connect());
        Timeout response = Timeout.of(settings.timeouts().response());
        this.connections = PoolingHttpClientConnectionManagerBuilder.create()
                .setTlsSocketStrategy(TlsStrategyFactory.of(settings.trust()))
                .setDefaultTlsConfig(
                        TlsConfig.custom().setHandshakeTimeout(connect).build())
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(connect)
                        .setSocketTimeout(response)
                        .setValidateAfterInactivity(TimeValue.ofSeconds(1))
                        .build())
                .setConnectionFactory(ConnectionWithoutWireLog.factory(LONGEST_HEADER_LINE))
                .setMaxConnPerRoute(CONNECTIONS_PER_ADDRESS)
                .setMaxConnTotal(CONNECTIONS_PER_ADDRESS * settings.addresses().size())
                .build();
        this.client = HttpClientBuilder.create()
                .setConnectionManager(connections)
                .setRequestExecutor(new StaleConnectionGuard())
                .setConnectionReuseStrategy(new KeepAliveStrategy())
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(response)
                        .setResponseTimeout(response)
                        .setExpectContinueEnabled(false)
                        .setProtocolUpgradeEnabled(false)
                        .build())
                .setRoutePlanner((target, context) -> route(target))
                .setDefaultCredentialsProvider(credentials(settings.proxy()))
                .setUserAgent("Jenkins-Proxmox-VE")
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableContentCompression()
                .build();
    }

    private HttpRoute route(HttpHost target) {
        ProxySettings proxy = settings.proxy();
        if (proxy == null || !proxy.isUsedFor(new ServerAddress(target.getHostName(), target.getPort()))) {
            return new HttpRoute(target, null, true);
        }
        return new HttpRoute(target, null, new HttpHost(proxy.host(), proxy.port()), true);
    }

    private static CredentialsProvider credentials(@Nullable ProxySettings proxy) {
        BasicCredentialsProvider provider = new BasicCredentialsProvider();
        if (proxy != null && proxy.user() != null) {
            provider.setCredentials(new AuthScope(proxy.host(), proxy.port()), proxyCredentials(proxy));
        }
        return provider;
    }

    private static UsernamePasswordCredentials proxyCredentials(ProxySettings proxy) {
        String password = proxy.password() == null ? "" : proxy.password();
        return new UsernamePasswordCredentials(proxy.user(), password.toCharArray());
    }

    /**
     * The first good answer of an address. If there is none, the first answer.
     *
     * @param headers the authentication headers
     * @param budget charged for each attempt that is sent
     * @throws RequestLimitException when the budget is used up; a write was not sent then
     * @throws ConnectionFailedException when no address answers, or when a write may have reached one that did not
     *     answer
     */
    public HttpAnswer send(ApiRequest request, Map<String, String> headers, RequestBudget budget)
            throws ProxmoxException {
        List<ServerAddress> addresses = settings.addresses();
        List<ConnectionFailedException> failures = new ArrayList<>();
        HttpAnswer poor = null;
        int first = preferred;
        for (int i = 0; i < addresses.size(); i++) {
            int index = (first + i) % addresses.size();
            try {
                HttpAnswer answer = exchange(addresses.get(index), request, headers, budget);
                if (!worthAnotherAddress.test(request, answer)) {
                    preferred = index;
                    return answer;
                }
                poor = poor == null ? answer : poor;
            } catch (ConnectionFailedException e) {
                if (e.mayHaveBeenExecuted()) {
                    throw e;
                }
                LOGGER.log(Level.FINE, e, () -> request + ": no answer from " + e.address());
                failures.add(e);
            }
        }
        if (poor != null) {
            return poor;
        }
        throw allOf(failures);
    }

    private static ConnectionFailedException allOf(List<ConnectionFailedException> failures) {
        ConnectionFailedException first = failures.get(0);
        if (failures.size() == 1) {
            return first;
        }
        return new ConnectionFailedException(
                first.kind(),
                ServerAddress.parse(first.address()),
                Texts.of(
                        "connection.none-of-several",
                        failures.size(),
                        failures.stream().map(Throwable::getMessage).collect(Collectors.joining(" "))),
                first.certificate(),
                failures.stream().anyMatch(ConnectionFailedException::mayHaveBeenExecuted),
                first);
    }

    private HttpAnswer exchange(
            ServerAddress address, ApiRequest request, Map<String, String> headers, RequestBudget budget)
            throws ProxmoxException {
        HttpHost host = hosts.get(address);
        boolean again = false;
        for (int attempt = 0; ; attempt++) {
            ExchangeDeadline limit =
                    new ExchangeDeadline(settings.timeouts().response().multipliedBy(2));
            HttpClientContext context = context(request, limit);
            long start = System.nanoTime();
            budget.take(request);
            try (limit) {
                HttpAnswer answer = client.execute(
                        host, message(host, request, headers), context, response -> read(address, response, start));
                if (!StaleConnectionGuard.wasSent(context)) {
                    // this answers CONNECT: the request itself was never sent
                    throw ConnectionFailureTranslator.proxyRefused(address, settings.proxy(), answer);
                }
                LOGGER.fine(() -> request + " on " + address + ": " + answer.status() + " in "
                        + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) + " ms");
                return answer;
            } catch (StaleConnectionGuard.StaleConnectionException e) {
                connections.closeIdle(TimeValue.ZERO_MILLISECONDS);
                if (attempt > CONNECTIONS_PER_ADDRESS) {
                    throw ConnectionFailureTranslator.of(request, address, settings.proxy(), false, e);
                }
            } catch (ProxmoxException e) {
                throw e;
            } catch (IOException e) {
                boolean sent = StaleConnectionGuard.wasSent(context);
                IOException why = limit.isOver() ? new SocketTimeoutException(Texts.of("connection.trickles")) : e;
                ConnectionFailedException failure =
                        ConnectionFailureTranslator.of(request, address, settings.proxy(), sent, why);
                if (again || failure.mayHaveBeenExecuted() || failure.kind() != ConnectionFailedException.Kind.BROKEN) {
                    throw failure;
                }
                again = true;
                connections.closeIdle(TimeValue.ZERO_MILLISECONDS);
            } finally {
                if (!StaleConnectionGuard.wasSent(context)) {
                    budget.giveBack();
                }
            }
        }
    }

    private HttpClientContext context(ApiRequest request, ExchangeDeadline limit) {
        HttpClientContext context = HttpClientContext.create();
        StaleConnectionGuard.announce(context, request.isWrite(), limit);
        ProxySettings proxy = settings.proxy();
        if (proxy != null && proxy.user() != null) {
            // sent without being asked: many proxies close the connection with their 407
            BasicScheme basic = new BasicScheme();
            basic.initPreemptive(proxyCredentials(proxy));
            AuthCache cache = new BasicAuthCache();
            cache.put(new HttpHost(proxy.host(), proxy.port()), basic);
            context.setAuthCache(cache);
        }
        return context;
    }

    private static ClassicHttpRequest message(HttpHost host, ApiRequest request, Map<String, String> headers) {
        ClassicHttpRequest message = new BasicClassicHttpRequest(
                request.method().name(), host, request.path().requestTarget());
        message.setHeader(HttpHeaders.ACCEPT, "application/json");
        // marked as sensitive: the log of HttpClient leaves them out
        headers.forEach((name, value) -> message.setHeader(new BasicHeader(name, value, true)));
        if (request.hasForm()) {
            // a form has a known length; Proxmox VE answers 501 to a chunked body
            message.setEntity(new UrlEncodedFormEntity(fields(request), StandardCharsets.UTF_8));
        }
        return message;
    }

    private static List<NameValuePair> fields(ApiRequest request) {
        List<NameValuePair> fields = new ArrayList<>();
        request.form()
                .forEach((name, values) -> values.forEach(value -> fields.add(new BasicNameValuePair(name, value))));
        return fields;
    }

    private HttpAnswer read(ServerAddress address, ClassicHttpResponse response, long start) throws IOException {
        return new HttpAnswer(
                address,
                response.getCode(),
                response.getReasonPhrase() == null ? "" : response.getReasonPhrase(),
                body(response.getEntity()),
                header(response, HttpHeaders.SERVER),
                header(response, HttpHeaders.WWW_AUTHENTICATE),
                header(response, HttpHeaders.LOCATION),
                header(response, HttpHeaders.DATE),
                header(response, HttpHeaders.RETRY_AFTER),
                Duration.ofNanos(System.nanoTime() - start));
    }

    @Nullable
    private static String header(ClassicHttpResponse response, String name) {
        Header header = response.getFirstHeader(name);
        return header == null ? null : header.getValue();
    }

    private byte[] body(@Nullable HttpEntity entity) throws IOException {
        if (entity == null) {
            return new byte[0];
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        InputStream content = entity.getContent();
        for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
            body.write(buffer, 0, n);
            if (body.size() > settings.maxBodyBytes()) {
                abort(content);
                throw new ConnectionFailureTranslator.AnswerTooLongException(settings.maxBodyBytes());
            }
        }
        return body.toByteArray();
    }

    /** Aborts the connection: closing the stream would read the rest of the answer, however long it is. */
    private static void abort(InputStream content) throws IOException {
        if (content instanceof EofSensorInputStream onConnection) {
            onConnection.abort();
        }
    }

    /** Whether a request is under way. */
    public boolean isInUse() {
        PoolStats stats = connections.getTotalStats();
        return stats.getLeased() + stats.getPending() > 0;
    }

    /** Closes all connections. Breaks any request under way. */
    @Override
    public void close() throws IOException {
        client.close();
    }
}
