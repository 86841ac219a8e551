package io.jenkins.plugins.proxmox.pve.http;

import org.apache.hc.core5.http.ConnectionReuseStrategy;
import org.apache.hc.core5.http.HeaderElements;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.impl.DefaultConnectionReuseStrategy;
import org.apache.hc.core5.http.message.MessageSupport;
import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * Keeps the connections that Proxmox VE keeps.
 *
 * <p>Its answers to calls that one of its two daemons relays to the other (every power action and status) carry both
 * {@code Connection: close} and {@code Connection: Keep-Alive}, and the connection stays open. By the HTTP standard the
 * first would win, and each poll would pay for a new TLS handshake. Every answer with a status of 400 or higher closes
 * the connection.
 */
final class KeepAliveStrategy implements ConnectionReuseStrategy {

    @Override
    public boolean keepAlive(HttpRequest request, HttpResponse response, HttpContext context) {
        if (Method.CONNECT.isSame(request.getMethod())) {
            return DefaultConnectionReuseStrategy.INSTANCE.keepAlive(request, response, context);
        }
        if (response.getCode() >= 400) {
            return false;
        }
        boolean lengthIsKnown = response.containsHeader(HttpHeaders.CONTENT_LENGTH)
                && !response.containsHeader(HttpHeaders.TRANSFER_ENCODING);
        return (lengthIsKnown && saysKeepAlive(response))
                || DefaultConnectionReuseStrategy.INSTANCE.keepAlive(request, response, context);
    }

    private static boolean saysKeepAlive(HttpResponse response) {
        boolean[] found = {false};
        MessageSupport.parseTokens(response, HttpHeaders.CONNECTION, token -> {
            found[0] |= HeaderElements.KEEP_ALIVE.equalsIgnoreCase(token);
        });
        return found[0];
    }
}
