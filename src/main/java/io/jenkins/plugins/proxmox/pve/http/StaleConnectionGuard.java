package io.jenkins.plugins.proxmox.pve.http;

import java.io.IOException;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * Looks at a connection before a write goes out on it, remembers whether anything was sent, and lets the limit of the
 * exchange begin then.
 *
 * <p>Proxmox VE closes idle connections. If a write met such a connection the error would not tell whether the server
 * had got it; so a closed connection is noticed first, which costs one millisecond, and another one is used.
 */
final class StaleConnectionGuard extends HttpRequestExecutor {

    private static final String SENT = "proxmox.request-sent";
    private static final String WRITE = "proxmox.write";
    private static final String LIMIT = "proxmox.limit";

    /** The pooled connection was closed by the server; nothing was sent on it. */
    static final class StaleConnectionException extends IOException {
        private static final long serialVersionUID = 1L;

        StaleConnectionException() {
            super(Texts.of("connection.stale"));
        }
    }

    static void announce(HttpContext context, boolean write, ExchangeDeadline limit) {
        context.setAttribute(WRITE, write);
        context.setAttribute(LIMIT, limit);
        context.removeAttribute(SENT);
    }

    /** Whether bytes of the request may have left. */
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
        if (Boolean.TRUE.equals(context.getAttribute(WRITE)) && isClosed(connection)) {
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

    private static boolean isClosed(HttpClientConnection connection) {
        try {
            return connection.isStale();
        } catch (IOException e) {
            return true;
        }
    }
}
