package io.jenkins.plugins.proxmox.pve.http;

import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.io.IOException;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * Checks a pooled connection before it is used again, records whether anything was sent, and starts the deadline of the
 * exchange.
 *
 * <p>Proxmox VE closes idle connections. If a write met such a connection, the error would not show whether the server
 * received it. Checking that costs one millisecond. A broken proxy may send more than one answer, and the second would be
 * taken for that to the next request. In both cases another connection is used.
 */
final class StaleConnectionGuard extends HttpRequestExecutor {

    private static final String SENT = "proxmox.request-sent";
    private static final String WRITE = "proxmox.write";
    private static final String LIMIT = "proxmox.limit";

    /** The server had closed the pooled connection, or said something unasked on it. Nothing was sent on it. */
    static final class StaleConnectionException extends IOException {
        private static final long serialVersionUID = 1L;

        StaleConnectionException() {
            super(Texts.of("connection.stale"));
        }
    }

    static void announce(HttpContext context, boolean write, ExchangeDeadline limit) {
        context.setAttribute(WRITE, write);
        context.setAttribute(LIMIT, limit);
    }

    /** Whether bytes of the request may have been sent. */
    static boolean wasSent(HttpContext context) {
        return context.getAttribute(SENT) != null;
    }

    @Override
    public ClassicHttpResponse execute(
            ClassicHttpRequest request,
            HttpClientConnection connection,
            HttpResponseInformationCallback informationCallback,
            HttpContext context)
            throws IOException, HttpException {
        boolean write = Boolean.TRUE.equals(context.getAttribute(WRITE));
        if (hasUnreadBytes(connection) || write && isClosed(connection)) {
            throw new StaleConnectionException();
        }
        // a CONNECT to a proxy is not yet the request
        if (!"CONNECT".equals(request.getMethod())) {
            context.setAttribute(SENT, Boolean.TRUE);
        }
        if (context.getAttribute(LIMIT) instanceof ExchangeDeadline limit) {
            limit.begin(connection);
        }
        return super.execute(request, connection, informationCallback, context);
    }

    private static boolean hasUnreadBytes(HttpClientConnection connection) {
        try {
            return connection instanceof ConnectionWithoutWireLog own && own.hasUnreadBytes();
        } catch (IOException e) {
            return true;
        }
    }

    private static boolean isClosed(HttpClientConnection connection) {
        try {
            return connection.isStale();
        } catch (IOException e) {
            return true;
        }
    }
}
