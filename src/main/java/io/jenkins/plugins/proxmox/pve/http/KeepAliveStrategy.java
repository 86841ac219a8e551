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
 * <p>Its answers to calls relayed between its two daemons, which is every power action and status, carry both
 * {@code Connection: close} and {@code Connection: Keep-Alive}, and the connection stays open. By the letter of HTTP
 * the first would win and each poll would pay for a new TLS handshake. Every answer from 400 on closes.
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
