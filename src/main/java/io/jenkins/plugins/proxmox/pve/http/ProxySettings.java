package io.jenkins.plugins.proxmox.pve.http;

import edu.umd.cs.findbugs.annotations.Nullable;
import io.jenkins.plugins.proxmox.pve.text.Texts;
import java.util.List;

/**
 * An HTTP proxy through which servers are reached ({@code CONNECT}). {@link #toString} hides the password.
 *
 * @param user null when the proxy asks for none
 * @param noProxyHosts regular expressions; hosts that match one of them are reached directly. They are texts, because
 *     two {@link java.util.regex.Pattern patterns} of the same text are never equal, and equal settings share a client.
 */
public record ProxySettings(
        String host,
        int port,
        @Nullable String user,
        @Nullable String password,
        List<String> noProxyHosts) {

    public ProxySettings {
        noProxyHosts = List.copyOf(noProxyHosts);
    }

    boolean isUsedFor(ServerAddress address) {
        return noProxyHosts.stream().noneMatch(regex -> address.host().matches(regex));
    }

    @Override
    public String toString() {
        return Texts.of("proxy", host, port);
    }
}
